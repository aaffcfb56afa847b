"""Register what belongs to firms: facilities, licences, brands, trade items; and the input products of the field."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session

from trace.accounts import Caller
from trace.brands import RegisterBrand, allow_suppliers, register_brands
from trace.entries.registry import Registry
from trace.facilities import RegisterFacility, RegisterLicence, register_facilities, register_licences
from trace.mandates import NotForThemError
from trace.mass import Weighed
from trace.parties import Brand, Facility, Licence, Party
from trace.products import Claim, RegisterProduct, TradeItem, register_products
from trace.rules.judging import judge_licences, judge_parties, judge_plants, judge_products
from trace.vocabulary import Scheme, ensure_terms


@dataclass(frozen=True, kw_only=True)
class EnterFacility:
    """A facility as somebody types it."""

    code: str
    name: str
    party: str | None = None
    longitude: float | None = None
    latitude: float | None = None
    capacity: Weighed | None = None


@dataclass(frozen=True, kw_only=True)
class EnterLicence:
    """A licence or a workshop's registration as somebody types it."""

    number: str
    valid_to: date
    product_kinds: Sequence[str]
    party: str | None = None
    valid_from: date | None = None


@dataclass(frozen=True, kw_only=True)
class EnterBrand:
    """A brand as somebody types it."""

    code: str
    name: str
    owner: str | None = None
    gi_mark_holder: str | None = None
    suppliers: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class EnterProduct:
    """A trade item as somebody types it."""

    code: str
    brand: str
    name: str
    net: Weighed
    gross: Weighed | None = None
    gtin: str | None = None
    grade: str | None = None
    packaging: str | None = None
    shelf_life_months: int | None = None
    standard: str | None = None
    ingredients: str | None = None
    storage: str | None = None
    price_yuan: Decimal | None = None
    packaging_cost_yuan: Decimal | None = None
    packaging_layers: int | None = None
    volume_ml: Decimal | None = None
    packaging_form: str | None = None
    claims: Sequence[Claim] | None = None


_OF_PRODUCT = (
    *("code", "name", "gtin", "grade", "packaging", "shelf_life_months", "standard", "ingredients", "storage"),
    *("price_yuan", "packaging_cost_yuan", "packaging_layers", "volume_ml", "packaging_form", "claims"),
)


def enter_facilities(session: Session, caller: Caller, records: Sequence[EnterFacility]) -> list[Facility]:
    """Register facilities of parties the caller acts for. Raises `InvalidError`, `NotForThemError`."""
    registry = Registry(session, caller)
    commands = [
        RegisterFacility(
            code=record.code,
            party_id=registry.owner(record.party).id,
            name=record.name,
            longitude=record.longitude,
            latitude=record.latitude,
            capacity_g_per_day=record.capacity.mass_g if record.capacity else None,
        )
        for record in records
    ]
    facilities = register_facilities(session, commands, caller.account_id)
    judge_plants(session, {facility.party_id for facility in facilities if facility.capacity_g_per_day is not None})
    return facilities


def enter_licences(session: Session, caller: Caller, records: Sequence[EnterLicence]) -> list[Licence]:
    """Register licences of parties the caller acts for. Raises `InvalidError`, `NotForThemError`."""
    registry = Registry(session, caller)
    commands = [
        RegisterLicence(
            party_id=registry.owner(record.party).id,
            number=record.number,
            valid_from=record.valid_from,
            valid_to=record.valid_to,
            product_kinds=list(record.product_kinds),
        )
        for record in records
    ]
    licences = register_licences(session, commands, caller.account_id)
    parties = {licence.party_id for licence in licences}
    judge_parties(session, parties)
    judge_licences(session, parties)
    return licences


def enter_brands(session: Session, caller: Caller, records: Sequence[EnterBrand]) -> list[Brand]:
    """Register brands of parties the caller acts for, and who may supply them."""
    registry = Registry(session, caller)
    registry.know(code for record in records for code in record.suppliers)
    commands, suppliers = [], []
    for place, record in enumerate(records):
        owner = registry.owner(record.owner)
        commands.append(
            RegisterBrand(code=record.code, name=record.name, owner_id=owner.id, gi_mark_holder=record.gi_mark_holder)
        )
        named = [
            registry.find_party(place, f"suppliers[{number}]", code) for number, code in enumerate(record.suppliers)
        ]
        suppliers.append([party.id for party in named if party is not None])
    registry.close()
    brands = register_brands(session, commands)
    for brand, few in zip(brands, suppliers, strict=True):
        if few:
            allow_suppliers(session, brand, few)
    return brands


def enter_products(session: Session, caller: Caller, records: Sequence[EnterProduct]) -> list[TradeItem]:
    """Register trade items under brands whose owner the caller acts for."""
    registry = Registry(session, caller)
    brands = registry.find_rows(
        Brand, [(place, "brand", record.brand) for place, record in enumerate(records)], "brands"
    )
    registry.close()
    for owner in {brand.owner_id for brand in brands.values()}:
        _require_owner(registry, session.get_one(Party, owner))
    commands = [
        RegisterProduct(
            brand_id=brands[record.brand].id,
            net_g=record.net.mass_g,
            gross_g=record.gross.mass_g if record.gross else None,
            **{name: getattr(record, name) for name in _OF_PRODUCT},
        )
        for record in records
    ]
    ensure_terms(session, Scheme.GRADE, [record.grade for record in records])
    items = register_products(session, commands)
    judge_products(session, [item.id for item in items])
    return items


def _require_owner(registry: Registry, owner: Party) -> None:
    """Raise `NotForThemError` unless the caller acts for the owner of a brand."""
    if registry.owner(owner.code).id != owner.id:
        raise NotForThemError(party=owner.code)
