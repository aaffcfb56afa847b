"""Enter what is kept of samples, and what was disposed of."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from trace import clock, visibility
from trace.accounts import Caller
from trace.entries.coded import Coded, find_coded
from trace.entries.form import Filled, Form, new_code
from trace.entries.references import Named, check_new_codes
from trace.holds import RecalledLot
from trace.lots import Lot
from trace.mandates import acting_party
from trace.mass import Weighed
from trace.parties import Party
from trace.permits import find_refusals
from trace.quality import Sample
from trace.releases import NamelessError
from trace.retained_samples import (
    RetainedSample,
    RetainSample,
    SampleKeptError,
    dispose_of,
    least_day,
    retain_sample,
    retained_of,
)

_SAMPLES = Coded(what="sample", row=Sample, owner=Sample.taken_by_id, aliases="samples")


@dataclass(frozen=True, kw_only=True)
class EnterRetained(Filled):
    """What is kept of a sample, as somebody types it; without a day, as long as the law asks."""

    sample: str
    mass: Weighed
    place: str
    kept_from: date | None = None
    keep_until: date | None = None
    code: str | None = None


def enter_retained(session: Session, caller: Caller, records: Sequence[EnterRetained]) -> list[RetainedSample]:
    """Keep parts of samples. Raises what a form raises."""
    form = Form(session, caller, records)
    wanted = [Named(place, "sample", record.sample) for place, record in enumerate(records)]
    samples = find_coded(form, wanted, _SAMPLES, visibility.own(caller, Sample.taken_by_id), None)
    codes = [record.code or new_code("RS", clock.now()) for record in records]
    check_new_codes(
        form, [Named(place, "code", code) for place, code in enumerate(codes)], RetainedSample, RetainedSample.party_id
    )
    commands = [
        _command(form, place, record, (sample, code))
        for place, (record, sample, code) in enumerate(zip(records, samples, codes, strict=True))
        if sample is not None
    ]
    form.close()
    return [retain_sample(session, command) for command in commands]


def _command(form: Form, place: int, record: EnterRetained, named: tuple[Sample, str]) -> RetainSample:
    sample, code = named
    lot = form.session.get_one(Lot, sample.lot_id)
    least = least_day(form.session, lot.id, lot.made_on)
    until, since = record.keep_until or least, record.kept_from or sample.sampled_on
    left = (sample.mass_g or 0) - retained_of(form.session, sample.id)
    if record.mass.mass_g > left:
        form.refuse(place, "mass", "mass-imbalance", entered=left, left=record.mass.mass_g)
    if since < sample.sampled_on:
        form.refuse(place, "kept_from", "before-its-source", value=str(since), source=str(sample.sampled_on))
    if until < least:
        form.refuse(place, "keep_until", "before-its-source", value=str(until), source=str(least))
    return RetainSample(
        code=code,
        party_id=form.principals[place].id,
        sample_id=sample.id,
        mass_g=record.mass.mass_g,
        place=record.place,
        kept_from=since,
        keep_until=until,
        account_id=form.caller.account_id,
    )


def enter_disposal(session: Session, caller: Caller, retained: int, disposal: str) -> RetainedSample:
    """Dispose of what is kept (row id), in one's own name.

    Raises `NotForThemError`, `NamelessError`, `SampleKeptError` also while the lot is held or recalled, and
    `SampleDisposedError`.
    """
    if not caller.name:
        raise NamelessError
    row = session.get_one(RetainedSample, retained, with_for_update=True, populate_existing=True)
    acting_party(session, caller, session.get_one(Party, row.party_id).code)
    lot = session.get_one(Sample, row.sample_id).lot_id
    recalled = session.scalar(select(RecalledLot.lot_id).where(RecalledLot.lot_id == lot).limit(1))
    if find_refusals(session, lot) or recalled is not None:
        raise SampleKeptError(sample=row.code, until="")
    return dispose_of(session, row, caller.name, disposal)
