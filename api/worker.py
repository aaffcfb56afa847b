"""The worker: gives events their positions, posts what is spooled, and says that it is alive. One round a second."""

import logging
import os
import signal
import threading
from datetime import timedelta

from sqlalchemy.exc import OperationalError

from api.sending import keep_sending
from api.state import State
from trace import clock
from trace.events.sequencer import sequence_events
from trace.health import beat
from trace.key_uses import post_uses
from trace.repeats import forget_old
from trace.scans import post_spool

PAUSE_S = 1.0
TIDY_EVERY = timedelta(hours=1)
_logger = logging.getLogger("chasu")


class SendingEndedError(Exception):
    """A fault of ours ended the sending of notices; whoever keeps this process running starts both anew."""


def work(state: State, stop: threading.Event, parent: int | None = None) -> None:
    """Work until told to stop, or until the process that started this one is gone. Raises `SendingEndedError`."""
    tidy_at = clock.now()
    # A mail server that is slow to answer keeps no event waiting for its position.
    sending = threading.Thread(target=keep_sending, args=(state, stop), name="sending", daemon=True)
    sending.start()
    while not stop.is_set() and parent in (None, os.getppid()):
        try:
            work_once(state)
            if clock.now() >= tidy_at:
                tidy(state)
                tidy_at = clock.now() + TIDY_EVERY
        except OperationalError as error:  # a database that is away comes back; what is spooled waits
            _logger.warning("worker: %s", error.orig)
        stop.wait(PAUSE_S)
        if not sending.is_alive() and not stop.is_set():
            raise SendingEndedError


def work_once(state: State) -> None:
    """Do what there is to do."""
    sequence_events(state.sessions.write)
    post_spool(state.sessions.write, state.settings.spool_dir)
    post_uses(state.sessions.write, state.settings.spool_dir)
    beat(state.settings.spool_dir, clock.now())


def tidy(state: State) -> None:
    """Forget what has been kept long enough."""
    with state.sessions.write.begin() as session:
        forget_old(session)


def stop_on_signals() -> threading.Event:
    """Return what SIGTERM and SIGINT set; the round at hand is finished first."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop
