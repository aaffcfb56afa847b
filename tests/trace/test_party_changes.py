"""Changes of parties, and two growers that turn out to be one household."""

import threading
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories import (
    make_brand,
    make_input_use,
    make_intake,
    make_leaf,
    make_pack,
    make_party,
    make_picking,
    make_plant,
    make_plot,
    make_run,
    make_trade_item,
)
from tests.land import faults_of
from trace.accounts import Caller, Role
from trace.db import Sessions
from trace.errors import InvalidError, NotFoundError
from trace.inputs import InputUse
from trace.lots import Lot
from trace.mandates import GiveMandate, Mandate, NotForThemError, acting_party, end_mandate, give_mandate
from trace.nouns import LOTS, PARTIES
from trace.packs import Pack
from trace.parties import Party, PartyMerge, find_party, hold_parties
from trace.party_changes import AmendParty, MergeParties, amend_party, merge_parties
from trace.persons import Person, Private
from trace.places import Plot
from trace.products import TradeItem
from trace.rebuild import differences
from trace.records import Page, get_record, list_records


def make_grower(session: Session, **overrides: object) -> Party:
    """Make a grower."""
    return make_party(session, kind="grower", **overrides)


def merge(session: Session, duplicate: Party, survivor: Party) -> Party:
    """Say that two growers are one."""
    command = MergeParties(from_id=duplicate.id, into_id=survivor.id, reason="登记了两次")
    return merge_parties(session, command)


def test_a_change_is_counted_and_one_that_changes_nothing_is_not(session: Session) -> None:
    coop = make_party(session, name="旧名")
    assert amend_party(session, AmendParty(party_id=coop.id, name="新名")).revision == 2
    assert amend_party(session, AmendParty(party_id=coop.id, name="新名")).revision == 2
    assert coop.kind == "cooperative"


def test_the_private_side_of_a_grower_can_be_written_and_erased(session: Session) -> None:
    grower = make_grower(session)
    amend_party(session, AmendParty(party_id=grower.id, person=Private(name="张三")))
    assert session.scalars(select(Person.name).where(Person.party_id == grower.id)).all() == ["张三"]
    assert amend_party(session, AmendParty(party_id=grower.id, person=None)).revision == 3
    assert session.scalars(select(Person.name).where(Person.party_id == grower.id)).all() == []


def test_a_party_is_no_member_of_itself_and_a_plant_has_no_private_side(session: Session) -> None:
    plant = make_plant(session)
    command = AmendParty(party_id=plant.id, member_of_id=plant.id, name=" ", person=Private(name="张三"))
    with pytest.raises(InvalidError) as refusal:
        amend_party(session, command)
    assert faults_of(refusal) == {("member_of", "not-itself"), ("name", "empty"), ("private", "not-a-grower")}


def revision_of(session: Session, pack: Pack) -> int:
    """Return the revision that the page of a pack goes by."""
    session.expire_all()
    return session.get_one(Lot, pack.lot_id).revision + session.get_one(TradeItem, pack.trade_item_id).revision


@pytest.mark.parametrize("whose", ["grower of the leaf", "packer", "owner of the brand", "stranger"])
def test_a_new_name_renews_the_pages_that_show_it_and_no_other(session: Session, whose: str) -> None:
    parties = {name: make_plant(session) for name in ("packer", "owner of the brand", "stranger")}
    parties["grower of the leaf"] = make_party(session)
    leaf = make_leaf(session, party=parties["grower of the leaf"])
    intake = make_intake(session, plant=parties["packer"], taken=[(leaf, leaf.mass_g)])
    received = session.get_one(Lot, intake.lot_id)
    run = make_run(session, plant=parties["packer"], taken=[(received, received.mass_g)])
    made = session.get_one(Lot, run.output_lot_id)
    item = make_trade_item(session, brand=make_brand(session, owner=parties["owner of the brand"]))
    pack = make_pack(session, packer=parties["packer"], lot=made, item=item)
    before = revision_of(session, pack)
    amend_party(session, AmendParty(party_id=parties[whose].id, name="改了名"))
    assert (revision_of(session, pack) > before) is (whose != "stranger")


def test_what_the_duplicate_held_and_did_is_the_survivors(session: Session) -> None:
    coop = make_party(session)
    duplicate, survivor = make_grower(session, member_of_id=coop.id), make_grower(session)
    session.add(Person(party_id=duplicate.id, name="张三", phone=None))
    plot, use = make_plot(session, holder_id=duplicate.id), make_input_use(session, operator_id=duplicate.id)
    mandate = give_mandate(session, GiveMandate(principal_id=duplicate.id, agent_id=coop.id, from_on=date(2026, 1, 1)))
    merge(session, duplicate, survivor)
    session.expire_all()
    assert session.get_one(Plot, plot.id).holder_id == survivor.id
    assert session.get_one(Plot, plot.id).revision == 2
    assert session.get_one(InputUse, use.id).operator_id == survivor.id
    assert session.get_one(Mandate, mandate.id).principal_id == survivor.id
    assert survivor.member_of_id == coop.id
    assert session.scalars(select(Person.party_id)).one() == survivor.id
    kept = session.scalars(select(PartyMerge)).one()
    assert (kept.from_id, kept.into_id, kept.reason) == (duplicate.id, survivor.id, "登记了两次")


def test_the_code_of_the_duplicate_leads_to_the_survivor_from_then_on(session: Session) -> None:
    duplicate, survivor, operator = make_grower(session), make_grower(session), Caller(Role.OPERATOR, None)
    merge(session, duplicate, survivor)
    assert find_party(session, duplicate.code) is survivor
    assert get_record(session, operator, PARTIES, duplicate.code)["code"] == survivor.code
    assert acting_party(session, operator, duplicate.code) is survivor
    listed = {row["code"] for row in list_records(session, operator, PARTIES, Page(limit=200))[0]}
    assert duplicate.code not in listed


def test_lots_of_both_are_the_survivors_own(session: Session) -> None:
    duplicate, survivor = make_grower(session), make_grower(session)
    picking = make_picking(session, party=duplicate)
    code = session.get_one(Lot, picking.lot_id).code
    caller = Caller(Role.COOP, survivor)
    with pytest.raises(NotFoundError):
        get_record(session, caller, LOTS, code)
    merge(session, duplicate, survivor)
    assert get_record(session, caller, LOTS, code)["code"] == code


def test_three_rows_of_one_household_lead_to_one_and_never_in_a_ring(session: Session) -> None:
    first, second, third = (make_grower(session) for _ in range(3))
    merge(session, first, second)
    merge(session, second, third)
    session.expire_all()
    assert find_party(session, first.code) is third
    with pytest.raises(InvalidError) as refusal:
        merge(session, third, first)
    assert faults_of(refusal) == {("into", "merged-already")}
    with pytest.raises(InvalidError) as refusal:
        merge(session, third, third)
    assert faults_of(refusal) == {("into", "not-itself")}


def test_a_grower_is_merged_with_a_grower_only(session: Session) -> None:
    with pytest.raises(InvalidError) as refusal:
        merge(session, make_plant(session), make_grower(session))
    assert faults_of(refusal) == {("from", "not-a-grower")}


def test_a_mandate_runs_from_its_day_to_its_last(session: Session) -> None:
    principal, agent = make_party(session), make_plant(session)
    caller = Caller(Role.PLANT, agent)
    command = GiveMandate(principal_id=principal.id, agent_id=agent.id, from_on=date(2026, 1, 1))
    mandate = give_mandate(session, command)
    assert acting_party(session, caller, principal.code) is principal
    end_mandate(session, Caller(Role.COOP, principal), mandate.code)
    with pytest.raises(NotForThemError):
        acting_party(session, caller, principal.code)
    with pytest.raises(InvalidError) as refusal:
        give_mandate(session, replace(command, until_on=date(2025, 12, 31)))
    assert faults_of(refusal) == {("until_on", "until-before-from")}


def test_nobody_mandates_itself(session: Session) -> None:
    party = make_party(session)
    with pytest.raises(InvalidError) as refusal:
        give_mandate(session, GiveMandate(principal_id=party.id, agent_id=party.id, from_on=date(2026, 1, 1)))
    assert faults_of(refusal) == {("agent", "not-itself")}


def test_whoever_names_a_duplicate_while_it_is_merged_means_the_survivor(fresh_sessions: Sessions) -> None:
    with fresh_sessions.write.begin() as session:
        duplicate, survivor = make_grower(session), make_grower(session)
        pairs = [(make_grower(session), make_grower(session)) for _ in range(4)]
    merging, merged = threading.Event(), []

    def name_it() -> None:
        merging.wait(10)
        with fresh_sessions.write.begin() as session:
            merged.append(hold_parties(session, [duplicate.id])[duplicate.id])

    def merge_both_ways(one: Party, other: Party) -> None:
        try:
            with fresh_sessions.write.begin() as session:
                merge(session, one, other)
        except InvalidError:
            merged.append(-1)

    writers = [threading.Thread(target=name_it)]
    for one, other in pairs:
        writers += [threading.Thread(target=merge_both_ways, args=pair) for pair in ((one, other), (other, one))]
    with fresh_sessions.write.begin() as session:
        merge(session, duplicate, survivor)
        for writer in writers:
            writer.start()
        merging.set()
        writers[0].join(0.2)
    for writer in writers:
        writer.join(30)
    assert sorted(merged) == [-1] * len(pairs) + [survivor.id]
    with fresh_sessions.read() as session:
        assert differences(session) == []
