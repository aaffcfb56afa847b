"""Enter corrections, in order: what a record really was, or that it never was, by who answers for it or enters for it.

A record is named by its address, as `pickings/C01/H0142`, or by the id or position of its event.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from trace.accounts import Caller
from trace.conformity import CertifiedLot, ConformityCertificate
from trace.entries.correctable import KINDS, Kind, filled_for, find_by_event
from trace.entries.correction_locks import lock_records
from trace.entries.form import Filled, Form
from trace.entries.on_paper import OnPaper
from trace.errors import ConflictError, Fault, InvalidError, NotFoundError
from trace.events.correct import AlreadyCorrectedError, list_lots_of, refuse_taken_before
from trace.events.tables import Event
from trace.inputs import InputUse
from trace.intakes import Intake
from trace.mandates import acting_party, reader_for
from trace.nouns import EVENTS_TO_CORRECT
from trace.parties import Party
from trace.pickings import Picking
from trace.quality import Result, Sample, list_results_of
from trace.records import get_record
from trace.rules.judging import judge_input_uses, judge_lateness, judge_lots, judge_promised, judge_results
from trace.runs import Run

_WRONG, _NEVER = "incorrect_data", "did_not_occur"  # error reasons of CBV 2.0


class NotCorrectableError(ConflictError):
    """The event is of a kind that nobody corrects: it is answered by another event."""

    code = "not-correctable"


@dataclass(frozen=True, kw_only=True)
class EnterCorrection:
    """A correction as somebody types it; `instead` reads, by kind of record, what is right, or nothing is."""

    event: str
    reason: str
    instead: Callable[[str], Filled] | None = None


@dataclass(frozen=True)
class _Asked:
    """A correction asked for: at which place, of which record, named by which event if by any, and what is right."""

    place: int
    kind: Kind
    key: int
    event: Event | None
    reason: str
    undone: bool
    right: Filled | None


@dataclass
class _Unjudged:
    """What corrections have left to be judged again."""

    events: list[int] = field(default_factory=list)  # that were wrong, and that stand instead
    uses: list[int] = field(default_factory=list)
    former: list[tuple[int, date]] = field(default_factory=list)  # plots and days that uses had
    picked: list[tuple[int, date]] = field(default_factory=list)  # plots and days that pickings had
    worked: list[tuple[int, date]] = field(default_factory=list)  # plants and days that runs had
    results: list[int] = field(default_factory=list)
    entered: dict[Any, set[int]] = field(default_factory=lambda: defaultdict(set))  # rows by table
    certificates: list[int] = field(default_factory=list)
    released: list[int] = field(default_factory=list)  # lots that certificates covered

    def judge(self, session: Session) -> None:
        """Judge all of it, refusing what was taken before its making; then nothing is left."""
        if self.uses:
            judge_input_uses(session, self.uses, self.former)
        if self.results:
            judge_results(session, self.results)
        if self.events:
            lots = list_lots_of(session, self.events)
            refuse_taken_before(session, lots)
            judge_lots(session, lots, self.picked, self.worked)
        if self.certificates:
            judge_promised(session, self.certificates, self.released)
        for table, rows in self.entered.items():
            judge_lateness(session, table, rows)
        self.events, self.uses, self.former, self.picked, self.results = [], [], [], [], []
        self.worked = []
        self.certificates, self.released = [], []
        self.entered.clear()


def correct_records(session: Session, caller: Caller, records: Sequence[EnterCorrection]) -> list[Event]:
    """Correct records in order, each as those before left things; return the events that declare the errors.

    What rests on them is judged again once, after the last, or before one that held tea might bar.
    Raises `InvalidError` with the faults of all, `NotForThemError`, `NotFoundError`, `NotCorrectableError` and what
    the verbs raise, above all `CorrectionBlockedError` while a later event would overdraw.
    """
    faults: dict[int, list[Fault]] = {}
    asked = _ask(session, caller, records, faults)
    rows = lock_records(session, [(one.kind, one.key) for one in asked], [one.right for one in asked if one.right])
    unjudged, declared = _Unjudged(), []
    for one, row in zip(asked, rows, strict=True):
        try:
            event = _event_of(session, caller, one, row)
            form, command = _read(session, caller, one, row, event)
            if not faults:
                if one.kind.barred_by_holds:
                    unjudged.judge(session)
                declared.append(_correct(session, one, row, (form, command), unjudged))
        except InvalidError as error:
            faults[one.place] = error.faults
    if faults:
        raise InvalidError([_placed(place, fault) for place in sorted(faults) for fault in faults[place]])
    unjudged.judge(session)
    return declared


def _placed(place: int, fault: Fault) -> Fault:
    """Return a fault of what is right instead, at its place among the corrections."""
    inner = fault.path.removeprefix("[0]").removeprefix(".")
    return Fault(f"[{place}].instead{'.' if inner else ''}{inner}", fault.code, fault.facts)


def _ask(
    session: Session, caller: Caller, records: Sequence[EnterCorrection], faults: dict[int, list[Fault]]
) -> list[_Asked]:
    """Return the corrections asked for that can be read, none of them locked; add the faults of the others."""
    asked = []
    for place, record in enumerate(records):
        kind, key, event = _find(session, caller, record.event)
        try:
            right = record.instead(kind.name) if record.instead is not None and kind.read is not None else None
            asked.append(_Asked(place, kind, key, event, record.reason, record.instead is None, right))
        except InvalidError as error:
            faults[place] = error.faults
    return asked


def _find(session: Session, caller: Caller, named: str) -> tuple[Kind, int, Event | None]:
    """Return the record (kind and row id) of this address or event, one that the caller may read; and the event."""
    name, _, code = named.removeprefix("/v1/").partition("/")
    kind = KINDS.get(name)
    if kind is not None and kind.noun is not None:
        owner, _, bare = code.rpartition("/")
        reader = reader_for(session, caller, owner or None)
        unique = kind.noun.owner is None  # as an SSCC is, whoever gave it
        record = get_record(session, reader, kind.noun, bare if unique else code)
        if unique and owner and record["owner"] != owner:
            raise NotFoundError(what=kind.noun.name, code=code)
        return kind, record["key"], None
    event = session.get_one(Event, get_record(session, caller, EVENTS_TO_CORRECT, named)["key"])
    found = find_by_event(session, event.id)
    if found is not None:
        return (*found, event)
    _refuse_strangers(session, caller, event)
    if session.scalar(select(Event.id).where(Event.event_id == event.event_id, Event.declares_error)) is not None:
        raise AlreadyCorrectedError(event=event.event_id)
    raise NotCorrectableError(event=event.event_id, step=event.biz_step)


def _refuse_strangers(session: Session, caller: Caller, event: Event) -> None:
    """Raise `NotForThemError` for who may read an event and not correct it, whatever else stands against that."""
    acting_party(session, caller, session.get_one(Party, event.party_id).code)


def _event_of(session: Session, caller: Caller, asked: _Asked, row: Any) -> Event:
    """Return the event of a record, now that it is locked. Raises `AlreadyCorrectedError` for one that never was."""
    events = asked.kind.of(row)
    stale = asked.event is not None and asked.event.id not in events
    if stale or not events or getattr(row, "undone_at", None) is not None:
        event = asked.event or session.get_one(Event, row.event_id)
        _refuse_strangers(session, caller, event)
        raise AlreadyCorrectedError(event=event.event_id)
    return session.get_one(Event, events[0])


def _read(session: Session, caller: Caller, asked: _Asked, row: Any, event: Event) -> tuple[Form, Any]:
    """Return the form in which a correction comes, and the command for what is right instead, if anything is."""
    answers = session.get_one(Party, event.party_id)
    if asked.undone:
        return Form(session, caller, [Filled(party=answers.code)]), None
    if asked.right is None or asked.kind.read is None:
        acting_party(session, caller, answers.code)
        raise InvalidError([Fault("", "undone-only")])
    right = filled_for(asked.right, answers.code)
    form = Form(session, caller, [right])
    if form.principals[0].id != acting_party(session, caller, answers.code).id:
        form.refuse(0, "party", "party-stays", value=right.party, party=answers.code)
    if isinstance(right, OnPaper) and right.form_number is not None:
        form.refuse(0, "form_number", "form-stays", value=right.form_number)
    return form, asked.kind.read(form, row, right)


def _correct(session: Session, asked: _Asked, row: Any, instead: tuple[Form, Any], unjudged: _Unjudged) -> Event:
    """Correct one record, note what is to be judged again, and return the event that declares the error."""
    form, command = instead
    kind, wrong = asked.kind, asked.kind.of(row)
    if isinstance(row, InputUse):
        unjudged.uses.append(row.id)
        unjudged.former.append((row.plot_id, row.used_on))
    if isinstance(row, Picking):
        unjudged.picked.append((row.plot_id, row.picked_on))
    if isinstance(row, Run):
        unjudged.worked.append((row.plant_id, row.run_on))
    unjudged.entered[type(row)].add(row.id)
    if isinstance(row, ConformityCertificate):
        unjudged.certificates.append(row.id)
        covered = select(CertifiedLot.lot_id).where(CertifiedLot.certificate_id == row.id)
        unjudged.released += session.scalars(covered)
    if isinstance(row, Intake) and row.certificate_id is not None:
        unjudged.certificates.append(row.certificate_id)
    kind.correct(session, row, command, _WRONG if command else _NEVER, form.corrected(asked.reason))
    session.flush()
    if isinstance(row, Result):
        unjudged.results.append(row.id)
    if isinstance(row, Sample):
        unjudged.results += [result.id for result in list_results_of(session, row.id)]
    unjudged.events += {*wrong, *kind.of(row)}
    return _declaration(session, wrong)


def _declaration(session: Session, wrong: Sequence[int]) -> Event:
    """Return the event that declares a record's own event wrong or, where that stands, another of its events."""
    said = aliased(Event)
    query = select(Event, said.id).join(said, said.event_id == Event.event_id).where(Event.declares_error)
    declared = session.execute(query.where(said.id.in_(wrong), ~said.declares_error)).all()
    return min(declared, key=lambda found: wrong.index(found[1]))[0]
