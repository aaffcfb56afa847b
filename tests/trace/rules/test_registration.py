"""`substance_banned`, `substance_not_registered`: legal the day before a ban, refused on its day."""

from datetime import date
from typing import Any

import pytest

from trace.findings import Severity
from trace.rules.registration import BANNED, NOT_REGISTERED, judge
from trace.rules.tables import TEA, shipped_tables
from trace.rules.uses import Label, Use

BAN = date(2026, 6, 1)  # announcement 736


def use(day: date = date(2026, 5, 1), label: dict[str, Any] | None = None, **changes: Any) -> Use:
    said: dict[str, Any] = {"registration": "PD20990001", "crops": ("茶树",), "actives": ("联苯菊酯",), **(label or {})}
    facts: dict[str, Any] = {"id": 1, "code": "IN1", "plot": "P1", "crop": TEA, **changes}
    return Use(used_on=day, label=Label(name="示例药", kind="pesticide", **said), at=shipped_tables().on(day), **facts)


def found(one: Use, rule: str) -> list[Severity]:
    return [finding.severity for finding in judge([one]) if finding.rule == rule]


@pytest.mark.parametrize(("day", "refused"), [(date(2026, 5, 31), False), (BAN, True), (date(2026, 12, 1), True)])
def test_a_substance_is_legal_the_day_before_its_ban_and_refused_on_its_day(day: date, refused: bool) -> None:
    banned = use(day, {"actives": ("氧乐果",)})
    assert (found(banned, BANNED) == [Severity.REFUSE]) is refused


def test_a_mixture_is_refused_for_any_of_its_substances_and_names_all_that_are_banned() -> None:
    [finding] = judge([use(label={"actives": ("联苯菊酯", "滴滴涕", "六六六")})])
    assert (finding.rule, finding.facts["substances"]) == (BANNED, ["滴滴涕", "六六六"])
    assert (finding.table, finding.edition is not None, finding.source is not None) == ("banned-substances", True, True)


def test_a_ban_on_tea_alone_says_nothing_of_rice() -> None:
    on_tea = use(label={"actives": ("氰戊菊酯",)})
    assert found(on_tea, BANNED) == [Severity.REFUSE]
    assert found(use(label={"actives": ("氰戊菊酯",)}, crop="稻谷"), BANNED) == []


def test_a_ban_from_memory_decides_nothing_and_says_so() -> None:
    remembered = use(label={"actives": ("硫丹",)})
    [finding] = judge([remembered])
    assert (finding.rule, finding.severity, finding.facts["missing"]) == (BANNED, Severity.NOTE, "ban-from-memory")


@pytest.mark.parametrize(
    ("label", "severity"),
    [
        ({}, []),
        ({"crops": ("柑橘", "茶")}, []),
        ({"crops": ("柑橘", "茶花")}, [Severity.REASON]),
        ({"crops": None}, [Severity.NOTE]),
        ({"registration": None}, [Severity.NOTE]),
        ({"registered_until": date(2026, 5, 1)}, []),
        ({"registered_until": date(2026, 4, 30)}, [Severity.REASON]),
        ({"registered_until": date(2026, 4, 30), "crops": None}, [Severity.REASON]),
    ],
)
def test_what_the_pack_is_registered_for_and_until_when(label: dict[str, Any], severity: list[Severity]) -> None:
    assert found(use(label=label), NOT_REGISTERED) == severity


def test_what_is_missing_gives_one_note_for_each_use_and_rule() -> None:
    bare = use(label={"registration": None, "crops": None})
    assert found(bare, NOT_REGISTERED) == [Severity.NOTE]


def test_fertilizer_is_not_registered_as_a_pesticide_is() -> None:
    cake = Label(name="菜籽饼肥", kind="fertilizer")
    day = date(2026, 5, 1)
    assert (
        judge([Use(id=1, code="IN1", plot="P1", used_on=day, crop=TEA, label=cake, at=shipped_tables().on(day))]) == []
    )
