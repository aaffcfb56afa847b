"""The client: a lossy network writes nothing twice, lists come whole, a refusal says why."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from examples.client import Chasu, RefusedError
from tests.api.doors import Doors
from tests.api.served import losing_answers, serving
from tests.api.test_pickings import picking
from tests.proofs import tries
from trace.events.sequencer import sequence_events
from trace.lots import Lot
from trace.pickings import Picking

# The proof is 2,000 writes (`make prove`); every test run does a sample.
WRITES = tries(60, 2000)


@pytest.mark.prove
def test_every_write_over_a_network_that_loses_one_answer_in_three_is_done_once(doors: Doors) -> None:
    with serving(doors.app) as behind, losing_answers(behind) as (port, proxy):
        tea = Chasu(f"http://127.0.0.1:{port}", doors.tokens["coop"], tries=40, sleep=lambda _: None)
        with ThreadPoolExecutor(4) as clerks:
            codes = list(clerks.map(lambda _: tea.post("pickings", picking(doors))["code"], range(WRITES)))
        assert proxy.lost > WRITES // 4
    assert len(set(codes)) == WRITES
    with doors.sessions.read() as session:
        assert session.scalar(select(func.count()).select_from(Picking)) == WRITES
        assert session.scalar(select(func.sum(Lot.mass_g))) == WRITES * 12_750


def test_a_list_comes_whole_and_a_record_by_its_code(doors: Doors) -> None:
    with serving(doors.app) as port:
        tea = Chasu(f"http://127.0.0.1:{port}", doors.tokens["coop"])
        tea.post("pickings", [picking(doors, code=f"H{number}") for number in range(7)])
        assert [one["code"] for one in tea.every("pickings", limit=3)] == [f"H{number}" for number in range(7)]
        assert tea.get("pickings", "C01", "H3")["mass"] == {"value": "25.5", "unit": "jin"}
        assert tea.trace("C01/H3")["lot"] == "H3"


def test_events_are_followed_in_order(doors: Doors) -> None:
    with serving(doors.app) as port:
        tea = Chasu(f"http://127.0.0.1:{port}", doors.tokens["coop"])
        tea.post("pickings", [picking(doors) for _ in range(3)])
        sequence_events(doors.sessions.write)
        events = tea.follow()
        assert [next(events)[0]["position"] for _ in range(3)] == [1, 2, 3]


def test_a_refusal_says_why(doors: Doors) -> None:
    with serving(doors.app) as port:
        tea = Chasu(f"http://127.0.0.1:{port}", doors.tokens["coop"])
        with pytest.raises(RefusedError) as refusal:
            tea.post("pickings", picking(doors, plot="nowhere"))
        assert refusal.value.code == "invalid"
        assert [one["field"] for one in refusal.value.errors] == ["plot"]
