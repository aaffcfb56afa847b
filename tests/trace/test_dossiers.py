"""Dossiers: the whole story of a lot from its plots to its buyers, and of others' lots no more than one step."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from trace.accounts import Caller, Role
from trace.dossiers import PARTS, SEASON, open_dossier
from trace.errors import NotFoundError
from trace.parties import Party

OPERATOR = Caller(Role.OPERATOR, None)


def caller(session: Session, code: str, role: Role) -> Caller:
    """Return who acts for a party of the demo town."""
    return Caller(role, session.scalars(select(Party).where(Party.code == code)).one())


def test_the_dossier_of_the_recalled_lot_tells_all_of_its_story(demo_session: Session) -> None:
    dossier = open_dossier(demo_session, OPERATOR, "L008")
    assert set(dossier.parts) == set(PARTS)
    counts = {name: len(rows) for name, rows in dossier.parts.items() if rows}
    assert counts == {
        "inputs": 35,
        "pickings": 10,
        "certificates": 5,
        "intakes": 5,
        "runs": 3,
        "blends": 1,
        "results": 2,
        "findings": 1,
        "recalls": 1,
        "packs": 1,
        "shipments": 3,
    }
    assert sum(shipment["units"] for shipment in dossier.parts["shipments"]) == 689
    assert [pack["units_left"] for pack in dossier.parts["packs"]] == [511]
    assert [mark.value for mark in dossier.marks[dossier.lot["key"]]] == ["recalled", "failed", "held"]


def test_inputs_are_those_of_the_season_with_the_day_their_interval_ends(demo_session: Session) -> None:
    dossier = open_dossier(demo_session, OPERATOR, "L008")
    last: dict[str, object] = {}
    for picking in sorted(dossier.parts["pickings"], key=lambda one: one["picked_on"]):
        last[picking["plot"]] = picking["picked_on"]
    for use in dossier.parts["inputs"]:
        assert last[use["plot"]] - SEASON < use["used_on"] <= last[use["plot"]]  # type: ignore[operator]
        if use["interval_days"] is not None:
            assert use["free_on"] == use["used_on"] + timedelta(days=use["interval_days"])
    assert any(use["interval_days"] for use in dossier.parts["inputs"])


def test_a_run_shows_its_steps_and_its_ratio(demo_session: Session) -> None:
    runs = open_dossier(demo_session, OPERATOR, "L008").parts["runs"]
    assert [step["step"] for step in runs[0]["steps"]] == ["摊放", "杀青", "揉捻", "做形", "干燥", "提香"]
    assert all(4.15 <= run["ratio"] <= 5.92 for run in runs)


def test_what_happened_stands_once_and_in_order_of_time(demo_session: Session) -> None:
    happenings = open_dossier(demo_session, OPERATOR, "L008").happenings
    assert len(happenings) == len(set(happenings))
    assert [one.event_time for one in happenings] == sorted(one.event_time for one in happenings)
    assert {"picking", "intake", "run", "blend", "pack", "shipment", "result", "recall"} <= {
        one.noun for one in happenings
    }


def test_a_cooperative_reads_of_its_leaf_no_further_than_the_plant_it_went_to(demo_session: Session) -> None:
    dossier = open_dossier(demo_session, caller(demo_session, "C05", Role.COOP), "H0075")
    assert dossier.parts["pickings"]
    assert dossier.parts["certificates"]
    for name in ("packs", "shipments", "results", "recalls", "findings"):
        assert dossier.parts[name] == []
    far = [node for node in dossier.forward.nodes.values() if node.kind in {"finished", "packed"}]
    assert far
    assert {node.party for node in far} == {None}


def test_the_owner_of_a_recall_reads_all_its_scope(demo_session: Session) -> None:
    dossier = open_dossier(demo_session, caller(demo_session, "PL3", Role.PLANT), "PK008")
    assert [recall["lots"] for recall in dossier.parts["recalls"]] == [["L008", "PK008"]]
    assert len(dossier.parts["shipments"]) == 3


def test_others_have_no_dossier_of_the_lot(demo_session: Session) -> None:
    with pytest.raises(NotFoundError):
        open_dossier(demo_session, caller(demo_session, "C01", Role.COOP), "L008")
