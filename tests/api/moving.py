"""Leaf and tea at the doors, and bodies that move them."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests.api.doors import Doors
from tests.factories import let_go, make_certificate, make_leaf, make_pack, make_tea
from trace.lots import Lot
from trace.parties import Party


def party_of(session: Session, code: str) -> Party:
    """Return one of the parties of the town."""
    return session.scalars(select(Party).where(Party.code == code)).one()


def pick(doors: Doors, code: str = "H1", party: str = "C01") -> str:
    """Let a party have ten kilograms of leaf."""
    with doors.sessions.write.begin() as session:
        make_leaf(session, party=party_of(session, party), code=code)
    return code


def certify(doors: Doors, lot: str = "H1", code: str = "Q1", **overrides: Any) -> str:
    """Let the party of some leaf have certified it, all that is left by default."""
    with doors.sessions.write.begin() as session:
        row = session.scalars(select(Lot).where(Lot.code == lot)).one()
        make_certificate(session, issuer=session.get_one(Party, row.party_id), lots=[row], code=code, **overrides)
    return code


def make(doors: Doors, code: str = "T1", party: str = "PL1") -> str:
    """Let a plant have made tea."""
    with doors.sessions.write.begin() as session:
        make_tea(session, plant=party_of(session, party), output_code=code)
    return code


def kg(value: str) -> dict[str, str]:
    """Return a mass."""
    return {"value": value, "unit": "kg"}


def hand_over(lot: str = "H1", mass: str = "4", **changes: Any) -> dict[str, Any]:
    """Return the body of a good hand-over."""
    return {
        "receiver": "PL1",
        "sent_at": "2026-04-20T12:00:00+08:00",
        "lots": [{"lot": lot, "mass": kg(mass)}],
        **changes,
    }


def send(doors: Doors, code: str, caller: str = "coop", **changes: Any) -> TestResponse:
    """Hand leaf over."""
    answer = doors.post("/v1/hand-overs", hand_over(code=code, **changes), caller)
    assert answer.status_code == 201, answer.text
    return answer


def grams(doors: Doors, lot: str, caller: str) -> int:
    """Return what is left of a lot."""
    return int(doors.get(f"/v1/lots/{lot}", caller).json["mass_g"])


def make_packs(doors: Doors, code: str = "PK1", party: str = "PL1", **overrides: Any) -> str:
    """Let a plant have packed ten units."""
    with doors.sessions.write.begin() as session:
        make_pack(session, packer=party_of(session, party), **{"code": code, "units": 10, **overrides})
    return code


def let_lot_go(doors: Doors, code: str) -> None:
    """Let a lot go, as a season's file does."""
    with doors.sessions.write.begin() as session:
        let_go(session, session.scalars(select(Lot).where(Lot.code == code)).one())


def factory_report(lot: str, **changes: Any) -> dict[str, Any]:
    """Return the body of a plant's own report with all that every tea needs."""
    limits = {"limit_type": "max", "unit": "%", "basis": "GB/T 14456.1"}
    return {
        "lot": lot,
        "sampled_at": "2026-06-24T19:00:00+08:00",
        "purpose": "factory",
        "reported_at": "2026-06-24T20:00:00+08:00",
        "items": [
            {"analyte": "感官", "words": "符合"},
            {"analyte": "水分", "value": "5.13", "limit": "7.0", **limits},
            {"analyte": "粉末", "value": "0.33", "limit": "1.0", **limits},
            {"analyte": "净含量", "words": "符合"},
        ],
        **changes,
    }
