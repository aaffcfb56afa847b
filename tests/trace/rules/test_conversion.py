"""`output_exceeds_input`: dry matter cannot grow; a crop with thresholds is judged by its ratio too."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from trace.findings import Severity
from trace.rules.conversion import Ran, dry_matter, judge
from trace.rules.tables import SHAPES, TEA, Edition, InForce, Tables, read_rows, shipped_tables

RATIOS = {"crop": TEA, "refuse_below": "3.3", "note_below": "3.8", "note_above": "6.5", "source": "经验"}


def run(**changes: Any) -> Ran:
    facts: dict[str, Any] = {
        "id": 1,
        "crop": TEA,
        "inputs": [(100_000, Decimal(75))],
        "output_g": 22_000,
        "by_product_g": 500,
        "sample_g": 100,
        "moisture_percent": Decimal(5),
        "at": shipped_tables().on(date(2026, 5, 10)),
    }
    return Ran(**(facts | changes))


def severity(ran: Ran) -> Severity | None:
    found = judge([ran])
    return found[0].severity if found else None


def by_ratio(left_g: int, entered_g: int = 100_000) -> Ran:
    """A run of which only the ratio is known."""
    inputs = [(entered_g, None)]
    return run(inputs=inputs, output_g=left_g, by_product_g=0, sample_g=0, moisture_percent=None)


def test_an_ordinary_run_passes() -> None:
    assert severity(run()) is None


@pytest.mark.parametrize(
    ("left_g", "entered_g", "found"),
    [
        (10_000, 33_000, Severity.NOTE),  # 3.3 exactly
        (10_000, 32_999, Severity.REASON),
        (10_000, 38_000, None),  # 3.8 exactly
        (10_000, 37_999, Severity.NOTE),
        (10_000, 65_000, None),  # 6.5 exactly
        (10_000, 65_001, Severity.NOTE),
    ],
)
def test_the_ratio_is_judged_exactly(left_g: int, entered_g: int, found: Severity | None) -> None:
    assert severity(by_ratio(left_g, entered_g)) is found


def test_a_gram_of_dry_matter_too_much_is_a_reason() -> None:
    # 100 kg at 75 % and 26.315 kg at 5 %: 25 000 g in; the ratio alone would pass.
    exact = {"inputs": [(100_000, Decimal(75))], "by_product_g": 0, "sample_g": 0, "moisture_percent": Decimal(0)}
    assert severity(run(**exact, output_g=25_000)) is None
    assert severity(run(**exact, output_g=25_001)) is Severity.REASON


def test_by_product_and_sample_count_as_what_left() -> None:
    assert severity(run(output_g=26_000, by_product_g=0, sample_g=0)) is None
    assert severity(run(output_g=26_000, by_product_g=400, sample_g=0)) is Severity.REASON
    assert severity(run(output_g=26_000, by_product_g=0, sample_g=400)) is Severity.REASON


def test_each_intakes_own_moisture_counts() -> None:
    mixed = run(inputs=[(50_000, Decimal(70)), (50_000, Decimal(80))])
    assert dry_matter(mixed) == (Decimal(25_000), Decimal(22_600) * Decimal("0.95"))


def test_one_missing_moisture_leaves_the_ratio_to_judge() -> None:
    assert dry_matter(run(inputs=[(50_000, Decimal(75)), (50_000, None)])) is None
    assert severity(run(inputs=[(50_000, Decimal(75)), (50_000, None)])) is None
    assert severity(run(inputs=[(50_000, None)])) is Severity.REASON


def test_the_facts_say_what_entered_and_what_left() -> None:
    [finding] = judge([run(output_g=40_000)])
    assert finding.facts == {
        "input_g": 100_000,
        "left_g": 40_600,
        "ratio": "2.46",
        "dry_matter_in_g": 25_000,
        "dry_matter_out_g": 38_570,
        "why": "dry-matter",
    }


def test_a_finding_says_whether_dry_matter_grew_leaf_was_too_little_or_the_ratio_is_unusual() -> None:
    dry_leaf: dict[str, Any] = {"inputs": [(100_000, Decimal("60.0"))], "by_product_g": 0, "sample_g": 0}
    said = {output_g: judge([run(output_g=output_g, **dry_leaf)])[0].facts for output_g in (31_000, 27_000, 15_000)}
    assert {output_g: facts["why"] for output_g, facts in said.items()} == {
        31_000: "too-little-leaf",
        27_000: "unusual-ratio",
        15_000: "unusual-ratio",
    }
    assert said[15_000]["usual"] == "3.8–6.5"


def test_a_crop_without_thresholds_is_judged_by_dry_matter_alone() -> None:
    paddy: dict[str, Any] = {"crop": "稻谷", "inputs": [(100_000, Decimal("14.0"))]}
    milled: dict[str, Any] = {"output_g": 66_000, "by_product_g": 31_000, "moisture_percent": Decimal("13.5")}
    assert severity(run(**paddy, **milled)) is None
    assert severity(run(**paddy, **(milled | {"output_g": 69_000}))) is Severity.REASON


@pytest.mark.parametrize("crop", ["稻谷", None])
def test_without_thresholds_and_moisture_there_is_a_note(crop: str | None) -> None:
    [finding] = judge([run(crop=crop, moisture_percent=None)])
    assert (finding.severity, finding.facts["missing"]) == (Severity.NOTE, "moisture")


def remembering(**changes: Any) -> InForce:
    """Return tables whose bounds of the ratio are from memory."""
    rows, faults = read_rows(SHAPES["conversion-ratios"], [{**RATIOS, "confidence": "from-memory", **changes}])
    assert not faults
    edition = Edition("conversion-ratios", "试", date(2020, 1, 1), "经验", tuple(rows))
    return Tables({"conversion-ratios": (edition,)}).on(date(2026, 5, 10))


def test_bounds_from_memory_decide_nothing_and_a_note_says_where_they_would_have() -> None:
    at = remembering()
    assert judge([run(at=at)]) == []
    [finding] = judge([run(at=at, output_g=13_000)])  # 7.35 : 1
    assert (finding.severity, finding.facts["missing"]) == (Severity.NOTE, "verified-ratio")
    assert finding.facts["from_memory"] == "3.8–6.5"
    assert severity(run(at=at, output_g=40_000)) is Severity.REASON, "dry matter cannot grow"


def test_every_run_is_judged() -> None:
    found = judge([run(output_g=40_000), run(id=2), run(id=3, output_g=41_000)])
    assert [finding.record for finding in found] == [1, 3]
