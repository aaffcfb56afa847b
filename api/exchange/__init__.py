"""`/v1/exchange`: every register as a spreadsheet or a table of text, out and in."""
