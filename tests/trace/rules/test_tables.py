"""The tables that rules judge by: what each lookup says, which edition says it, and which faults a new one may have."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from tests.editions import limit_row, shipped_rows
from trace.rules.tables import (
    HOME,
    SHAPES,
    TEA,
    Edition,
    InForce,
    Tables,
    find_ban,
    find_capacity,
    find_early_date,
    find_grade,
    find_limit,
    find_packaging,
    find_picker_day,
    find_plot_yield,
    find_ratios,
    find_tolerance,
    find_waste,
    list_early_claims,
    list_grades,
    list_markets,
    list_required_items,
    longest_interval,
    read_rows,
    shipped_editions,
    shipped_tables,
)

MAY = date(2026, 5, 1)
MOMENT = datetime(2026, 5, 1, 12, tzinfo=UTC)


def on(day: date = MAY) -> InForce:
    return shipped_tables().on(day)


def edition(label: str, mg_per_kg: str, since: date, recorded_at: datetime | None = MOMENT) -> Edition:
    rows, faults = read_rows(SHAPES["residue-limits"], [limit_row(mg_per_kg)])
    assert not faults
    return Edition("residue-limits", label, since, "标准", tuple(rows), recorded_at, "王站长")


def limits(*editions: Edition) -> Tables:
    return Tables({"residue-limits": (shipped_editions()["residue-limits"], *editions)})


def limit(tables: InForce) -> str | None:
    found = find_limit(tables, HOME, TEA, "吡虫啉")
    return str(found.mg_per_kg) if found else None


# -- what is shipped


@pytest.mark.parametrize("name", sorted(SHAPES.keys() - {"gi-marks"}))  # of marks none are shipped
def test_every_shipped_table_can_be_entered_again_as_it_is(name: str) -> None:
    shape, rows = SHAPES[name], shipped_rows(name)
    assert list(rows[0]) == [column.name for column in shape.all_columns]
    assert read_rows(shape, rows)[1] == []
    assert all(row.source and row.confidence for row in shipped_editions()[name].rows)


def test_no_shipped_row_of_memory_decides() -> None:
    remembered = [row for table in shipped_editions().values() for row in table.rows if not row.decides]
    assert len(remembered) > 40
    assert not any(row.confidence != "from-memory" for row in remembered)
    assert find_ban(on(), TEA, "百草枯") is None
    banned = find_ban(on().remembered, TEA, "百草枯")
    assert banned is not None
    assert banned.basis == "announcement 1745 and registration expiry"


# -- bans


@pytest.mark.parametrize(
    ("active", "banned_on"),
    [("氧乐果", date(2026, 6, 1)), ("灭多威", date(2026, 6, 1)), ("水胺硫磷", date(2024, 9, 1))],
)
def test_a_banned_substance_is_legal_the_day_before_its_ban_and_banned_on_the_day(active: str, banned_on: date) -> None:
    assert find_ban(on(banned_on - timedelta(days=1)), TEA, active) is None
    ban = find_ban(on(banned_on), TEA, active)
    assert ban is not None
    assert (ban.substance, ban.is_of_every_use) == (active, True)
    assert ban.found.cite()["table"] == "banned-substances"
    assert ban.found.cite()["source"]


def test_what_was_first_banned_on_tea_is_banned_there_from_that_day() -> None:
    first, everywhere = date(2002, 6, 5), date(2026, 6, 1)  # 克百威: announcements 199 and 736
    assert find_ban(on(first - timedelta(days=1)), TEA, "克百威") is None
    ban = find_ban(on(first), TEA, "克百威")
    assert ban is not None
    assert not ban.is_of_every_use
    assert find_ban(on(everywhere - timedelta(days=1)), "稻谷", "克百威") is None
    assert find_ban(on(everywhere), "稻谷", "克百威") is not None


@pytest.mark.parametrize("name", ["氰戊菊酯", "S-氰戊菊酯", "Fenvalerate", "氰戊菊酯(含各异构体)", "吡虫啉+氰戊菊酯"])
def test_a_ban_is_found_by_every_name_and_in_a_mixture(name: str) -> None:
    assert find_ban(on(), TEA, name) is not None


@pytest.mark.parametrize("name", ["联苯菊酯", "没有此药", "", None])
def test_what_is_on_no_list_is_not_banned(name: str | None) -> None:
    assert find_ban(on(), TEA, name) is None


# -- limits by market


def test_europe_has_a_default_for_what_has_no_limit_and_china_has_none() -> None:
    europe = find_limit(on(), "EU", TEA, "没有此药")
    assert europe is not None
    assert (europe.mg_per_kg, europe.is_default) == (Decimal("0.01"), True)
    assert find_limit(on(), HOME, TEA, "没有此药") is None


def test_a_limit_of_its_own_goes_before_the_default() -> None:
    found = find_limit(on(), "EU", TEA, "啶虫脒")
    assert found is not None
    assert (found.mg_per_kg, found.is_default) == (Decimal("0.05"), False)


def test_each_market_has_its_own_limits() -> None:
    assert list_markets(on()) == ["CN", "EU", "JP"]
    assert find_limit(on(), "BUY-1", TEA, "吡虫啉") is None


@pytest.mark.parametrize("name", ["铅(以Pb计)", "铅（以Pb计）", "铅", "lead"])
def test_a_limit_is_found_by_the_names_reports_give_it(name: str) -> None:
    found = find_limit(on(), HOME, TEA, name)
    assert found is not None
    assert found.mg_per_kg == Decimal("5.0")


# -- the other tables


def test_intervals_are_of_a_crop() -> None:
    found = longest_interval(on(), TEA, "虫螨腈") or longest_interval(on().remembered, TEA, "虫螨腈")
    assert found is not None
    assert (found.days, found.applications) == (7, 2)
    assert longest_interval(on(), "稻谷", "吡虫啉") is None
    assert longest_interval(on(), None, "吡虫啉") is None


def test_a_plot_gives_so_much_in_spring_and_in_a_year_and_young_ones_a_share() -> None:
    found = find_plot_yield(on(), TEA)
    assert found is not None
    assert (found.spring_kg_per_mu, found.year_kg_per_mu) == (250, 600)
    assert (found.young_years, found.young_percent) == (3, 30)
    assert [found.is_spring(day) for day in (date(2026, 6, 10), date(2026, 6, 11))] == [True, False]
    assert find_plot_yield(on(), "稻谷") is None


@pytest.mark.parametrize(
    ("standard", "kg"), [("单芽", 4), ("一芽一叶初展", 6), ("一芽一叶", 10), ("一芽二叶", 20), ("一芽二三叶", 40)]
)
def test_a_person_picks_so_much_in_a_day(standard: str, kg: int) -> None:
    found = find_picker_day(on(), TEA, standard)
    assert found is not None
    assert found.kg_per_day == kg


def test_a_standard_without_a_row_is_not_known() -> None:
    assert find_picker_day(on(), TEA, "机采叶") is None
    assert find_picker_day(on(), None, "单芽") is None


def test_the_bounds_of_the_ratio_are_of_tea() -> None:
    found = find_ratios(on(), TEA)
    assert found is not None
    assert [str(bound) for bound in (found.refuse_below, found.note_below, found.note_above)] == ["3.3", "3.8", "6.5"]
    assert find_ratios(on(), "稻谷") is None
    assert find_ratios(on(), None) is None


@pytest.mark.parametrize(
    ("net_g", "grams"),
    [
        (50, "4.50"),  # 9 %
        (51, "4.5"),
        (100, "4.5"),
        (101, "4.545"),  # 4.5 %
        (200, "9.000"),
        (250, "9"),
        (300, "9"),
        (400, "12.00"),  # 3 %
        (500, "15.00"),
        (1000, "15"),
    ],
)
def test_a_pack_may_be_short_by_so_much(net_g: int, grams: str) -> None:
    found = find_tolerance(on(), net_g)
    assert found is not None
    assert found.grams == Decimal(grams)


@pytest.mark.parametrize("net_g", [0, 1001])
def test_there_is_no_tolerance_for_what_the_table_does_not_speak_of(net_g: int) -> None:
    assert find_tolerance(on(), net_g) is None


@pytest.mark.parametrize(("form", "factor"), [("loose", 13), ("pressed", 9), ("bulky", 20)])
def test_packaging_has_bounds_by_the_form_of_the_tea(form: str, factor: int) -> None:
    found = find_packaging(on(), form)
    assert found is not None
    assert (found.layers, found.gross_multiple, found.space_factor) == (3, 8, factor)
    assert [found.most_cost_percent(Decimal(yuan)) for yuan in (200, 201)] == [20, 15]


def test_packaging_before_the_amendment_has_no_bounds() -> None:
    assert find_packaging(on(date(2025, 2, 28))) is None
    assert find_packaging(on(), "round") is None


@pytest.mark.parametrize(
    ("claim", "year", "day"),
    [
        ("明前", 2024, date(2024, 4, 4)),
        ("明前", 2026, date(2026, 4, 5)),
        ("雨前", 2025, date(2025, 4, 20)),
        ("雨前", 2028, date(2028, 4, 19)),
    ],
)
def test_the_early_claims_have_the_day_of_their_solar_term(claim: str, year: int, day: date) -> None:
    found = find_early_date(on(day), claim, year)
    assert found is not None
    assert found.day == day


def test_other_claims_and_far_years_have_no_day() -> None:
    assert list_early_claims(on()) == ["明前", "雨前"]
    assert find_early_date(on(), "头采", 2026) is None
    assert find_early_date(on(), "明前", 1999) is None


def test_every_kind_of_tea_needs_four_items_before_its_release() -> None:
    items = list_required_items(on(), "绿茶")
    assert {item.item for item in items} == {"感官", "水分", "粉末", "净含量"}
    assert all(item.item in item.names for item in items)


def test_grades_have_a_rank_and_a_usual_ratio() -> None:
    assert [grade.grade for grade in list_grades(on(), "绿茶")] == ["特级", "一级", "二级", "三级"]
    found = find_grade(on(), "绿茶", "特级")
    assert found is not None
    assert (found.rank, found.ratio) == (1, (Decimal("4.6"), Decimal("4.9")))
    assert "一芽一叶初展" in found.pluck_standards
    assert find_grade(on(), None, "四级") is None, "known from memory alone"


def test_capacity_and_waste_are_shares() -> None:
    capacity, waste = find_capacity(on()), find_waste(on(), "roll-50x30")
    assert capacity is not None
    assert waste is not None
    assert (capacity.percent, waste.percent) == (110, 3)


# -- editions


def test_an_edition_judges_from_the_day_on_which_it_is_in_force() -> None:
    tables = limits(edition("新", "0.05", MAY))
    assert limit(tables.on(MAY)) == "0.05"
    assert limit(tables.on(MAY - timedelta(days=1))) == "0.5"


def test_an_edition_does_not_judge_what_was_recorded_before_it_was_known() -> None:
    tables = limits(edition("新", "0.05", MAY))
    assert limit(tables.on(MAY, MOMENT - timedelta(seconds=1))) == "0.5"
    assert limit(tables.on(MAY, MOMENT)) == "0.05"
    assert limit(tables.latest().on(MAY, MOMENT - timedelta(seconds=1))) == "0.05"


def test_of_two_editions_from_one_day_the_later_entered_counts() -> None:
    later = MOMENT + timedelta(hours=1)
    tables = limits(edition("甲", "0.05", MAY), edition("乙", "0.07", MAY, later))
    assert limit(tables.on(MAY, later)) == "0.07"
    assert limit(tables.on(MAY, MOMENT)) == "0.05"


def test_an_edition_entered_late_for_an_earlier_day_leaves_the_later_one_in_force() -> None:
    january = date(2026, 1, 1)
    tables = limits(edition("五月", "0.05", MAY), edition("一月", "0.2", january))
    assert limit(tables.on(MAY)) == "0.05"
    assert limit(tables.on(january)) == "0.2"
    assert limit(tables.on(january - timedelta(days=1))) == "0.5"


def test_a_row_counts_until_its_last_day() -> None:
    ends = MAY + timedelta(days=1)
    rows, faults = read_rows(SHAPES["residue-limits"], [limit_row("0.05", valid_from=str(MAY), valid_to=str(ends))])
    assert not faults
    tables = limits(Edition("residue-limits", "新", date(2026, 1, 1), "标准", tuple(rows), MOMENT))
    days = (MAY - timedelta(days=1), MAY, ends, ends + timedelta(days=1))
    assert [limit(tables.on(day)) for day in days] == [None, "0.05", "0.05", None]


# -- faults


def test_every_fault_of_a_table_is_told_by_row_and_column() -> None:
    rows = [
        limit_row("0.5"),
        limit_row("so much"),
        limit_row("-1"),
        limit_row("0.5", analyte=" "),
        limit_row("0.5", analyte="啶虫脒", confidence="sure"),
        limit_row("0.5", analyte="草甘膦", valid_from="2026-02-30"),
        limit_row("0.5", analyte="茚虫威", valid_from="2026-02-01", valid_to="2026-01-31"),
        limit_row("0.5", analyte="虫" * 121),
        limit_row("0.5", analyte="虫螨腈", limit="3"),
    ]
    faults = read_rows(SHAPES["residue-limits"], rows)[1]
    assert [(fault.path, fault.code) for fault in faults] == [
        ("rows[1].mg_per_kg", "number-shape"),
        ("rows[2].mg_per_kg", "number-shape"),
        ("rows[3].analyte", "missing-field"),
        ("rows[4].confidence", "not-allowed"),
        ("rows[5].valid_from", "not-a-date"),
        ("rows[6].valid_to", "ends-before-it-begins"),
        ("rows[7].analyte", "too-long"),
        ("rows[8].limit", "unknown-field"),
    ]
    assert (faults[0].facts["row"], faults[0].facts["column"]) == (2, "mg_per_kg")


def test_a_row_that_says_again_for_the_same_days_what_another_says_is_a_fault() -> None:
    rows = [limit_row("0.5", valid_to="2026-02-28"), limit_row("0.2", valid_from="2026-03-01"), limit_row("0.1")]
    [fault] = read_rows(SHAPES["residue-limits"], rows)[1]
    assert (fault.path, fault.code, fault.facts["first"]) == ("rows[2].valid_from", "duplicate-value", 1)


def test_a_tolerance_is_a_share_or_grams() -> None:
    said = {"above_g": "0", "up_to_g": "50", "confidence": "verified", "source": "标准文本"}
    rows = [said, {**said, "percent": "9", "grams": "4.5"}]
    faults = read_rows(SHAPES["net-content"], rows)[1]
    assert [(fault.path, fault.code) for fault in faults] == [
        ("rows[0].percent", "exactly-one-of"),
        ("rows[1].percent", "exactly-one-of"),
    ]


def test_a_count_is_whole_and_a_day_of_the_year_is_one() -> None:
    days = {
        "crop": TEA,
        "substance": "吡虫啉",
        "days": "7.5",
        "basis": "标签",
        "confidence": "verified",
        "source": "标签",
    }
    assert [fault.code for fault in read_rows(SHAPES["intervals"], [days])[1]] == ["wrong-type"]
    [yields] = shipped_rows("plot-yields")
    assert [fault.code for fault in read_rows(SHAPES["plot-yields"], [{**yields, "spring_ends": "02-29"}])[1]] == [
        "not-a-date"
    ]
