"""Leaf of a day without a certificate: pickings, hand-overs and intakes, as the officer asks for them every evening.

A household need give none, so its pickings and hand-overs are not among them; its leaf is where it was received without
a test of its own.
"""

from enum import StrEnum
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    Date,
    ScalarSelect,
    Select,
    exists,
    func,
    literal,
    or_,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, aliased

from trace import visibility
from trace.accounts import Caller
from trace.conformity import CertifiedLot, ConformityCertificate, stands
from trace.deliveries import Delivery, DeliveryItem, DeliveryKind
from trace.findings import Finding, Severity
from trace.intakes import Intake
from trace.lots import Lot
from trace.parties import GROWER, Party
from trace.pickings import Picking
from trace.records import Filter, Noun, equal, of_day
from trace.rules.certified import LISTED, MISSING


class Lacking(StrEnum):
    """What lacks a certificate."""

    PICKING = "picking"
    HAND_OVER = "hand-over"
    INTAKE = "intake"


_Rows = Select[*tuple[Any, ...]]
_PLACES = {kind: place for place, kind in enumerate(Lacking)}
_OWNER, _OTHER = (aliased(Party, name=name) for name in ("owner", "other"))
_COVERED_LOT, _CARRIED = aliased(CertifiedLot, name="covered"), aliased(Lot, name="carried")


def _row(kind: Lacking, row: Any, **columns: Any) -> _Rows:
    key = row.id * len(_PLACES) + _PLACES[kind]
    said = [column.label(name) for name, column in columns.items()]
    return select(key.label("key"), literal(kind.value).label("kind"), *said).select_from(row)


def _listed(crop: Any) -> ColumnElement[bool]:
    """Hold for a crop that must have one, or that nobody recorded."""
    return or_(crop.is_(None), crop.in_(LISTED))


def _is_covered(lot: Any) -> ColumnElement[bool]:
    """Hold where a certificate that stands covers a lot, or came with it."""
    covering = select(_COVERED_LOT.lot_id).join(
        ConformityCertificate, ConformityCertificate.id == _COVERED_LOT.certificate_id
    )
    received = aliased(Intake)
    came = select(received.id).join(ConformityCertificate, ConformityCertificate.id == received.certificate_id)
    return or_(
        covering.where(_COVERED_LOT.lot_id == lot, stands()).exists(),
        came.where(received.lot_id == lot, stands()).exists(),
    )


def _pickings() -> _Rows:
    parts = {"code": Lot.code, "on_day": Picking.picked_on, "party_id": Lot.party_id, "other_id": Lot.party_id}
    joined = _row(Lacking.PICKING, Picking, **parts, mass_g=Picking.mass_g).join(Lot, Picking.lot_id == Lot.id)
    firms = joined.join(Party, Lot.party_id == Party.id).where(Party.kind != GROWER)
    return firms.where(Picking.undone_at.is_(None), _listed(Lot.crop), ~_is_covered(Lot.id))


def _sent_g() -> ScalarSelect[int]:
    sent = select(func.sum(DeliveryItem.mass_g)).where(DeliveryItem.delivery_id == Delivery.id)
    return sent.correlate(Delivery).scalar_subquery()


def _hand_overs() -> _Rows:
    parts = {"code": Delivery.code, "on_day": Delivery.sent_on}
    parties = {"party_id": Delivery.giver_id, "other_id": Delivery.receiver_id}
    joined = _row(Lacking.HAND_OVER, Delivery, **parts, **parties, mass_g=_sent_g())
    bare = exists().where(DeliveryItem.delivery_id == Delivery.id, _CARRIED.id == DeliveryItem.lot_id)
    firms = joined.join(Party, Delivery.giver_id == Party.id).where(Party.kind != GROWER)
    leaf = firms.where(Delivery.kind == DeliveryKind.HAND_OVER, Delivery.undone_at.is_(None))
    return leaf.where(bare.where(_listed(_CARRIED.crop), ~_is_covered(_CARRIED.id)).correlate(Delivery))


def _intakes() -> _Rows:
    parts = {"code": Lot.code, "on_day": Intake.received_on, "party_id": Lot.party_id, "other_id": Intake.supplier_id}
    joined = _row(Lacking.INTAKE, Intake, **parts, mass_g=Intake.received_g).join(Lot, Intake.lot_id == Lot.id)
    waiting = exists().where(
        *(Finding.noun == "intake", Finding.record_id == Intake.id, Finding.rule == MISSING),
        *(Finding.severity == Severity.REFUSE, Finding.withdrawn_at.is_(None)),
    )
    return joined.where(Intake.undone_at.is_(None), waiting)


_LACKING = union_all(_pickings(), _hand_overs(), _intakes()).subquery("lacking")


def _lacking(_caller: Caller) -> _Rows:
    return (
        select(
            *(_LACKING.c.kind, _LACKING.c.code, _OWNER.code.label("owner"), _OTHER.code.label("other")),
            *(type_coerce(_LACKING.c.on_day, Date).label("on_day"), _LACKING.c.mass_g),
        )
        .select_from(_LACKING)
        .join(_OWNER, _OWNER.id == _LACKING.c.party_id)
        .join(_OTHER, _OTHER.id == _LACKING.c.other_id)
    )


def _visible(caller: Caller) -> ColumnElement[bool]:
    """Hold for what is one's own, and what one was given: for an officer, of every party in the area."""
    return or_(visibility.own(caller, _id("party_id")), visibility.own(caller, _id("other_id")))


def _id(name: str) -> InstrumentedAttribute[int]:
    return cast("InstrumentedAttribute[int]", _LACKING.c[name])


UNCERTIFIED = Noun(
    name="uncertified",
    key=_id("key"),
    query=_lacking,
    visible=_visible,
    code=lambda code: _LACKING.c.code == code,
    owner=_OWNER.code.expression,
    filters={
        "on": of_day(_LACKING.c.on_day),
        "kind": Filter(lambda kind: _LACKING.c.kind == kind, tuple(Lacking)),
        "party": equal(_OWNER.code),
    },
)
