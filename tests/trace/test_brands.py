"""Brands: registered, renamed, and opened to suppliers."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories import make_brand, make_plant
from tests.land import faults_of
from trace.brands import RegisterBrand, allow_suppliers, name_suppliers, register_brands
from trace.errors import InvalidError
from trace.parties import BrandSupplier


def test_a_supplier_allowed_twice_is_allowed_once(session: Session) -> None:
    owner, suppliers = make_plant(session), [make_plant(session).id for _ in range(2)]
    [brand] = register_brands(session, [RegisterBrand(code="BR-1", name="云溪岭", owner_id=owner.id)])
    for few, revision in ((suppliers[:1], 2), (suppliers, 3), (suppliers, 3)):
        assert allow_suppliers(session, brand, few).revision == revision
    query = select(BrandSupplier.party_id).where(BrandSupplier.brand_id == brand.id)
    assert set(session.scalars(query)) == set(suppliers)


def test_a_brand_has_a_name_and_a_code_of_its_own(session: Session) -> None:
    there = make_brand(session)
    command = RegisterBrand(code=there.code, name=" ", owner_id=there.owner_id, gi_mark_holder="nobody")
    with pytest.raises(InvalidError) as refusal:
        register_brands(session, [command])
    assert faults_of(refusal) == {
        *(("[0].code", "code-taken"), ("[0].name", "empty"), ("[0].gi_mark_holder", "uscc-shape")),
    }


def test_a_supplier_not_named_again_supplies_no_more(session: Session) -> None:
    brand, first, second = make_brand(session), make_plant(session), make_plant(session)
    allow_suppliers(session, brand, [first.id])
    name_suppliers(session, brand, [second.id])
    query = select(BrandSupplier.party_id).where(BrandSupplier.brand_id == brand.id)
    assert list(session.scalars(query)) == [second.id]
    before = brand.revision
    name_suppliers(session, brand, [second.id])
    assert brand.revision == before
