"""What a season becomes: parties matched or new, codes freed, by-products, and tables that tell of tampering."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.trace.season.towns import by_id, dump, repair
from trace.db import Sessions
from trace.errors import InvalidError
from trace.findings import Severity
from trace.lots import get_lot
from trace.packs import Pack
from trace.parties import Party
from trace.runs import Run, RunStep
from trace.season import load_season
from trace.season.loading import free_codes


def test_the_demo_town_mended_has_no_finding_above_a_note(session: Session, demo_town: bytes) -> None:
    answer = load_season(session, dump(repair(json.loads(demo_town))))
    assert [finding.record for finding in answer.findings if finding.severity is not Severity.NOTE] == []


def test_a_cooperative_with_a_mill_of_its_own_is_one_party(session: Session, rice_town: bytes) -> None:
    town = json.loads(rice_town)
    town["plants"][0]["uscc"] = town["cooperatives"][0]["uscc"]
    answer = load_season(session, dump(town))
    assert (answer.totals["plants"], answer.totals["cooperatives"]) == (1, 2)
    assert session.scalars(select(Party.code).where(Party.code == "PL1")).all() == []
    lot = get_lot(session, "L001")
    assert session.get_one(Party, lot.party_id).code == "C01"


def test_buyers_and_laboratories_become_parties_in_order_of_appearance(session: Session, rice_town: bytes) -> None:
    load_season(session, rice_town)
    town = json.loads(rice_town)
    names = dict(session.execute(select(Party.code, Party.name)).all())
    buyers = list(dict.fromkeys(row["buyer"] for row in town["shipments"]))
    assert [names[f"BUY-{number}"] for number in range(1, len(buyers) + 1)] == buyers
    assert [names[f"LAB-{number}"] for number in (1, 2)] == list(dict.fromkeys(row["lab"] for row in town["tests"]))
    assert names["379902102"] == town["town"]["name"]


def test_a_second_season_of_one_mill_records_its_runs_beside_the_first(session: Session, rice_town: bytes) -> None:
    load_season(session, rice_town)
    later = json.loads(rice_town)
    later["town"]["season"] = "2025 晚稻"
    assert load_season(session, dump(later)).loaded
    codes = set(session.scalars(select(Run.code).where(Run.step == "run")))
    assert {"R0001", "R0001.2"} <= codes
    labels = session.scalars(select(Pack.label_lot)).all()
    assert sorted(labels) == ["L001", "L001.2", "L002", "L002.2"]


def test_a_label_never_says_more_than_twenty_characters_of_lot(session: Session, rice_town: bytes) -> None:
    long = "LOT-OF-TWENTY-LETTER"
    for name in ("2025 秋稻", "2025 晚稻", "2025 再生稻"):
        town = json.loads(rice_town.replace(b'"L001"', f'"{long}"'.encode()))
        town["town"]["season"] = name
        load_season(session, dump(town))
    labels = session.scalars(select(Pack.label_lot)).all()
    assert len(set(labels)) == 6
    assert max(map(len, labels)) == 20


def test_what_a_step_measured_may_be_nested(session: Session, rice_town: bytes) -> None:
    town = json.loads(rice_town)
    town["runs"][0]["steps"][0]["readings"] = [{"at": 1.50, "drum": [2.25, None, True]}]
    load_season(session, dump(town))
    first = session.scalars(select(RunStep.measured).order_by(RunStep.run_id, RunStep.place)).first()
    assert first is not None
    assert first["readings"] == [{"at": "1.5", "drum": ["2.25", None, True]}]


def test_two_loaders_at_once_load_a_season_once(fresh_sessions: Sessions, rice_town: bytes) -> None:
    start = threading.Barrier(2)

    def load() -> bool:
        with fresh_sessions.write() as session:
            start.wait()
            with session.begin():
                return load_season(session, rice_town).loaded

    with ThreadPoolExecutor(2) as pool:
        answers = [future.result() for future in [pool.submit(load), pool.submit(load)]]
    assert sorted(answers) == [False, True]


def test_two_seasons_loaded_at_once_both_get_codes_of_their_own(fresh_sessions: Sessions, rice_town: bytes) -> None:
    other = json.loads(rice_town)
    other["town"]["season"] = "2025 晚稻"
    start = threading.Barrier(2)

    def load(data: bytes) -> bool:
        with fresh_sessions.write() as session:
            start.wait()
            with session.begin():
                return load_season(session, data).loaded

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(load, [rice_town, dump(other)])) == [True, True]


def test_a_plot_over_one_of_an_earlier_season_is_refused(session: Session, rice_town: bytes) -> None:
    load_season(session, rice_town)
    later = json.loads(rice_town)
    later["town"]["season"] = "2025 晚稻"
    later["plots"][1]["code"] += "9"
    with pytest.raises(InvalidError) as refusal:
        load_season(session, dump(later))
    [fault] = refusal.value.faults
    assert (fault.path, fault.code) == ("plots[1].geometry", "outlines-overlap")
    assert fault.facts["other"] == json.loads(rice_town)["plots"][1]["code"]


def test_a_season_in_which_nothing_happened_is_loaded_once_too(session: Session, rice_town: bytes) -> None:
    nothing = dump({"town": json.loads(rice_town)["town"]})
    first, again = load_season(session, nothing), load_season(session, nothing)
    assert (first.loaded, again.loaded) == (True, False)
    assert first.totals["fresh_kg"] == first.totals["units"] == first.totals["plots"] == 0


CHAIN = ("intakes", "runs", "batches", "lots", "tests", "packs", "shipments")


@pytest.mark.parametrize("last", ["inputs", "harvests", "certificates", *CHAIN[:-1]])
def test_a_season_may_end_anywhere_in_the_chain(session: Session, rice_town: bytes, last: str) -> None:
    town = json.loads(rice_town)
    order = ("inputs", "harvests", "certificates", *CHAIN)
    for name in order[order.index(last) + 1 :]:
        town[name] = []
    if last == "runs":
        town["runs"] = []  # a run names its batch
    for pack in town["packs"]:
        pack["units_in_stock"] = pack["units"]
    for lot in town["lots"] if not town["packs"] else ():
        lot["bulk_stock_kg"] = lot["finished_kg"]
    assert load_season(session, dump(town)).loaded


def test_leaf_without_a_certificate_is_taken_in_and_judged_by_dry_matter(session: Session, rice_town: bytes) -> None:
    town = json.loads(rice_town)
    town["certificates"] = []
    for row in town["intakes"]:
        row["certificate"] = None
    answer = load_season(session, dump(town))
    assert answer.totals["certificates"] == 0
    assert [finding for finding in answer.findings if finding.severity is not Severity.NOTE] == []


def test_leaf_of_a_plot_without_a_cooperative_is_its_holders(session: Session, rice_town: bytes) -> None:
    town = json.loads(rice_town)
    town["plots"][0]["coop"] = None
    load_season(session, dump(town))
    owner = session.get_one(Party, get_lot(session, "H0001").party_id)
    assert owner.code == by_id(town["plots"])["P001"]["holder"]


@pytest.mark.parametrize(
    ("wanted", "taken", "free"),
    [
        (["A", "B"], set(), {"A": "A", "B": "B"}),
        (["A", "B"], {"A"}, {"A": "A.2", "B": "B"}),
        (["A"], {"A", "A.2"}, {"A": "A.3"}),
        (["A", "A.2"], {"A"}, {"A": "A.3", "A.2": "A.2"}),
        (["A", "A"], {"A"}, {"A": "A.2"}),
    ],
)
def test_a_code_in_use_gets_the_first_free_number(wanted: list[str], taken: set[str], free: dict[str, str]) -> None:
    assert free_codes(wanted, lambda codes: taken & set(codes)) == free
