"""Villages by their twelve-digit code, and the areas of their towns."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from trace import crs, ids
from trace.faults import Faults
from trace.instance import lock_instance
from trace.places import TownArea, Village
from trace.points import check_point
from trace.renewal import renew_village_pages
from trace.revisions import KEPT, Kept, change, given, lock_row


@dataclass(frozen=True, kw_only=True)
class RegisterVillage:
    """Ask for a village; its centre is in WGS-84."""

    code: str
    name: str
    longitude: float | None = None
    latitude: float | None = None
    households: int | None = None
    tea_households: int | None = None
    elevation_m: int | None = None


@dataclass(frozen=True, kw_only=True)
class AmendVillage:
    """Ask for other facts of a village."""

    village_id: int
    name: str | Kept = KEPT
    longitude: float | Kept | None = KEPT
    latitude: float | Kept | None = KEPT
    households: int | Kept | None = KEPT
    tea_households: int | Kept | None = KEPT
    elevation_m: int | Kept | None = KEPT


@dataclass(frozen=True, kw_only=True)
class DrawTown:
    """Say where a town lies, as its code has nine digits."""

    code: str
    crs: str
    geometry: Any
    account_id: int | None = None


def register_villages(session: Session, commands: Sequence[RegisterVillage]) -> list[Village]:
    """Write new villages. Raises `InvalidError`."""
    lock_instance(session)
    faults = Faults()
    for place, command in enumerate(commands):
        faults.judge(f"[{place}].code", ids.village_code, command.code)
        _judge_village(faults, f"[{place}].", command)
    codes = [(f"[{place}].code", command.code) for place, command in enumerate(commands)]
    faults.judge_free(session, Village.code, codes)
    faults.refuse()
    villages = [Village(**vars(command)) for command in commands]
    session.add_all(villages)
    session.flush()
    return villages


def _judge_village(faults: Faults, at: str, village: RegisterVillage | Village) -> None:
    if not village.name.strip():
        faults.fault(f"{at}name", "empty")
    judge_centre(faults, at, village.longitude, village.latitude)
    few, many = village.tea_households, village.households
    if few is not None and many is not None and few > many:
        faults.fault(f"{at}tea_households", "out-of-range")


def judge_centre(faults: Faults, at: str, longitude: float | None, latitude: float | None) -> None:
    """Refuse half a point, and one that is not in the country."""
    if (longitude is None) != (latitude is None):
        faults.fault(f"{at}longitude", "not-a-point")
    elif longitude is not None and latitude is not None and (code := check_point(longitude, latitude)):
        faults.fault(f"{at}longitude", code)


def amend_village(session: Session, command: AmendVillage) -> Village:
    """Change a village and make the pages new that show it. Raises `InvalidError`."""
    village = lock_row(session, Village, command.village_id)
    values = given(command, but=["village_id"])
    faults, columns = Faults(), ("name", "longitude", "latitude", "households", "tea_households")
    _judge_village(faults, "", Village(**{name: values.get(name, getattr(village, name)) for name in columns}))
    faults.refuse()
    shown = (village.name, village.elevation_m)
    change(village, values)
    session.flush()
    if shown != (village.name, village.elevation_m):
        renew_village_pages(session, village)
    return village


def draw_town(session: Session, command: DrawTown) -> TownArea:
    """Keep the area of a town; plots surveyed from now on lie within it. Raises `InvalidError`."""
    from trace.geometry import check_outline  # noqa: PLC0415 -- the first answer needs no polygons

    lock_instance(session)
    faults = Faults()
    faults.judge("code", ids.region_code, command.code)
    if command.crs not in crs.SYSTEMS:
        faults.fault("crs", "unknown-crs", value=command.crs[:20], allowed=list(crs.SYSTEMS))
    polygon, code = check_outline(command.geometry, None)
    if polygon is None:
        faults.fault("geometry", str(code))
    faults.refuse()
    area = session.scalar(select(TownArea).where(TownArea.code == command.code)) or TownArea(code=command.code)
    ring = crs.to_wgs_84(polygon.exterior.coords, command.crs) if polygon is not None else []
    area.outline, area.account_id = {"type": "Polygon", "coordinates": [ring]}, command.account_id
    session.add(area)
    session.flush()
    return area
