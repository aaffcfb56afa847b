"""The graph of a trace: lots as boxes in the order of the chain, grams on the lines between them (pure)."""
