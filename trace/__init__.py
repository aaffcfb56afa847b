"""The domain: tea recorded from plot to pack, grams conserved, lineage with weight, codes that prove themselves.

Knows sessions and tables; never HTTP, the current user or the environment. Whatever a function needs is an argument.
"""
