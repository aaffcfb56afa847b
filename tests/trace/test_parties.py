"""Parties: registered with their codes checked, the private side of a grower apart."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories import AREA, make_party
from trace.errors import InvalidError
from trace.parties import KINDS, RegisterParty, find_party, register_parties
from trace.persons import Person, Private
from trace.rules.judging import judge_parties


def asked(code: str, **overrides: object) -> RegisterParty:
    """Ask for a grower."""
    values = {"name": f"茶农 {code}", "kind": "grower", "area_code": AREA, **overrides}
    return RegisterParty(code=code, **values)  # type: ignore[arg-type] -- a test's own values


def test_a_growers_name_and_telephone_stand_apart_from_the_public_label(session: Session) -> None:
    private = Private(name="张三", phone="13800000000")
    [grower] = register_parties(session, [asked("F-1", person=private)])
    person = session.scalars(select(Person).where(Person.party_id == grower.id)).one()
    assert (grower.name, grower.revision) == ("茶农 F-1", 1)
    assert (person.name, person.phone) == ("张三", "13800000000")


def test_every_kind_of_party_can_be_registered(session: Session) -> None:
    parties = register_parties(session, [asked(f"K{number}", kind=kind) for number, kind in enumerate(KINDS)])
    assert {party.kind for party in parties} == set(KINDS)


def test_every_fault_of_every_party_is_told_at_once(session: Session) -> None:
    make_party(session, code="C-OLD", uscc="91371100MA3C0T5X7B")
    commands = [
        asked("C-OLD", kind="cooperative"),
        asked("bad code", kind="wizard", area_code="12"),
        asked("N", name="张三 13800000000"),
        asked("N", kind="plant", person=Private(name="李四"), uscc="not one"),
        asked("M", kind="plant", uscc="91371100MA3C0T5X7B"),
    ]
    with pytest.raises(InvalidError) as refusal:
        register_parties(session, commands)
    assert {(fault.path, fault.code) for fault in refusal.value.faults} == {
        ("[0].code", "code-taken"),
        ("[1].code", "record-code-shape"),
        ("[1].kind", "not-allowed"),
        ("[1].area_code", "region-shape"),
        ("[2].name", "personal-number"),
        ("[3].code", "code-taken"),
        ("[3].private", "not-a-grower"),
        ("[3].uscc", "uscc-shape"),
        ("[4].uscc", "code-taken"),
    }
    assert find_party(session, "N") is None


def test_a_credit_code_whose_check_fails_is_noted_and_stops_nothing(session: Session) -> None:
    [plant] = register_parties(session, [asked("PL-1", kind="plant", uscc="91371100MA3C0T5X70")])
    notes = judge_parties(session, [plant.id])
    assert notes
    assert {(note.rule, note.severity.value, note.record) for note in notes} == {("code_check_digit", "note", "PL-1")}
