"""Retained samples over HTTP: kept of what was taken, as long as the law asks, and disposed of by a person."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select, update

from tests.api.doors import Doors
from tests.api.moving import make_packs, party_of
from tests.api.test_pickings import faults
from tests.factories import make_finding, make_tea
from trace.lots import Lot
from trace.retained_samples import RetainedSample, later


@pytest.fixture(autouse=True)
def sampled(doors: Doors) -> None:
    """Two hundred grams of the plant's tea T1, taken as the sample SA1."""
    with doors.sessions.write.begin() as session:
        make_tea(session, plant=party_of(session, "PL1"), output_code="T1")
    mass = {"value": "200", "unit": "g"}
    body = {"code": "SA1", "lot": "T1", "sampled_at": "2026-04-22T09:00:00+08:00", "purpose": "factory", "mass": mass}
    assert doors.post("/v1/samples", body, "plant").status_code == 201


def keep(doors: Doors, grams: str = "150", **changes: Any) -> Any:
    """Keep part of the sample."""
    body = {"code": "RS1", "sample": "SA1", "mass": {"value": grams, "unit": "g"}, "place": "留样室 A-03", **changes}
    return doors.post("/v1/retained-samples", body, "plant")


def test_what_is_kept_is_part_of_what_was_taken_and_stays_two_years(doors: Doors) -> None:
    answer = keep(doors)
    assert answer.status_code == 201, answer.text
    assert answer.headers["Location"] == "/v1/retained-samples/PL1/RS1"
    told = doors.get(answer.headers["Location"], "plant").json
    assert told == answer.json
    assert (told["lot"], told["mass_g"], told["kept_from"], told["keep_until"]) == (
        "T1",
        150,
        "2026-04-22",
        "2028-04-20",
    )
    assert ("mass", "mass-imbalance") in faults(keep(doors, "51", code="RS2"))
    assert keep(doors, "50", code="RS2").status_code == 201


def test_of_packed_tea_it_stays_six_months_longer_than_the_tea_keeps(doors: Doors) -> None:
    with doors.sessions.read() as session:
        lot = session.scalars(select(Lot).where(Lot.code == "T1")).one()
    make_packs(doors, lot=lot, best_before=date(2027, 8, 31))
    assert keep(doors).json["keep_until"] == "2028-03-01"  # February has no 31st
    assert ("keep_until", "before-its-source") in faults(keep(doors, "10", code="RS2", keep_until="2028-02-01"))
    assert keep(doors, "10", code="RS2", keep_until="2030-01-01").json["keep_until"] == "2030-01-01"


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"sample": "nothing"}, ("sample", "unknown-reference")),
        ({"kept_from": "2026-04-21"}, ("kept_from", "before-its-source")),
        ({"place": ""}, ("place", "empty")),
    ],
)
def test_a_fault_names_its_field(doors: Doors, changes: dict[str, Any], fault: tuple[str, str]) -> None:
    assert fault in faults(keep(doors, **changes))


def let_time_pass(doors: Doors) -> None:
    """Let the day until which the sample is kept have gone by, and two years since the tea was made."""
    with doors.sessions.write.begin() as session:
        session.execute(update(Lot).where(Lot.code == "T1").values(made_on=date(2024, 4, 20)))
        session.execute(update(RetainedSample).values(keep_until=date(2026, 5, 1)))


def dispose(doors: Doors, caller: str = "plant") -> Any:
    """Dispose of the sample."""
    return doors.post("/v1/retained-samples/PL1/RS1/disposals", {"disposal": "到期销毁"}, caller)


def due(doors: Doors, day: str) -> list[str]:
    """Return what falls due by a day."""
    return [one["code"] for one in doors.get(f"/v1/retained-samples?due={day}", "plant").json["items"]]


def test_a_person_disposes_of_it_once_its_day_has_gone_by(doors: Doors) -> None:
    keep(doors)
    assert (due(doors, "2028-04-19"), due(doors, "2028-04-20")) == ([], ["RS1"])
    early = dispose(doors)
    assert (early.status_code, early.json["code"], early.json["facts"]["until"]) == (409, "sample-kept", "2028-04-20")
    let_time_pass(doors)
    done = dispose(doors)
    assert (done.status_code, done.json["disposed_by"], done.json["disposal"]) == (201, "plant PL1", "到期销毁")
    assert due(doors, "2028-04-20") == []
    again = dispose(doors)
    assert (again.status_code, again.json["code"]) == (409, "sample-disposed")
    assert dispose(doors, "officer").status_code == 403
    assert dispose(doors, "other plant").status_code == 404


def test_no_gram_is_kept_twice_by_one_request(doors: Doors) -> None:
    body = {"sample": "SA1", "mass": {"value": "150", "unit": "g"}, "place": "留样室"}
    refused = doors.post("/v1/retained-samples", [body, body], "plant")
    assert ("[1].mass", "mass-imbalance") in faults(refused)
    half = {**body, "mass": {"value": "100", "unit": "g"}}
    assert doors.post("/v1/retained-samples", [half, half], "plant").status_code == 201


def test_what_is_packed_since_is_waited_for_too(doors: Doors) -> None:
    keep(doors)
    let_time_pass(doors)
    with doors.sessions.read() as session:
        lot = session.scalars(select(Lot).where(Lot.code == "T1")).one()
    make_packs(doors, lot=lot, best_before=date(2028, 8, 20))
    early = dispose(doors)
    assert (early.status_code, early.json["code"], early.json["facts"]["until"]) == (409, "sample-kept", "2029-02-20")


def test_nothing_is_kept_of_a_sample_that_was_not_taken(doors: Doors) -> None:
    never = {"event": "samples/PL1/SA1", "reason": "没有取过这份样"}
    assert doors.post("/v1/corrections", never, "plant").status_code == 201
    assert ("sample", "unknown-reference") in faults(keep(doors))


def test_of_a_lot_that_is_held_nothing_is_disposed_of(doors: Doors) -> None:
    keep(doors)
    let_time_pass(doors)
    with doors.sessions.write.begin() as session:
        make_finding(session, lot=session.scalars(select(Lot).where(Lot.code == "T1")).one())
    refused = dispose(doors)
    assert (refused.status_code, refused.json["code"]) == (409, "sample-kept")


def test_a_month_later_is_the_same_day_or_the_first_of_the_next() -> None:
    assert later(date(2026, 8, 31), months=6) == date(2027, 3, 1)
    assert later(date(2026, 10, 31), months=2) == date(2026, 12, 31)
    assert later(date(2024, 2, 29), months=24) == date(2026, 3, 1)
    assert later(date(2026, 7, 1), months=6) == date(2027, 1, 1)
