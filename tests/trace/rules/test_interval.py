"""`harvest_inside_phi`: the day on which an interval ends passes, the day before does not."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest

from trace.findings import Judgement, Severity
from trace.rules import interval
from trace.rules.interval import Picked, Used
from trace.rules.tables import SHAPES, TEA, Edition, Tables, longest_interval, read_rows, shipped_tables

SPRAYED = date(2026, 5, 10)


def pick(days: int, **changes: Any) -> Picked:
    day = SPRAYED + timedelta(days=days)
    facts: dict[str, Any] = {"id": 1, "plot_id": 7, "picked_on": day, "crop": TEA, "at": shipped_tables().on(day)}
    return Picked(**(facts | changes))


def judge(pickings: Sequence[Picked], uses: Sequence[Used]) -> list[Judgement]:
    """Judge pickings by uses on their plot."""
    return interval.judge(pickings, {7: uses})


def use(**changes: Any) -> Used:
    facts: dict[str, Any] = {
        "code": "IN1",
        "used_on": SPRAYED,
        "product": "示例药",
        "kind": "pesticide",
        "actives": ("虫螨腈",),
        "registration": "PD20990003",
        "interval_days": 7,
    }
    return Used(**(facts | changes))


def days_of(active: str) -> int | None:
    """Return the largest interval that the shipped table knows."""
    longest = longest_interval(shipped_tables().on(SPRAYED), TEA, active)
    return longest.days if longest else None


@pytest.mark.parametrize(("days", "found"), [(-1, False), (0, True), (1, True), (6, True), (7, False), (8, False)])
def test_leaf_is_free_on_the_day_the_interval_ends(days: int, found: bool) -> None:
    assert bool(judge([pick(days)], [use()])) is found


def test_the_finding_says_what_was_sprayed_and_when_the_leaf_is_free() -> None:
    [finding] = judge([pick(4)], [use()])
    assert (finding.rule, finding.severity, finding.record) == ("harvest_inside_phi", Severity.REASON, 1)
    assert finding.facts == {
        "input": "IN1",
        "product": "示例药",
        "used_on": "2026-05-10",
        "picked_on": "2026-05-14",
        "days_between": 4,
        "interval_days": 7,
        "basis": "label",
        "registration": "PD20990003",
        "free_on": "2026-05-17",
    }
    assert finding.edition == "label"


def test_an_interval_of_no_days_lets_the_same_day_pass() -> None:
    assert judge([pick(0)], [use(interval_days=0)]) == []


def test_the_use_that_holds_longest_is_the_one_named() -> None:
    uses = [use(code="IN1"), use(code="IN2", interval_days=10), use(code="IN3", used_on=SPRAYED - timedelta(days=20))]
    [finding] = judge([pick(3)], uses)
    assert finding.facts["input"] == "IN2"


def test_a_spray_on_another_plot_says_nothing() -> None:
    assert interval.judge([pick(1)], {8: [use()]}) == []


def test_each_picking_is_judged() -> None:
    found = judge([pick(1), pick(6, id=2), pick(7, id=3)], [use()])
    assert [finding.record for finding in found] == [1, 2]


def test_without_a_label_the_longest_interval_of_the_table_counts_and_is_marked() -> None:
    unlabelled = use(actives=("吡虫啉",), interval_days=None)
    assert days_of("吡虫啉") == 12
    [finding] = judge([pick(11)], [unlabelled])
    assert (finding.severity, finding.table, finding.edition) == (Severity.REASON, "intervals", "2026-11")
    assert finding.table_row == "茶鲜叶/吡虫啉/10% WP/茶小绿叶蝉"
    assert finding.source
    assert finding.facts["basis"] == "table"
    assert judge([pick(12)], [unlabelled]) == []


def test_the_upper_end_of_a_range_in_the_table_counts() -> None:
    assert days_of("除虫脲") == 10  # 7-10
    assert days_of("石硫合剂") is None  # "not during plucking" is no number of days


@pytest.mark.parametrize(
    "changes",
    [
        {"actives": ("噻嗪酮",)},  # its row is from memory
        {"actives": ("啶虫脒",)},  # its row has no days
        {"actives": ("没有此药",)},
        {"actives": ()},
    ],
)
def test_an_unknown_interval_is_a_note(changes: dict[str, Any]) -> None:
    [finding] = judge([pick(1)], [use(**{"interval_days": None} | changes)])
    assert (finding.severity, finding.facts["missing"]) == (Severity.NOTE, "interval")


def test_one_note_tells_of_all_uses_of_which_no_interval_is_known() -> None:
    uses = [use(code=code, actives=(), interval_days=None, product=code) for code in ("IN1", "IN2")]
    [finding] = judge([pick(1)], uses)
    assert (finding.facts["inputs"], finding.facts["product"]) == (["IN1", "IN2"], "IN1、IN2")


def test_the_note_says_what_interval_is_known_from_memory_alone() -> None:
    [finding] = judge([pick(1)], [use(actives=("噻嗪酮",), interval_days=None)])
    assert finding.facts["from_memory"] == 10


def test_the_longest_interval_of_a_mixture_counts() -> None:
    assert (days_of("除虫脲+吡虫啉"), days_of("联苯菊酯＋噻嗪酮")) == (12, 7)


def test_the_table_of_tea_does_not_judge_rice() -> None:
    [finding] = judge([pick(1, crop="稻谷")], [use(actives=("吡虫啉",), interval_days=None)])
    assert finding.severity is Severity.NOTE


def test_a_label_judges_any_crop() -> None:
    [finding] = judge([pick(1, crop="稻谷")], [use()])
    assert finding.severity is Severity.REASON


@pytest.mark.parametrize("kind", ["fertilizer", "physical"])
def test_what_is_no_pesticide_needs_no_interval(kind: str) -> None:
    assert judge([pick(0)], [use(kind=kind, actives=(), interval_days=None)]) == []


def judged_by(days: int, *rows: dict[str, str], actives: tuple[str, ...]) -> list[tuple[str, Any]]:
    """Judge a picking so many days after a spray without a label, by rows of a table; return what is found."""
    columns = {"crop": TEA, "basis": "手册", "source": "茶园用药手册"}
    read, faults = read_rows(SHAPES["intervals"], [{**columns, **row} for row in rows])
    assert not faults
    edition = Edition(table="intervals", label="2026-05", valid_from=SPRAYED, source="手册", rows=read)
    tables = Tables({"intervals": [edition]})
    day = SPRAYED + timedelta(days=days)
    said = judge([pick(days, at=tables.on(day))], [use(interval_days=None, actives=actives)])
    return [(str(one.severity), one.facts.get("from_memory", one.facts.get("interval_days"))) for one in said]


@pytest.mark.parametrize(("days", "found"), [(6, [("reason", 7)]), (7, [("note", 10)]), (9, [("note", 10)]), (10, [])])
def test_a_longer_interval_from_memory_is_noted_once_the_known_one_has_ended(days: int, found: list[Any]) -> None:
    rows = [
        {"substance": "联苯菊酯", "days": "7", "confidence": "verified"},
        {"substance": "联苯菊酯", "days": "10", "confidence": "from-memory"},
    ]
    assert judged_by(days, *rows, actives=("联苯菊酯",)) == found


@pytest.mark.parametrize(("days", "found"), [(6, [("reason", 7)]), (8, [("note", 10)]), (40, [("note", 10)])])
def test_a_mixture_is_known_only_when_each_of_its_substances_is(days: int, found: list[Any]) -> None:
    rows = [
        {"substance": "联苯菊酯", "days": "7", "confidence": "verified"},
        {"substance": "噻嗪酮", "days": "10", "confidence": "from-memory"},
    ]
    assert judged_by(days, *rows, actives=("联苯菊酯+噻嗪酮",)) == found
    assert judged_by(days, *rows, actives=("联苯菊酯", "噻嗪酮")) == found
