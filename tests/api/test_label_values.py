"""What a label says: a village only where all of the tea grew in villages that we know."""

import pathlib

from sqlalchemy.orm import Session

from api.label_values import label_values
from tests.between import make_outside
from tests.factories import get_lot_of, make_blend, make_leaf, make_pack, make_plant, make_run
from trace.keys import load_keys
from trace.label_jobs import start_label_job
from trace.lots import Lot, LotKind


def village_on_the_label(session: Session, keys_dir: pathlib.Path, outside_g: int) -> str:
    """Blend tea of one village with so much from outside, pack it, and return what its label says of villages."""
    keys, plant = load_keys(keys_dir), make_plant(session)
    leaf = make_leaf(session, party=plant)
    made = get_lot_of(session, make_run(session, plant=plant, taken=[(leaf, leaf.mass_g)]))
    taken = [(made, made.mass_g)]
    if outside_g:
        receipt = make_outside(session, plant, kind=LotKind.MADE, mass_g=outside_g)
        taken.append((session.get_one(Lot, receipt.lot_id), outside_g))
    lot = get_lot_of(session, make_blend(session, plant=plant, taken=taken))
    run = start_label_job(session, make_pack(session, packer=plant, lot=lot), 1, keys.signing.id)
    return next(iter(label_values(session, run, keys, "https://example.org"))).village


def test_a_label_names_the_village_of_local_tea(session: Session, keys_dir: pathlib.Path) -> None:
    assert village_on_the_label(session, keys_dir, 0)


def test_tea_with_a_spoonful_from_outside_names_no_village(session: Session, keys_dir: pathlib.Path) -> None:
    assert village_on_the_label(session, keys_dir, 1) == ""
