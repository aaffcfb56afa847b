"""Land for tests: outlines, plots on them, and what a refusal named."""

import itertools
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy.orm import Session

from trace.errors import InvalidError
from trace.places import Plot, Village
from trace.plots import Change, RegisterPlot, register_plots

WEST, SOUTH, SIDE = 119.3, 35.3, 0.001
WHY = Change(reason="建档")
_numbers = itertools.count(1)


def square(column: float, row: float = 0, *, wide: float = 1, high: float = 1) -> dict[str, Any]:
    """Return an outline some 91 by 111 m, so many sides east and north of a corner."""
    west, south = WEST + column * SIDE, SOUTH + row * SIDE
    east, north = west + wide * SIDE, south + high * SIDE
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def asked(village: Village, geometry: Any, **overrides: Any) -> RegisterPlot:
    """Ask for a plot of 15 mu."""
    code = f"Q{next(_numbers):04}"
    values = {"cultivar": "群体种", "area_mu": Decimal(15), "crs": "WGS-84", **overrides}
    return RegisterPlot(**{"code": code, "village_id": village.id, "geometry": geometry, **values})


def plant(session: Session, village: Village, geometry: Any, **overrides: Any) -> Plot:
    """Register one plot."""
    return register_plots(session, [asked(village, geometry, **overrides)], WHY)[0]


def faults_of(refusal: pytest.ExceptionInfo[InvalidError]) -> set[tuple[str, str]]:
    """Return (path, code) of each fault."""
    return {(fault.path, fault.code) for fault in refusal.value.faults}
