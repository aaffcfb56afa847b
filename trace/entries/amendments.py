"""Amend master data: who may change what of whom. What is not among the values stays as it is; None empties it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from trace import clock
from trace.accounts import Caller, Role
from trace.brands import AmendBrand, amend_brand, name_suppliers
from trace.entries.registry import Registry
from trace.facilities import AmendFacility, RenewLicence, amend_facility, renew_licence
from trace.input_products import (
    AmendInputProduct,
    RegisterInputProduct,
    amend_input_product,
    lock_labels,
    register_input_products,
)
from trace.inputs import InputProduct, InputUse
from trace.mandates import NotForThemError
from trace.parties import Brand, Facility, Licence, Party
from trace.party_changes import AmendParty, MergeParties, amend_party, merge_parties
from trace.places import Village
from trace.products import AmendProduct, TradeItem, amend_product
from trace.records import Record
from trace.rules.judging import (
    find_packs_of,
    judge_input_uses,
    judge_licences,
    judge_packs,
    judge_parties,
    judge_plants,
    judge_products,
)
from trace.villages import AmendVillage, amend_village
from trace.vocabulary import Scheme, ensure_terms

Values = Mapping[str, Any]  # by the names of the bodies
_KEEPERS = (Role.OPERATOR, Role.OFFICER)  # who keep the register: they alone move a party elsewhere
_PLACED = ("area_code", "member_of")


@dataclass(frozen=True, kw_only=True)
class EnterMerge:
    """Of which record one is a duplicate, and how that is known."""

    into: str
    reason: str


def keeps_party(caller: Caller, party: Party) -> bool:
    """Return whether the caller keeps what the register says of a party: its own, its members', its area's."""
    if caller.role in _KEEPERS:
        return caller.sees(party.id, party.area_code)
    return caller.party_id is not None and caller.party_id in (party.id, party.member_of_id)


def change_party(session: Session, caller: Caller, record: Record, values: Values) -> Party:
    """Change a party. Raises `NotForThemError`, `InvalidError`."""
    party, new = session.get_one(Party, record["key"]), dict(values)
    if not keeps_party(caller, party):
        raise NotForThemError(party=party.code)
    registry = Registry(session, caller)
    for name in _PLACED:
        if name in new and caller.role not in _KEEPERS and new[name] != record[name]:
            registry.refuse(0, name, "not-allowed", value=new[name], allowed=[record[name]])
    area = new.get("area_code", caller.area_code)
    if caller.role is Role.OFFICER and not str(area).startswith(caller.area_code or "-"):
        registry.refuse(0, "area_code", "outside-the-area", value=area, area=caller.area_code)
    if "member_of" in new:
        home = registry.find_party(0, "member_of", new.pop("member_of"))
        new["member_of_id"] = home.id if home else None
    if "private" in new:
        new["person"] = new.pop("private")
    registry.close()
    amended = amend_party(session, AmendParty(party_id=party.id, **new))
    judge_parties(session, [party.id])
    return amended


def merge_party(session: Session, caller: Caller, record: Record, command: EnterMerge) -> Party:
    """Say that a grower is a duplicate of another. Raises `NotForThemError`, `InvalidError`."""
    registry, duplicate = Registry(session, caller), session.get_one(Party, record["key"])
    survivor = registry.find_party(0, "into", command.into)
    registry.close()
    for party in (duplicate, survivor):
        if party is None or not keeps_party(caller, party):
            raise NotForThemError(party=party.code if party else command.into)
    return merge_parties(
        session,
        MergeParties(
            from_id=duplicate.id,
            into_id=survivor.id if survivor else 0,
            reason=command.reason,
            account_id=caller.account_id,
        ),
    )


def change_village(session: Session, caller: Caller, record: Record, values: Values) -> Village:
    """Change a village; an officer those of the area. Raises `NotForThemError`, `InvalidError`."""
    if caller.role is Role.OFFICER and not record["code"].startswith(caller.area_code or "-"):
        raise NotForThemError(party=record["code"])
    return amend_village(session, AmendVillage(village_id=record["key"], **_located(values, "center")))


def change_facility(session: Session, caller: Caller, record: Record, values: Values) -> Facility:
    """Say what a facility is from a day on, today where none is named. Raises `NotForThemError`, `InvalidError`."""
    _require_party(session, caller, record["party"])
    new = _weighed(_located(values, "location"), {"capacity": "capacity_g_per_day"})
    command = AmendFacility(facility_id=record["key"], from_on=new.pop("from_on", None) or clock.today(), **new)
    facility = amend_facility(session, command, caller.account_id)
    judge_plants(session, [facility.party_id], command.from_on)
    return facility


def change_licence(session: Session, caller: Caller, record: Record, values: Values) -> Licence:
    """Give a licence another term. Raises `NotForThemError`, `InvalidError`."""
    _require_party(session, caller, record["party"])
    term = {name: values.get(name, record[name]) for name in ("valid_from", "valid_to", "product_kinds")}
    licence = renew_licence(session, RenewLicence(licence_id=record["key"], **term), caller.account_id)
    judge_parties(session, [licence.party_id])
    judge_licences(session, [licence.party_id])
    return licence


def change_brand(session: Session, caller: Caller, record: Record, values: Values) -> Brand:
    """Change a brand, and who may supply it. Raises `NotForThemError`, `InvalidError`."""
    registry, new = Registry(session, caller), dict(values)
    registry.owner(record["party"])
    named = new.pop("suppliers", None)
    registry.know(named or ())
    found = [registry.find_party(0, f"suppliers[{place}]", code) for place, code in enumerate(named or ())]
    registry.close()
    brand = amend_brand(session, AmendBrand(brand_id=record["key"], **new))
    items = session.scalars(select(TradeItem.id).where(TradeItem.brand_id == brand.id)).all()
    judge_packs(session, find_packs_of(session, items=items))
    return brand if named is None else name_suppliers(session, brand, [party.id for party in found if party])


def change_product(session: Session, caller: Caller, record: Record, values: Values) -> TradeItem:
    """Change a trade item. Raises `NotForThemError`, `InvalidError`, `ItemPackedError`."""
    _require_party(session, caller, record["party"])
    ensure_terms(session, Scheme.GRADE, [values.get("grade")])
    new = _weighed(values, {"net": "net_g", "gross": "gross_g"})
    item = amend_product(session, AmendProduct(product_id=record["key"], **new))
    judge_products(session, [item.id])
    judge_packs(session, find_packs_of(session, items=[item.id]))
    return item


def change_input_product(session: Session, _caller: Caller, record: Record, values: Values) -> InputProduct:
    """Change an input product; its uses, and pickings after them, are judged again. Raises `InvalidError`."""
    lock_labels(session, [record["key"]], [record["registration"]])
    product = amend_input_product(session, AmendInputProduct(product_id=record["key"], **values))
    _judge_uses_of(session, [product], {record["registration"], product.registration})
    return product


def enter_input_products(session: Session, commands: Sequence[RegisterInputProduct]) -> list[InputProduct]:
    """Register input products; uses of others of the same registration are judged again. Raises `InvalidError`."""
    products = register_input_products(session, commands)
    _judge_uses_of(session, [], {product.registration for product in products})
    return products


def _judge_uses_of(session: Session, products: Sequence[InputProduct], registrations: set[str | None]) -> None:
    """Judge again the uses of some products, and of all packs of some registrations: one label speaks for all."""
    same = InputProduct.registration.in_(sorted(one for one in registrations if one))
    of = or_(InputProduct.id.in_([product.id for product in products]), same)
    lock_labels(session, [product.id for product in products], registrations)
    uses = select(InputUse.id).join(InputProduct, InputUse.product_id == InputProduct.id)
    judge_input_uses(session, session.scalars(uses.where(of, InputUse.undone_at.is_(None))).all())


def _require_party(session: Session, caller: Caller, code: str) -> None:
    """Raise `NotForThemError` unless the caller acts for a party or, an officer, has it in the area."""
    Registry(session, caller).owner(code)


def _located(values: Values, name: str) -> dict[str, Any]:
    """Return the values with a point as its two columns."""
    new = dict(values)
    if name in new:
        new["longitude"], new["latitude"] = new.pop(name) or (None, None)
    return new


def _weighed(values: Values, columns: Mapping[str, str]) -> dict[str, Any]:
    """Return the values with masses, by name, as grams in their columns."""
    grams = {columns[name]: mass and mass.mass_g for name, mass in values.items() if name in columns}
    return {**{name: value for name, value in values.items() if name not in columns}, **grams}
