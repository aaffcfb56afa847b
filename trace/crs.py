"""Coordinate systems on the way in: WGS-84 as it is, CGCS2000 the same within a decimetre, GCJ-02 turned back (pure).

GCJ-02 shifts points of Chinese maps by 50 to 700 m. The published forward formula (Krasovsky ellipsoid, sines around
105° east, 35° north) is inverted by iteration, to less than a millimetre. BD-09 and others are refused by their name.
"""

import math
from collections.abc import Sequence
from typing import Any

WGS_84, CGCS2000, GCJ_02 = "WGS-84", "CGCS2000", "GCJ-02"
SYSTEMS = (WGS_84, CGCS2000, GCJ_02)
_A, _E2 = 6378245.0, 0.00669342162296594323
_SHIFTED = (72.004, 0.8292, 137.8347, 55.8272)  # outside it GCJ-02 shifts nothing
_ROUNDS = 12  # each brings some three more digits


def _waves(value: float, *terms: tuple[float, float]) -> float:
    return sum(height * math.sin(value * frequency * math.pi) for height, frequency in terms) * 2 / 3


def _metres(x: float, y: float) -> tuple[float, float]:
    """Return how far GCJ-02 shifts a point east and north, in its own metres; x and y are degrees from (105, 35)."""
    root, ripple = math.sqrt(abs(x)), _waves(x, (20.0, 6.0), (20.0, 2.0))
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + ripple
    east += _waves(x, (20.0, 1.0), (40.0, 1 / 3)) + _waves(x, (150.0, 1 / 12), (300.0, 1 / 30))
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + ripple
    north += _waves(y, (20.0, 1.0), (40.0, 1 / 3)) + _waves(y, (160.0, 1 / 12), (320.0, 1 / 30))
    return east, north


def _shift(longitude: float, latitude: float) -> tuple[float, float]:
    """Return the degrees by which GCJ-02 moves a WGS-84 point."""
    west, south, east, north = _SHIFTED
    if not (west <= longitude <= east and south <= latitude <= north):
        return 0.0, 0.0
    east_m, north_m = _metres(longitude - 105.0, latitude - 35.0)
    radians = math.radians(latitude)
    magic = 1 - _E2 * math.sin(radians) ** 2
    along = _A / math.sqrt(magic) * math.cos(radians)
    return math.degrees(east_m / along), math.degrees(north_m * magic * math.sqrt(magic) / (_A * (1 - _E2)))


def gcj_02(longitude: float, latitude: float) -> tuple[float, float]:
    """Return where GCJ-02 shows a WGS-84 point."""
    east, north = _shift(longitude, latitude)
    return longitude + east, latitude + north


def wgs_84(longitude: float, latitude: float) -> tuple[float, float]:
    """Return the WGS-84 point that GCJ-02 shows here."""
    found = longitude, latitude
    for _ in range(_ROUNDS):
        east, north = _shift(*found)
        found = longitude - east, latitude - north
    return found


def to_wgs_84(ring: Sequence[Any], system: str) -> list[list[float]]:
    """Return the points of a ring in WGS-84. `system` is one of `SYSTEMS`."""
    points = [(float(x), float(y)) for x, y in ring]
    return [list(wgs_84(*point) if system == GCJ_02 else point) for point in points]
