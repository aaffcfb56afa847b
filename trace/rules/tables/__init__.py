"""The dated, sourced tables that rules judge by, in editions.

The facts of a rule carry `at`, the tables in force for what they tell (`tables.on(day, recorded_at)`); a rule looks up
`find_limit(fact.at, …)` and names what it found in its judgement: `Judgement(…, **limit.found.cite())`. Rows marked
from memory are not found: they decide nothing. `fact.at.remembered` finds them, to say in a note what was not decided.
"""

from trace.rules.tables.editions import Citation, Edition, Found, InForce, Tables
from trace.rules.tables.growing import (
    Capacity,
    Grade,
    PickerDay,
    PlotYield,
    Ratios,
    find_capacity,
    find_grade,
    find_picker_day,
    find_plot_yield,
    find_ratios,
    list_grades,
)
from trace.rules.tables.licensing import is_known_kind, list_held
from trace.rules.tables.marks import Mark, list_marks
from trace.rules.tables.packing import (
    EarlyDate,
    Packaging,
    RequiredItem,
    Tolerance,
    Waste,
    find_early_date,
    find_packaging,
    find_tolerance,
    find_waste,
    list_early_claims,
    list_required_items,
)
from trace.rules.tables.shapes import ANY, FROM_MEMORY, SHAPES, Row, Shape, folded, read_rows
from trace.rules.tables.shipped import shipped_editions, shipped_tables
from trace.rules.tables.substances import (
    HOME,
    Ban,
    Interval,
    Limit,
    find_ban,
    find_limit,
    list_markets,
    longest_interval,
    split_actives,
)

TEA = "茶鲜叶"  # the crop that the shipped tables speak of

__all__ = (
    "ANY",
    "FROM_MEMORY",
    "HOME",
    "SHAPES",
    "TEA",
    "Ban",
    "Capacity",
    "Citation",
    "EarlyDate",
    "Edition",
    "Found",
    "Grade",
    "InForce",
    "Interval",
    "Limit",
    "Mark",
    "Packaging",
    "PickerDay",
    "PlotYield",
    "Ratios",
    "RequiredItem",
    "Row",
    "Shape",
    "Tables",
    "Tolerance",
    "Waste",
    "find_ban",
    "find_capacity",
    "find_early_date",
    "find_grade",
    "find_limit",
    "find_packaging",
    "find_picker_day",
    "find_plot_yield",
    "find_ratios",
    "find_tolerance",
    "find_waste",
    "folded",
    "is_known_kind",
    "list_early_claims",
    "list_grades",
    "list_held",
    "list_markets",
    "list_marks",
    "list_required_items",
    "longest_interval",
    "read_rows",
    "shipped_editions",
    "shipped_tables",
    "split_actives",
)
