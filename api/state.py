"""What every request and command of one application shares; in `app.extensions["chasu"]`."""

from dataclasses import dataclass, field
from functools import cached_property

from flask import Flask, current_app

from api.catalogue import Catalogue
from api.headers import Pairs, carried_by_all
from api.metrics import Metrics
from api.rate_limits import RateLimits
from api.recent_writes import RecentWrites
from api.settings import Settings
from trace.db import Sessions
from trace.key_uses import UseSpool
from trace.keys import KeyFolder
from trace.replicas import open_beside

_NAME = "chasu"


@dataclass(frozen=True)
class State:
    """Settings, sessions, serial keys, uses of API keys, limits, sentences, counters and who wrote of late."""

    settings: Settings
    sessions: Sessions
    keys: KeyFolder
    uses: UseSpool
    rate_limits: RateLimits
    catalogue: Catalogue
    metrics: Metrics = field(default_factory=Metrics)
    writes: RecentWrites = field(default_factory=RecentWrites)

    @cached_property
    def headers(self) -> Pairs:
        """Return the headers of every answer."""
        return carried_by_all(self.settings.public_url)

    @cached_property
    def secret(self) -> bytes:
        """Return the key that signs paging tokens."""
        return self.settings.secret()


def open_state(settings: Settings, sessions: Sessions | None = None) -> State:
    """Return the state for these settings. Connects to nothing yet."""
    return State(
        settings=settings,
        sessions=sessions or open_beside(settings.database_url, settings.read_database_url),
        keys=KeyFolder(settings.keys_dir),
        uses=UseSpool(settings.spool_dir),
        rate_limits=RateLimits(settings.rate_limit),
        catalogue=Catalogue(),
    )


def set_state(app: Flask, state: State) -> None:
    """Let an application run with this state from now on."""
    app.extensions[_NAME] = state


def state_of(app: Flask) -> State:
    """Return an application's state."""
    state: State = app.extensions[_NAME]
    return state


def current_state() -> State:
    """Return the state of the application at work."""
    return state_of(current_app)
