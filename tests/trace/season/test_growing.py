"""Seasons' files are judged by the rules on growing: what is planted in the demo town is found, and nothing else."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.orm import Session

from tests.trace.season.towns import dump, repair
from trace.findings import Severity
from trace.season import load_season

Town = dict[str, Any]


def row(town: Town, array: str, code: str) -> Town:
    """Return a row of a town's file."""
    return next(one for one in town[array] if one["id"] == code)


def ban(town: Town) -> None:
    row(town, "input_products", "IP06")["active"] = "滴滴涕"


def expire(town: Town) -> None:
    row(town, "input_products", "IP06")["registered_until"] = "2026-05-09"


def forbid_tea(town: Town) -> None:
    row(town, "input_products", "IP06")["registered_crops"] = ["柑橘"]


def dilute_the_label(town: Town) -> None:
    uses = [use["per_mu"] for use in town["inputs"] if use["product"] == "IP06"]
    row(town, "input_products", "IP06")["label_max_per_mu"] = min(uses) / 2


def allow_none(town: Town) -> None:
    row(town, "input_products", "IP06")["label_max_applications"] = 0


def claim_too_late(town: Town) -> None:
    row(town, "harvests", "H0001")["claim"] = "明前"  # picked on 13 April


def open_too_late(town: Town) -> None:
    picked = row(town, "harvests", "H0001")
    picked["claim"] = "雨前"
    row(town, "plots", picked["plot"])["opened"] = "2026-04-14"


def found(session: Session, town: Town) -> set[tuple[str, Severity]]:
    """Load a town and return what is above a note: rule and severity."""
    answer = load_season(session, dump(town))
    return {(one.rule, one.severity) for one in answer.findings if one.severity is not Severity.NOTE}


@pytest.mark.parametrize(
    ("plant", "rule", "severity"),
    [
        (ban, "substance_banned", Severity.REFUSE),
        (expire, "substance_not_registered", Severity.REASON),
        (forbid_tea, "substance_not_registered", Severity.REASON),
        (dilute_the_label, "dose_exceeded", Severity.REASON),
        (allow_none, "too_many_applications", Severity.REASON),
        (claim_too_late, "early_date", Severity.REASON),
        (open_too_late, "early_date", Severity.REASON),
    ],
)
def test_what_is_planted_in_a_season_is_found_and_nothing_else(
    session: Session, demo_town: bytes, plant: Callable[[Town], None], rule: str, severity: Severity
) -> None:
    town = repair(json.loads(demo_town))
    plant(town)
    assert found(session, town) == {(rule, severity)}


def test_a_young_plot_that_gives_a_full_crop_is_found(session: Session, demo_town: bytes) -> None:
    town = repair(json.loads(demo_town))
    fullest = max(town["plots"], key=lambda plot: _leaf(town, plot) / plot["area_mu_declared"])
    fullest["planted_year"] = 2024
    assert _leaf(town, fullest) / fullest["area_mu_declared"] > 75
    assert found(session, town) == {("plot_yield", Severity.REASON)}


def _leaf(town: Town, plot: Town) -> float:
    return float(sum(one["fresh_kg"] for one in town["harvests"] if one["plot"] == plot["id"]))


def test_notes_are_one_for_each_record_and_rule(session: Session, demo_town: bytes) -> None:
    answer = load_season(session, demo_town)
    notes = [(one.rule, one.noun, one.record_id) for one in answer.findings if one.severity is Severity.NOTE]
    assert len(notes) == len(set(notes))
    assert "late_entry" not in {rule for rule, _, _ in notes}  # history is never late
