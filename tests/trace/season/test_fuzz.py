"""A damaged season file is refused with faults or loaded whole: never a traceback, never half of it."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from tests.proofs import tries
from tests.trace.season.planting import Town
from tests.trace.season.test_check import rows
from trace.errors import Fault, InvalidError
from trace.season import load_season
from trace.season.check import read_season

CALM = settings(
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["C01", "H0001", "2025-10-08"]),
    lambda children: st.lists(children, max_size=4) | st.dictionaries(st.text(max_size=8), children, max_size=4),
    max_leaves=6,
)
NEAR = st.sampled_from(
    [0, -1, 1, 0.1, 0.001, 1e-9, 1e300, 2**31, 2**63 - 1, 2**63, "", " ", "0", "1e5", "\x00", "\ud800", "9999-12-31"]
)


def paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path of every value in a tree."""
    found = [path]
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        found += paths(child, (*path, key))
    return found


def refused(read: Callable[[bytes], object], file: bytes) -> list[Fault]:
    """Return the faults a file is refused with, none if it is not. Any other exception is what these tests look for."""
    try:
        read(file)
    except InvalidError as refusal:
        return refusal.faults or [Fault("", "refused without a fault")]
    return []


def faults(file: bytes) -> list[Fault]:
    """Return the faults of a file, checking that each has a code of its own."""
    found = refused(read_season, file)
    assert "refused without a fault" not in {fault.code for fault in found}
    return found


def mutate(tree: Town, data: st.DataObject) -> bytes:
    """Return the file with one value changed, moved, doubled or taken away."""
    town = copy.deepcopy(tree)
    array = data.draw(st.sampled_from([name for name in town if name not in ("_doc", "violations", "expected_totals")]))
    *way, key = data.draw(st.sampled_from(paths(town[array], (array,))))
    holder: Any = town
    for step in way:
        holder = holder[step]
    kind = data.draw(st.sampled_from(["replace", "near", "take", "double", "borrow"]))
    if kind == "take":
        del holder[key]
    elif kind == "double" and isinstance(holder, list):
        holder.insert(key, copy.deepcopy(holder[key]))
    elif kind == "borrow":
        other = data.draw(st.sampled_from(town["harvests"] + town["packs"] + town["plots"]))
        holder[key] = copy.deepcopy(data.draw(st.sampled_from(list(other.values()))))
    else:
        holder[key] = data.draw(NEAR if kind == "near" else JSON)
    return json.dumps(town).encode()


@pytest.mark.prove
@settings(CALM, max_examples=tries(12, 500))
@given(data=st.data())
def test_a_mutated_demo_town_is_read_or_refused(demo_tree: Town, data: st.DataObject) -> None:
    for fault in faults(mutate(demo_tree, data)):
        json.dumps([fault.path, fault.code, fault.facts], ensure_ascii=False).encode()


@pytest.mark.prove
def test_a_mutated_rice_town_loads_whole_or_not_at_all(session: Session, rice_town: bytes) -> None:
    tree = json.loads(rice_town)
    before = rows(session)

    @settings(CALM, max_examples=tries(12, 1000))
    @given(data=st.data())
    def load(data: st.DataObject) -> None:
        savepoint = session.begin_nested()
        if refused(lambda file: load_season(session, file), mutate(tree, data)):
            assert rows(session) == before
        savepoint.rollback()
        session.expunge_all()

    load()
    assert rows(session) == before


@settings(CALM, max_examples=40)
@given(data=st.data())
def test_a_truncated_file_is_refused(demo_town: bytes, data: st.DataObject) -> None:
    whole = demo_town.rstrip()
    length = data.draw(st.integers(0, len(whole) - 1) | st.integers(len(whole) - 40, len(whole) - 1))
    with pytest.raises(InvalidError) as refusal:
        read_season(whole[:length])
    assert {fault.code for fault in refusal.value.faults} <= {"empty", "truncated", "not-json", "not-utf-8"}


@settings(CALM, max_examples=40)
@given(data=st.data())
def test_a_file_with_one_damaged_byte_is_read_or_refused(rice_town: bytes, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(rice_town) - 1))
    damaged = rice_town[:place] + bytes([data.draw(st.integers(0, 255))]) + rice_town[place + 1 :]
    assume(damaged != rice_town)
    faults(damaged)


@settings(CALM, max_examples=60)
@given(data=st.binary(max_size=200))
def test_any_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(InvalidError):
        read_season(data)


@settings(CALM, max_examples=60)
@given(tree=JSON)
def test_any_json_is_refused(tree: object) -> None:
    with pytest.raises(InvalidError):
        read_season(json.dumps({"town": tree, "plots": tree, "harvests": [tree]}).encode())
