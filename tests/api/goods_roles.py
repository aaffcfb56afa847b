"""What is sent for the rows of the table of roles that are about goods once made (`role_table.py`)."""

import itertools
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.api import recall_roles
from tests.api.goods_of_three import case_of, form_of
from tests.api.quality_of_three import keep_of, own_tea, sample_of
from tests.api.three_parties import PARTIES, SIDES, ThreeParties
from tests.between import make_delivery
from tests.factories import get_lot_of, make_intake, make_measured, make_result
from tests.packing import make_shipment
from trace.deliveries import DeliveryKind
from trace.events import Entry, Mode
from trace.ids import gs1_check_digit
from trace.lots import Lot
from trace.packs import Pack
from trace.parties import Party

_days = itertools.count(1)
_positions = {side: itertools.count(120) for side in SIDES}  # those before are shipped and marked

_ssccs = (body + gs1_check_digit(body) for body in (f"{number:017d}" for number in itertools.count(1)))


def sell(town: ThreeParties, side: str) -> dict[str, Any]:
    """Ship a position of the pack of a side to its buyer, and return what may come back."""
    buyer, position = PARTIES["own" if side == "neighbour" else "neighbour"], next(_positions[side])
    with town.doors.sessions.write.begin() as session:
        party = session.scalars(select(Party).where(Party.code == buyer)).one()
        pack = _pack(session, town, side)
        make_shipment(session, pack=pack, buyer=party, positions=(position, position), entry=Entry(Mode.HISTORY))
    return {"buyer": buyer, "pack": town.codes["packs"][side], "first": position, "last": position}


def _pack(session: Session, town: ThreeParties, side: str) -> Pack:
    return session.scalars(select(Pack).join(Lot).where(Lot.code == town.codes["packs"][side])).one()


def put_into_a_case(town: ThreeParties, side: str) -> str:
    """Put a position of the pack of a side into a case, and return its SSCC."""
    with town.doors.sessions.write.begin() as session:
        return case_of(session, _pack(session, town, side), next(_positions[side])).sscc


def send_to(town: ThreeParties, side: str, kind: DeliveryKind) -> str:
    """Send a gram to the party of a side, the stranger's to the neighbour; return its code."""
    giver, receiver = {"own": ("neighbour", "own"), "neighbour": ("own", "neighbour")}.get(side, (side, "neighbour"))
    with town.doors.sessions.write.begin() as session:
        party = session.scalars(select(Party).where(Party.code == PARTIES[receiver])).one()
        lot = session.scalars(select(Lot).where(Lot.code == town.codes["leaf"][giver])).one()
        return make_delivery(session, items=[(lot, 1)], receiver=party, kind=kind).code


def print_form(town: ThreeParties, side: str) -> tuple[str, str]:
    """Have a form printed for the party of a side; return its run and its number."""
    with town.doors.sessions.write.begin() as session:
        return form_of(session, session.scalars(select(Party).where(Party.code == PARTIES[side])).one())


def receive(town: ThreeParties, side: str) -> str:
    """Let the party of a side have received leaf without a certificate, and return the intake's code."""
    giver = _GIVERS[side]
    with town.doors.sessions.write.begin() as session:
        parties = {party.code: party for party in session.scalars(select(Party))}
        plant, supplier = parties[PARTIES[side]], parties[PARTIES[giver]]
        return get_lot_of(session, make_intake(session, plant=plant, supplier=supplier)).code


def certify(town: ThreeParties, side: str) -> str:
    """Let who gave leaf to the party of a side have certified some, and return that certificate."""
    return f"{PARTIES[_GIVERS[side]]}/{town.code('certificates', _GIVERS[side], '')}"


_GIVERS = {"own": "neighbour", "neighbour": "own", "foreign": "neighbour"}


def make_tested(town: ThreeParties, side: str) -> str:
    """Let a side have made tea that passed all it needs; return its code."""
    with town.doors.sessions.write.begin() as session:
        plant = session.scalars(select(Party).where(Party.code == PARTIES[side])).one()
        lot = own_tea(session, plant)
        items = [make_measured(analyte=item, unit=None) for item in ("感官", "水分", "粉末", "净含量")]
        make_result(session, lot=lot, laboratory=plant, items=items)
        return lot.code


def keep(town: ThreeParties, side: str) -> str:
    """Let a side keep what may be disposed of by now; return its code."""
    with town.doors.sessions.write.begin() as session:
        return keep_of(session, session.scalars(select(Party).where(Party.code == PARTIES[side])).one())


def retained(town: ThreeParties, side: str) -> dict[str, Any]:
    """Return the body that keeps part of a sample of a side."""
    with town.doors.sessions.write.begin() as session:
        party = session.scalars(select(Party).where(Party.code == PARTIES[side])).one()
        code = sample_of(session, party).code
    return {"party": party.code, "sample": code, "mass": {"value": 1, "unit": "g"}, "place": "留样室"}


# What is done to a record is done once: a fresh one for each question.
FRESH: dict[str, Callable[[ThreeParties, str], str]] = {
    "/v1/paper-forms/{code}/voids": lambda town, side: print_form(town, side)[1],
    "/v1/cases/{code}/unpack": put_into_a_case,
    "/v1/intakes/{code}/certificate": receive,
    "/v1/retained-samples/{code}/disposals": keep,
    **dict.fromkeys(("/v1/lots/{code}/release", "/v1/lots/{code}/hold"), make_tested),
    "/v1/hand-overs/{code}/refusals": partial(send_to, kind=DeliveryKind.HAND_OVER),
    "/v1/deliveries/{code}/refusals": partial(send_to, kind=DeliveryKind.SHIPMENT),
    **recall_roles.FRESH,
}

BODIES: dict[str, Callable[[ThreeParties, str], Any]] = {
    "/v1/paper-forms": lambda _, side: {"party": PARTIES[side], "kind": "inputs", "count": 1},
    "/v1/paper-forms/{code}/voids": lambda *_: {"reason": "丢失"},
    "/v1/retained-samples": retained,
    "/v1/retained-samples/{code}/disposals": lambda *_: {"disposal": "到期销毁"},
    "/v1/day-closes": lambda _, side: {
        "party": PARTIES[side],
        "day": str(date(2025, 1, 1) + timedelta(days=next(_days))),
    },
    "/v1/lots/{code}/release": lambda *_: {},
    "/v1/lots/{code}/hold": lambda *_: {"reason": "有异味，待复检"},
    "/v1/release-plans": lambda _, side: {
        "party": PARTIES[side],
        "from_on": "2100-01-01",
        "items": [{"item": "铅(以Pb计)", "every_lots": 10}],
    },
    "/v1/deliveries": lambda town, side: {
        "party": PARTIES[side],
        "receiver": PARTIES["foreign" if side == "neighbour" else "neighbour"],
        "sent_at": "2026-06-25T12:00:00+08:00",
        "lots": [{"lot": town.codes["tea"][side], "mass": {"value": 1, "unit": "g"}}],
        "mode": "history",
    },
    **dict.fromkeys(
        (f"/v1/{noun}/{{code}}/refusals" for noun in ("deliveries", "hand-overs")),
        lambda *_: {"returned_at": "2026-06-26T12:00:00+08:00", "reason": "含水过高"},
    ),
    "/v1/returns": lambda town, side: {
        "party": PARTIES[side],
        "returned_at": "2026-06-26T12:00:00+08:00",
        "reason": "外包装破损",
        **sell(town, side),
    },
    "/v1/cases": lambda town, side: {
        "party": PARTIES[side],
        "sscc": next(_ssccs),
        "packed_at": "2026-06-26T12:00:00+08:00",
        "packs": [{"pack": town.codes["packs"][side], **dict.fromkeys(("first", "last"), next(_positions[side]))}],
    },
    "/v1/intakes/{code}/certificate": lambda town, side: {"certificate": certify(town, side)},
    "/v1/cases/{code}/unpack": lambda *_: {"opened_at": "2026-06-27T12:00:00+08:00"},
    "/v1/reworks": lambda town, side: {
        "party": PARTIES[side],
        "packs": [{"pack": town.codes["packs"][side], **dict.fromkeys(("first", "last"), next(_positions[side]))}],
        "reworked_at": "2026-06-26T12:00:00+08:00",
    },
    "/v1/label-jobs": lambda town, side: {
        "party": PARTIES[side],
        "pack": town.codes["packs"][side],
        "first": 1,
        "last": 1,
    },
    "/v1/destructions": lambda town, side: {
        "party": PARTIES[side],
        "lot": town.codes["tea"][side],
        "mass": {"value": 1, "unit": "g"},
        "destroyed_at": "2026-06-26T12:00:00+08:00",
        "reason": "霉变",
        "method": "焚烧",
    },
    "/v1/outside-lots": lambda _, side: {
        "party": PARTIES[side],
        "supplier_name": "外省茶行",
        "declared_origin": "外省某县",
        "received_at": "2026-05-06T14:00:00+08:00",
        "mass": {"value": 1, "unit": "kg"},
    },
}
