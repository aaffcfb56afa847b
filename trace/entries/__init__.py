"""Entries: records as a party fills them in, by code; resolved to rows it may use, written by the slices' own verbs."""
