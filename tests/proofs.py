"""How much a long proof, a test with the mark `prove`, tries: a sample in every test run, all of it in `make prove`."""

import os

FULL = os.environ.get("CHASU_PROVE") == "full"


def tries(sample: int, full: int) -> int:
    """Return how many cases to try."""
    return full if FULL else sample
