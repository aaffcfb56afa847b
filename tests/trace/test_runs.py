"""Runs and blends, corrected: the lots keep their codes, and what was made of them stands."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories import get_lot_of, make_blend, make_intake, make_leaf, make_plant, make_run, run_command
from tests.histories import zero_sums
from trace.events import LIVE
from trace.events.correct import CorrectionBlockedError
from trace.lots import Lot, LotKind
from trace.parties import Party
from trace.runs import MakeTea, Run, RunStep, correct_run


@pytest.fixture
def plant(session: Session) -> Party:
    """A plant."""
    return make_plant(session)


@pytest.fixture
def received(session: Session, plant: Party) -> Lot:
    """Ten kilograms weighed in."""
    return get_lot_of(session, make_intake(session, plant=plant, taken=[(make_leaf(session), 10_000)]))


def right_run(plant: Party, run: Run, taken: list[tuple[Lot, int]], **overrides: object) -> MakeTea:
    return run_command(plant, taken, code=run.code, output_code="unused", by_product_code=f"{run.code}-S", **overrides)


def test_a_corrected_run_has_other_grams_steps_and_words(session: Session, plant: Party, received: Lot) -> None:
    typed = {"output": {"value": "4", "unit": "jin"}}
    run = make_run(session, plant=plant, taken=[(received, 8_000)], steps=[("摊放", {}), ("杀青", {})], as_typed=typed)
    code = get_lot_of(session, run).code
    command = right_run(plant, run, [(received, 9_000)], output_g=1_900, grade="一级", steps=[("揉捻", {"min": "20"})])
    correct_run(session, run, command, "incorrect_data", LIVE)
    lot = get_lot_of(session, run)
    assert (lot.code, lot.grade, lot.mass_g, lot.initial_g) == (code, "一级", 1_900, 1_900)
    assert (run.input_g, run.output_g, run.as_typed, received.mass_g) == (9_000, 1_900, None, 1_000)
    assert list(session.scalars(select(RunStep.step).where(RunStep.run_id == run.id))) == ["揉捻"]
    assert zero_sums(session)


def test_a_by_product_may_come_and_go_by_corrections(session: Session, plant: Party, received: Lot) -> None:
    run = make_run(session, plant=plant, taken=[(received, 8_000)])
    assert run.by_product_lot_id is None
    correct_run(session, run, right_run(plant, run, [(received, 8_000)], by_product_g=300), "incorrect_data", LIVE)
    by_product = session.get_one(Lot, run.by_product_lot_id)
    assert (by_product.kind, by_product.mass_g) == (LotKind.BY_PRODUCT, 300)
    correct_run(session, run, right_run(plant, run, [(received, 8_000)]), "incorrect_data", LIVE)
    assert session.get_one(Lot, by_product.id).mass_g == 0
    correct_run(session, run, right_run(plant, run, [(received, 8_000)], by_product_g=200), "incorrect_data", LIVE)
    assert session.get_one(Lot, run.by_product_lot_id).mass_g == 200
    assert run.by_product_lot_id == by_product.id
    assert zero_sums(session)


def test_a_run_that_never_was_gives_its_leaf_back(session: Session, plant: Party, received: Lot) -> None:
    run = make_run(session, plant=plant, taken=[(received, 8_000)], by_product_g=100)
    correct_run(session, run, None, "did_not_occur", LIVE)
    lots = [session.get_one(Lot, id_).mass_g for id_ in (run.output_lot_id, run.by_product_lot_id, received.id)]
    assert (run.undone_at is not None, lots) == (True, [0, 0, 10_000])


def test_a_run_whose_tea_was_blended_did_happen(session: Session, plant: Party, received: Lot) -> None:
    run = make_run(session, plant=plant, taken=[(received, 8_000)])
    blend = make_blend(session, plant=plant, taken=[(get_lot_of(session, run), 1_000)])
    with pytest.raises(CorrectionBlockedError):
        correct_run(session, run, None, "did_not_occur", LIVE)
    correct_run(session, blend, None, "did_not_occur", LIVE)
    correct_run(session, run, None, "did_not_occur", LIVE)
    assert received.mass_g == 10_000
