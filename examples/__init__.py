"""Programs that use the interface from outside, as anybody may."""
