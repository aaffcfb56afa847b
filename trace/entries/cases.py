"""Enter cases: positions of one's own packs and whole cases put into a new one, and cases taken apart."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from trace import ids
from trace.accounts import Caller
from trace.aggregations import PutTogether, TakeApart, record_aggregations, record_disaggregations
from trace.db import portions
from trace.entries.form import Filled, Form
from trace.entries.positions import PackRange, find_ranges
from trace.logistic_units import LogisticUnit


@dataclass(frozen=True, kw_only=True)
class EnterCase(Filled):
    """A case or pallet as somebody types it; without an SSCC it gets the next below the party's company prefix."""

    packed_at: datetime
    packs: Sequence[PackRange] = ()
    cases: Sequence[str] = ()  # SSCCs
    sscc: str | None = None


@dataclass(frozen=True, kw_only=True)
class EnterUnpacking(Filled):
    """When a case was taken apart."""

    opened_at: datetime


def enter_cases(session: Session, caller: Caller, records: Sequence[EnterCase]) -> list[LogisticUnit]:
    """Record cases. Raises what a form and `record_aggregations` raise."""
    form = Form(session, caller, records)
    return record_aggregations(session, read_cases(form, records), form.entry)


def read_cases(form: Form, records: Sequence[EnterCase]) -> list[PutTogether]:
    """Return what a form of cases asks for. Raises `InvalidError` with every fault."""
    found = find_ranges(form, [("packs", record.packs) for record in records])
    inner = find_cases(form, [record.cases for record in records])
    for place, (record, few) in enumerate(zip(records, found, strict=True)):
        form.check_moment(place, "packed_at", record.packed_at)
        form.check_day(place, "packed_at", record.packed_at, since=max((lot.made_on for lot, _ in few), default=None))
        if not record.packs and not record.cases:
            form.refuse(place, "packs", "missing-field")
        if record.sscc is not None:
            _check_sscc(form, place, record.sscc)
    form.close()
    return [
        PutTogether(
            party_id=party.id,
            packed_at=record.packed_at,
            units=[units for _, units in few],
            inner=cases,
            sscc=record.sscc,
        )
        for record, party, few, cases in zip(records, form.principals, found, inner, strict=True)
    ]


def enter_unpacking(session: Session, caller: Caller, case_id: int, command: EnterUnpacking) -> LogisticUnit:
    """Take the case of a row id apart; `party` holds it. Raises what a form and `record_disaggregations` raise."""
    form = Form(session, caller, [command])
    apart = read_unpacking(form, session.get_one(LogisticUnit, case_id), command)
    return record_disaggregations(session, [apart], form.entry)[0]


def read_unpacking(form: Form, case: LogisticUnit, command: EnterUnpacking) -> TakeApart:
    """Return what a form of one unpacking asks for. Raises `InvalidError` with every fault."""
    form.check_moment(0, "opened_at", command.opened_at)
    form.check_day(0, "opened_at", command.opened_at, since=case.packed_on)
    form.close()
    return TakeApart(unit_id=case.id, sscc=case.sscc, party_id=form.principals[0].id, opened_at=command.opened_at)


def _check_sscc(form: Form, place: int, sscc: str) -> None:
    try:
        ids.sscc(sscc)
    except ids.IdentifierError as error:
        form.refuse(place, "sscc", error.code, value=sscc)


def find_cases(form: Form, wanted: Sequence[Sequence[str]]) -> list[list[tuple[int, str]]]:
    """Return (row id, SSCC) for each case that the party of a record holds; another is a fault at its place."""
    known: dict[tuple[str, int], int] = {}
    for few in portions({sscc for cases in wanted for sscc in cases}):
        query = select(LogisticUnit.sscc, LogisticUnit.party_id, LogisticUnit.id)
        query = query.where(LogisticUnit.sscc.in_(few), LogisticUnit.undone_at.is_(None))
        known.update({(sscc, party): id_ for sscc, party, id_ in form.session.execute(query)})
    found: list[list[tuple[int, str]]] = []
    for place, cases in enumerate(wanted):
        held = []
        for number, sscc in enumerate(cases):
            row = known.get((sscc, form.principals[place].id))
            if row is None:
                form.refuse(place, f"cases[{number}]", "unknown-reference", value=sscc, array="cases")
            else:
                held.append((row, sscc))
        found.append(held)
    return found
