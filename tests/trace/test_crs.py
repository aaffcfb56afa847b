"""Coordinate systems: GCJ-02 by published points, and turned back."""

import pytest

from trace.crs import CGCS2000, GCJ_02, WGS_84, gcj_02, to_wgs_84, wgs_84

PUBLISHED = [((120.596931, 31.280844), (120.601100, 31.278649)), ((119.2, 35.25), (119.205636, 35.249676))]


@pytest.mark.parametrize(("true", "shown"), PUBLISHED)
def test_gcj_02_shows_a_point_where_published(true: tuple[float, float], shown: tuple[float, float]) -> None:
    assert gcj_02(*true) == pytest.approx(shown, abs=1e-6)


@pytest.mark.parametrize("true", [(119.2, 35.25), (103.1, 30.2), (75.0, 39.5), (134.7, 48.3)])
def test_a_point_of_gcj_02_is_turned_back_to_less_than_a_millimetre(true: tuple[float, float]) -> None:
    assert wgs_84(*gcj_02(*true)) == pytest.approx(true, abs=1e-9)


def test_points_outside_the_country_are_not_shifted() -> None:
    assert gcj_02(2.35, 48.85) == (2.35, 48.85)


def test_only_gcj_02_is_turned_back() -> None:
    for system in (WGS_84, CGCS2000):
        assert to_wgs_84([(119.2, 35.25)], system) == [[119.2, 35.25]]
    assert to_wgs_84([(119.205636, 35.249676)], GCJ_02)[0] == pytest.approx([119.2, 35.25], abs=1e-6)
