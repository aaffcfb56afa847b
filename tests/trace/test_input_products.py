"""Input products: as their pack labels say."""

import pytest
from sqlalchemy.orm import Session

from tests.land import faults_of
from trace.errors import InvalidError
from trace.input_products import (
    AmendInputProduct,
    RegisterInputProduct,
    amend_input_product,
    register_input_products,
)


def test_a_products_label_can_be_mended(session: Session) -> None:
    command = RegisterInputProduct(code="IP-1", kind="pesticide", name="示例农药", interval_days=7)
    [product] = register_input_products(session, [command])
    amend_input_product(session, AmendInputProduct(product_id=product.id, interval_days=14))
    assert (product.interval_days, product.name, product.revision) == (14, "示例农药", 2)


def test_an_interval_is_not_negative_and_a_note_names_no_person(session: Session) -> None:
    command = RegisterInputProduct(code="IP-1", kind="pesticide", name=" ", interval_days=-1, note="找 13800000000")
    with pytest.raises(InvalidError) as refusal:
        register_input_products(session, [command])
    assert faults_of(refusal) == {
        *(("[0].name", "empty"), ("[0].interval_days", "out-of-range"), ("[0].note", "personal-number")),
    }


@pytest.mark.parametrize(
    ("said", "kept"), [("农药", "pesticide"), ("除草剂", "pesticide"), ("Fertilizer", "fertilizer")]
)
def test_what_a_clerk_calls_a_pesticide_is_one(session: Session, said: str, kept: str) -> None:
    [product] = register_input_products(session, [RegisterInputProduct(code="IP-1", kind=said, name="示例")])
    assert product.kind == kept
    amend_input_product(session, AmendInputProduct(product_id=product.id, kind="粘虫板"))
    assert product.kind == "粘虫板"
    amend_input_product(session, AmendInputProduct(product_id=product.id, kind=said))
    assert product.kind == kept
