"""`mrl_exceeded`: above the limit in force on the day of sampling; equal passes; what is not known is a note."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from trace.findings import Severity
from trace.rules.residue import Found, judge
from trace.rules.tables import HOME, TEA, InForce, Limit, find_limit, shipped_tables


def at(day: date = date(2026, 5, 1)) -> InForce:
    return shipped_tables().on(day)


def limit_of(analyte: str, tables: InForce | None = None) -> Limit | None:
    return find_limit(tables or at(), HOME, TEA, analyte)


def found(**changes: Any) -> Found:
    facts: dict[str, Any] = {
        "id": 1,
        "crop": TEA,
        "at": at(),
        "analyte": "吡虫啉",
        "value": Decimal("0.4"),
        "unit": "mg/kg",
        "stated_limit": None,
        "stated_basis": None,
    }
    return Found(**(facts | changes))


def severity(result: Found) -> Severity | None:
    judged = judge([result])
    return judged[0].severity if judged else None


@pytest.mark.parametrize(
    ("value", "expected"),
    [("0.499", None), ("0.5", None), ("0.50", None), ("0.501", Severity.REFUSE), ("0.5000001", Severity.REFUSE)],
)
def test_equal_to_the_limit_passes(value: str, expected: Severity | None) -> None:
    assert severity(found(value=Decimal(value))) is expected


def test_micrograms_are_compared_in_milligrams() -> None:
    assert severity(found(value=Decimal(500), unit="µg/kg")) is None
    assert severity(found(value=Decimal(501), unit="µg/kg")) is Severity.REFUSE
    assert severity(found(value=Decimal(501), unit="μg/kg")) is Severity.REFUSE  # Greek mu, as many reports have it
    assert severity(found(value=Decimal(300), unit="µg/kg", stated_limit=Decimal(200))) is Severity.REFUSE


def test_the_finding_names_limit_edition_and_source() -> None:
    [finding] = judge([found(value=Decimal("0.74"))])
    assert (finding.rule, finding.record) == ("mrl_exceeded", 1)
    assert finding.facts == {
        "analyte": "吡虫啉",
        "value": "0.74",
        "unit": "mg/kg",
        "limit": "0.5",
        "limit_unit": "mg/kg",
        "basis": "GB 2763-2016 (read); believed unchanged up to GB 2763-2026",
    }
    assert (finding.table, finding.edition) == ("residue-limits", "2026-11")
    assert finding.table_row == "CN/茶鲜叶/吡虫啉"
    assert finding.source


def test_the_stricter_of_table_and_report_decides() -> None:
    assert severity(found(stated_limit=Decimal("0.3"))) is Severity.REFUSE
    assert severity(found(value=Decimal("0.6"), stated_limit=Decimal(5))) is Severity.REFUSE


def test_a_limit_from_memory_decides_nothing() -> None:
    assert limit_of("毒死蜱") is None
    limit = limit_of("毒死蜱", at().remembered)
    assert limit is not None
    [finding] = judge([found(analyte="毒死蜱", value=limit.mg_per_kg * 100)])
    assert (finding.severity, finding.facts["missing"]) == (Severity.NOTE, "verified-limit")
    assert finding.facts["from_memory"] == str(limit.mg_per_kg)
    [finding] = judge([found(analyte="毒死蜱", value=limit.mg_per_kg)])
    assert (finding.severity, finding.facts["missing"]) == (Severity.NOTE, "limit")
    assert severity(found(analyte="毒死蜱", value=limit.mg_per_kg * 2, stated_limit=limit.mg_per_kg)) is Severity.REFUSE


def test_a_limit_counts_from_the_day_its_edition_is_in_force() -> None:
    day = date(2017, 6, 18)  # GB 2763-2016
    assert limit_of("吡虫啉", at(day)) is not None
    assert limit_of("吡虫啉", at(date(2017, 6, 17))) is None
    assert severity(found(value=Decimal(9), at=at(date(2017, 6, 17)))) is Severity.NOTE


@pytest.mark.parametrize("crop", ["稻谷", None])
def test_the_table_of_tea_judges_no_other_crop(crop: str | None) -> None:
    assert severity(found(crop=crop, value=Decimal(9))) is Severity.NOTE
    cadmium: dict[str, Any] = {"crop": crop, "analyte": "镉(以Cd计)", "stated_limit": Decimal("0.2")}
    assert severity(found(**cadmium, value=Decimal("0.2"))) is None
    assert severity(found(**cadmium, value=Decimal("0.201"))) is Severity.REFUSE


@pytest.mark.parametrize("unit", ["%", None, "分"])
def test_a_residue_in_a_unit_that_cannot_be_compared_is_noted(unit: str | None) -> None:
    [note] = judge([found(unit=unit)])
    assert (note.severity, note.facts["missing"]) == (Severity.NOTE, "residue-unit")


@pytest.mark.parametrize(
    ("unit", "severity"), [("mg/Kg", Severity.REFUSE), ("ppm", Severity.REFUSE), ("ppb", None), ("微克/公斤", None)]
)
def test_units_are_read_as_people_spell_them(unit: str, severity: Severity | None) -> None:
    assert [one.severity for one in judge([found(value=Decimal("0.6"), unit=unit)])] == ([severity] if severity else [])


@pytest.mark.parametrize("changes", [{"value": None}, {"analyte": "水分", "unit": "%"}])
def test_what_is_not_a_residue_is_not_judged(changes: dict[str, Any]) -> None:
    assert judge([found(**changes)]) == []


def test_every_analyte_is_judged() -> None:
    results = [found(value=Decimal(9)), found(id=2), found(id=3, value=Decimal(9))]
    assert [finding.record for finding in judge(results)] == [1, 3]


def test_one_note_tells_of_all_analytes_of_a_report_without_a_limit() -> None:
    unknown = [found(analyte=name) for name in ("稀土一", "稀土二")]
    one, several = judge(unknown[:1]), judge([*unknown, found(id=2, analyte="稀土一"), found(value=Decimal("0.74"))])
    assert one[0].facts["missing"] == "limit"
    assert [(note.record, note.facts.get("missing"), note.facts.get("analytes")) for note in several] == [
        (2, "limit", None),
        (1, None, None),
        (1, "limits", ["稀土一", "稀土二"]),
    ]
