"""A form: the records that somebody sends together, for whom each is, and every fault found so far."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from trace import clock
from trace.accounts import Caller, Scope
from trace.errors import Fault, ForbiddenError, InvalidError
from trace.events import Agent, Entry, Mode
from trace.instance import Namespace, get_namespace
from trace.keys import ALPHABET
from trace.mandates import acting_parties
from trace.parties import Party

AHEAD = timedelta(minutes=5)  # by so much may a clock at the field's edge be fast
_RANDOM = 6  # characters: a thousand records of a party a day meet once in two thousand days


class HistoryClosedError(ForbiddenError):
    """The caller's key may not enter what happened before."""

    code = "history-closed"


@dataclass(frozen=True, kw_only=True)
class Filled:
    """What every record that is filled in says: for whom it is, and the way it came."""

    party: str | None = None  # code; the caller's own where empty
    mode: Mode = Mode.LIVE


class Form:
    """Records of one caller on their way in: all of them pass, or none is written."""

    def __init__(
        self, session: Session, caller: Caller, records: Sequence[Filled], standing: Collection[str] = ()
    ) -> None:
        """Find out for whom each record is; of one that is corrected, `standing` are the codes it has already.

        Raises `NotForThemError`, `HistoryClosedError`.
        """
        self.session, self.caller, self.standing = session, caller, standing
        self.lenders: dict[str, Party] = {}  # whose lots a record that is corrected took before, by code
        self.certificate: int | None = None  # that a record which is corrected names (row id), counting or not
        self.names: Namespace = get_namespace(session)
        self.faults: list[Fault] = []
        known = acting_parties(session, caller, [record.party for record in records])
        self.principals: list[Party] = [known[record.party] for record in records]
        self.entry = self._entry(records)

    def _entry(self, records: Sequence[Filled]) -> Entry:
        """Return how the records come in; those sent together came one way."""
        mode = records[0].mode
        for place, record in enumerate(records):
            if record.mode is not mode:
                self.refuse(place, "mode", "disagrees", value=record.mode.value, other=mode.value)
        if mode is Mode.HISTORY and Scope.HISTORY not in self.caller.scopes:
            raise HistoryClosedError
        party = self.caller.party
        agent = Agent(party.id, self.names.party(party.code)) if party else None
        return Entry(mode, agent, self.caller.account_id)

    def corrected(self, remark: str) -> Entry:
        """Return the way by which a correction comes in, with the reason that somebody gives."""
        return replace(self.entry, remark=remark)

    def refuse(self, place: int, field: str, code: str, **facts: object) -> None:
        """Add one fault of the record at a place."""
        self.faults.append(Fault(f"[{place}].{field}", code, facts))

    def close(self) -> None:
        """Let the records pass. Raises `InvalidError` with every fault."""
        if self.faults:
            raise InvalidError(self.faults)

    def check_moment(self, place: int, field: str, moment: datetime) -> None:
        """Add a fault for what has not happened yet."""
        if moment > clock.now() + AHEAD:
            self.refuse(place, field, "in-the-future", value=moment.isoformat(), today=clock.today().isoformat())

    def check_day(self, place: int, field: str, moment: datetime, *, since: date | None) -> None:
        """Add a fault for what happened on a day before what it rests on."""
        if since is not None and moment.date() < since:
            self.refuse(place, field, "before-its-source", value=str(moment.date()), source=str(since))


def new_code(prefix: str, when: datetime) -> str:
    """Return a code nobody has: a prefix, the day, and characters without look-alikes, some 2³⁰ of them a day."""
    tail = "".join(secrets.choice(ALPHABET) for _ in range(_RANDOM))
    return f"{prefix}-{when:%y%m%d}-{tail}"
