"""A recall opens its scope to its owner: an authority or a brand sees lots of others that else it could not."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories import (
    get_lot_of,
    make_blend,
    make_brand,
    make_intake,
    make_leaf,
    make_pack,
    make_party,
    make_plant,
    make_recall,
    make_run,
    make_trade_item,
)
from tests.packing import make_rework
from trace import visibility
from trace.accounts import Caller, Role
from trace.lots import Lot
from trace.tracing import Direction

HERE, ELSEWHERE = "379901101", "371121100"


def seen_parties(session: Session, caller: Caller, lot: Lot) -> dict[str, str | None]:
    """Return by lot the party that a caller is told, of all that a lot went into."""
    trace = visibility.trace_for(session, caller, lot.id, Direction.FORWARD)
    return {node.code: node.party for node in trace.nodes.values()}


def readable(session: Session, caller: Caller) -> set[str]:
    return set(session.scalars(select(Lot.code).where(visibility.lots(caller))))


def test_an_officer_who_recalls_leaf_sees_what_became_of_it_in_another_area(session: Session) -> None:
    town, coop = make_party(session, area_code=HERE), make_party(session, area_code=HERE)
    plant = make_plant(session, area_code=ELSEWHERE)
    leaf = make_leaf(session, party=coop)
    received = get_lot_of(session, make_intake(session, plant=plant, supplier=coop, taken=[(leaf, 10_000)]))
    made = get_lot_of(session, make_run(session, plant=plant, taken=[(received, 10_000)]))
    blended = get_lot_of(session, make_blend(session, plant=plant, taken=[(made, made.mass_g)]))
    officer, other = Caller(Role.OFFICER, town), Caller(Role.COOP, coop)
    hidden = {made.code: None, blended.code: None}
    assert seen_parties(session, officer, leaf) == {leaf.code: coop.code, received.code: plant.code, **hidden}
    make_recall(session, lot=leaf, owner_id=town.id, owner_code=town.code)
    told = dict.fromkeys((received.code, made.code, blended.code), plant.code)
    assert seen_parties(session, officer, leaf) == {leaf.code: coop.code, **told}
    assert {made.code, blended.code} <= readable(session, officer)
    assert seen_parties(session, other, leaf)[blended.code] is None, "it is not the recall of the co-operative"
    later = get_lot_of(session, make_blend(session, plant=plant, taken=[(blended, blended.mass_g)]))
    assert seen_parties(session, officer, leaf)[later.code] == plant.code, "what is made later is in the scope too"


def test_a_brand_that_recalls_its_pack_sees_what_was_made_of_units_opened_again(session: Session) -> None:
    owner, plant = make_party(session, kind="brand"), make_plant(session)
    item = make_trade_item(session, brand=make_brand(session, owner=owner))
    pack = make_pack(session, packer=plant, item=item)
    packed = get_lot_of(session, pack)
    bulk = get_lot_of(session, make_rework(session, pack, 4, 10))
    caller = Caller(Role.BRAND, owner)
    assert seen_parties(session, caller, packed) == {packed.code: plant.code, bulk.code: None}
    assert bulk.code not in readable(session, caller)
    make_recall(session, lot=packed, owner_id=owner.id, owner_code=owner.code)
    assert seen_parties(session, caller, packed) == dict.fromkeys((packed.code, bulk.code), plant.code)
    assert bulk.code in readable(session, caller)
