"""`output_exceeds_input`: more dry matter left a run than entered it, or too little leaf for so much tea."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from trace.findings import Judgement, Severity
from trace.rules.tables import Citation, InForce, Ratios, find_ratios

RULE = "output_exceeds_input"
_PERCENT = Decimal(100)


@dataclass(frozen=True)
class Ran:
    """A run: row id, crop, leaf that entered as (grams, moisture), what left, its moisture, the tables in force."""

    id: int
    crop: str | None
    inputs: Sequence[tuple[int, Decimal | None]]
    output_g: int
    by_product_g: int
    sample_g: int
    moisture_percent: Decimal | None
    at: InForce

    @property
    def input_g(self) -> int:
        """Return the leaf that entered."""
        return sum(mass_g for mass_g, _ in self.inputs)

    @property
    def left_g(self) -> int:
        """Return the tea that left, by-product and sample included."""
        return self.output_g + self.by_product_g + self.sample_g


def dry_matter(run: Ran) -> tuple[Decimal, Decimal] | None:
    """Return the grams of dry matter that entered and left, or None where a moisture is missing."""
    if run.moisture_percent is None or any(moisture is None for _, moisture in run.inputs):
        return None
    entered = sum((mass_g * (1 - (moisture or 0) / _PERCENT) for mass_g, moisture in run.inputs), Decimal())
    return entered, run.left_g * (1 - run.moisture_percent / _PERCENT)


def judge(runs: Sequence[Ran]) -> list[Judgement]:
    """Judge runs by dry matter where moistures are known, and by the crop's ratio where a table has one."""
    return [finding for run in runs if (finding := _judge_one(run))]


def _judge_one(run: Ran) -> Judgement | None:
    ratio = Decimal(run.input_g) / run.left_g
    facts: dict[str, object] = {"input_g": run.input_g, "left_g": run.left_g, "ratio": f"{ratio:.2f}"}
    dry, bounds = dry_matter(run), find_ratios(run.at, run.crop)
    if dry:
        facts |= {"dry_matter_in_g": int(dry[0]), "dry_matter_out_g": int(dry[1])}
    if dry and dry[1] > dry[0]:
        facts["why"] = "dry-matter"
        named: Citation | dict[str, str] = bounds.found.cite() if bounds else {"source": "dry matter cannot grow"}
        return Judgement(rule=RULE, severity=Severity.REASON, record=run.id, facts=facts, **named)
    if bounds:
        return _judge_ratio(run, ratio, facts, bounds)
    missing = _doubted_from_memory(run, ratio) or ({"missing": "moisture"} if dry is None else None)
    return Judgement(rule=RULE, severity=Severity.NOTE, record=run.id, facts={**facts, **missing}) if missing else None


def _judge_ratio(run: Ran, ratio: Decimal, facts: dict[str, object], bounds: Ratios) -> Judgement | None:
    """Return what the ratio alone says: below what can be, or outside of what is usual."""
    if bounds.note_below <= ratio <= bounds.note_above:
        return None
    severity, why = Severity.NOTE, "unusual-ratio"
    if ratio < bounds.refuse_below:
        severity, why = Severity.REASON, "too-little-leaf"
    usual = f"{bounds.note_below:f}–{bounds.note_above:f}"
    facts = {**facts, "why": why, "usual": usual}
    return Judgement(rule=RULE, severity=severity, record=run.id, facts=facts, **bounds.found.cite())


def _doubted_from_memory(run: Ran, ratio: Decimal) -> dict[str, object] | None:
    """Return what a note says where bounds are known from memory alone, and the ratio is outside them."""
    bounds = find_ratios(run.at.remembered, run.crop)
    if bounds is None or bounds.note_below <= ratio <= bounds.note_above:
        return None
    return {"missing": "verified-ratio", "from_memory": f"{bounds.note_below}–{bounds.note_above}"}
