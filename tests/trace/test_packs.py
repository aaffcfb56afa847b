"""Packs: of one lot and of several, and corrected as far as labels and units allow."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories import get_lot_of, make_finding, make_pack, make_plant, make_tea, make_trade_item, pack_command
from tests.histories import zero_sums
from tests.packing import make_case, make_mark, make_shipment, units_of
from trace.errors import NotFoundError
from trace.events import HISTORY, LIVE
from trace.events.correct import CorrectionBlockedError
from trace.label_jobs import LabelsExceedUnitsError, get_pack, start_label_job
from trace.lineage import LineageEdge
from trace.logistic_units import InLogisticUnitError
from trace.lots import Lot
from trace.pack_corrections import LabelsPrintedError, PackItemFixedError, correct_pack
from trace.packs import Pack, PackTea, agreed
from trace.parties import Party
from trace.permits import LotRefusedError
from trace.products import TradeItem
from trace.units import Fate, PositionsTakenError


def right_pack(session: Session, pack: Pack, **overrides: Any) -> PackTea:
    """Return the command that would have made this very pack, but for what is said otherwise."""
    lot = get_lot_of(session, pack)
    [parent] = session.scalars(select(LineageEdge.parent_id).where(LineageEdge.child_id == lot.id))
    item = session.get_one(TradeItem, pack.trade_item_id)
    packer = session.get_one(Party, lot.party_id)
    return pack_command(session, packer, session.get_one(Lot, parent), item, code=lot.code, **overrides)


def test_a_gift_set_is_packed_from_several_lots_under_the_packs_own_code(session: Session) -> None:
    plant = make_plant(session)
    green = make_tea(session, plant=plant, grade="特级", product_kind="绿茶")
    red = make_tea(session, plant=plant, grade="特级", product_kind="红茶")
    pack = make_pack(session, packer=plant, taken=[(green, 400), (red, 610)], code="PK-礼盒-2026-04-18-LONG-1")
    lot = get_lot_of(session, pack)
    edges = session.execute(select(LineageEdge.parent_id, LineageEdge.mass_g).where(LineageEdge.child_id == lot.id))
    assert dict(edges.all()) == {green.id: 400, red.id: 610}
    assert (lot.mass_g, lot.units, pack.label_lot) == (1000, 10, "PK----2026-04-18-LON")
    assert (agreed([green, red], "grade"), agreed([green, red], "product_kind")) == ("特级", None)
    assert zero_sums(session)


def test_a_pack_of_one_lot_is_labelled_with_its_code(session: Session) -> None:
    tea = make_tea(session)
    assert make_pack(session, lot=tea).label_lot == tea.code
    assert make_pack(session, taken=[(tea, 400), (tea, 600)]).label_lot == tea.code


def test_what_a_finding_holds_is_packed_in_history_alone(session: Session) -> None:
    good, held = make_tea(session), make_tea(session)
    make_finding(session, lot=held)
    make_pack(session, lot=held, entry=HISTORY, used_g=1000, units=10)
    with pytest.raises(LotRefusedError) as refusal:
        make_pack(session, taken=[(good, 500), (held, 500)])
    assert refusal.value.facts == {"rules": ["harvest_inside_phi"], "lots": [held.code]}


def test_a_corrected_pack_has_other_units_and_the_same_code(session: Session) -> None:
    pack = make_pack(session)
    before = get_lot_of(session, pack).uri
    correct_pack(session, pack, right_pack(session, pack, units=8, used_g=810), "incorrect_data", LIVE)
    lot = get_lot_of(session, pack)
    assert (pack.units, lot.units, lot.mass_g, lot.uri) == (8, 8, 800, before)
    assert zero_sums(session)


def test_a_pack_is_corrected_while_the_labels_printed_still_fit(session: Session) -> None:
    pack = make_pack(session)
    start_label_job(session, pack, 8, "A")
    correct_pack(session, pack, right_pack(session, pack, units=8), "incorrect_data", LIVE)
    with pytest.raises(LabelsPrintedError) as refusal:
        correct_pack(session, pack, right_pack(session, pack, units=7), "incorrect_data", LIVE)
    assert refusal.value.facts == {"printed": 8, "units": 7, "most": 7}


def test_a_pack_never_gets_fewer_units_than_have_a_fate_or_stand_in_a_case(session: Session) -> None:
    pack, other = make_pack(session), make_pack(session)
    make_shipment(session, pack=pack, positions=(9, 9))
    with pytest.raises(PositionsTakenError):
        correct_pack(session, pack, right_pack(session, pack, units=8), "incorrect_data", LIVE)
    party = session.get_one(Party, get_lot_of(session, other).party_id)
    party.gs1_prefix = "6901234"
    make_case(session, party, [units_of(session, other, 9, 10)])
    with pytest.raises(InLogisticUnitError):
        correct_pack(session, other, right_pack(session, other, units=8), "incorrect_data", LIVE)


def test_a_pack_that_never_was_gives_its_tea_back_and_is_found_no_more(session: Session) -> None:
    tea = make_tea(session)
    held = tea.mass_g
    pack = make_pack(session, lot=tea)
    code = get_lot_of(session, pack).code
    correct_pack(session, pack, None, "did_not_occur", LIVE)
    lot = get_lot_of(session, pack)
    assert (lot.mass_g, lot.units, session.get_one(Lot, tea.id).mass_g) == (0, 0, held)
    with pytest.raises(NotFoundError):
        get_pack(session, code)
    with pytest.raises(PositionsTakenError):
        make_mark(session, pack, Fate.ACTIVATED, 1, 1)


def test_a_pack_that_was_printed_or_shipped_did_happen(session: Session) -> None:
    printed, shipped = make_pack(session), make_pack(session)
    start_label_job(session, printed, 1, "A")
    with pytest.raises(LabelsPrintedError):
        correct_pack(session, printed, None, "did_not_occur", LIVE)
    make_shipment(session, pack=shipped)
    with pytest.raises(CorrectionBlockedError):
        correct_pack(session, shipped, None, "did_not_occur", LIVE)


def test_a_correction_may_name_a_held_lot_again_but_no_other_one(session: Session) -> None:
    pack = make_pack(session)
    command = right_pack(session, pack, units=9)
    [parent] = session.scalars(select(LineageEdge.parent_id).where(LineageEdge.child_id == pack.lot_id))
    make_finding(session, lot=session.get_one(Lot, parent))
    correct_pack(session, pack, command, "incorrect_data", LIVE)
    other = make_tea(session)
    make_finding(session, lot=other)
    with pytest.raises(LotRefusedError):
        correct_pack(session, pack, right_pack(session, pack, taken=[(other, 1000)]), "incorrect_data", LIVE)


def test_a_pack_is_not_corrected_to_another_trade_item(session: Session) -> None:
    pack = make_pack(session)
    command = replace(right_pack(session, pack), trade_item_id=make_trade_item(session).id)
    with pytest.raises(PackItemFixedError):
        correct_pack(session, pack, command, "incorrect_data", LIVE)


def test_no_label_is_printed_beyond_what_a_corrected_pack_has(session: Session) -> None:
    pack = make_pack(session)
    correct_pack(session, pack, right_pack(session, pack, units=8), "incorrect_data", LIVE)
    with pytest.raises(LabelsExceedUnitsError):
        start_label_job(session, pack, 9, "A")
