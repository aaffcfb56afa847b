"""Enter samples of lots; what is kept of one leaves its lot."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from trace.accounts import Caller, Role
from trace.entries.accounts import find_party_ids
from trace.entries.form import Filled, Form, new_code
from trace.entries.references import Named, check_new_codes
from trace.entries.results import find_tested_lots
from trace.lots import Lot, LotKind
from trace.mass import Weighed
from trace.quality import Sample, TakeSample, take_samples


@dataclass(frozen=True, kw_only=True)
class EnterSample(Filled):
    """A sample as somebody types it."""

    lot: str
    sampled_at: datetime
    purpose: str
    code: str | None = None
    mass: Weighed | None = None
    laboratory: str | None = None


def enter_samples(session: Session, caller: Caller, records: Sequence[EnterSample]) -> list[Sample]:
    """Record samples; `party` took them. Raises what a form raises, and `LotOverdrawnError`."""
    form = Form(session, caller, records)
    return take_samples(session, read_samples(form, records), form.entry)


def read_samples(form: Form, records: Sequence[EnterSample]) -> list[TakeSample]:
    """Return what a form of samples asks for. Raises `InvalidError` with every fault."""
    lots = find_tested_lots(form, [Named(place, "lot", record.lot) for place, record in enumerate(records)])
    laboratories = find_party_ids(form.session, {record.laboratory for record in records if record.laboratory})
    codes = [record.code or new_code("SA", record.sampled_at) for record in records]
    wanted = [Named(place, "code", code) for place, code in enumerate(codes)]
    check_new_codes(form, wanted, Sample, Sample.taken_by_id)
    for place, (record, lot) in enumerate(zip(records, lots, strict=True)):
        form.check_moment(place, "sampled_at", record.sampled_at)
        if record.laboratory is not None and record.laboratory not in laboratories:
            form.refuse(place, "laboratory", "unknown-reference", value=record.laboratory, array="party")
        if lot is not None:
            form.check_day(place, "sampled_at", record.sampled_at, since=lot.made_on)
            _check_mass(form, place, record, lot)
    form.close()
    return [
        TakeSample(
            code=code,
            lot=(lot.id, lot.uri),
            taken_by_id=party.id,
            taken_by_code=party.code,
            taken_at=record.sampled_at,
            purpose=record.purpose,
            laboratory_id=laboratories[record.laboratory] if record.laboratory else None,
            mass_g=record.mass.mass_g if record.mass else None,
            as_typed={"mass": record.mass.as_typed()} if record.mass else None,
        )
        for record, party, lot, code in zip(records, form.principals, lots, codes, strict=True)
        if lot is not None
    ]


def _check_mass(form: Form, place: int, record: EnterSample, lot: Lot) -> None:
    """Add a fault for grams that cannot be taken: of packs, which are counted, or of another's lot."""
    if record.mass is None:
        return
    if lot.kind is LotKind.PACKED:
        form.refuse(place, "mass", "packed-lot", value=lot.code)
    if lot.party_id != form.principals[place].id and form.caller.role not in (Role.OPERATOR, Role.OFFICER):
        form.refuse(place, "mass", "not-yours", value=record.lot, owner="")
