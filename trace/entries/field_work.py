"""Enter field work: what was done or seen on a plot of one's own, or of those one acts for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from trace.accounts import Caller
from trace.entries.form import Filled, Form, new_code
from trace.entries.inputs import find_workers
from trace.entries.references import Named, check_new_codes
from trace.entries.worked_plots import find_worked_plots
from trace.events.tables import Event
from trace.field_work import DoFieldWork, FieldWork, record_field_work
from trace.rules.judging import judge_lateness
from trace.vocabulary import Scheme, ensure_terms


@dataclass(frozen=True, kw_only=True)
class EnterFieldWork(Filled):
    """A piece of work on a plot, or a look at its pests, as somebody types it."""

    plot: str
    kind: str
    done_at: datetime
    code: str | None = None
    pest: str | None = None
    per_100_leaves: Decimal | None = None
    decision: str | None = None
    quantity: Decimal | None = None
    unit: str | None = None
    area_mu: Decimal | None = None
    weather: str | None = None
    worker: str | None = None


_SAME = ("kind", "done_at", "pest", "per_100_leaves", "decision", "quantity", "unit", "area_mu", "weather")
_OF_PESTS = ("per_100_leaves", "decision")
_RECORDER = select(Event.party_id).where(Event.id == FieldWork.event_id).scalar_subquery()


def enter_field_work(session: Session, caller: Caller, records: Sequence[EnterFieldWork]) -> list[FieldWork]:
    """Record work on plots. Raises what a form raises."""
    form = Form(session, caller, records)
    work = record_field_work(session, read_field_work(form, records), form.entry)
    judge_lateness(session, FieldWork, [one.id for one in work])
    return work


def read_field_work(form: Form, records: Sequence[EnterFieldWork]) -> list[DoFieldWork]:
    """Return what a form of field work asks for. Raises `InvalidError` with every fault."""
    plots = find_worked_plots(form, [(record.plot, record.done_at) for record in records])
    codes = [record.code or new_code("FW", record.done_at) for record in records]
    check_new_codes(form, [Named(place, "code", code) for place, code in enumerate(codes)], FieldWork, _RECORDER)
    for place, record in enumerate(records):
        form.check_moment(place, "done_at", record.done_at)
        if record.pest is None and any(getattr(record, name) is not None for name in _OF_PESTS):
            form.refuse(place, "pest", "missing-field")
        if record.quantity is not None and record.unit is None:
            form.refuse(place, "unit", "missing-field")
    form.close()
    ensure_terms(form.session, Scheme.FIELD_WORK, [record.kind for record in records])
    ensure_terms(form.session, Scheme.PEST, [record.pest for record in records])
    workers = find_workers(form, [record.worker for record in records])
    return [
        DoFieldWork(
            code=code,
            plot_id=plot.id,
            plot_code=plot.code,
            recorder_id=party.id,
            **{name: getattr(record, name) for name in _SAME},
            worker_id=worker,
        )
        for record, party, plot, code, worker in zip(records, form.principals, plots, codes, workers, strict=True)
        if plot is not None
    ]
