"""Labels: given values, draw them as images and pages. Pure: no database, no HTTP."""
