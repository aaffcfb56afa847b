"""The tables of a dossier: for each part its columns, what stands in them and how wide they are."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from trace.clock import COUNTRY

Cell = Callable[[Mapping[str, Any]], object]


@dataclass(frozen=True)
class Word:
    """A word of the catalogue."""

    scheme: str
    code: str


@dataclass(frozen=True)
class Counted:
    """So many of something, in the words of the catalogue."""

    key: str
    count: int


class Column(NamedTuple):
    """A column: its name, its share of the width, what stands in it, and whether these are numbers."""

    name: str
    width: float
    cell: str | Cell  # a fact of the record by its name, or what is made of it
    number: bool = False

    def value(self, row: Mapping[str, Any]) -> object:
        """Return what stands in this column for a record."""
        return row[self.cell] if isinstance(self.cell, str) else self.cell(row)


def kilograms(mass_g: int | None) -> str:
    """Return grams as kilograms with three decimals."""
    return "" if mass_g is None else f"{mass_g // 1000:,}.{mass_g % 1000:03} kg"


def moment(at: datetime) -> str:
    """Return a moment as the clocks of the country said it."""
    return f"{at.astimezone(COUNTRY):%Y-%m-%d %H:%M}"


def _mass(name: str) -> Cell:
    return lambda row: kilograms(row[name])


def _steps(run: Mapping[str, Any]) -> str:
    return " → ".join(step["step"] for step in run["steps"])


def _found(row: Mapping[str, Any]) -> str:
    item = row["item"]
    value = item.words if item.value is None else f"{item.value} {item.unit or ''}"
    return str(value or "").strip()


def _limit(row: Mapping[str, Any]) -> str:
    item = row["item"]
    return "" if item.limit_value is None else f"{item.limit_value} {item.limit_basis or ''}".strip()


def _verdict(row: Mapping[str, Any]) -> Word:
    return Word("verdict-of-result", "passed" if row["item"].passed else "failed")


def _purpose(sample: Mapping[str, Any]) -> Word:
    return Word("page.purpose", sample["purpose"])


def _why(recall: Mapping[str, Any]) -> object:
    return recall["reason"] or recall["result"]


def _dose(use: Mapping[str, Any]) -> str:
    return f"{use['per_mu'].normalize():f} {use['unit'] or ''}/亩" if use["per_mu"] is not None else ""


def _ranges(row: Mapping[str, Any]) -> str:
    return "，".join(f"{one['pack']} {one['first_position']}–{one['last_position']}" for one in row["ranges"])


def _answer(finding: Mapping[str, Any]) -> object:
    if finding["withdrawn_at"] is not None:
        return Word("dossier", "withdrawn")
    if finding["answered_at"] is None:
        return Word("dossier", "open")
    return f"{finding['answered_by']} {moment(finding['answered_at'])}：{finding['answer']}"


def _joined(name: str) -> Cell:
    return lambda row: "、".join(row[name])


def _work(run: Mapping[str, Any]) -> Word:
    return Word("what", run["step"])


def _severity(finding: Mapping[str, Any]) -> Word:
    return Word("severity", finding["severity"])


def _analyte(row: Mapping[str, Any]) -> str:
    return str(row["item"].analyte)


def _positions(pack: Mapping[str, Any]) -> str:
    return f"1–{pack['units']}"


def _days(use: Mapping[str, Any]) -> object:
    return None if use["interval_days"] is None else Counted("dossier.days", use["interval_days"])


def _number(name: str, width: float, cell: str | Cell) -> Column:
    return Column(name, width, cell, number=True)


_T = tuple[Column, ...]
_MASS = _number("mass_kg", 13, lambda row: kilograms(row["mass_g"]).removesuffix(" kg"))  # its head says the unit
_UNITS = _number("units", 9, "units")
_DATE, _PLOT = 12, 20
# Numbers stand last, so that they do not run into the words beside them.
TABLES: Mapping[str, _T] = {
    "sources": (
        *(Column("lot", 13, "lot"), Column("date", _DATE, "date"), Column("kind", 10, "kind")),
        *(Column("village", 14, "village"), Column("party_name", 30, "party_name"), _MASS),
        *(_number("share", 9, "share"), _number("bounds", 15, "bounds")),
    ),
    "pickings": (
        *(Column("lot", 13, "code"), Column("date", _DATE, "picked_on"), Column("village", 14, "village")),
        *(Column("plot", _PLOT, "plot"), Column("pluck_standard", 16, "pluck_standard"), _MASS),
    ),
    "inputs": (
        *(Column("plot", _PLOT, "plot"), Column("date", _DATE, "used_on"), Column("product", 22, "product_name")),
        *(Column("registration", 18, "registration"), Column("dose", 14, _dose)),
        *(Column("interval_days", 9, _days), Column("free_on", _DATE, "free_on")),
    ),
    "certificates": (
        *(Column("conformity_certificate", 12, "code"), Column("date", _DATE, "issued_on"), Column("of", 9, "owner")),
        *(Column("basis", 26, _joined("basis")), Column("covers", 26, _joined("lots")), Column("void", 12, "void_at")),
        _MASS,
    ),
    "intakes": (
        *(Column("lot", 13, "code"), Column("date", _DATE, "received_on"), Column("of", 10, "owner")),
        *(Column("supplier", 10, "supplier"), Column("conformity_certificate", 16, "certificate")),
        *(_number("delivered", 13, _mass("delivered_g")), _number("received", 13, _mass("received_g"))),
    ),
    "outside_lots": (
        *(Column("lot", 13, "code"), Column("date", _DATE, "received_on"), Column("of", 10, "owner")),
        *(Column("declared_origin", 30, "declared_origin"), _MASS),
    ),
    "works": (
        *(Column("record", 9, "code"), Column("what", 7, _work), Column("date", _DATE, "run_on")),
        *(Column("to", 10, "output"), Column("steps", 26, _steps), _number("input", 13, _mass("input_g"))),
        *(_number("output", 13, _mass("output_g")), _number("ratio", 7, "ratio")),
        _number("moisture", 8, "moisture_percent"),
    ),
    "results": (
        *(Column("report", 9, "code"), Column("lot", 11, "lot"), Column("date", _DATE, "reported_on")),
        *(Column("laboratory", 10, "owner"), Column("analyte", 20, _analyte), Column("found", 14, _found)),
        *(Column("limit", 24, _limit), Column("verdict", 9, _verdict)),
    ),
    "samples": (
        *(Column("record", 12, "code"), Column("lot", 12, "lot"), Column("date", _DATE, "sampled_on")),
        *(
            Column("purpose", 14, _purpose),
            Column("laboratory", 12, "laboratory"),
            _number("mass_g", 10, "mass_g"),
        ),
    ),
    "findings": (
        *(Column("severity", 9, _severity), Column("record", 12, "record"), Column("said", 46, "said")),
        Column("answer", 32, _answer),
    ),
    "packs": (
        *(Column("pack", 10, "code"), Column("label_lot", 11, "label_lot"), Column("product", 9, "product")),
        *(Column("gtin", 17, "gtin"), Column("date", _DATE, "packed_on"), Column("best_before", _DATE, "best_before")),
        *(Column("positions", 12, _positions), _UNITS, _number("units_left", 9, "units_left")),
    ),
    "shipments": (
        *(Column("record", 12, "code"), Column("date", _DATE, "shipped_on"), Column("of", 10, "owner")),
        *(Column("buyer", 12, "buyer"), Column("positions", 30, _ranges), _UNITS, _MASS),
    ),
    "returns": (
        *(Column("record", 12, "code"), Column("date", _DATE, "returned_on"), Column("buyer", 12, "buyer")),
        *(Column("reason", 30, "reason"), _UNITS, _MASS),
    ),
    "destructions": (
        *(Column("record", 12, "code"), Column("date", _DATE, "destroyed_on"), Column("reason", 24, "reason")),
        *(Column("method", 24, "method"), _MASS),
    ),
    "recalls": (
        *(Column("record", 10, "code"), Column("of", 9, "owner"), Column("level", 6, "level")),
        *(Column("known_at", 17, "known_at"), Column("start_by", 17, "start_by")),
        *(Column("started_at", 17, "started_at"), Column("reason", 26, _why)),
    ),
    "chain": (
        *(Column("happened_at", 17, "at"), Column("noun", 10, "what"), Column("record", 12, "code")),
        *(Column("lot", 12, "lot"), Column("party_name", 36, "who"), Column("mode", 12, "mode")),
    ),
}
ONLY_WHERE_ANY = frozenset({"samples", "returns", "destructions", "outside_lots"})
