"""Surveys: outlines on their way in, brought to WGS-84 and checked for shape, place and neighbours."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import shapely
from sqlalchemy import ColumnElement, select, true
from sqlalchemy.orm import Session

from trace import crs
from trace.db import portions
from trace.faults import Faults
from trace.geometry import OVERLAP_M2, Outline, area_m2, check_outline, find_overlaps
from trace.places import Plot, TownArea, Village

WIDEST_DEGREES = 0.1  # some 9 km: no plot is as wide; it bounds the search for neighbours
ALL = true()
_TOWN = 9  # digits of a village's code that name its town


@dataclass(frozen=True, kw_only=True)
class Asked:
    """An outline as it was given, and where it stands in what was given."""

    path: str
    village_id: int
    crs: str
    geometry: Any


@dataclass(frozen=True)
class Surveyed:
    """An outline as it is kept."""

    polygon: shapely.Polygon
    crs: str

    def columns(self) -> dict[str, Any]:
        """Return what a plot's row keeps of it."""
        west, south, east, north = self.polygon.bounds
        ring = [[x, y] for x, y in self.polygon.exterior.coords]
        return {
            "outline": {"type": "Polygon", "coordinates": [ring]},
            "area_m2": round(area_m2(self.polygon), 1),
            "crs": self.crs,
            "west": west,
            "south": south,
            "east": east,
            "north": north,
        }


def survey(
    session: Session, faults: Faults, asked: Sequence[Asked], beside: ColumnElement[bool] = ALL
) -> list[Surveyed | None]:
    """Return each outline checked, None where a fault was found; they may lie over none of the plots `beside`."""
    towns = _Towns(session, asked)
    found = [_read(faults, one, towns) for one in asked]
    sound = [(one, got) for one, got in zip(asked, found, strict=True) if got]
    if sound:
        neighbours = _neighbours(session, [got.polygon for _, got in sound], beside)
        _judge_overlaps(faults, sound, list(neighbours))
    return found


class _Towns:
    """Centres of villages and areas of their towns, read once."""

    def __init__(self, session: Session, asked: Sequence[Asked]) -> None:
        self._villages = {
            village.id: village
            for few in portions({one.village_id for one in asked})
            for village in session.scalars(select(Village).where(Village.id.in_(few)))
        }
        codes = {village.code[:_TOWN] for village in self._villages.values()}
        areas = select(TownArea.code, TownArea.outline).where(TownArea.code.in_(codes))
        self._areas = {code: polygon_of(outline) for code, outline in session.execute(areas)}

    def centre(self, village: int) -> tuple[float, float] | None:
        """Return the centre of a village, where it is known."""
        row = self._villages[village]
        return None if row.longitude is None or row.latitude is None else (row.longitude, row.latitude)

    def area(self, village: int) -> shapely.Polygon | None:
        """Return the area of a village's town, where it is known."""
        return self._areas.get(self._villages[village].code[:_TOWN])


def polygon_of(outline: dict[str, Any]) -> shapely.Polygon:
    """Return the polygon of an outline that was checked before; empty where none was kept."""
    return shapely.Polygon(outline["coordinates"][0]) if outline else shapely.Polygon()


def _read(faults: Faults, asked: Asked, towns: _Towns) -> Surveyed | None:
    if asked.crs not in crs.SYSTEMS:
        faults.fault(f"{asked.path}.crs", "unknown-crs", value=asked.crs[:20], allowed=list(crs.SYSTEMS))
        return None
    path, area = f"{asked.path}.geometry", towns.area(asked.village_id)
    if isinstance(asked.geometry, dict):
        for name in sorted(asked.geometry.keys() - {"type", "coordinates"}):
            faults.fault(f"{path}.{name}", "unknown-field")
    polygon, code = check_outline(asked.geometry, None)  # shape first, as given; place once it is in WGS-84
    if polygon is not None:
        ring = crs.to_wgs_84(polygon.exterior.coords, asked.crs)
        centre = None if area is not None else towns.centre(asked.village_id)
        polygon, code = check_outline({"type": "Polygon", "coordinates": [ring]}, centre)
    if polygon is None:
        faults.fault(path, str(code))
        return None
    west, south, east, north = polygon.bounds
    if max(east - west, north - south) > WIDEST_DEGREES:
        faults.fault(path, "outline-too-wide")
        return None
    if area is not None and (outside := outside_m2(polygon, area)) > OVERLAP_M2:
        faults.fault(path, "outside-town", outside_m2=round(outside, 1))
        return None
    return Surveyed(polygon, asked.crs)


def outside_m2(polygon: shapely.Polygon, within: shapely.Polygon) -> float:
    """Return how much of a polygon lies outside another one."""
    return float(polygon.difference(within).area) / float(polygon.area) * area_m2(polygon)


def _judge_overlaps(faults: Faults, found: Sequence[tuple[Asked, Surveyed]], neighbours: Sequence[Outline]) -> None:
    """Refuse outlines that lie over one another, or over a neighbour that stands."""
    ours = [Outline(asked.path, got.polygon) for asked, got in found]
    mine = {asked.path for asked, _ in found}
    for name, other, shared_m2 in find_overlaps([*neighbours, *ours]):
        if name in mine:  # of a pair the later is named first, and neighbours stand before ours
            faults.fault(f"{name}.geometry", "outlines-overlap", other=other, shared_m2=round(shared_m2, 1))


def _neighbours(
    session: Session, polygons: Sequence[shapely.Polygon], beside: ColumnElement[bool]
) -> Iterator[Outline]:
    """Yield the plots that stand in the box around all polygons, under their codes."""
    west, south, east, north = shapely.total_bounds(polygons).tolist()
    query = select(Plot.code, Plot.outline).where(
        *(Plot.west.between(west - WIDEST_DEGREES, east), Plot.east >= west),
        *(Plot.south <= north, Plot.north >= south),
        *(Plot.merged_into_id.is_(None), Plot.until_on.is_(None), beside),
    )
    for code, outline in session.execute(query.order_by(Plot.id)):
        yield Outline(code, polygon_of(outline))
