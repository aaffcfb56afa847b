"""Enter what is kept of samples, and what was disposed of."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from trace import clock, visibility
from trace.accounts import Caller
from trace.db import portions
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
    least_days,
    retain_samples,
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
    _lock(session, {sample.id for sample in samples if sample is not None})
    codes = [record.code or new_code("RS", clock.now()) for record in records]
    check_new_codes(
        form, [Named(place, "code", code) for place, code in enumerate(codes)], RetainedSample, RetainedSample.party_id
    )
    commands = [
        _command(form, place, (record, code), (sample, least))
        for place, (record, code, sample, least) in enumerate(
            zip(records, codes, samples, _least_days(session, samples), strict=True)
        )
        if sample is not None
    ]
    _check_masses(form, records, samples)
    form.close()
    return retain_samples(session, commands)


def _lock(session: Session, samples: Collection[int]) -> None:
    """Lock samples (row ids) in id order: each of their grams is kept once."""
    for few in portions(sorted(samples)):
        session.execute(select(Sample.id).where(Sample.id.in_(few)).order_by(Sample.id).with_for_update(key_share=True))


def _least_days(session: Session, samples: Sequence[Sample | None]) -> list[date]:
    """Return for each sample until when it is to be kept at least."""
    wanted = {sample.lot_id for sample in samples if sample is not None}
    query = select(Lot.id, Lot.made_on)
    made = {lot: day for few in portions(wanted) for lot, day in session.execute(query.where(Lot.id.in_(few)))}
    least = least_days(session, made)
    return [least[sample.lot_id] if sample is not None else date.max for sample in samples]


def _check_masses(form: Form, records: Sequence[EnterRetained], samples: Sequence[Sample | None]) -> None:
    """Add a fault for each record that would keep more of a sample than was taken and not kept yet."""
    kept = retained_of(form.session, {sample.id for sample in samples if sample is not None})
    for place, (record, sample) in enumerate(zip(records, samples, strict=True)):
        if sample is None:
            continue
        left = (sample.mass_g or 0) - kept.get(sample.id, 0)
        if record.mass.mass_g > left:
            form.refuse(place, "mass", "mass-imbalance", entered=left, left=record.mass.mass_g)
        kept[sample.id] = kept.get(sample.id, 0) + record.mass.mass_g


def _command(form: Form, place: int, told: tuple[EnterRetained, str], of: tuple[Sample, date]) -> RetainSample:
    (record, code), (sample, least) = told, of
    until, since = record.keep_until or least, record.kept_from or sample.sampled_on
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
        raise SampleKeptError(sample=row.code, until=str(row.keep_until))
    return dispose_of(session, row, caller.name, disposal)
