"""Fixtures of the journeys: a small town as it stands before anybody has written."""

from tests.api.conftest import open_app, settled

__all__ = ["open_app", "settled"]
