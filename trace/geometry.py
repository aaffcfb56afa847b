"""Outlines of plots: WGS-84 polygons checked for shape, place and neighbours; area on the ellipsoid (pure)."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import shapely

from trace.points import in_china

FAR_FROM_VILLAGE_KM = 30.0  # design.md §5
SMALLEST_M2 = 1.0  # less than a bush
OVERLAP_M2 = 10.0  # phone GNSS is 3-8 m off; less than this is a shared edge, not an overlap
_A, _E2 = 6378137.0, 6.69437999014e-3  # WGS-84 ellipsoid


@dataclass(frozen=True)
class Outline:
    """A checked polygon and what it belongs to."""

    name: str
    polygon: shapely.Polygon


def _radii(latitude: float) -> tuple[float, float]:
    """Return metres per radian of longitude and of latitude at a latitude."""
    sine = math.sin(math.radians(latitude))
    root = math.sqrt(1 - _E2 * sine * sine)
    return _A / root * math.cos(math.radians(latitude)), _A * (1 - _E2) / root**3


def area_m2(polygon: shapely.Polygon) -> float:
    """Return the area on a local tangent plane at the ring's mean latitude."""
    latitude = polygon.centroid.y
    east, north = _radii(latitude)
    return float(polygon.area) * math.radians(1) ** 2 * east * north


def distance_km(one: Sequence[float], other: Sequence[float]) -> float:
    """Return the distance of two near points [longitude, latitude]."""
    east, north = _radii((one[1] + other[1]) / 2)
    return math.hypot(math.radians(one[0] - other[0]) * east, math.radians(one[1] - other[1]) * north) / 1000


def _point(value: Any) -> tuple[float, float]:
    """Return a GeoJSON position of two plain numbers. Raises `TypeError` or `ValueError` for anything else."""
    if not isinstance(value, list):
        raise TypeError
    longitude, latitude = value
    for part in (longitude, latitude):
        if isinstance(part, bool) or not isinstance(part, int | float | Decimal):
            raise TypeError
    return float(longitude), float(latitude)


def _ring(geometry: Any) -> list[tuple[float, float]] | None:
    """Return the outer ring of a GeoJSON polygon, or None where the shape is not one."""
    try:
        if geometry["type"] != "Polygon" or len(geometry["coordinates"]) != 1:
            return None
        ring = [_point(point) for point in geometry["coordinates"][0]]
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    return ring if all(math.isfinite(x) and math.isfinite(y) for x, y in ring) else None


def check_outline(geometry: Any, centre: Sequence[float] | None) -> tuple[shapely.Polygon | None, str | None]:
    """Return the polygon, or the code of the first fault found in it."""
    ring = _ring(geometry)
    if ring is None:
        return None, "not-a-polygon"
    if code := _check_ring(ring):
        return None, code
    polygon = shapely.Polygon(ring)
    if code := _check_polygon(polygon, centre):
        return None, code
    return polygon, None


def _check_ring(ring: Sequence[tuple[float, float]]) -> str | None:
    if len(ring) < 4 or ring[0] != ring[-1]:
        return "ring-not-closed"
    if all(in_china(*point) for point in ring):
        return None
    swapped = all(in_china(latitude, longitude) for longitude, latitude in ring)
    return "axes-swapped" if swapped else "outside-the-country"


def _check_polygon(polygon: shapely.Polygon, centre: Sequence[float] | None) -> str | None:
    if not polygon.is_valid:
        return "outline-crosses-itself"
    if area_m2(polygon) < SMALLEST_M2:
        return "outline-without-area"
    if centre is not None and distance_km((polygon.centroid.x, polygon.centroid.y), centre) > FAR_FROM_VILLAGE_KM:
        return "far-from-village"
    return None


def find_overlaps(outlines: Sequence[Outline]) -> Iterator[tuple[str, str, float]]:
    """Yield each pair of outlines that share more than an edge, with the shared square metres."""
    tree = shapely.STRtree([outline.polygon for outline in outlines])
    for index, outline in enumerate(outlines):
        for other in sorted(int(found) for found in tree.query(outline.polygon, predicate="intersects")):
            if other < index:
                shared = outline.polygon.intersection(outlines[other].polygon)
                if not shared.is_empty and shared.area > 0:
                    shared_m2 = shared.area / outline.polygon.area * area_m2(outline.polygon)
                    if shared_m2 > OVERLAP_M2:
                        yield outline.name, outlines[other].name, shared_m2
