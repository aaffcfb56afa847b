"""The dated, sourced tables that rules judge by: residue limits, intervals, thresholds by crop."""

import csv
import functools
import pathlib
import tomllib
from datetime import date
from decimal import Decimal
from typing import NamedTuple

_DATA = pathlib.Path(__file__).resolve().parent.parent / "data"
TEA = "茶鲜叶"  # the crop that the shipped tables speak of
FROM_MEMORY = "from-memory"  # a mark of confidence: such a row may not decide a judgement

# Days on which editions came into force; 2026-03-01 is read, the others are from memory (docs/rules.md).
_EDITIONS = {
    "GB 2763-2016": date(2017, 6, 18),
    "GB 2763-2019": date(2020, 2, 15),
    "GB 2763-2021": date(2021, 9, 3),
    "GB 2763.1-2022": date(2023, 5, 11),
    "GB 2763-2026": date(2026, 3, 1),
}


class Limit(NamedTuple):
    """A residue limit (MRL) for one analyte on tea."""

    analyte: str
    mg_per_kg: Decimal
    edition: str
    valid_from: date
    confidence: str
    source: str


class Thresholds(NamedTuple):
    """Bounds on the ratio of leaf to made tea for one crop."""

    refuse_below: Decimal
    doubt_below: Decimal
    doubt_above: Decimal
    source: str


def _rows(name: str) -> list[dict[str, str]]:
    with (_DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@functools.cache
def _limits() -> dict[str, Limit]:
    limits = {}
    for row in _rows("mrl-tea-cn.csv"):
        edition = row["standard"].split(" (")[0].split(";")[0]
        limits[row["pesticide_zh"]] = Limit(
            row["pesticide_zh"],
            Decimal(row["mrl_mg_per_kg"]),
            row["standard"],
            _EDITIONS[edition],
            row["confidence"],
            row["source"],
        )
    return limits


def find_limit(crop: str | None, analyte: str, day: date) -> Limit | None:
    """Return the limit in force on a day, or None where the tables do not know one."""
    limit = _limits().get(analyte) if crop == TEA else None
    return limit if limit and limit.valid_from <= day else None


@functools.cache
def _intervals() -> dict[str, int]:
    longest: dict[str, int] = {}
    for row in _rows("phi-tea-cn.csv"):
        days = [int(part) for part in row["phi_days"].split("-") if part.isdecimal()]  # some sources say `7-10`
        if days and row["confidence"] != FROM_MEMORY:
            longest[row["pesticide_zh"]] = max(longest.get(row["pesticide_zh"], 0), *days)
    return longest


def longest_interval(crop: str | None, active: str | None) -> int | None:
    """Return the largest interval known for a substance on a crop (sources differ); rows from memory do not count."""
    return _intervals().get(active or "") if crop == TEA else None


@functools.cache
def _thresholds() -> dict[str, Thresholds]:
    table = tomllib.loads((_DATA / "conversion.toml").read_text(encoding="utf-8"))
    return {
        crop: Thresholds(
            Decimal(row["refuse_below"]), Decimal(row["doubt_below"]), Decimal(row["doubt_above"]), row["source"]
        )
        for crop, row in table.items()
    }


def find_thresholds(crop: str | None) -> Thresholds | None:
    """Return the ratio's bounds for a crop, or None where no table speaks of it."""
    return _thresholds().get(crop or "")
