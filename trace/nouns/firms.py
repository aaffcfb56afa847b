"""What belongs to firms, as its readers see it: licences and brands; and the input products of the field."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, or_, select, true
from sqlalchemy.orm import Session

from trace import visibility
from trace.accounts import Caller
from trace.inputs import InputProduct
from trace.parties import Brand, BrandSupplier, Licence, Party
from trace.records import Noun, Parts, equal, plain


def _licences(_caller: Caller) -> Select[*tuple[Any, ...]]:
    return select(
        *(Licence.number.label("code"), Party.code.label("party"), Licence.valid_from, Licence.valid_to),
        Licence.product_kinds,
    ).join(Party, Licence.party_id == Party.id)


LICENCES = Noun(
    name="licence",
    key=Licence.id,
    query=_licences,
    visible=lambda caller: Licence.party_id.in_(select(Party.id).where(visibility.parties(caller))),
    code=plain(Licence.number),
    filters={"party": equal(Party.code)},
)


def _brands(_caller: Caller) -> Select[*tuple[Any, ...]]:
    return select(Brand.code, Brand.name, Party.code.label("party"), Brand.gi_mark_holder).join(
        Party, Brand.owner_id == Party.id
    )


def _suppliers(session: Session, _caller: Caller, brands: Sequence[int]) -> dict[int, list[str]]:
    """Return who may supply each brand."""
    query = (
        select(BrandSupplier.brand_id, Party.code)
        .join(Party, BrandSupplier.party_id == Party.id)
        .where(BrandSupplier.brand_id.in_(brands))
        .order_by(Party.code)
    )
    found: dict[int, list[str]] = defaultdict(list)
    for brand, code in session.execute(query):
        found[brand].append(code)
    return found


BRANDS = Noun(
    name="brand",
    key=Brand.id,
    query=_brands,
    visible=lambda caller: or_(
        visibility.own(caller, Brand.owner_id),
        Brand.id.in_(select(BrandSupplier.brand_id).where(visibility.own(caller, BrandSupplier.party_id))),
    ),
    code=plain(Brand.code),
    filters={"party": equal(Party.code)},
    parts=Parts("suppliers", _suppliers),
)


def _input_products(_caller: Caller) -> Select[*tuple[Any, ...]]:
    return select(
        *(InputProduct.code, InputProduct.kind, InputProduct.name, InputProduct.maker, InputProduct.active),
        *(InputProduct.other_actives, InputProduct.formulation, InputProduct.registration),
        *(InputProduct.registered_until, InputProduct.crops, InputProduct.targets, InputProduct.interval_days),
        *(InputProduct.max_applications, InputProduct.max_per_mu, InputProduct.unit, InputProduct.note),
        InputProduct.label_sha256,
    )


# What a pack's label says is nobody's own.
INPUT_PRODUCTS = Noun(
    name="input-product",
    key=InputProduct.id,
    query=_input_products,
    visible=lambda _caller: true(),
    code=plain(InputProduct.code),
    aliases="input_products",
    filters={"kind": equal(InputProduct.kind), "registration": equal(InputProduct.registration)},
)
