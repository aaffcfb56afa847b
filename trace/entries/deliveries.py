"""Enter deliveries: grams of one's own lots leave for a receiver, as a hand-over of leaf or a shipment of loose tea."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, aliased

from trace import visibility
from trace.accounts import Caller
from trace.db import portions
from trace.deliveries import Carried, Delivery, DeliveryKind, SendDelivery, send_deliveries
from trace.entries.draws import Draw, Drawn, find_draws, latest_day
from trace.entries.form import Form, new_code
from trace.entries.references import Named, check_new_codes, find_parties
from trace.entries.weighing import EnterWeighing, check_weighing
from trace.errors import AmbiguousCodeError
from trace.lots import LotKind
from trace.parties import Party
from trace.rules.judging import judge_lateness
from trace.rules.judging.markets import refuse_for_buyers
from trace.vocabulary import Scheme, ensure_terms

_PREFIXES = {DeliveryKind.HAND_OVER: "HO", DeliveryKind.SHIPMENT: "SH"}
LEAF = (LotKind.LEAF, LotKind.RECEIVED)
_SAME = ("note_number", "carrier", "vehicle", "grade")


@dataclass(frozen=True, kw_only=True)
class EnterDelivery(EnterWeighing):
    """A delivery as somebody types it; the masses of its lots are the net weight."""

    receiver: str
    sent_at: datetime
    lots: Sequence[Draw]
    code: str | None = None
    note_number: str | None = None
    carrier: str | None = None
    vehicle: str | None = None

    def typed(self) -> dict[str, Any]:
        """Return masses and price as they were typed, the net mass where one lot is all of it."""
        net = {"mass": self.lots[0].mass.as_typed()} if len(self.lots) == 1 else {}
        return {**net, **super().typed()}


@dataclass(frozen=True)
class Sent:
    """A delivery that is known, with the codes of its two sides."""

    delivery: Delivery
    giver: Party
    receiver: Party


def enter_deliveries(
    session: Session, caller: Caller, records: Sequence[EnterDelivery], kind: DeliveryKind
) -> list[Delivery]:
    """Record deliveries of one kind.

    Raises what a form raises, `LotOverdrawnError`, `LotRefusedError` and, of what is sold, `MarketRefusedError`.
    """
    form = Form(session, caller, records)
    commands = read_deliveries(form, records, kind)
    if kind is DeliveryKind.SHIPMENT:
        sold = [(command.receiver_code, [item.lot_uri for item in command.items]) for command in commands]
        refuse_for_buyers(session, sold, form.entry.mode)
    deliveries = send_deliveries(session, commands, form.entry)
    judge_lateness(session, Delivery, [delivery.id for delivery in deliveries])
    return deliveries


def read_deliveries(form: Form, records: Sequence[EnterDelivery], kind: DeliveryKind) -> list[SendDelivery]:
    """Return what a form of deliveries asks for. Raises `InvalidError` with every fault."""
    receivers = find_parties(form, [Named(place, "receiver", one.receiver) for place, one in enumerate(records)])
    drawn = find_draws(form, [("lots", record.lots) for record in records])
    codes = [record.code or new_code(_PREFIXES[kind], record.sent_at) for record in records]
    named = [Named(place, "code", code) for place, code in enumerate(codes)]
    check_new_codes(form, named, Delivery, Delivery.giver_id)
    for place, (record, few) in enumerate(zip(records, drawn, strict=True)):
        form.check_moment(place, "sent_at", record.sent_at)
        form.check_day(place, "sent_at", record.sent_at, since=latest_day(few))
        if kind is DeliveryKind.HAND_OVER:
            _refuse_tea(form, place, few)
        check_weighing(form, place, record, sum(draw.mass.mass_g for draw in record.lots), "lots")
        if receivers[place] is form.principals[place]:
            form.refuse(place, "receiver", "not-itself")
    form.close()
    ensure_terms(form.session, Scheme.PLUCK_STANDARD, [record.pluck_standard for record in records])
    ensure_terms(form.session, Scheme.GRADE, [record.grade for record in records])
    return [
        _command(record, kind, code, (giver, receiver, few))
        for record, code, giver, receiver, few in zip(records, codes, form.principals, receivers, drawn, strict=True)
        if receiver is not None
    ]


def _refuse_tea(form: Form, place: int, drawn: Drawn) -> None:
    """Add a fault for each lot that is leaf no more."""
    for lot, _ in drawn:
        if lot.kind not in (*LEAF, LotKind.PACKED):
            form.refuse(place, "lots", "not-leaf", value=lot.code)


def _command(record: EnterDelivery, kind: DeliveryKind, code: str, found: tuple[Party, Party, Drawn]) -> SendDelivery:
    giver, receiver, drawn = found
    return SendDelivery(
        code=code,
        giver_id=giver.id,
        giver_code=giver.code,
        receiver_id=receiver.id,
        receiver_code=receiver.code,
        kind=kind,
        sent_at=record.sent_at,
        items=[
            Carried(lot_id=lot.id, lot_uri=lot.uri, mass_g=mass.mass_g, as_typed={"mass": mass.as_typed()})
            for lot, mass in drawn
        ],
        as_typed=record.typed(),
        **record.written(),
        **{name: getattr(record, name) for name in _SAME},
    )


def find_deliveries(form: Form, named: Sequence[Named]) -> list[Sent | None]:
    """Return the delivery for each code (`CODE` or `PARTY/CODE`): one that goes to the party the record is for.

    One that is named twice in the form is a fault, where it is named again. Raises `AmbiguousCodeError`.
    """
    known = _deliveries_by_code(form, {one.code.rpartition("/")[2] for one in named})
    first: dict[int, str] = {}
    found: list[Sent | None] = []
    for one in named:
        giver, _, bare = one.code.rpartition("/")
        seen = [sent for sent in known[bare] if giver in ("", sent.giver.code)]
        sent = _theirs(form, one, seen)
        if sent is not None:
            here = f"[{one.place}].{one.field}"
            if sent.delivery.id in first:
                form.refuse(one.place, one.field, "duplicate-value", value=one.code, first=first[sent.delivery.id])
            first.setdefault(sent.delivery.id, here)
        found.append(sent)
    return found


def _theirs(form: Form, named: Named, seen: Sequence[Sent]) -> Sent | None:
    """Return the one of the deliveries seen that goes to the party the record is for."""
    theirs = [sent for sent in seen if sent.receiver.id == form.principals[named.place].id]
    if len(theirs) > 1:
        candidates = [f"{sent.giver.code}/{sent.delivery.code}" for sent in theirs]
        raise AmbiguousCodeError(what="delivery", code=named.code, candidates=candidates)
    if theirs:
        return theirs[0]
    if seen:
        form.refuse(named.place, named.field, "not-yours", value=named.code, owner=seen[0].receiver.code)
    else:
        form.refuse(named.place, named.field, "unknown-reference", value=named.code, array="delivery")
    return None


def _deliveries_by_code(form: Form, codes: set[str]) -> dict[str, list[Sent]]:
    """Return the deliveries of these codes that the caller may read or that go to those it acts for."""
    giver, receiver = aliased(Party), aliased(Party)
    principals = {party.id for party in form.principals}
    found: dict[str, list[Sent]] = defaultdict(list)
    for few in portions(codes):
        query = (
            select(Delivery, giver, receiver)
            .join(giver, Delivery.giver_id == giver.id)
            .join(receiver, Delivery.receiver_id == receiver.id)
            .where(Delivery.code.in_(few), Delivery.undone_at.is_(None))
            .where(or_(Delivery.receiver_id.in_(principals), visibility.deliveries(form.caller)))
            .order_by(giver.code)
        )
        for row in form.session.execute(query):
            found[row[0].code].append(Sent(*row))
    return found
