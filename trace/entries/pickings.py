"""Enter pickings: leaf taken from a plot of one's own, or of those one acts for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from trace.accounts import Caller
from trace.entries.form import Form, new_code
from trace.entries.on_paper import OnPaper, read_forms
from trace.entries.references import Named, check_new_codes
from trace.entries.worked_plots import find_worked_plots
from trace.lots import Lot
from trace.mass import Weighed
from trace.paper_forms import FormKind, use_forms
from trace.parties import Party
from trace.pickings import Pick, Picking, record_pickings
from trace.places import Plot
from trace.rules.judging import judge_lateness, judge_pickings
from trace.vocabulary import Claim, Scheme, ensure_terms


@dataclass(frozen=True, kw_only=True)
class EnterPicking(OnPaper):
    """A picking as somebody types it."""

    plot: str
    picked_at: datetime
    mass: Weighed
    pluck_standard: str
    code: str | None = None
    grade: str | None = None
    method: str | None = None
    weather: str | None = None
    pickers: int | None = None
    crop: str | None = None
    claim: Claim | None = None


_SAME = ("picked_at", "pluck_standard", "grade", "method", "weather", "pickers", "crop", "claim")


def enter_pickings(session: Session, caller: Caller, records: Sequence[EnterPicking]) -> list[Picking]:
    """Record pickings; each makes a lot of fresh leaf of the party it is for. Raises what a form raises."""
    form = Form(session, caller, records)
    written = read_forms(form, records, FormKind.PICKINGS)
    pickings = record_pickings(session, read_pickings(form, records), form.entry)
    use_forms(session, FormKind.PICKINGS, written, pickings)
    rows = [picking.id for picking in pickings]
    judge_pickings(session, rows)
    judge_lateness(session, Picking, rows)
    return pickings


def read_pickings(form: Form, records: Sequence[EnterPicking]) -> list[Pick]:
    """Return what a form of pickings asks for. Raises `InvalidError` with every fault."""
    plots = find_worked_plots(form, [(record.plot, record.picked_at) for record in records])
    codes = [record.code or new_code("PK", record.picked_at) for record in records]
    check_new_codes(form, [Named(place, "code", code) for place, code in enumerate(codes)], Lot, Lot.party_id)
    for place, record in enumerate(records):
        form.check_moment(place, "picked_at", record.picked_at)
    form.close()
    ensure_terms(form.session, Scheme.PLUCK_STANDARD, [record.pluck_standard for record in records])
    ensure_terms(form.session, Scheme.GRADE, [record.grade for record in records])
    return [
        _command(record, party, plot, code)
        for record, party, plot, code in zip(records, form.principals, plots, codes, strict=True)
        if plot is not None
    ]


def _command(record: EnterPicking, party: Party, plot: Plot, code: str) -> Pick:
    return Pick(
        code=code,
        party_id=party.id,
        party_code=party.code,
        plot_id=plot.id,
        plot_code=plot.code,
        mass_g=record.mass.mass_g,
        as_typed={"mass": record.mass.as_typed()},
        **{name: getattr(record, name) for name in _SAME},
    )
