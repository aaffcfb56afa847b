"""Checks between the rows of a season file: references, ids, outlines. Each adds every fault it finds."""

from collections.abc import Iterable, Iterator
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from trace import clock
from trace.errors import Fault, InvalidError
from trace.geometry import Outline, check_outline, find_overlaps
from trace.season.balance import check_balances
from trace.season.cleaners import Context, record
from trace.season.shape import (
    ARRAYS,
    BY_PRODUCTS,
    IGNORED,
    LISTED_ONCE,
    ONE_NAMESPACE,
    REFERENCES,
    TOWN,
    UNIQUE,
)
from trace.strict_json import parse

Row = dict[str, Any]
Season = dict[str, list[Row]]


def read_season(data: bytes) -> tuple[Row, Season]:
    """Return the town and the cleaned arrays. Raises `InvalidError` with every fault of the file."""
    value, faults = parse(data)
    if not isinstance(value, dict):
        raise InvalidError([*faults, Fault("", "wrong-type", {"expected": "object"})])
    context = Context(today=clock.today(), faults=faults)
    town = _clean_town(value, context)
    season = _clean_arrays(value, context)
    _check_ids(season, context)
    _check_namespaces(season, context)
    _check_lists(season, context)
    _check_references(season, context)
    _check_holders(season, context)
    _check_outlines(season, context)
    check_balances(season, context)
    if context.faults:
        raise InvalidError(context.faults)
    return town, season


def _clean_town(value: Row, context: Context) -> Row:
    """Clean the town first: its time zone decides which day it is there."""
    if value.get("town") is None:
        context.fault("town", "missing-field")
        return {}
    town: Row = record(TOWN)(value["town"], "town", context) or {}
    if town.get("timezone"):
        try:
            context.today = clock.now().astimezone(ZoneInfo(town["timezone"])).date()
        except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: the name of a folder of zones
            context.fault("town.timezone", "not-allowed", value=town["timezone"])
    return town


def _clean_arrays(value: Row, context: Context) -> Season:
    for name in sorted(value.keys() - ARRAYS.keys() - {"town", *IGNORED}):
        context.fault(name, "unknown-array")
    season: Season = {}
    for name, shape in ARRAYS.items():
        rows = value.get(name, [])
        if not isinstance(rows, list):
            if name not in context.paths:
                context.fault(name, "wrong-type", expected="list")
            rows = []
        cleaner = record(shape)
        season[name] = [cleaner(row, f"{name}[{index}]", context) or {} for index, row in enumerate(rows)]
    return season


def _check_ids(season: Season, context: Context) -> None:
    for name, rows in season.items():
        for field in ("id", *UNIQUE.get(name, ())):
            first: dict[str, int] = {}
            for index, row in enumerate(rows):
                value = row.get(field)
                if value is None:
                    continue
                if value in first:
                    context.fault(f"{name}[{index}].{field}", "duplicate-value", value=value, first=first[value])
                first.setdefault(value, index)


def _check_namespaces(season: Season, context: Context) -> None:
    """Refuse an id that another array uses for another party or lot, by-products' codes included."""
    for arrays in ONE_NAMESPACE:
        first: dict[str, str] = {}
        for name, path, code in _named(season, arrays):
            owner = first.setdefault(code, name)
            if owner != name:
                context.fault(path, "duplicate-value", value=code, first=owner)


def _named(season: Season, arrays: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    """Yield (array, path, id) for each row, and after them each by-product."""
    for name in arrays:
        for index, row in enumerate(season[name]):
            if row.get("id") is not None:
                yield name, f"{name}[{index}].id", row["id"]
    if "batches" in arrays:
        for name, field in BY_PRODUCTS.items():
            for index, row in enumerate(season[name]):
                if row.get("id") is not None and row.get(field):
                    yield f"by-products of {name}", f"{name}[{index}].id", f"{row['id']}-BP"


def _check_lists(season: Season, context: Context) -> None:
    """Refuse a list inside a row that names one thing twice."""
    for name, field in LISTED_ONCE.items():
        for index, row in enumerate(season[name]):
            seen: dict[Any, str] = {}
            for path, value in _references(row, field, f"{name}[{index}]"):
                if value is not None and value in seen:
                    context.fault(path, "duplicate-value", value=value, first=seen[value])
                seen.setdefault(value, path)


def _references(row: Row, field: str, path: str) -> Iterator[tuple[str, Any]]:
    """Yield (path, id) for a field that is one id, a list of ids, or `list.field` inside a list of objects."""
    outer, _, inner = field.partition(".")
    value = row.get(outer)
    if isinstance(value, list):
        for index, item in enumerate(value):
            here = f"{path}.{outer}[{index}]"
            yield (f"{here}.{inner}", (item or {}).get(inner)) if inner else (here, item)
    else:
        yield f"{path}.{outer}", value


def _check_references(season: Season, context: Context) -> None:
    known = {name: {row.get("id") for row in rows} for name, rows in season.items()}
    for name, fields in REFERENCES.items():
        for index, row in enumerate(season[name]):
            for field, target in fields.items():
                for path, value in _references(row, field, f"{name}[{index}]"):
                    if value is not None and value not in known[target]:
                        context.fault(path, "unknown-reference", value=value, array=target)


def _check_holders(season: Season, context: Context) -> None:
    """Check the two references whose array depends on the row: a plot's holder, a spray's operator."""
    farmers = {row.get("id") for row in season["farmers"]}
    coops = {row.get("id") for row in season["cooperatives"]}
    for index, plot in enumerate(season["plots"]):
        array, holders = ("cooperatives", coops) if plot.get("holder_type") == "coop" else ("farmers", farmers)
        if plot.get("holder") is not None and plot["holder"] not in holders:
            context.fault(f"plots[{index}].holder", "unknown-reference", value=plot["holder"], array=array)
    for index, use in enumerate(season["inputs"]):
        if use.get("operator") is not None and use["operator"] not in farmers | coops:
            context.fault(f"inputs[{index}].operator", "unknown-reference", value=use["operator"], array="farmers")


def _check_outlines(season: Season, context: Context) -> None:
    centres = {row.get("id"): row.get("center") for row in season["villages"]}
    outlines = []
    for index, plot in enumerate(season["plots"]):
        geometry, path = plot.get("geometry"), f"plots[{index}].geometry"
        if geometry is None:
            continue  # missing, and reported as such
        centre = centres.get(plot.get("village"))
        point = [float(part) for part in centre] if centre else None
        polygon, code = check_outline(geometry, point)
        if isinstance(geometry, dict):
            for name in sorted(geometry.keys() - {"type", "coordinates"}):
                context.fault(f"{path}.{name}", "unknown-field")
        if polygon is None or code:
            context.fault(path, str(code))
        else:
            outlines.append(Outline(str(index), polygon))
    for name, other, shared_m2 in find_overlaps(outlines):
        plot = season["plots"][int(other)]
        context.fault(
            f"plots[{name}].geometry", "outlines-overlap", other=plot.get("id"), shared_m2=round(shared_m2, 1)
        )
