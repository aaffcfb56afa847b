"""Trade items: registered, changed, and the pages that show them made anew."""

from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from tests.factories import make_brand, make_gtin, make_pack, make_party, make_plant, make_trade_item
from tests.land import faults_of
from tests.tea import instance_name
from trace.brands import AmendBrand, amend_brand
from trace.errors import InvalidError
from trace.keys import load_keys
from trace.parties import Brand, Party
from trace.party_changes import AmendParty, amend_party
from trace.products import AmendProduct, ItemPackedError, RegisterProduct, amend_product, register_products
from trace.stories import StoryShelf
from trace.stories.telling import Product
from trace.verdicts import Code, judge_code


def test_a_number_of_thirteen_digits_is_kept_as_fourteen(session: Session) -> None:
    gtin = make_gtin()
    command = RegisterProduct(code="S-1", brand_id=make_brand(session).id, name="绿茶", net_g=50, gtin=gtin[1:])
    [item] = register_products(session, [command])
    assert (item.gtin, item.revision) == (gtin, 1)


def test_every_fault_of_every_item_is_told_at_once(session: Session) -> None:
    brand, there = make_brand(session), make_trade_item(session)
    commands = [
        RegisterProduct(code="S-1", brand_id=brand.id, name="绿茶", net_g=0, gtin="6901234567890"),
        RegisterProduct(code="S-1", brand_id=brand.id, name=" ", net_g=50, gtin=there.gtin, packaging_layers=-1),
    ]
    with pytest.raises(InvalidError) as refusal:
        register_products(session, commands)
    assert faults_of(refusal) == {
        *(("[0].net_g", "out-of-range"), ("[0].gtin", "wrong-check-digit"), ("[1].code", "code-taken")),
        *(("[1].name", "empty"), ("[1].gtin", "code-taken"), ("[1].packaging_layers", "out-of-range")),
    }


def test_net_content_and_number_of_an_item_that_was_packed_cannot_change(session: Session) -> None:
    item = make_trade_item(session)
    assert amend_product(session, AmendProduct(product_id=item.id, net_g=125)).net_g == 125
    make_pack(session, item=item)
    for change in (AmendProduct(product_id=item.id, net_g=100), AmendProduct(product_id=item.id, gtin=None)):
        with pytest.raises(ItemPackedError):
            amend_product(session, change)
    assert amend_product(session, AmendProduct(product_id=item.id, net_g=125, grade="特级")).grade == "特级"


@pytest.mark.parametrize("packed", [True, False])
def test_the_page_tells_what_was_changed(session: Session, keys_dir: Path, *, packed: bool) -> None:
    shelf, keys, owner = StoryShelf(), load_keys(keys_dir), make_plant(session)
    item = make_trade_item(session, brand=make_brand(session, owner=owner))
    code = Code(gtin=item.gtin or "", lot=make_pack(session, item=item).label_lot if packed else None)

    def told() -> Product:
        return shelf.get_story(session, judge_code(session, keys, instance_name(session), code)).product

    assert told().name == "绿茶"
    amend_product(session, AmendProduct(product_id=item.id, name="春茶"))
    amend_brand(session, AmendBrand(brand_id=item.brand_id, name="新牌"))
    amend_party(session, AmendParty(party_id=owner.id, name="新厂"))
    found = told()
    assert (found.name, found.brand, found.brand_owner) == ("春茶", "新牌", "新厂")


def test_renewing_costs_the_same_few_statements_however_many_packs_there_are(session: Session) -> None:
    counts = []
    for packs in (1, 5):
        item = make_trade_item(session)
        for _ in range(packs):
            make_pack(session, item=item)
        statements: list[str] = []
        connection = session.connection()
        event.listen(connection, "before_cursor_execute", lambda *given, kept=statements: kept.append(given[2]))
        owner = session.get_one(Party, session.get_one(Brand, item.brand_id).owner_id)
        amend_party(session, AmendParty(party_id=owner.id, name=f"改名 {packs}"))
        counts.append(len(statements))
    assert counts[0] == counts[1]


def test_a_party_without_packs_has_none_to_renew(session: Session) -> None:
    assert amend_party(session, AmendParty(party_id=make_party(session).id, name="改名")).revision == 2
