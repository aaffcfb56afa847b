"""Faults to plant in the demo town: each changes the tree and says where which code must be reported."""

import copy
import json
from collections.abc import Callable
from typing import Any

Town = dict[str, Any]
Row = dict[str, Any]

# Numbers that `json.dumps` cannot write stand in the tree as marked text.
_MARK = "@@"


def raw(number: str) -> str:
    return f"{_MARK}{number}{_MARK}"


def write(town: Town) -> bytes:
    """Return the file, with raw numbers and keys as marked."""
    text = json.dumps(town)
    text = text.replace(f'"{_MARK}', "").replace(f'{_MARK}"', "")
    return text.replace("weather#", "weather").encode()


def _extra(town: Town, array: str, index: int = 0, **changes: Any) -> str:
    """Append a row that nothing refers to, made after another, and return its path."""
    row = copy.deepcopy(town[array][index]) | {"id": f"X{len(town[array])}"} | changes
    town[array].append({name: value for name, value in row.items() if value is not ...})
    return f"{array}[{len(town[array]) - 1}]"


def _harvest(field: str, value: Any, code: str) -> Callable[[Town], set[tuple[str, str]]]:
    def plant(town: Town) -> set[tuple[str, str]]:
        return {(f"{_extra(town, 'harvests', **{field: value})}.{field}", code)}

    return plant


def _outline(change: Callable[[list[list[float]]], Any], code: str) -> Callable[[Town], set[tuple[str, str]]]:
    def plant(town: Town) -> set[tuple[str, str]]:
        geometry = copy.deepcopy(town["plots"][0]["geometry"])
        geometry["coordinates"] = change(geometry["coordinates"][0])
        number = 9000 + len(town["plots"])
        path = _extra(town, "plots", code=f"37990110120{number}", geometry=geometry)
        return {(f"{path}.geometry", code)}

    return plant


def _elsewhere(town: Town) -> Row:
    """Return the outline of the first plot, moved to where nobody farms."""
    [ring] = town["plots"][0]["geometry"]["coordinates"]
    north = 0.1 + 0.01 * (len(town["plots"]) - 60)
    return {"type": "Polygon", "coordinates": [[[x, y + north] for x, y in ring]]}


def _row(array: str, field: str, value: Any, code: str) -> Callable[[Town], set[tuple[str, str]]]:
    def plant(town: Town) -> set[tuple[str, str]]:
        unique: Row = {"uscc": f"93379901MATEA9{len(town[array]):02d}51"} if array in ("cooperatives", "plants") else {}
        if array == "plants":
            unique["sc_licence"] = None
        if array == "skus":
            unique["gtin13"] = None
        if array == "plots":
            unique |= {"code": f"37990110120{9000 + len(town[array])}", "geometry": _elsewhere(town)}
        if array == "villages":
            unique["code"] = f"3799011019{len(town[array])}"
        return {(f"{_extra(town, array, **(unique | {field: value}))}.{field}", code)}

    return plant


def _bow(x: float, y: float) -> list[list[float]]:
    return [[x, y], [x + 0.001, y + 0.001], [x + 0.001, y], [x, y + 0.001], [x, y]]


def _twice(town: Town) -> set[tuple[str, str]]:
    town["farmers"].append(copy.deepcopy(town["farmers"][0]))
    return {(f"farmers[{len(town['farmers']) - 1}].id", "duplicate-value")}


def _across(town: Town) -> set[tuple[str, str]]:
    return {(f"{_extra(town, 'farmers', id='C01')}.id", "duplicate-value")}


def _by_product_twice(town: Town) -> set[tuple[str, str]]:
    _extra(town, "harvests", id="R0001-BP")
    return {("runs[0].id", "duplicate-value")}


def _unknown_field(town: Town) -> set[tuple[str, str]]:
    return {(f"{_extra(town, 'harvests', colour='绿')}.colour", "unknown-field")}


def _duplicate_key(town: Town) -> set[tuple[str, str]]:
    return {(f"{_extra(town, 'harvests', 0, **{'weather#': '雨'})}.weather", "duplicate-key")}


def _nul_in_a_key(town: Town) -> set[tuple[str, str]]:
    return {(_extra(town, "harvests", 0, **{"wea\x00ther": "雨"}), "nul-character")}


def _leaf_twice(town: Town) -> set[tuple[str, str]]:
    leaf = town["harvests"][0]
    same = {"delivered_kg": leaf["fresh_kg"], "received_kg": leaf["fresh_kg"], "transport_loss_kg": 0}
    path = _extra(town, "intakes", **same, harvests=[leaf["id"]], certificate=None, date="2026-06-30")
    return {(f"{path}.harvests[0]", "lot-overdrawn")}


def _packed_beyond(town: Town) -> set[tuple[str, str]]:
    path = _extra(town, "packs", units_in_stock=440)
    return {(f"{path}.tea_used_kg", "lot-overdrawn"), ("lots[0].finished_kg", "mass-imbalance")}


def _does_not_add_up(town: Town) -> set[tuple[str, str]]:
    town["runs"][1]["water_and_loss_kg"] += 1
    return {("runs[1].input_kg", "mass-imbalance")}


def _certified_twice(town: Town) -> set[tuple[str, str]]:
    town["certificates"][0]["harvests"].append(town["certificates"][0]["harvests"][0])
    return {("certificates[0].harvests[2]", "duplicate-value")}


def _drawn_twice_in_a_run(town: Town) -> set[tuple[str, str]]:
    run = town["runs"][0]
    [part] = run["intakes"]
    run["intakes"] = [{**part, "kg": 33}, {**part, "kg": 0.4}]
    return {("runs[0].intakes[1].intake", "duplicate-value")}


def _two_makers(town: Town) -> set[tuple[str, str]]:
    run = copy.deepcopy(town["runs"][0]) | {"id": "R9001"}
    town["runs"].append(run)
    return {("runs[69].output.batch", "disagrees"), ("runs[69].intakes[0].kg", "lot-overdrawn")}


def _anothers_leaf(town: Town) -> set[tuple[str, str]]:
    run = next(row for row in town["runs"][2:] if row["plant"] != "PL1")
    index = town["runs"].index(run)
    batch = next(place for place, row in enumerate(town["batches"]) if row["run"] == run["id"])
    lot = next(
        (place, inner)
        for place, row in enumerate(town["lots"])
        for inner, part in enumerate(row["inputs"])
        if part["batch"] == town["batches"][batch]["id"]
    )
    run["plant"] = town["batches"][batch]["plant"] = "PL1"
    owners = {(f"runs[{index}].intakes[{place}].intake", "wrong-owner") for place in range(len(run["intakes"]))}
    return owners | {(f"lots[{lot[0]}].inputs[{lot[1]}].batch", "wrong-owner")}


def _shipped_twice(town: Town) -> set[tuple[str, str]]:
    path = _extra(town, "shipments", units=10, serial_from="001-000001", serial_to="001-000010")
    return {(f"{path}.serial_from", "positions-overlap"), ("packs[0].units_in_stock", "disagrees")}


def _shipped_beyond(town: Town) -> set[tuple[str, str]]:
    path = _extra(town, "shipments", 2, pack="PK002", units=1, serial_from="002-900000", serial_to="002-900000")
    return {(f"{path}.serial_from", "positions-outside")}


def _unknown_array(town: Town) -> set[tuple[str, str]]:
    town["blossoms"] = []
    return {("blossoms", "unknown-array")}


def _before_its_source(town: Town) -> set[tuple[str, str]]:
    town["shipments"][5]["date"] = "2026-01-05"
    return {("shipments[5].date", "before-its-source")}


def _too_deep(town: Town) -> set[tuple[str, str]]:
    deep: Any = 1
    for _ in range(70):
        deep = [deep]
    town["lots"][3]["storage"]["measured"] = deep
    return {("lots[3].storage.measured" + "[0]" * 60, "too-deep")}


PLANTED: dict[str, Callable[[Town], set[tuple[str, str]]]] = {
    "unknown plot": _harvest("plot", "P999", "unknown-reference"),
    "unknown farmer": _row("plots", "holder", "F999", "unknown-reference"),
    "negative": _harvest("fresh_kg", -5, "not-positive"),
    "zero": _harvest("fresh_kg", 0, "not-positive"),
    "half a gram": _harvest("fresh_kg", 0.0005, "not-whole-grams"),
    "a hair beside whole grams": _harvest("fresh_kg", raw("1.0000000000000000000000000000000001"), "not-whole-grams"),
    "NaN": _harvest("fresh_kg", raw("NaN"), "not-a-number"),
    "Infinity": _harvest("fresh_kg", raw("Infinity"), "not-a-number"),
    "-Infinity": _harvest("fresh_kg", raw("-Infinity"), "not-a-number"),
    "1e400": _harvest("fresh_kg", raw("1e400"), "too-large"),
    "1e999999999": _harvest("fresh_kg", raw("1e999999999"), "too-large"),
    "an exponent no decimal holds": _harvest("fresh_kg", raw("1e99999999999999999999"), "out-of-range"),
    "1e-400": _harvest("fresh_kg", raw("1e-400"), "too-many-digits"),
    "a thousand digits": _harvest("fresh_kg", raw("0." + "1" * 1000), "too-many-digits"),
    "a huge integer": _harvest("fresh_kg", raw("9" * 5000), "too-large"),
    "beyond 64 bits": _harvest("fresh_kg", 2**63, "too-large"),
    "more than a million tonnes": _harvest("fresh_kg", 10**9 + 1, "too-large"),
    "true as mass": _harvest("fresh_kg", raw("true"), "wrong-type"),
    "text as mass": _harvest("fresh_kg", "12.5", "wrong-type"),
    "a list as mass": _harvest("fresh_kg", [1], "wrong-type"),
    "null as mass": _harvest("fresh_kg", None, "missing-field"),
    "missing mass": _harvest("fresh_kg", ..., "missing-field"),
    "half a picker": _harvest("pickers", 1.5, "wrong-type"),
    "a huge count": _harvest("pickers", raw("1e60"), "out-of-range"),
    "U+0000": _harvest("weather", "晴\x00", "nul-character"),
    "lone surrogate": _harvest("weather", "\ud800", "lone-surrogate"),
    "a telephone number in words": _row("inputs", "supplier", "农资店 13812345678", "personal-number"),
    "too long": _harvest("weather", "晴" * 61, "too-long"),
    "only spaces": _harvest("pluck_standard", "  ", "empty"),
    "tomorrow and later": _harvest("date", "2999-01-01", "in-the-future"),
    "no such day": _harvest("date", "2026-02-30", "not-a-date"),
    "a number as day": _harvest("date", 20260401, "not-a-date"),
    "the year 1": _harvest("date", "0001-01-01", "out-of-range"),
    "an id in small letters": _harvest("id", "h1", "lot-code-shape"),
    "unknown field": _unknown_field,
    "duplicate key": _duplicate_key,
    "U+0000 in a key": _nul_in_a_key,
    "duplicate id": _twice,
    "an id of another array": _across,
    "an id that a by-product has": _by_product_twice,
    "swapped axes": _outline(lambda ring: [[[y, x] for x, y in ring]], "axes-swapped"),
    "crossing itself": _outline(lambda ring: [_bow(*ring[0])], "outline-crosses-itself"),
    "overlapping": _outline(lambda ring: [ring], "outlines-overlap"),
    "far from its village": _outline(lambda ring: [[[x + 0.5, y] for x, y in ring]], "far-from-village"),
    "outside the country": _outline(lambda ring: [[[x - 119, y] for x, y in ring]], "outside-the-country"),
    "unclosed ring": _outline(lambda ring: [ring[:-1]], "ring-not-closed"),
    "coordinates as text": _outline(lambda ring: [[[str(x), str(y)] for x, y in ring]], "not-a-polygon"),
    "true as coordinate": _outline(lambda ring: [[[True, y] for _, y in ring]], "not-a-polygon"),
    "a point, not a ring": _outline(lambda ring: ring[0], "not-a-polygon"),
    "as small as a leaf": _outline(
        lambda ring: [[[x / 1e6 + 119.168, y / 1e6 + 35.232] for x, y in ring]], "outline-without-area"
    ),
    "no area declared": _row("plots", "area_mu_declared", 0, "not-positive"),
    "wrong check digit": _row("skus", "gtin13", "9520000010004", "wrong-check-digit"),
    "credit code of another shape": _row("cooperatives", "uscc", "9337990IMATEA00151", "uscc-shape"),
    "licence of another shape": _row("plants", "sc_licence", "SC1143799010001", "licence-shape"),
    "a capacity beyond its column": _row("plants", "line_capacity_fresh_kg_per_day", 2_147_484, "too-large"),
    "village code too short": _row("villages", "code", "37990110", "village-shape"),
    "centre with three parts": _row("villages", "center", [119.17, 35.23, 12], "not-a-point"),
    "centre with swapped axes": _row("villages", "center", [35.23, 119.17], "axes-swapped"),
    "more than 100 % moisture": _row("batches", "moisture_pct", 101, "out-of-range"),
    "a harvest used by two intakes": _leaf_twice,
    "a lot packed beyond what it holds": _packed_beyond,
    "a run that does not add up": _does_not_add_up,
    "a certificate that names a harvest twice": _certified_twice,
    "a run that names an intake twice": _drawn_twice_in_a_run,
    "a batch made by two runs": _two_makers,
    "leaf of another plant": _anothers_leaf,
    "positions shipped twice": _shipped_twice,
    "positions beyond the pack": _shipped_beyond,
    "unknown array": _unknown_array,
    "shipped before packed": _before_its_source,
    "too deep": _too_deep,
}
# These would add faults of their own to rows that other faults rest on, so they are only planted alone.
ALONE = {"a batch made by two runs", "more than 100 % moisture"}
