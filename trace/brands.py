"""Brands: the names under which tea is sold, and the parties that may supply them."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from trace import ids
from trace.faults import Faults
from trace.instance import lock_instance
from trace.parties import Brand, BrandSupplier, hold_parties
from trace.products import TradeItem
from trace.renewal import renew_items
from trace.revisions import KEPT, Kept, change, given, lock_row


@dataclass(frozen=True, kw_only=True)
class RegisterBrand:
    """Ask for a brand; `gi_mark_holder` is the credit code of whoever holds the origin's mark."""

    code: str
    name: str
    owner_id: int
    gi_mark_holder: str | None = None


@dataclass(frozen=True, kw_only=True)
class AmendBrand:
    """Ask for other facts of a brand."""

    brand_id: int
    name: str | Kept = KEPT
    gi_mark_holder: str | Kept | None = KEPT


def register_brands(session: Session, commands: Sequence[RegisterBrand]) -> list[Brand]:
    """Write new brands. Raises `InvalidError`."""
    lock_instance(session)
    faults = Faults()
    for place, command in enumerate(commands):
        faults.judge_code(f"[{place}].code", command.code)
        _judge_brand(faults, f"[{place}].", command)
    codes = [(f"[{place}].code", command.code) for place, command in enumerate(commands)]
    faults.judge_free(session, Brand.code, codes)
    faults.refuse()
    hold_parties(session, [command.owner_id for command in commands])
    brands = [Brand(**vars(command)) for command in commands]
    session.add_all(brands)
    session.flush()
    return brands


def _judge_brand(faults: Faults, at: str, brand: RegisterBrand | Brand) -> None:
    if not brand.name.strip():
        faults.fault(f"{at}name", "empty")
    faults.judge(f"{at}gi_mark_holder", ids.check_uscc, brand.gi_mark_holder)


def amend_brand(session: Session, command: AmendBrand) -> Brand:
    """Change a brand and make the pages new that show it. Raises `InvalidError`."""
    brand = lock_row(session, Brand, command.brand_id)
    former, values = brand.name, given(command, but=["brand_id"])
    faults, columns = Faults(), ("name", "gi_mark_holder")
    _judge_brand(faults, "", Brand(**{name: values.get(name, getattr(brand, name)) for name in columns}))
    faults.refuse()
    change(brand, values)
    session.flush()
    if brand.name != former:
        renew_items(session, TradeItem.brand_id == brand.id)
    return brand


def allow_suppliers(session: Session, brand: Brand, suppliers: Sequence[int]) -> Brand:
    """Let parties (by row id) supply a brand; those that may already still may."""
    lock_row(session, Brand, brand.id)
    wanted = set(hold_parties(session, suppliers).values())
    there = set(session.scalars(select(BrandSupplier.party_id).where(BrandSupplier.brand_id == brand.id)))
    fresh = sorted(wanted - there)
    session.add_all(BrandSupplier(brand_id=brand.id, party_id=party) for party in fresh)
    brand.revision += bool(fresh)
    session.flush()
    return brand


def name_suppliers(session: Session, brand: Brand, suppliers: Sequence[int]) -> Brand:
    """Let parties (by row id) supply a brand, and no others from now on; what others packed stays as it is."""
    allow_suppliers(session, brand, suppliers)
    wanted = set(hold_parties(session, suppliers).values())
    there = set(session.scalars(select(BrandSupplier.party_id).where(BrandSupplier.brand_id == brand.id)))
    gone = sorted(there - wanted)
    session.execute(delete(BrandSupplier).where(BrandSupplier.brand_id == brand.id, BrandSupplier.party_id.in_(gone)))
    brand.revision += bool(gone)
    session.flush()
    return brand
