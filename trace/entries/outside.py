"""Enter leaf and tea from outside: with a declared origin, from a party here or from a name alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy.orm import Session

from trace.accounts import Caller
from trace.entries.form import Filled, Form, new_code
from trace.entries.references import Named, check_new_codes, find_parties
from trace.lots import Lot, LotKind
from trace.mass import Weighed
from trace.outside import OutsideReceipt, ReceiveOutside, receive_outside
from trace.parties import Party
from trace.vocabulary import Scheme, ensure_terms


class OutsideKind(StrEnum):
    """What may come from outside: leaf, tea that was made, tea that is ready to be packed."""

    RECEIVED = LotKind.RECEIVED.value
    MADE = LotKind.MADE.value
    FINISHED = LotKind.FINISHED.value


@dataclass(frozen=True, kw_only=True)
class EnterOutside(Filled):
    """Leaf or tea from outside as somebody types it."""

    declared_origin: str
    received_at: datetime
    mass: Weighed
    supplier: str | None = None
    supplier_name: str | None = None
    kind: OutsideKind = OutsideKind.RECEIVED
    papers: Sequence[str] = ()
    price_yuan_per_kg: Decimal | None = None
    grade: str | None = None
    crop: str | None = None
    product_kind: str | None = None
    code: str | None = None


_SAME = (
    *("supplier_name", "declared_origin", "received_at", "papers", "price_yuan_per_kg"),
    *("grade", "crop", "product_kind"),
)


def enter_outside(session: Session, caller: Caller, records: Sequence[EnterOutside]) -> list[OutsideReceipt]:
    """Record leaf and tea from outside; each makes a lot of the receiver's. Raises what a form raises."""
    form = Form(session, caller, records)
    return receive_outside(session, read_outside(form, records), form.entry)


def read_outside(form: Form, records: Sequence[EnterOutside]) -> list[ReceiveOutside]:
    """Return what a form of outside lots asks for. Raises `InvalidError` with every fault."""
    suppliers = _find_suppliers(form, records)
    codes = [record.code or new_code("OUT", record.received_at) for record in records]
    check_new_codes(form, [Named(place, "code", code) for place, code in enumerate(codes)], Lot, Lot.party_id)
    for place, record in enumerate(records):
        form.check_moment(place, "received_at", record.received_at)
        if record.supplier is None and record.supplier_name is None:
            form.refuse(place, "supplier", "missing-field")
        if record.supplier is not None and record.supplier_name is not None:
            form.refuse(place, "supplier_name", "not-both", value="supplier_name", other="supplier")
    form.close()
    ensure_terms(form.session, Scheme.GRADE, [record.grade for record in records])
    ensure_terms(form.session, Scheme.CROP, [record.crop for record in records])
    ensure_terms(form.session, Scheme.PRODUCT_KIND, [record.product_kind for record in records])
    return [
        ReceiveOutside(
            code=code,
            receiver_id=party.id,
            receiver_code=party.code,
            supplier=(supplier.id, supplier.code) if supplier else None,
            mass_g=record.mass.mass_g,
            kind=LotKind(record.kind.value),
            as_typed={"mass": record.mass.as_typed()},
            **{name: getattr(record, name) for name in _SAME},
        )
        for record, party, supplier, code in zip(
            records, form.principals, [suppliers.get(place) for place in range(len(records))], codes, strict=True
        )
    ]


def _find_suppliers(form: Form, records: Sequence[EnterOutside]) -> dict[int, Party]:
    """Return by place the supplier that is a party here; nobody supplies itself."""
    named = [Named(place, "supplier", one.supplier) for place, one in enumerate(records) if one.supplier is not None]
    found: dict[int, Party] = {}
    for one, party in zip(named, find_parties(form, named), strict=True):
        if party is form.principals[one.place]:
            form.refuse(one.place, one.field, "not-itself")
        if party is not None:
            found[one.place] = party
    return found
