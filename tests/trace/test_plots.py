"""Plots: set up with checked outlines; what each was on a day."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy.orm import Session

from tests.factories import AREA, make_party, make_village
from tests.land import SOUTH, WEST, WHY, asked, faults_of, plant, square
from trace import crs
from trace.errors import InvalidError
from trace.places import Plot, judge_plot_day, plot_on
from trace.plots import register_plots
from trace.villages import AmendVillage, DrawTown, RegisterVillage, amend_village, draw_town, register_villages


def test_a_plot_begins_with_its_first_version(session: Session) -> None:
    holder = make_party(session)
    plot = plant(session, make_village(session), square(0), holder_id=holder.id, from_on=date(2024, 1, 1))
    version = plot_on(session, plot, date(2024, 1, 1))
    assert version is not None
    assert (version.holder_id, version.cultivar, version.reason) == (holder.id, "群体种", "建档")
    assert plot.area_m2 == pytest.approx(10_090, rel=0.01)
    assert plot_on(session, plot, date(2023, 12, 31)) is None


def test_an_outline_drawn_on_a_chinese_map_is_kept_in_wgs_84(session: Session) -> None:
    ring = [list(crs.gcj_02(*point)) for point in square(0)["coordinates"][0]]
    plot = plant(session, make_village(session), {"type": "Polygon", "coordinates": [ring]}, crs="GCJ-02")
    assert plot.outline["coordinates"][0][0] == pytest.approx([WEST, SOUTH], abs=1e-8)
    assert plot.crs == "GCJ-02"


SWAPPED = {"type": "Polygon", "coordinates": [[[y, x] for x, y in square(0)["coordinates"][0]]]}
TIE = [[119.3, 35.3], [119.301, 35.301], [119.301, 35.3], [119.3, 35.301], [119.3, 35.3]]
BOW_TIE = {"type": "Polygon", "coordinates": [TIE]}


@pytest.mark.parametrize(
    ("geometry", "system", "fault"),
    [
        (square(0), "BD-09", ("[0].crs", "unknown-crs")),
        (SWAPPED, "WGS-84", ("[0].geometry", "axes-swapped")),
        (BOW_TIE, "WGS-84", ("[0].geometry", "outline-crosses-itself")),
        (square(600), "WGS-84", ("[0].geometry", "far-from-village")),
        (square(0, wide=150), "WGS-84", ("[0].geometry", "outline-too-wide")),
        ({"type": "Point"}, "WGS-84", ("[0].geometry", "not-a-polygon")),
        ({**square(0), "bbox": []}, "WGS-84", ("[0].geometry.bbox", "unknown-field")),
    ],
)
def test_an_outline_that_cannot_be_is_refused(
    session: Session, geometry: Any, system: str, fault: tuple[str, str]
) -> None:
    village = make_village(session, longitude=WEST, latitude=SOUTH)
    with pytest.raises(InvalidError) as refusal:
        plant(session, village, geometry, crs=system)
    assert faults_of(refusal) == {fault}


def test_a_plot_lies_over_no_other_of_any_village(session: Session) -> None:
    there = plant(session, make_village(session), square(0))
    village = make_village(session)
    with pytest.raises(InvalidError) as refusal:
        register_plots(
            session, [asked(village, square(5)), asked(village, square(0.5)), asked(village, square(5.5))], WHY
        )
    told = {(fault.path, fault.code, fault.facts["other"]) for fault in refusal.value.faults}
    assert told == {
        ("[1].geometry", "outlines-overlap", there.code),
        ("[2].geometry", "outlines-overlap", "[0]"),
    }
    assert plant(session, village, square(1)).id  # beside it


def test_a_plot_lies_within_its_towns_area_where_that_is_known(session: Session) -> None:
    [village] = register_villages(session, [RegisterVillage(code=f"{AREA}881", name="界村")])
    draw_town(session, DrawTown(code=AREA, crs="WGS-84", geometry=square(0, wide=3, high=3)))
    assert plant(session, village, square(0)).id
    with pytest.raises(InvalidError) as refusal:
        plant(session, village, square(2.5))
    assert faults_of(refusal) == {("[0].geometry", "outside-town")}


def test_a_code_and_an_area_are_judged_too(session: Session) -> None:
    village, there = make_village(session), plant(session, make_village(session), square(0))
    with pytest.raises(InvalidError) as refusal:
        plant(session, village, square(2), code=there.code, area_mu=Decimal(0), planted_year=2999, cultivar=" ")
    assert faults_of(refusal) == {
        *(("[0].code", "code-taken"), ("[0].area_mu", "out-of-range")),
        *(("[0].planted_year", "in-the-future"), ("[0].cultivar", "empty")),
    }


def test_a_picking_from_a_plot_that_has_ended_or_not_begun_is_a_fault() -> None:
    plot = Plot(code="P1", from_on=date(2024, 1, 1), until_on=date(2025, 12, 31))
    days = [date(2023, 12, 31), date(2024, 1, 1), date(2025, 12, 31), date(2026, 1, 1)]
    faults = [judge_plot_day(plot, day, "plot") for day in days]
    assert [fault and fault.code for fault in faults] == ["plot-not-begun", None, None, "plot-ended"]


def test_a_village_has_a_code_of_twelve_digits_and_is_counted_when_changed(session: Session) -> None:
    with pytest.raises(InvalidError) as refusal:
        register_villages(session, [RegisterVillage(code="37990110", name="村", longitude=35.3, latitude=119.3)])
    assert faults_of(refusal) == {("[0].code", "village-shape"), ("[0].longitude", "axes-swapped")}
    village = make_village(session)
    assert amend_village(session, AmendVillage(village_id=village.id, name="新村")).revision == 2
