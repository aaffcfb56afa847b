"""Editions of the tables that rules judge by, entered as an officer enters them."""

import csv
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from tests.conftest import ROOT
from tests.factories import new_code
from trace.accounts import Account, Caller, Role
from trace.rule_tables import ReplaceTable, TableEdition, replace_table

IN_FORCE = date(2026, 1, 1)


def shipped_rows(table: str) -> list[dict[str, str]]:
    """Return the rows of a shipped table, in texts."""
    with (ROOT / "trace" / "data" / "tables" / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def limit_row(mg_per_kg: str, **changes: str) -> dict[str, str]:
    """Return a row that limits 吡虫啉 on tea in China."""
    said = {"market": "CN", "crop": "茶鲜叶", "analyte": "吡虫啉", "mg_per_kg": mg_per_kg, "basis": "GB 2763-2026"}
    return {**said, "confidence": "verified", "source": "标准文本", **changes}


def officer(name: str = "王站长") -> Caller:
    """Return an officer's way of asking, whose account is in no database."""
    return Caller(Role.OFFICER, None, account=Account(name=name))


def make_edition(session: Session, table: str = "residue-limits", **overrides: Any) -> TableEdition:
    """Replace a table, by one row where nothing else is said."""
    command: dict[str, Any] = {
        "table": table,
        "edition": new_code("E"),
        "valid_from": IN_FORCE,
        "source": "农业站抄自标准文本",
        "rows": [limit_row("0.05")],
        **overrides,
    }
    return replace_table(session, officer(), ReplaceTable(**command))
