"""Every kind of document that we write is valid by the EPCIS 2.0 JSON schema, version 2.0.1."""

import json
import pathlib
from typing import Any

import pytest
from jsonschema import Draft7Validator
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories import PICKED_AT, get_lot_of, make_pack, make_party, make_picking, make_plant, make_tea
from tests.packing import make_case, make_mark, make_rework, ship_command, units_of
from trace.aggregations import TakeApart, record_disaggregations
from trace.events import LIVE, Agent, Entry, Event, Mode
from trace.instance import get_namespace
from trace.parties import Party
from trace.pickings import Pick, correct_picking
from trace.places import Plot
from trace.shipments import record_shipments
from trace.units import Fate


@pytest.fixture(scope="module")
def validator(interop: pathlib.Path) -> Draft7Validator:
    """The schema, compiled."""
    schema = interop / "contract" / "epcis-json-schema-2.0.1.json"
    return Draft7Validator(json.loads(schema.read_text(encoding="utf-8")))


def faults(validator: Draft7Validator, event: dict[str, Any]) -> list[str]:
    """Return what the schema says against an event, as a document of its own."""
    context = event["@context"]
    bare = {name: value for name, value in event.items() if name != "@context"}
    document = {
        "@context": context,
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-06-01T00:00:00Z",
        "epcisBody": {"eventList": [bare]},
    }
    return [
        f"{event['type']} {event.get('bizStep')}: {error.message[:300]}" for error in validator.iter_errors(document)
    ]


def kinds(session: Session) -> dict[tuple[object, ...], dict[str, Any]]:
    """Return one event of each kind there is: its type, step and fields."""
    documents = (json.loads(document) for document in session.scalars(select(Event.document)))
    return {(doc["type"], doc.get("bizStep"), doc.get("action"), *sorted(doc)): doc for doc in documents}


def test_every_kind_of_document_of_a_season_is_valid(demo_session: Session, validator: Draft7Validator) -> None:
    found = kinds(demo_session)
    assert len(found) > 6
    assert not [fault for document in found.values() for fault in faults(validator, document)]


def test_every_kind_of_document_about_packs_and_cases_is_valid(session: Session, validator: Draft7Validator) -> None:
    plant = make_plant(session, gs1_prefix="6901234")
    first = make_pack(session, packer=plant)
    gift = make_pack(session, packer=plant, taken=[(make_tea(session, plant=plant), 505) for _ in range(2)])
    for at, fate in enumerate((Fate.ACTIVATED, Fate.VOID, Fate.LOCKED), start=1):
        make_mark(session, gift, fate, at, at)
    make_rework(session, first, 9, 9, lost=[("sorting", 10)])
    make_rework(session, first, 10, 10, opened=[units_of(session, first, 10, 10), units_of(session, gift, 10, 10)])
    case = make_case(session, plant, [units_of(session, first, 1, 4), units_of(session, gift, 5, 6)])
    pallet = make_case(session, plant, [units_of(session, first, 5, 5)], [case])
    when = TakeApart(unit_id=pallet.id, sscc=pallet.sscc, party_id=plant.id, opened_at=PICKED_AT)
    record_disaggregations(session, [when], LIVE)
    command = ship_command(
        session,
        plant,
        units=[units_of(session, first, 5, 5)],
        logistic_units=[(case.id, case.sscc)],
        delivery_note="送货单 12/3",
    )
    record_shipments(session, [command], LIVE)
    found = kinds(session)
    assert {kind for kind, *_ in found} == {"ObjectEvent", "TransformationEvent", "AggregationEvent"}
    assert not [fault for document in found.values() for fault in faults(validator, document)]


def test_an_error_declaration_with_its_reason_and_who_entered_it_is_valid(
    session: Session, validator: Draft7Validator
) -> None:
    picking, coop = make_picking(session), make_party(session)
    entry = Entry(Mode.LIVE, Agent(coop.id, get_namespace(session).party(coop.code)), remark="看错了秤")
    correct_picking(session, picking, None, "did_not_occur", entry)
    [document] = [json.loads(one) for one in session.scalars(select(Event.document).where(Event.declares_error))]
    assert document["errorDeclaration"].keys() >= {"chasu:remark", "chasu:enteredBy"}
    assert faults(validator, document) == []


def test_a_correction_names_what_stands_instead(session: Session, validator: Draft7Validator) -> None:
    picking = make_picking(session)
    wrong = session.get_one(Event, picking.event_id).event_id
    party, plot = session.get_one(Party, get_lot_of(session, picking).party_id), session.get_one(Plot, picking.plot_id)
    right = Pick(
        code=get_lot_of(session, picking).code,
        party_id=party.id,
        party_code=party.code,
        plot_id=plot.id,
        plot_code=plot.code,
        picked_at=PICKED_AT,
        mass_g=9_000,
        pluck_standard="一芽一叶",
    )
    correct_picking(session, picking, right, "incorrect_data", LIVE)
    [said] = [json.loads(one) for one in session.scalars(select(Event.document).where(Event.declares_error))]
    stands = session.get_one(Event, picking.event_id)
    assert said["errorDeclaration"]["correctiveEventIDs"] == [stands.event_id]
    assert json.loads(stands.document)["chasu:corrects"] == [wrong]
    assert [fault for one in (said, json.loads(stands.document)) for fault in faults(validator, one)] == []
