"""Enter destructions: grams of a lot of one's own, or positions of a pack, that are no more."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from trace.accounts import Caller
from trace.destructions import Destroy, Destruction, destroy
from trace.entries.draws import Draw, find_draws
from trace.entries.form import Filled, Form, new_code
from trace.entries.positions import PackRange, find_ranges
from trace.entries.references import Named, check_new_codes
from trace.lots import Lot
from trace.mass import Weighed
from trace.units import Units


@dataclass(frozen=True, kw_only=True)
class EnterDestruction(Filled):
    """A destruction as somebody types it: of a lot its mass, of a pack positions."""

    destroyed_at: datetime
    reason: str
    method: str
    lot: str | None = None
    mass: Weighed | None = None
    pack: str | None = None
    first: int | None = None
    last: int | None = None
    witness: str | None = None
    code: str | None = None


_Gone = tuple[Lot, Weighed | Units]


def enter_destructions(session: Session, caller: Caller, records: Sequence[EnterDestruction]) -> list[Destruction]:
    """Record destructions. Raises what a form raises, `LotOverdrawnError` and `PositionsTakenError`."""
    form = Form(session, caller, records)
    return destroy(session, read_destructions(form, records), form.entry)


def read_destructions(form: Form, records: Sequence[EnterDestruction]) -> list[Destroy]:
    """Return what a form of destructions asks for. Raises `InvalidError` with every fault."""
    gone = _find_gone(form, records)
    codes = [record.code or new_code("DE", record.destroyed_at) for record in records]
    named = [Named(place, "code", code) for place, code in enumerate(codes)]
    check_new_codes(form, named, Destruction, Destruction.party_id)
    for place, (record, found) in enumerate(zip(records, gone, strict=True)):
        _check_subject(form, place, record)
        form.check_moment(place, "destroyed_at", record.destroyed_at)
        form.check_day(place, "destroyed_at", record.destroyed_at, since=found[0].made_on if found else None)
    form.close()
    return [
        Destroy(
            code=code,
            party_id=party.id,
            party_code=party.code,
            lot_id=found[0].id,
            lot_uri=found[0].uri,
            destroyed_at=record.destroyed_at,
            mass_g=found[1].mass_g,
            reason=record.reason,
            method=record.method,
            witness=record.witness,
            as_typed={"mass": record.mass.as_typed()} if record.mass else None,
            positions=found[1] if isinstance(found[1], Units) else None,
        )
        for record, party, found, code in zip(records, form.principals, gone, codes, strict=True)
        if found is not None
    ]


def _find_gone(form: Form, records: Sequence[EnterDestruction]) -> list[_Gone | None]:
    """Return for each record the lot with its grams, or the pack's lot with its positions."""
    draws = [
        [Draw(lot=one.lot, mass=one.mass)] if one.lot is not None and one.mass is not None else [] for one in records
    ]
    ranges = [
        [PackRange(pack=one.pack, first=one.first, last=one.last)]
        if one.pack is not None and one.first is not None and one.last is not None
        else []
        for one in records
    ]
    drawn = find_draws(form, [("", few) for few in draws])
    opened = find_ranges(form, [("", few) for few in ranges])
    found: list[Sequence[_Gone]] = [[*grams, *units] for grams, units in zip(drawn, opened, strict=True)]
    return [few[0] if few else None for few in found]


def _check_subject(form: Form, place: int, record: EnterDestruction) -> None:
    """Add a fault for a record of nothing, of two things, or of one half told."""
    if record.lot is not None and record.pack is not None:
        form.refuse(place, "pack", "not-both", value="pack", other="lot")
    if record.lot is None and record.pack is None:
        form.refuse(place, "lot", "missing-field")
    for owner, names, other in (("lot", ("mass",), "pack"), ("pack", ("first", "last"), "lot")):
        for name in names:
            told = getattr(record, name) is not None
            if not told and getattr(record, owner) is not None:
                form.refuse(place, name, "missing-field")
            if told and getattr(record, owner) is None and getattr(record, other) is not None:
                form.refuse(place, name, "not-both", value=name, other=other)
