"""What is sent for the rows of the table of roles that are about recall cases (`role_table.py`)."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.api.recalls_of_three import keep_contact, run_cases, write_notice
from tests.api.three_parties import PARTIES, ThreeParties
from tests.factories import make_recall
from trace.lots import Lot
from trace.parties import Party
from trace.recalls import Recall


def _fresh(make: Callable[[Session, dict[str, Party], ThreeParties, str], str]) -> Callable[[ThreeParties, str], str]:
    """Return what makes something new for each question."""

    def made(town: ThreeParties, side: str) -> str:
        with town.doors.sessions.write.begin() as session:
            parties = {party.code: party for party in session.scalars(select(Party))}
            return make(session, {name: parties[code] for name, code in PARTIES.items()}, town, side)

    return made


def _recall(session: Session, _parties: dict[str, Party], town: ThreeParties, side: str) -> str:
    lot = session.scalars(select(Lot).where(Lot.code == town.codes["lots"][side])).one()
    return make_recall(session, lot=lot).code


def _notice(session: Session, parties: dict[str, Party], town: ThreeParties, side: str) -> str:
    recall = session.scalars(select(Recall).where(Recall.code == town.codes["recalls"][side])).one()
    return write_notice(session, recall, parties["own" if side == "neighbour" else "neighbour"])


def _contact(session: Session, parties: dict[str, Party], _town: ThreeParties, side: str) -> str:
    return keep_contact(session, parties[side], parties["own" if side == "neighbour" else "neighbour"])


def open_cases(town: ThreeParties) -> None:
    """Let each party run the recall that it started."""
    with town.doors.sessions.write.begin() as session:
        parties = {party.code: party for party in session.scalars(select(Party))}
        recalls = {recall.code: recall for recall in session.scalars(select(Recall))}
        started = {side: recalls[code] for side, code in town.codes["recalls"].items()}
        town.codes |= run_cases(session, {side: parties[code] for side, code in PARTIES.items()}, started)


FRESH: dict[str, Callable[[ThreeParties, str], str]] = {
    "/v1/recalls/{code}/steps": _fresh(_recall),
    "/v1/recall-notices/{code}/outcomes": _fresh(_notice),
    "/v1/recall-contacts/{code}": _fresh(_contact),  # read, and erased
}
BODIES: dict[str, Callable[[ThreeParties, str], Any]] = {
    "/v1/recalls/{code}/steps": lambda *_: {"state": "planned", "person": "王芳"},
    "/v1/recalls/{code}/notices": lambda *_: {"others": [{"name": "县市场监管局", "channel": "print"}]},
    "/v1/recalls/{code}/reports": lambda *_: {"kind": "progress", "person": "王芳"},
    "/v1/recall-contacts": lambda _, side: {
        "party": PARTIES[side],
        "of": PARTIES["own" if side == "neighbour" else "neighbour"],
        "channel": "print",
        "address": "镇上茶叶店",
    },
    "/v1/recall-drills": lambda town, side: {
        "party": PARTIES[side],
        "lots": [f"{PARTIES[side]}/{town.codes['lots'][side]}"],
    },
    "/v1/recall-notices/{code}/outcomes": lambda *_: {"reached": True, "person": "王芳"},
}
