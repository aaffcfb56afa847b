"""Registers: every gram that came in or went out has its line, and what the law asks for and is missing is named."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from tests.between import make_delivery, make_outside, receive, refuse
from tests.factories import (
    PICKED_AT,
    get_lot_of,
    make_certificate,
    make_intake,
    make_leaf,
    make_measured,
    make_pack,
    make_party,
    make_plant,
    make_result,
    make_tea,
)
from tests.packing import make_shipment
from trace.accounts import Caller, Role
from trace.errors import InvalidError, NotFoundError
from trace.intakes import Intake
from trace.parties import GROWER, Party, RegisterParty, register_parties
from trace.party_changes import AmendParty, amend_party
from trace.registers import Direction, Entry, Span, get_party, iterate_entries, list_entries

ALWAYS = date(2020, 1, 1), date(2040, 1, 1)


def lines(session: Session, direction: Direction, party: Party) -> list[Entry]:
    """Return a party's register whole."""
    return list(iterate_entries(direction, session, Span(party.id, *ALWAYS)))


def incoming(session: Session, party: Party) -> list[Entry]:
    return lines(session, Direction.INCOMING, party)


def outgoing(session: Session, party: Party) -> list[Entry]:
    return lines(session, Direction.OUTGOING, party)


def test_leaf_taken_in_stands_in_both_registers_by_the_scale_of_each(session: Session) -> None:
    coop, plant = make_party(session, address="上茶沟村 1 号", contact="0633-1234567"), make_plant(session)
    leaf = make_leaf(session, party=coop)
    certificate = make_certificate(session, issuer=coop, lots=[leaf])
    make_intake(
        session, plant=plant, supplier=coop, taken=[(leaf, 10_000)], received_g=9_980, certificate_id=certificate.id
    )
    [came], [went] = incoming(session, plant), outgoing(session, coop)
    assert (came.mass_g, came.party, came.address, came.contact) == (9_980, coop.code, "上茶沟村 1 号", "0633-1234567")
    assert (came.certificate, came.missing(Direction.INCOMING)) == (certificate.code, ["name", "spec"])
    assert (went.mass_g, went.lot, went.party, went.certificate) == (10_000, leaf.code, plant.code, certificate.code)
    assert went.missing(Direction.OUTGOING) == ["name", "spec", "address", "contact"]


def test_a_delivery_is_sold_by_its_giver_and_one_refused_at_the_gate_is_not(session: Session) -> None:
    coop, plant = make_party(session), make_plant(session)
    sent = [make_delivery(session, items=[(make_leaf(session, party=coop), 10_000)], receiver=plant) for _ in range(2)]
    assert len(outgoing(session, coop)) == 2
    receive(session, [sent[0]], 9_990)
    refuse(session, sent[1])
    assert [(line.record, line.mass_g) for line in outgoing(session, coop)] == [(sent[0].code, 10_000)]
    assert [line.mass_g for line in incoming(session, plant)] == [9_990]


def test_leaf_from_outside_names_its_supplier_and_papers(session: Session) -> None:
    plant = make_plant(session)
    make_outside(session, plant, papers=["票 1", "票 2"])
    [line] = incoming(session, plant)
    assert (line.mass_g, line.certificate) == (5_000, "票 1、票 2")
    assert line.party_name


def test_packs_sold_name_their_tests_and_how_long_they_keep(session: Session) -> None:
    plant, buyer = make_plant(session), make_party(session, kind="buyer")
    tea = make_tea(session, plant=plant)
    report = make_result(session, lot=tea)
    make_result(session, lot=tea, items=[make_measured(value=Decimal(6), passed=False)])  # no certificate of anything
    make_result(session)
    pack = make_pack(session, packer=plant, lot=tea)
    shipment = make_shipment(session, pack=pack, buyer=buyer, positions=(1, 5))
    [sold], [bought] = outgoing(session, plant), incoming(session, buyer)
    assert (sold.record, sold.units, sold.mass_g, sold.spec) == (shipment.code, 5, 500, "100 g")
    assert (sold.lot, sold.made_on, sold.best_before) == (pack.label_lot, pack.packed_on, pack.best_before)
    assert (sold.certificate, sold.party) == (report.code, buyer.code)
    assert (bought.lot, bought.units, bought.party) == (pack.label_lot, 5, plant.code)


def test_what_never_happened_is_in_no_register(session: Session) -> None:
    intake = make_intake(session)
    plant = session.get_one(Party, get_lot_of(session, intake).party_id)
    session.get_one(Intake, intake.id).undone_at = PICKED_AT
    session.flush()
    assert incoming(session, plant) == []


def test_a_grower_stands_in_a_register_by_the_public_label_alone(session: Session) -> None:
    grower = make_party(session, kind=GROWER, name="上茶沟村 茶农 1")
    plant = make_plant(session)
    make_intake(session, plant=plant, supplier=grower)
    [line] = incoming(session, plant)
    assert (line.party_name, line.address, line.contact) == ("上茶沟村 茶农 1", None, None)


def test_pages_of_a_register_go_on_where_the_last_ended(session: Session) -> None:
    plant = make_plant(session)
    for day in (3, 1, 2, 1):
        received_at = PICKED_AT + timedelta(days=day)
        make_intake(session, plant=plant, handed_over_at=received_at, received_at=received_at)
    span, found, after = Span(plant.id, *ALWAYS), [], 0
    while True:
        entries, key = list_entries(Direction.INCOMING, session, span, 1, after)
        found += entries
        if key is None:
            break
        after = key
    assert found == incoming(session, plant)
    assert [line.day for line in found] == sorted(line.day for line in found)
    assert len(found) == 4
    one_day = Span(plant.id, found[2].day, found[2].day)
    assert list(iterate_entries(Direction.INCOMING, session, one_day)) == [found[2]]


def test_a_register_is_shown_to_its_party_its_officer_and_no_neighbour(session: Session) -> None:
    plant, other = make_plant(session), make_plant(session)
    assert get_party(session, Caller(Role.PLANT, plant), plant.code) is plant
    officer = make_party(session, kind="public-body", area_code=plant.area_code)
    assert get_party(session, Caller(Role.OFFICER, officer), plant.code) is plant
    with pytest.raises(NotFoundError):
        get_party(session, Caller(Role.PLANT, other), plant.code)


def test_where_a_grower_lives_is_not_kept_among_the_facts_of_firms(session: Session) -> None:
    grower = RegisterParty(
        code="F1", name="茶农", kind=GROWER, area_code="379901101", address="上茶沟村", contact="1380000"
    )
    with pytest.raises(InvalidError) as refusal:
        register_parties(session, [grower])
    assert {(fault.path, fault.code) for fault in refusal.value.faults} == {
        ("[0].address", "private-of-a-grower"),
        ("[0].contact", "private-of-a-grower"),
    }
    kept = make_party(session, kind=GROWER)
    with pytest.raises(InvalidError):
        amend_party(session, AmendParty(party_id=kept.id, contact="13800000000"))


def test_a_firm_may_be_reached_by_a_mobile_telephone_but_not_by_an_identity_number(session: Session) -> None:
    firm = make_plant(session)
    assert amend_party(session, AmendParty(party_id=firm.id, contact="13800000000")).contact == "13800000000"
    for values in ({"contact": "11010519491231002X"}, {"address": "找 13800000000"}):
        with pytest.raises(InvalidError) as refusal:
            amend_party(session, AmendParty(party_id=firm.id, **values))
        assert [fault.code for fault in refusal.value.faults] == ["personal-number"]
