"""Start recalls: of lots of one's own, for a brand of its packs, for an officer of lots in the area."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from trace import visibility
from trace.accounts import Account, Caller, Role
from trace.db import portions
from trace.entries.coded import Coded, find_coded
from trace.entries.form import Filled, Form, new_code
from trace.entries.references import Named, check_new_codes
from trace.entries.results import LOTS
from trace.lots import Lot
from trace.packs import Pack
from trace.parties import Brand, Party
from trace.products import TradeItem
from trace.quality import Result, Sample
from trace.recalls import Recall, StartRecall, Trigger, start_recalls

_RESULTS = Coded(what="result", row=Result, owner=Result.laboratory_id, aliases="tests")


@dataclass(frozen=True, kw_only=True)
class EnterRecall(Filled):
    """A recall as somebody types it."""

    lots: Sequence[str]
    level: int
    known_at: datetime
    started_at: datetime
    code: str | None = None
    reason: str | None = None
    result: str | None = None
    trigger: Trigger | None = None
    person: str | None = None


def enter_recalls(session: Session, caller: Caller, records: Sequence[EnterRecall]) -> list[Recall]:
    """Start recalls; `party` answers for them. Raises what a form raises."""
    form = Form(session, caller, records)
    recalled = _find_lots(form, records)
    results = _find_results(form, records)
    codes = [record.code or new_code("RC", record.started_at) for record in records]
    wanted = [Named(place, "code", code) for place, code in enumerate(codes)]
    check_new_codes(form, wanted, Recall, Recall.owner_id)
    for place, record in enumerate(records):
        _check_times(form, place, record)
        if record.trigger is Trigger.RESULT and record.result is None:
            form.refuse(place, "result", "missing-field")
    form.close()
    commands = [
        StartRecall(
            code=codes[place],
            lots=[(lot.id, lot.uri) for lot in recalled[place]],
            owner_id=form.principals[place].id,
            owner_code=form.principals[place].code,
            level=record.level,
            known_at=record.known_at,
            started_at=record.started_at,
            result_id=results.get(place),
            reason=record.reason,
            trigger=record.trigger,
            person=record.person or name_of(session, caller),
        )
        for place, record in enumerate(records)
    ]
    return start_recalls(session, commands, form.entry)


def name_of(session: Session, caller: Caller) -> str:
    """Return the name of the caller's account: whoever it is answers for what is entered."""
    account = session.get(Account, caller.account_id) if caller.account_id else None
    return account.name if account else ""


def _check_times(form: Form, place: int, record: EnterRecall) -> None:
    form.check_moment(place, "known_at", record.known_at)
    form.check_moment(place, "started_at", record.started_at)
    if record.started_at < record.known_at:
        facts = {"value": record.started_at.isoformat(), "source": record.known_at.isoformat()}
        form.refuse(place, "started_at", "before-its-source", **facts)


def _branded(form: Form) -> ColumnElement[bool]:
    """Hold for packs of brands that belong to those the records are for."""
    owners = {party.id for party in form.principals}
    packs = select(Pack.lot_id).join(TradeItem, Pack.trade_item_id == TradeItem.id).join(Brand)
    return Lot.id.in_(packs.where(Brand.owner_id.in_(owners)))


def _find_lots(form: Form, records: Sequence[EnterRecall]) -> list[list[Lot]]:
    """Return the lots of each recall; one that is unknown, not theirs to recall or named twice is a fault."""
    named = [
        Named(place, f"lots[{number}]", code)
        for place, record in enumerate(records)
        for number, code in enumerate(record.lots)
    ]
    found = find_coded(form, named, LOTS, or_(visibility.lots(form.caller), _branded(form)))
    theirs = _recallable(form, {lot.id for lot in found if lot is not None})
    lots: list[list[Lot]] = [[] for _ in records]
    seen: dict[tuple[int, int], str] = {}
    for one, lot in zip(named, found, strict=True):
        if lot is None:
            continue
        if lot.party_id != form.principals[one.place].id and (lot.id, form.principals[one.place].id) not in theirs:
            owner = form.session.get_one(Party, lot.party_id).code
            form.refuse(one.place, one.field, "not-yours", value=one.code, owner=owner)
        if (one.place, lot.id) in seen:
            form.refuse(one.place, one.field, "duplicate-value", value=one.code, first=seen[one.place, lot.id])
        seen.setdefault((one.place, lot.id), one.field)
        lots[one.place].append(lot)
    return lots


def _recallable(form: Form, lots: set[int]) -> set[tuple[int, int]]:
    """Return which lots may be recalled by which parties, beside their own: by the town, or by a brand's owner."""
    pairs: set[tuple[int, int]] = set()
    public = form.caller.role in (Role.OPERATOR, Role.OFFICER)
    for few in portions(lots):
        if public:
            area = select(Lot.id).where(Lot.id.in_(few), visibility.own(form.caller, Lot.party_id))
            pairs |= {(lot, party.id) for lot in form.session.scalars(area) for party in form.principals}
        packs = select(Pack.lot_id, Brand.owner_id).join(TradeItem, Pack.trade_item_id == TradeItem.id).join(Brand)
        pairs |= {(lot, owner) for lot, owner in form.session.execute(packs.where(Pack.lot_id.in_(few)))}
    return pairs


def _find_results(form: Form, records: Sequence[EnterRecall]) -> dict[int, int]:
    """Return by place the report (row id) that a recall rests on."""
    named = [Named(place, "result", one.result) for place, one in enumerate(records) if one.result is not None]
    own = select(Sample.id).join(Lot, Sample.lot_id == Lot.id)
    own = own.where(Lot.party_id.in_({party.id for party in form.principals}))
    seen = or_(visibility.results(form.caller), Result.sample_id.in_(own))
    found = find_coded(form, named, _RESULTS, seen)
    return {one.place: result.id for one, result in zip(named, found, strict=True) if result is not None}
