"""Enter reports of laboratories, on a sample or on a lot: also on one that a laboratory tests and may not look into."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from trace import visibility
from trace.accounts import Caller, Role
from trace.clock import day_of
from trace.db import portions
from trace.entries.coded import Coded, find_coded
from trace.entries.form import Filled, Form, new_code
from trace.entries.references import Named, check_new_codes
from trace.lots import Lot
from trace.quality import Measured, Report, Result, Sample, Sampled, passes, record_results
from trace.rule_tables import load_tables
from trace.rules.judging import judge_results
from trace.rules.judging.crops import crops_of_lots
from trace.rules.markets import Outcome, Reported, judge
from trace.rules.tables import HOME, InForce
from trace.vocabulary import Scheme, ensure_terms

LOTS = Coded(what="lot", row=Lot, owner=Lot.party_id, aliases="lot")
_SAMPLES = Coded(what="sample", row=Sample, owner=Sample.taken_by_id, aliases="samples")
_SAMPLED = select(Sample.id, Sample.sampled_on)


class LimitType(StrEnum):
    """Whether a limit is the most that may be found, or the least."""

    MOST = "max"
    LEAST = "min"


@dataclass(frozen=True, kw_only=True)
class Item:
    """One analyte as somebody types it; what it says of passing counts where value or limit is missing."""

    analyte: str
    value: Decimal | None = None
    words: str | None = None
    unit: str | None = None
    loq: Decimal | None = None
    limit: Decimal | None = None
    limit_type: LimitType = LimitType.MOST
    basis: str | None = None
    method: str | None = None
    passed: bool = True

    def measured(self, *, fails: bool) -> Measured:
        """Return the analyte as it is kept; what fails by the limits at home has not passed, whatever a report says."""
        least = self.limit_type is LimitType.LEAST
        return Measured(
            analyte=self.analyte,
            value=self.value,
            words=self.words,
            unit=self.unit,
            loq=self.loq,
            limit_value=self.limit,
            limit_basis=self.basis,
            method=self.method,
            passed=not fails and passes(self.value, self.limit, least=least, said=self.passed),
        )

    def reported(self, crop: str | None, at: InForce) -> Reported:
        """Return the analyte as the limits of a market judge it; what the report states is compared beside them."""
        return Reported(
            crop=crop,
            at=at,
            analyte=self.analyte,
            value=self.value,
            words=self.words,
            unit=self.unit,
            loq=self.loq,
            stated_limit=None,
            stated_basis=None,
        )


@dataclass(frozen=True, kw_only=True)
class EnterResult(Filled):
    """A report as somebody types it: on a sample recorded before, or on a lot sampled then and for that."""

    reported_at: datetime
    items: Sequence[Item]
    code: str | None = None
    sample: str | None = None
    lot: str | None = None
    sampled_at: datetime | None = None
    purpose: str | None = None
    accreditation: str | None = None


def enter_results(session: Session, caller: Caller, records: Sequence[EnterResult]) -> list[Result]:
    """Record reports; `party` is the laboratory. Raises what a form raises."""
    form = Form(session, caller, records)
    results = record_results(session, read_results(form, records), form.entry)
    judge_results(session, [result.id for result in results])
    return results


def read_results(form: Form, records: Sequence[EnterResult]) -> list[Report]:
    """Return what a form of reports asks for. Raises `InvalidError` with every fault."""
    subjects = _find_subjects(form, records)
    codes = [record.code or new_code("T", record.reported_at) for record in records]
    wanted = [Named(place, "code", code) for place, code in enumerate(codes)]
    check_new_codes(form, wanted, Result, Result.laboratory_id)
    for place, record in enumerate(records):
        _check(form, place, record, subjects.get(place))
    form.close()
    ensure_terms(form.session, Scheme.ANALYTE, [item.analyte for record in records for item in record.items])
    failed = _find_failures(form.session, records, subjects)
    return [
        Report(
            code=codes[place],
            lot=(subjects[place][0].id, subjects[place][0].uri),
            laboratory_id=form.principals[place].id,
            laboratory_code=form.principals[place].code,
            sample=subjects[place][1],
            reported_at=record.reported_at,
            items=[item.measured(fails=(place, number) in failed) for number, item in enumerate(record.items)],
            accreditation=record.accreditation,
        )
        for place, record in enumerate(records)
    ]


def _find_failures(
    session: Session, records: Sequence[EnterResult], subjects: Mapping[int, "_Subject"]
) -> set[tuple[int, int]]:
    """Return the analytes, by their record's place and their own, that fail by the limits of the day of sampling."""
    crops = crops_of_lots(session, {lot.id: lot.crop for lot, _ in subjects.values()})
    samples = [sample for _, sample in subjects.values() if isinstance(sample, int)]
    sampled: dict[int, date] = {}
    for few in portions(samples):
        sampled.update((row.id, row.sampled_on) for row in session.execute(_SAMPLED.where(Sample.id.in_(few))))
    tables = load_tables(session)
    failed = set[tuple[int, int]]()
    for place, (lot, sample) in subjects.items():
        day = sampled[sample] if isinstance(sample, int) else day_of(sample.at)
        reported = [item.reported(crops[lot.id], tables.on(day)) for item in records[place].items]
        verdicts = enumerate(judge(HOME, reported))
        failed |= {(place, number) for number, verdict in verdicts if verdict.outcome is Outcome.FAILED}
    return failed


def find_tested_lots(form: Form, named: Sequence[Named]) -> list[Lot | None]:
    """Return the lot for each code: one that the caller may read; a laboratory may name any as `PARTY/CODE`."""
    seen = or_(visibility.lots(form.caller), visibility.tested_lots(form.caller))
    return find_coded(form, named, LOTS, seen, Lot.id > 0 if form.caller.role is Role.LABORATORY else None)


_Subject = tuple[Lot, int | Sampled]


def _find_subjects(form: Form, records: Sequence[EnterResult]) -> dict[int, _Subject]:
    """Return by place the lot of each report with its sample, or what is told of one that nobody recorded."""
    caller = form.caller
    on_lots = [Named(place, "lot", record.lot) for place, record in enumerate(records) if record.lot is not None]
    on_samples = [Named(place, "sample", one.sample) for place, one in enumerate(records) if one.sample is not None]
    any_sample = Sample.undone_at.is_(None) if caller.role is Role.LABORATORY else None
    samples = find_coded(form, on_samples, _SAMPLES, visibility.samples(caller), any_sample)
    lots_of = _lots_of(form, [sample.lot_id for sample in samples if sample is not None])
    found: dict[int, _Subject] = {
        named.place: (lots_of[sample.lot_id], sample.id)
        for named, sample in zip(on_samples, samples, strict=True)
        if sample is not None
    }
    for named, lot in zip(on_lots, find_tested_lots(form, on_lots), strict=True):
        record = records[named.place]
        if lot is not None and record.sampled_at is not None and record.purpose is not None:
            found[named.place] = (lot, Sampled(record.sampled_at, record.purpose))
    return found


def _lots_of(form: Form, ids: Sequence[int]) -> dict[int, Lot]:
    query = select(Lot)
    return {lot.id: lot for few in portions(set(ids)) for lot in form.session.scalars(query.where(Lot.id.in_(few)))}


def _check(form: Form, place: int, record: EnterResult, subject: _Subject | None) -> None:
    form.check_moment(place, "reported_at", record.reported_at)
    if (record.sample is None) == (record.lot is None):
        form.refuse(place, "sample", "sample-or-lot")
    for field in ("sampled_at", "purpose"):
        if record.lot is not None and getattr(record, field) is None:
            form.refuse(place, field, "missing-field")
    if record.sampled_at is not None:
        form.check_moment(place, "sampled_at", record.sampled_at)
        form.check_day(place, "reported_at", record.reported_at, since=record.sampled_at.date())
    if subject is not None:
        field, when = ("sampled_at", record.sampled_at) if record.sampled_at else ("reported_at", record.reported_at)
        form.check_day(place, field, when, since=subject[0].made_on)
    for number, item in enumerate(record.items):
        if item.value is None and item.words is None:
            form.refuse(place, f"items[{number}].value", "missing-field")
