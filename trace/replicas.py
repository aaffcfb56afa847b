"""A replica for reading: it answers while it lags less than 5 s behind the primary, else the primary does.

Once a second it is noted how far the primary's log reaches, and the moment before that was asked. A replica that has
replayed up to there shows all that was committed by that moment, so it lags by the age of that mark at most. One
clock is read, this process's own, and nothing is written (`docs/decisions/0014-how-far-a-replica-lags.md`).
"""

import threading
import time
from dataclasses import replace
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import Engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from trace.db import Asker, Question, Sessions, open_sessions, reading_engine

_FIRST_S = 2.0  # how long who asks for the standing waits for the first measurements
_SILENCE = {"connect_timeout": "2", "tcp_user_timeout": "3000"}  # s, ms; libpq else waits for minutes
_WRITTEN = Question("SELECT CAST(pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0') AS BIGINT)")
_REPLAYED = Question(
    "SELECT CASE WHEN pg_is_in_recovery() THEN CAST(pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0') AS BIGINT) END"
)


class Pace(NamedTuple):
    """Below which lag a replica may answer, and how often it is measured, in seconds."""

    most_s: float = 5.0  # as told in docs/operating.md
    every_s: float = 1.0


PACE = Pace()


class Standing(StrEnum):
    """Whether a replica answers readers, and if not, why."""

    OK = "ok"
    BEHIND = "replica-behind"
    SILENT = "replica-silent"  # no answer, or from a server that is no replica


class Mark(NamedTuple):
    """All that was committed by a moment of this process stands in the primary's log before a position."""

    at: float
    position: int


class Lag:
    """What is known of how far a replica lags."""

    def __init__(self, most_s: float) -> None:
        self._most_s = most_s
        self._marks: list[Mark] = []
        self._proof: Mark | None = None  # the newest mark that it has reached
        self._answers = False

    def note(self, replayed: int | None, at: float, written: int | None) -> None:
        """Note how far the replica had replayed and, asked after that at a moment, what the primary had written.

        None is no answer. A replica that is ahead followed another primary: none of our marks says anything of it.
        """
        marks = self._marks
        if written is not None:
            ahead = replayed is not None and replayed > written
            marks = [] if ahead else [*marks, Mark(at, written)]
        if replayed is not None:
            self._proof = next((mark for mark in reversed(marks) if mark.position <= replayed), None)
        self._marks = [mark for mark in marks if mark is self._proof or at - mark.at < self._most_s]
        self._answers = replayed is not None

    def lose(self) -> None:
        """Note that the replica left a question unanswered."""
        self._answers = False

    def bound(self, now: float) -> float:
        """Return for how many seconds what was committed may be missing there, at most."""
        proof = self._proof
        return now - proof.at if proof else float("inf")

    def standing(self, now: float) -> Standing:
        """Return whether it may answer at a moment."""
        if not self._answers:
            return Standing.SILENT
        return Standing.OK if self.bound(now) < self._most_s else Standing.BEHIND


class Replica:
    """A replica whose lag a thread measures, from the first reader on; to ask here costs no statement."""

    def __init__(self, engine: Engine, primary: Engine, pace: Pace) -> None:
        self.engine = engine
        self.asker = Asker(engine)
        self._primary = Asker(primary)
        self.most_s = pace.most_s
        self._every_s = pace.every_s
        self._lag = Lag(pace.most_s)
        self._starting = threading.Lock()
        self._thread, self._stop, self._measured = self._new_thread()

    def may_answer(self) -> bool:
        """Return whether readers may ask the replica now."""
        self._watch()
        return self._lag.standing(time.monotonic()) is Standing.OK

    def standing(self) -> Standing:
        """Return how it stands, once it has been measured."""
        self._watch()
        self._measured.wait(_FIRST_S)
        return self._lag.standing(time.monotonic())

    def lag_s(self) -> float:
        """Return by how many seconds it lags, at most."""
        return self._lag.bound(time.monotonic())

    def lose(self) -> None:
        """Let readers leave it until it is measured again: it did not answer one."""
        self._lag.lose()

    def close(self) -> None:
        """Measure no more, and close every kept connection (before a fork; who reads after that begins anew)."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(_FIRST_S)
        for asker in (self.asker, self._primary):
            asker.close()
        self.engine.dispose()

    def _watch(self) -> None:
        """Start measuring; a fork leaves the thread behind, so each process starts its own."""
        if self._thread.is_alive():
            return
        with self._starting:
            if not self._thread.is_alive():
                self._thread, self._stop, self._measured = self._new_thread()
                self._thread.start()

    def _new_thread(self) -> tuple[threading.Thread, threading.Event, threading.Event]:
        stop, measured = threading.Event(), threading.Event()
        return threading.Thread(target=self._measure_on, args=(stop, measured), daemon=True), stop, measured

    def _measure_on(self, stop: threading.Event, measured: threading.Event) -> None:
        self._measure()
        stop.wait(self._every_s / 10)  # while others write, only a second look finds the first mark reached
        while not stop.is_set():
            self._measure()
            measured.set()
            stop.wait(self._every_s)

    def _measure(self) -> None:
        replayed = _position(_REPLAYED, self.asker)
        at = time.monotonic()
        self._lag.note(replayed, at, _position(_WRITTEN, self._primary))


def _position(question: Question, asker: Asker) -> int | None:
    try:
        row = question.ask(asker, {})
    except SQLAlchemyError:  # away, starting, or, of the primary, not one any more
        return None
    return None if row is None else row[0]


class ReadSession(Session):
    """A session for reading, at the replica while that may answer and does, else at the primary.

    Which it is shows with the first statement, and stays so.
    """

    def __init__(self, *, replica: Replica, **options: Any) -> None:
        super().__init__(**options)
        self._replica = replica
        self._chosen: Any = None

    def get_bind(self, *_: Any, **__: Any) -> Any:
        """Return the engine that answers."""
        if self._chosen is None:
            self._chosen = self.bind
            if self._replica.may_answer() and self._reaches(self._replica.engine):
                self._chosen = self._replica.engine
        return self._chosen

    def _reaches(self, engine: Engine) -> bool:
        """Take the connection of this transaction, if there is one to be had."""
        try:
            self.connection(bind_arguments={"bind": engine})
        except OperationalError:
            self._replica.lose()
            return False
        return True


class ReplicaAsker(Asker):
    """Asks the replica while that may answer and does, else the primary."""

    def __init__(self, primary: Engine, replica: Replica) -> None:
        super().__init__(primary)
        self._replica = replica

    def ask(self, question: Question, values: Any) -> Any:
        """Return the row, or None."""
        if self._replica.may_answer():
            try:
                return self._replica.asker.ask(question, values)
            except OperationalError:
                self._replica.lose()
        return super().ask(question, values)


def open_beside(url: str, read_url: str | None, pace: Pace = PACE) -> Sessions:
    """Return the session factories for a database address, and for a replica's where there is one."""
    sessions = open_sessions(url)
    if read_url is None or read_url == url:
        return sessions
    primary: Engine = sessions.latest.kw["bind"]
    address = make_url(read_url)
    patient = address.set(query={**_SILENCE, **address.query})
    replica = Replica(reading_engine(patient.render_as_string(hide_password=False)), primary, pace)
    read = sessionmaker(class_=ReadSession, **sessions.latest.kw, replica=replica)
    return replace(sessions, read=read, asker=ReplicaAsker(primary, replica), replica=replica)
