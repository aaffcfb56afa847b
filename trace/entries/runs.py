"""Enter runs and blends: lots of one's own become made tea or a finished lot; what is missing is the loss."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import Session

from trace.accounts import Caller
from trace.entries.draws import Draw, Drawn, find_draws, latest_day
from trace.entries.form import Filled, Form, new_code
from trace.entries.references import Named, check_new_codes
from trace.lots import Lot, LotKind
from trace.mass import Weighed
from trace.packs import agreed
from trace.rules.judging import judge_days, judge_lateness, judge_runs
from trace.runs import MakeTea, Run, record_runs
from trace.vocabulary import Scheme, ensure_terms


class Work(StrEnum):
    """What is done: a run makes tea of leaf, a blend makes a finished lot of made tea."""

    RUN = "run"
    BLEND = "blend"


@dataclass(frozen=True)
class _Kind:
    """What a kind of work makes, what it loses, and how its codes begin."""

    makes: LotKind
    loses: str
    prefix: str
    output_prefix: str


_KINDS = {
    Work.RUN: _Kind(LotKind.MADE, "water", "R", "M"),
    Work.BLEND: _Kind(LotKind.FINISHED, "sorting", "BL", "L"),
}


@dataclass(frozen=True, kw_only=True)
class Output:
    """A lot that is made; without a code it gets one."""

    mass: Weighed
    code: str | None = None


@dataclass(frozen=True, kw_only=True)
class StepDone:
    """One step of the work, with what was measured."""

    step: str
    measured: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class EnterRun(Filled):
    """A run or a blend as somebody types it."""

    done_at: datetime
    inputs: Sequence[Draw]
    output: Output
    by_product: Output | None = None
    sample: Weighed | None = None
    code: str | None = None
    grade: str | None = None
    product_kind: str | None = None
    moisture_percent: Decimal | None = None
    pluck_standard: str | None = None
    weather: str | None = None
    steps: Sequence[StepDone] = ()


_SAME = ("done_at", "moisture_percent", "pluck_standard", "weather")


def enter_runs(session: Session, caller: Caller, records: Sequence[EnterRun], work: Work) -> list[Run]:
    """Record runs or blends. Raises what a form raises, and `LotOverdrawnError`."""
    form = Form(session, caller, records)
    runs = record_runs(session, read_runs(form, records, work), form.entry)
    ids = [run.id for run in runs]
    judge_runs(session, ids)
    if work is Work.RUN:
        judge_days(session, ids)
    judge_lateness(session, Run, ids)
    return runs


def read_runs(form: Form, records: Sequence[EnterRun], work: Work) -> list[MakeTea]:
    """Return what a form of runs or blends asks for. Raises `InvalidError` with every fault."""
    kind = _KINDS[work]
    drawn = find_draws(form, [("inputs", record.inputs) for record in records])
    codes = [record.code or new_code(kind.prefix, record.done_at) for record in records]
    outputs = [record.output.code or new_code(kind.output_prefix, record.done_at) for record in records]
    left = [_by_product_code(record, code) for record, code in zip(records, codes, strict=True)]
    check_new_codes(form, [Named(place, "code", code) for place, code in enumerate(codes)], Run, Run.plant_id)
    new_lots = [Named(place, "output.code", code) for place, code in enumerate(outputs)]
    new_lots += [Named(place, "by_product.code", code) for place, code in enumerate(left) if code]
    check_new_codes(form, new_lots, Lot, Lot.party_id)
    for place, (record, few) in enumerate(zip(records, drawn, strict=True)):
        _check(form, place, record, few)
    form.close()
    ensure_terms(form.session, Scheme.GRADE, [record.grade for record in records])
    ensure_terms(form.session, Scheme.PRODUCT_KIND, [record.product_kind for record in records])
    ensure_terms(form.session, Scheme.STEP, [step.step for record in records for step in record.steps])
    return [
        _command(form, place, record, few, (work, codes[place], outputs[place], left[place]))
        for place, (record, few) in enumerate(zip(records, drawn, strict=True))
    ]


def _by_product_code(record: EnterRun, code: str) -> str:
    if record.by_product is None:
        return ""
    return record.by_product.code or f"{code}-BP"


def _left_g(record: EnterRun) -> int:
    """Return the grams that are accounted for after the work."""
    by_product = record.by_product.mass if record.by_product else None
    return sum(part.mass_g for part in (record.output.mass, by_product, record.sample) if part is not None)


def _check(form: Form, place: int, record: EnterRun, drawn: Drawn) -> None:
    form.check_moment(place, "done_at", record.done_at)
    form.check_day(place, "done_at", record.done_at, since=latest_day(drawn))
    entered = sum(draw.mass.mass_g for draw in record.inputs)
    if _left_g(record) > entered:
        form.refuse(place, "output.mass", "mass-imbalance", entered=entered, left=_left_g(record))


def _command(form: Form, place: int, record: EnterRun, drawn: Drawn, names: tuple[Work, str, str, str]) -> MakeTea:
    work, code, output, left = names
    kind, party = _KINDS[work], form.principals[place]
    lots, entered = [lot for lot, _ in drawn], sum(mass.mass_g for _, mass in drawn)
    return MakeTea(
        code=code,
        step=work.value,
        plant_id=party.id,
        plant_code=party.code,
        taken=[(lot.uri, mass.mass_g) for lot, mass in drawn],
        output_code=output,
        output_kind=kind.makes,
        output_g=record.output.mass.mass_g,
        by_product_code=left,
        by_product_g=record.by_product.mass.mass_g if record.by_product else 0,
        sample_g=record.sample.mass_g if record.sample else 0,
        lost=(kind.loses, entered - _left_g(record)),
        grade=record.grade,
        crop=agreed(lots, "crop"),
        product_kind=record.product_kind or agreed(lots, "product_kind"),
        steps=[(step.step, step.measured) for step in record.steps],
        **{name: getattr(record, name) for name in _SAME},
    )
