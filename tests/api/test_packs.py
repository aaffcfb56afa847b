"""Packs and shipments through the doors: grams and units add up, positions go live, and what is held stays."""

from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import select

from tests.api.doors import Doors
from tests.api.test_pickings import faults
from tests.factories import make_brand, make_finding, make_tea, make_trade_item
from trace.events.sequencer import sequence_events
from trace.lots import Lot
from trace.parties import Party


@pytest.fixture
def tea(doors: Doors) -> tuple[str, str]:
    """Two finished lots of the plant, 2 kg each, and its item S1 of 100 g."""
    with doors.sessions.write.begin() as session:
        plant = session.scalars(select(Party).where(Party.code == "PL1")).one()
        make_trade_item(session, brand=make_brand(session, owner=plant), code="S1")
        first, second = (make_tea(session, plant=plant) for _ in range(2))
        return first.code, second.code


def pack(*lots: str, grams: int = 1005, units: int = 10, **changes: Any) -> dict[str, Any]:
    """Return the body of a good packing run."""
    return {
        "product": "S1",
        "inputs": [{"lot": lot, "mass": {"value": grams // len(lots), "unit": "g"}} for lot in lots],
        "packed_at": "2026-05-20T20:00:00+08:00",
        "best_before": "2027-11-20",
        "units": units,
        **changes,
    }


def ship(of: str, first: int = 1, last: int = 4, **changes: Any) -> dict[str, Any]:
    """Return the body of a good shipment."""
    return {
        "buyer": "C02",
        "shipped_at": "2026-05-22T09:00:00+08:00",
        "packs": [{"pack": of, "first": first, "last": last}],
        **changes,
    }


def test_tea_is_packed_and_shipped(doors: Doors, tea: tuple[str, str]) -> None:
    packed = doors.post("/v1/packs", pack(tea[0], code="PK1"), "plant")
    assert packed.status_code == 201, packed.text
    assert (packed.json["units"], packed.json["mass_g"], packed.json["label_lot"]) == (10, 1000, tea[0])
    shipped = doors.post("/v1/shipments", ship("PK1", code="SH1", note_number="N 1"), "plant")
    assert shipped.status_code == 201, shipped.text
    assert shipped.json["ranges"] == [{"pack": "PK1", "first_position": 1, "last_position": 4}]
    assert (shipped.json["units"], shipped.json["mass_g"], shipped.json["delivery_note"]) == (4, 400, "N 1")
    assert doors.get("/v1/packs/PL1/PK1", "plant").json["units_left"] == 6
    again = doors.post("/v1/shipments", ship("PK1", 4, 5), "plant")
    assert (again.status_code, again.json["code"]) == (409, "positions-taken")


def test_what_was_typed_comes_back_with_its_moment_and_its_event(doors: Doors, tea: tuple[str, str]) -> None:
    packed = doors.post("/v1/packs", pack(tea[0], code="PK1", packed_at="2026-05-20T21:00:00+09:00"), "plant").json
    assert (packed["packed_at"], packed["mode"], packed["entered_by"]) == ("2026-05-20T20:00:00+08:00", "live", None)
    shipped = doors.post("/v1/shipments", ship("PK1", code="SH1", note_number="N 1"), "plant").json
    assert (shipped["shipped_at"], shipped["note_number"]) == ("2026-05-22T09:00:00+08:00", "N 1")
    sample = {"sampled_at": "2026-05-20T09:00:00+08:00", "purpose": "factory"}
    report = {"reported_at": "2026-05-21T15:00:00+08:00", "items": [{"analyte": "感官", "words": "符合"}]}
    reported = doors.post("/v1/results", {"lot": tea[0], **sample, **report}, "plant").json
    assert (reported["reported_at"], reported["mode"]) == ("2026-05-21T15:00:00+08:00", "live")
    sequence_events(doors.sessions.write)
    for record in (packed, shipped, reported):
        event = doors.get(f"/v1/events/{quote(record['event'], safe='')}", "plant").json
        assert event["event_id"] == record["event"]


def test_a_brand_owner_sees_what_is_packed_under_its_brand_and_not_where_it_grew(
    doors: Doors, tea: tuple[str, str]
) -> None:
    item = {"code": "S2", "brand": "BR9", "name": "雾峪青 100g", "net": {"value": 100, "unit": "g"}}
    doors.post("/v1/brands", {"code": "BR9", "name": "雾峪青", "suppliers": ["PL1"]}, "brand")
    assert doors.post("/v1/products", {**item, "gtin": "9520000010997"}, "brand").status_code == 201
    packed = doors.post("/v1/packs", pack(tea[0], code="PK1", product="S2"), "plant")
    assert packed.status_code == 201, packed.text
    assert [one["code"] for one in doors.get("/v1/packs", "brand").json["items"]] == ["PK1"]
    lot = doors.get("/v1/lots/PL1/PK1", "brand").json
    assert (lot["party"], lot["kind"]) == ("PL1", "packed")
    assert doors.get(f"/v1/lots/PL1/{tea[0]}", "brand").status_code == 404
    sources = doors.get("/v1/lots/PL1/PK1/trace", "brand").json["sources"]
    assert {(source["party"], source["plot"]) for source in sources} == {(None, None)}
    assert doors.get("/v1/label-jobs", "brand").json["items"] == []
    assert doors.get("/v1/packs/PL1/PK1", "other plant").status_code == 404


def test_a_gift_set_is_packed_from_two_lots(doors: Doors, tea: tuple[str, str]) -> None:
    answer = doors.post("/v1/packs", pack(*tea, grams=1000), "plant")
    assert answer.status_code == 201, answer.text
    assert answer.json["label_lot"] == answer.json["code"]
    sources = doors.get(f"/v1/lots/{answer.json['code']}/trace", "plant").json["sources"]
    assert sum(source["share"] for source in sources) == pytest.approx(1)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"units": 11}, ("units", "mass-imbalance")),
        ({"product": "S9"}, ("product", "unknown-reference")),
        ({"best_before": "2026-05-20"}, ("best_before", "before-its-source")),
        ({"packed_at": "2026-01-01T00:00:00+08:00"}, ("packed_at", "before-its-source")),
        ({"units": 0}, ("units", "out-of-range")),
    ],
)
def test_a_fault_names_its_field(
    doors: Doors, tea: tuple[str, str], changes: dict[str, Any], fault: tuple[str, str]
) -> None:
    answer = doors.post("/v1/packs", pack(tea[0], **changes), "plant")
    assert answer.status_code == 422
    assert fault in faults(answer)


def test_units_are_not_drawn_by_the_gram(doors: Doors, tea: tuple[str, str]) -> None:
    code = doors.post("/v1/packs", pack(tea[0]), "plant").json["code"]
    assert ("inputs[0].lot", "packed-lot") in faults(doors.post("/v1/packs", pack(code), "plant"))


def test_what_a_finding_holds_is_not_packed_but_what_happened_before_is_recorded(
    doors: Doors, tea: tuple[str, str]
) -> None:
    with doors.sessions.write.begin() as session:
        make_finding(session, lot=session.scalars(select(Lot).where(Lot.code == tea[0])).one())
    refused = doors.post("/v1/packs", pack(tea[0]), "plant")
    assert (refused.status_code, refused.json["code"]) == (409, "lot-refused")
    assert doors.post("/v1/packs", pack(tea[0], mode="history"), "plant").status_code == 201


def test_positions_are_activated_spoiled_and_locked(doors: Doors, tea: tuple[str, str]) -> None:
    code = doors.post("/v1/packs", pack(tea[0]), "plant").json["code"]
    when = {"marked_at": "2026-05-21T10:00:00+08:00"}
    for name, first in (("spoilings", 1), ("activations", 2), ("locks", 3)):
        answer = doors.post(f"/v1/packs/{code}/{name}", {"first": first, "last": first, **when}, "plant")
        assert answer.status_code == 201, answer.text
    taken = doors.post(f"/v1/packs/{code}/activations", {"first": 1, "last": 1, **when}, "plant")
    assert (taken.status_code, taken.json["code"]) == (409, "positions-taken")
    stranger = doors.post(f"/v1/packs/{code}/locks", {"first": 5, "last": 5, **when}, "other plant")
    assert stranger.status_code == 422


def test_only_the_holder_ships(doors: Doors, tea: tuple[str, str]) -> None:
    code = doors.post("/v1/packs", pack(tea[0]), "plant").json["code"]
    assert ("packs[0].pack", "unknown-reference") in faults(doors.post("/v1/shipments", ship(code), "other plant"))
    assert ("buyer", "unknown-reference") in faults(doors.post("/v1/shipments", ship(code, buyer="X"), "plant"))
    assert ("packs", "missing-field") in faults(doors.post("/v1/shipments", ship(code, packs=[]), "plant"))
