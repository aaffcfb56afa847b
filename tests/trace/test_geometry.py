"""Outlines of plots: shape, place, neighbours, and area on the ellipsoid."""

import math
from decimal import Decimal
from typing import Any

import pytest
import shapely

from trace.geometry import Outline, area_m2, check_outline, distance_km, find_overlaps
from trace.points import check_point

X, Y = 119.17, 35.23
CENTRE = [X, Y]
STEP = 0.001  # some 91 m east, 111 m north


def ring(x: float = X, y: float = Y, size: float = STEP) -> list[list[Any]]:
    return [[x, y], [x + size, y], [x + size, y + size], [x, y + size], [x, y]]


def outline(*rings: Any, kind: str = "Polygon") -> dict[str, Any]:
    return {"type": kind, "coordinates": list(rings)}


def code(geometry: object, centre: list[float] | None = CENTRE) -> str | None:
    polygon, found = check_outline(geometry, centre)
    assert (polygon is None) == (found is not None)
    return found


def test_a_square_field_passes_either_way_round() -> None:
    assert code(outline(ring())) is None
    assert code(outline(ring()[::-1])) is None
    assert code(outline([[Decimal(str(x)), Decimal(str(y))] for x, y in ring()])) is None


@pytest.mark.parametrize(
    ("geometry", "expected"),
    [
        (None, "not-a-polygon"),
        ([], "not-a-polygon"),
        ("Polygon", "not-a-polygon"),
        ({}, "not-a-polygon"),
        (outline(ring(), kind="MultiPolygon"), "not-a-polygon"),
        (outline(), "not-a-polygon"),
        (outline(ring(), ring(size=STEP / 2)), "not-a-polygon"),  # a hole
        ({"type": "Polygon", "coordinates": {"0": ring()}}, "not-a-polygon"),
        (outline([[*point, 200] for point in ring()]), "not-a-polygon"),
        (outline([[str(x), str(y)] for x, y in ring()]), "not-a-polygon"),
        (outline(["12", "34", "56", "12"]), "not-a-polygon"),
        (outline([{"x": X, "y": Y}] * 4), "not-a-polygon"),
        (outline([[True, Y]] * 4), "not-a-polygon"),
        (outline([[None, Y]] * 4), "not-a-polygon"),
        (outline([[math.nan, Y]] * 4), "not-a-polygon"),
        (outline([[Decimal("1e400"), Y]] * 4), "not-a-polygon"),
        (outline([[10**400, Y]] * 4), "not-a-polygon"),
        (outline(ring()[:-1]), "ring-not-closed"),
        (outline(ring()[:2]), "ring-not-closed"),
        (outline([]), "ring-not-closed"),
        (outline([[y, x] for x, y in ring()]), "axes-swapped"),
        (outline(ring(2.35, 48.85)), "outside-the-country"),
        (outline([[0, 0], [0, 1], [1, 1], [0, 0]]), "outside-the-country"),
        (outline([ring()[0], ring()[2], ring()[1], ring()[3], ring()[0]]), "outline-crosses-itself"),
        (outline([[X, Y]] * 4), "outline-crosses-itself"),
        (outline([[X, Y], [X + STEP, Y], [X + 2 * STEP, Y], [X, Y]]), "outline-crosses-itself"),
        (outline(ring(size=5e-6)), "outline-without-area"),
        (outline(ring(X + 0.4)), "far-from-village"),
    ],
)
def test_what_is_no_field_has_a_reason(geometry: object, expected: str) -> None:
    assert code(geometry) == expected


def test_without_a_centre_a_field_may_be_anywhere_in_the_country() -> None:
    assert code(outline(ring(X + 0.4)), None) is None


def test_thirty_kilometres_from_the_village_is_the_bound() -> None:
    degree_km = distance_km([X, Y], [X, Y + 1])
    near, far = 29.9 / degree_km, 30.1 / degree_km
    assert code(outline(ring(X, Y + near - STEP / 2))) is None
    assert code(outline(ring(X, Y + far - STEP / 2))) == "far-from-village"


def test_area_is_that_of_the_ellipsoid() -> None:
    # One degree of latitude is 110.95 km at 35.2 degrees north, one of longitude 91.05 km (WGS-84).
    polygon = shapely.Polygon(ring())
    assert area_m2(polygon) == pytest.approx(110.947 * 91.05, rel=1e-3)


def test_the_demo_towns_areas_are_found(demo_town: bytes) -> None:
    import json  # noqa: PLC0415 -- only here

    for plot in json.loads(demo_town)["plots"]:
        polygon = shapely.Polygon(plot["geometry"]["coordinates"][0])
        assert area_m2(polygon) == pytest.approx(plot["area_m2_computed"], abs=0.2)


def fields(*places: tuple[float, float]) -> list[Outline]:
    return [Outline(f"P{index}", shapely.Polygon(ring(x, y))) for index, (x, y) in enumerate(places)]


def test_neighbours_that_share_an_edge_do_not_overlap() -> None:
    assert list(find_overlaps(fields((X, Y), (X + STEP, Y), (X, Y + STEP)))) == []


def test_ten_square_metres_are_the_width_of_an_edge() -> None:
    width = 10 / 111_000 / 91_000 / STEP  # of a strip as long as a field
    assert list(find_overlaps(fields((X, Y), (X + STEP - width * 0.9, Y)))) == []
    [(name, other, shared_m2)] = find_overlaps(fields((X, Y), (X + STEP - width * 1.2, Y)))
    assert (name, other) == ("P1", "P0")
    assert shared_m2 == pytest.approx(12, rel=0.05)


def test_every_overlapping_pair_is_named_once() -> None:
    pairs = [(name, other) for name, other, _ in find_overlaps(fields((X, Y), (X, Y), (X + STEP / 2, Y)))]
    assert sorted(pairs) == [("P1", "P0"), ("P2", "P0"), ("P2", "P1")]


def test_a_field_within_a_field_overlaps() -> None:
    inner = Outline("inner", shapely.Polygon(ring(X + STEP / 4, Y + STEP / 4, STEP / 2)))
    assert [pair[:2] for pair in find_overlaps([*fields((X, Y)), inner])] == [("inner", "P0")]


def test_no_fields_overlap_nowhere() -> None:
    assert list(find_overlaps([])) == []


@pytest.mark.parametrize(
    ("point", "expected"), [((X, Y), None), ((Y, X), "axes-swapped"), ((2.35, 48.85), "outside-the-country")]
)
def test_a_point_is_checked(point: tuple[float, float], expected: str | None) -> None:
    assert check_point(*point) == expected


def test_a_swapped_pair_that_could_be_either_is_taken_as_written() -> None:
    assert check_point(100.0, 25.0) is None  # Yunnan: latitude 100 does not exist, so there is nothing to doubt
