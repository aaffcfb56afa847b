"""Enter intakes: deliveries weighed again by their receiver, or lots of a supplier one acts for, taken over at once."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from trace.accounts import Caller
from trace.conformity import ConformityCertificate
from trace.db import portions
from trace.deliveries import DeliveryItem
from trace.entries.certified import Exemption, check_exemption, find_certificates
from trace.entries.deliveries import LEAF, Sent, find_deliveries
from trace.entries.draws import Draw, Drawn, find_draws, latest_day
from trace.entries.form import Form, new_code
from trace.entries.on_paper import OnPaper, read_forms
from trace.entries.references import Named, check_new_codes
from trace.entries.weighing import EnterWeighing, check_weighing
from trace.intakes import Intake, TakeIn, record_intakes
from trace.lots import Lot, LotKind
from trace.mandates import acting_party
from trace.mass import Weighed
from trace.packs import agreed
from trace.paper_forms import FormKind, use_forms
from trace.parties import Party
from trace.rules.judging import judge_intakes, judge_lateness
from trace.vocabulary import Scheme, ensure_terms


@dataclass(frozen=True, kw_only=True)
class EnterIntake(EnterWeighing, OnPaper):
    """An intake as somebody types it: of hand-overs or deliveries on their way, or of lots handed over now."""

    received_at: datetime
    hand_overs: Sequence[str] = ()
    deliveries: Sequence[str] = ()
    supplier: str | None = None
    lots: Sequence[Draw] = ()
    mass: Weighed | None = None
    certificate: str | None = None
    exemption: Exemption | None = None
    code: str | None = None
    moisture_percent: Decimal | None = None
    weather: str | None = None

    def typed(self) -> dict[str, Any]:
        """Return masses and price as they were typed."""
        return {**({} if self.mass is None else {"mass": self.mass.as_typed()}), **super().typed()}


_BY_WORK = (LotKind.RECEIVED, LotKind.BY_PRODUCT, LotKind.MADE, LotKind.FINISHED, LotKind.PACKED)


@dataclass(frozen=True)
class _Goods:
    """What is taken in: leaf becomes a received lot, tea stays what it is."""

    lots: Sequence[Lot]

    @property
    def kinds(self) -> set[LotKind]:
        """Return the kinds of lot there will be, leaf under one name."""
        return {LotKind.RECEIVED if lot.kind in LEAF else lot.kind for lot in self.lots}

    @property
    def kind(self) -> LotKind:
        """Return the kind of the lot that they make: of several kinds of tea the one furthest from the pack."""
        return min(self.kinds, key=_BY_WORK.index, default=LotKind.RECEIVED)

    def agreed(self, name: str) -> str | None:
        """Return what all of them have in common."""
        return agreed(self.lots, name)


@dataclass(frozen=True, kw_only=True)
class _Found:
    """What one record's codes name."""

    code: str
    supplier: Party
    sent: Sequence[Sent]
    drawn: Drawn
    certificate: ConformityCertificate | None
    goods: _Goods


_SAME = ("received_at", "moisture_percent", "weather")


def enter_intakes(session: Session, caller: Caller, records: Sequence[EnterIntake]) -> list[Intake]:
    """Record intakes; each makes a lot of the receiver's.

    Raises what a form raises, `DeliveryNotOpenError`, `LotOverdrawnError`, and `NotForThemError` for a supplier for
    whom one may not act.
    """
    form = Form(session, caller, records)
    written = read_forms(form, records, FormKind.INTAKES)
    intakes = record_intakes(session, read_intakes(form, records), form.entry)
    use_forms(session, FormKind.INTAKES, written, intakes)
    judge_lateness(session, Intake, [intake.id for intake in intakes])
    judge_intakes(session, [intake.id for intake in intakes])
    return intakes


def read_intakes(form: Form, records: Sequence[EnterIntake]) -> list[TakeIn]:
    """Return what a form of intakes asks for. Raises `InvalidError` with every fault, and `NotForThemError`."""
    suppliers = _suppliers(form, records)
    drawn = find_draws(form, [("lots", record.lots) for record in records], suppliers)
    sent = _find_sent(form, records)
    named = [(place, record.certificate) for place, record in enumerate(records)]
    givers = [*suppliers, *(one.giver for few in sent for one in few)]
    certificates = find_certificates(form, named, givers)
    codes = [record.code or new_code("IT", record.received_at) for record in records]
    check_new_codes(form, [Named(place, "code", code) for place, code in enumerate(codes)], Lot, Lot.party_id)
    goods = _goods(form.session, sent, drawn)
    for place, record in enumerate(records):
        _check_source(form, place, record, sent[place])
        _check_kinds(form, place, record, goods[place])
        _check_weights(form, place, record)
        _check_time(form, place, record, _days(sent[place], drawn[place]))
        check_exemption(form, place, record.exemption, sent[place][0].giver if sent[place] else suppliers[place])
    form.close()
    ensure_terms(form.session, Scheme.PLUCK_STANDARD, [record.pluck_standard for record in records])
    ensure_terms(form.session, Scheme.GRADE, [record.grade for record in records])
    commands = []
    for place, record in enumerate(records):
        found = _Found(
            code=codes[place],
            supplier=sent[place][0].giver if sent[place] else suppliers[place],
            sent=sent[place],
            drawn=drawn[place],
            certificate=certificates[place],
            goods=goods[place],
        )
        commands.append(_command(record, form.principals[place], found))
    return commands


def _suppliers(form: Form, records: Sequence[EnterIntake]) -> list[Party]:
    """Return whose lots each record takes, the receiver's own where it names none. Raises `NotForThemError`."""
    named = {record.supplier for record in records if record.supplier is not None}
    known = {code: form.lenders.get(code) or acting_party(form.session, form.caller, code) for code in named}
    return [
        party if record.supplier is None else known[record.supplier]
        for record, party in zip(records, form.principals, strict=True)
    ]


def _find_sent(form: Form, records: Sequence[EnterIntake]) -> list[list[Sent]]:
    """Return the deliveries that each record takes in, found all at once."""
    named = [
        Named(place, f"{field}[{number}]", code)
        for place, record in enumerate(records)
        for field, codes in (("hand_overs", record.hand_overs), ("deliveries", record.deliveries))
        for number, code in enumerate(codes)
    ]
    found: list[list[Sent]] = [[] for _ in records]
    for one, sent in zip(named, find_deliveries(form, named), strict=True):
        if sent is None:
            continue
        first = found[one.place][0] if found[one.place] else sent
        if first.giver.id != sent.giver.id:
            form.refuse(one.place, one.field, "disagrees", value=sent.giver.code, other=first.giver.code)
        found[one.place].append(sent)
    return found


def _check_source(form: Form, place: int, record: EnterIntake, sent: Sequence[Sent]) -> None:
    """Add a fault for a record that takes in nothing, or both what was sent and lots."""
    if record.hand_overs or record.deliveries:
        if record.lots:
            other = "hand_overs" if record.hand_overs else "deliveries"
            form.refuse(place, "lots", "not-both", value="lots", other=other)
        if record.supplier is not None and sent and record.supplier != sent[0].giver.code:
            form.refuse(place, "supplier", "disagrees", value=record.supplier, other=sent[0].giver.code)
        return
    if not record.lots:
        form.refuse(place, "hand_overs", "missing-field")
    if record.lots and record.supplier is None:
        form.refuse(place, "supplier", "missing-field")
    if record.supplier is not None and record.supplier == form.principals[place].code:
        form.refuse(place, "supplier", "not-itself")


def _check_weights(form: Form, place: int, record: EnterIntake) -> None:
    """Add a fault for weights that are missing, or that do not add up."""
    if record.mass is None and not record.weights():
        form.refuse(place, "mass", "missing-field")
    check_weighing(form, place, record, record.mass.mass_g if record.mass else None, "mass")


def _days(sent: Sequence[Sent], drawn: Drawn) -> Iterator[date]:
    """Yield the days of all that an intake rests on; its certificate may come later."""
    yield from (one.delivery.sent_on for one in sent)
    made = latest_day(drawn)
    if made is not None:
        yield made


def _check_time(form: Form, place: int, record: EnterIntake, days: Iterable[date]) -> None:
    form.check_moment(place, "received_at", record.received_at)
    form.check_day(place, "received_at", record.received_at, since=max(days, default=None))


def _goods(session: Session, sent: Sequence[Sequence[Sent]], drawn: Sequence[Drawn]) -> list[_Goods]:
    """Return the lots that each record takes in, on their way or now."""
    carried: dict[int, list[Lot]] = {one.delivery.id: [] for few in sent for one in few}
    query = select(DeliveryItem.delivery_id, Lot).join(Lot, DeliveryItem.lot_id == Lot.id).order_by(DeliveryItem.id)
    for ids in portions(carried):
        for delivery, lot in session.execute(query.where(DeliveryItem.delivery_id.in_(ids))):
            carried[delivery].append(lot)
    return [
        _Goods([*(lot for one in few for lot in carried[one.delivery.id]), *(lot for lot, _ in now)])
        for few, now in zip(sent, drawn, strict=True)
    ]


def _check_kinds(form: Form, place: int, record: EnterIntake, goods: _Goods) -> None:
    """Add a fault where leaf and tea would become one lot."""
    tea = sorted(goods.kinds - {LotKind.RECEIVED})
    if tea and LotKind.RECEIVED in goods.kinds:
        field = "lots" if record.lots else "deliveries" if record.deliveries else "hand_overs"
        form.refuse(place, field, "disagrees", value=tea[0].value, other=LotKind.RECEIVED.value)


def _command(record: EnterIntake, receiver: Party, found: _Found) -> TakeIn:
    tea = found.goods.kind is not LotKind.RECEIVED
    received = record.net_g if record.net_g is not None else record.mass and record.mass.mass_g
    return TakeIn(
        code=found.code,
        receiver_id=receiver.id,
        receiver_code=receiver.code,
        supplier_id=found.supplier.id,
        supplier_code=found.supplier.code,
        certificate_id=found.certificate.id if found.certificate else None,
        exemption=record.exemption.kept() if record.exemption else None,
        handed_over_at=record.received_at,
        taken=[(lot.uri, mass.mass_g) for lot, mass in found.drawn],
        deliveries=[one.delivery.id for one in found.sent],
        received_g=received or 0,
        as_typed=record.typed(),
        kind=found.goods.kind,
        grade=record.grade or (found.goods.agreed("grade") if tea else None),
        crop=found.goods.agreed("crop"),
        product_kind=found.goods.agreed("product_kind") if tea else None,
        **record.written(),
        **{name: getattr(record, name) for name in _SAME},
    )
