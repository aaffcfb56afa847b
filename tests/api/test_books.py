"""The doors and a plain model of tea in step: after each write every lot holds what the model says; books balance."""

import itertools
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import func, select

from tests.api.conftest import OpenApp, settings_for
from tests.api.doors import Doors, Settled, open_doors
from tests.api.moving import let_lot_go, party_of
from tests.databases import Kept, lay, open_quickly
from tests.factories import PICKED_AT, make_brand, make_trade_item
from tests.proofs import tries
from trace.ledger import LedgerLine
from trace.rebuild import differences

UNIT_G = 100
LEAF, RECEIVED, MADE, FINISHED, PACKED = "leaf", "received", "made", "finished", "packed"


class Books(RuleBasedStateMachine):
    """One small town that picks, delivers, makes, packs, sells, takes back, burns and corrects, and a dict of grams."""

    def __init__(self, doors: Doors) -> None:
        super().__init__()
        self.doors = doors
        self.numbers = itertools.count(1)
        self.grams: dict[str, int] = {}
        self.kinds: dict[str, str] = {}
        self.picked: dict[str, int] = {}
        self.sent: dict[str, tuple[str, int]] = {}
        self.units: dict[str, int] = {}  # made of a pack
        self.next_position: dict[str, int] = {}
        self.out: list[tuple[str, int, int]] = []  # pack, first and last position sold
        self.last: tuple[str, Any, str, str, Any] | None = None

    def moment(self) -> str:
        """Return a moment after all that happened."""
        return (PICKED_AT + timedelta(minutes=next(self.numbers))).isoformat()

    def ask(self, path: str, body: dict[str, Any], caller: str, wanted: int = 201) -> Any:
        """Write, and return what was answered."""
        key = f"key-{next(self.numbers)}"
        answer = self.doors.post(path, body, caller, Idempotency_Key=key)
        assert answer.status_code == wanted, answer.text
        if wanted == 201:
            self.last = path, body, caller, key, answer.json
        return answer.json

    def make(self, kind: str, lot: str, mass_g: int) -> None:
        self.kinds[lot], self.grams[lot] = kind, mass_g

    def stocked(self, *kinds: str, least_g: int = 1) -> list[str]:
        """Return the lots of some kinds that hold so much."""
        return [lot for lot, kind in self.kinds.items() if kind in kinds and self.grams[lot] >= least_g]

    def draw(self, data: st.DataObject, *kinds: str, least_g: int = 1) -> tuple[str, int]:
        """Choose a lot and how much of it; all of it as often as not."""
        lot = data.draw(st.sampled_from(self.stocked(*kinds, least_g=least_g)))
        whole = st.just(self.grams[lot])
        return lot, data.draw(st.one_of(whole, st.integers(least_g, self.grams[lot])))

    @initialize()
    def begin(self) -> None:
        """Let there be something of everything, or most histories would never come to tea."""
        self.pick(50_000)
        [leaf] = self.stocked(LEAF)
        for mass_g in (40_000, 1_000):
            self.hand_over(leaf, mass_g)
        self.receive(next(iter(self.sent)), 10)
        [received] = self.stocked(RECEIVED)
        self.transform("/v1/runs", received, 30_000, 6_000, MADE)
        self.transform("/v1/blends", *self.stocked(MADE), 4_000, 4_000, FINISHED)
        self.fill(*self.stocked(FINISHED), 10, 1_005)

    @rule(mass_g=st.integers(1, 3_000))
    def pick(self, mass_g: int) -> None:
        lot = self.ask("/v1/pickings", self.picking(mass_g), "coop")["code"]
        self.make(LEAF, lot, mass_g)
        self.picked[lot] = mass_g

    def picking(self, mass_g: int) -> dict[str, Any]:
        plot = self.doors.plots["own"]
        return {
            "plot": plot,
            "picked_at": self.moment(),
            "mass": grams(mass_g),
            "pluck_standard": "机收稻谷",
            "crop": "稻谷",
        }

    @precondition(lambda self: self.stocked(LEAF))
    @rule(data=st.data())
    def send(self, data: st.DataObject) -> None:
        self.hand_over(*self.draw(data, LEAF))

    def hand_over(self, lot: str, mass_g: int) -> None:
        body = {"receiver": "PL1", "sent_at": self.moment(), "lots": [{"lot": lot, "mass": grams(mass_g)}]}
        self.sent[self.ask("/v1/hand-overs", body, "coop")["code"]] = lot, mass_g
        self.grams[lot] -= mass_g

    @precondition(lambda self: self.sent)
    @rule(data=st.data())
    def take_in(self, data: st.DataObject) -> None:
        code = data.draw(st.sampled_from(list(self.sent)))
        self.receive(code, data.draw(st.integers(0, min(self.sent[code][1] - 1, 20))))

    def receive(self, code: str, lost_g: int) -> None:
        _, mass_g = self.sent.pop(code)
        received_g = mass_g - lost_g
        body = {"hand_overs": [f"C01/{code}"], "received_at": self.moment(), "mass": grams(received_g)}
        self.make(RECEIVED, self.ask("/v1/intakes", body, "plant")["code"], received_g)

    @precondition(lambda self: self.sent)
    @rule(data=st.data())
    def refuse(self, data: st.DataObject) -> None:
        code = data.draw(st.sampled_from(list(self.sent)))
        lot, mass_g = self.sent.pop(code)
        body = {"returned_at": self.moment(), "reason": "含水过高"}
        self.ask(f"/v1/hand-overs/C01/{code}/refusals", body, "plant")
        self.grams[lot] += mass_g

    @precondition(lambda self: self.stocked(RECEIVED, least_g=5))
    @rule(data=st.data())
    def run(self, data: st.DataObject) -> None:
        lot, mass_g = self.draw(data, RECEIVED, least_g=5)
        self.transform("/v1/runs", lot, mass_g, mass_g // 5, MADE)

    @precondition(lambda self: self.stocked(MADE))
    @rule(data=st.data())
    def blend(self, data: st.DataObject) -> None:
        lot, mass_g = self.draw(data, MADE)
        self.transform("/v1/blends", lot, mass_g, mass_g, FINISHED)

    def transform(self, path: str, lot: str, mass_g: int, made_g: int, kind: str) -> None:
        inputs = [{"lot": lot, "mass": grams(mass_g)}]
        body = {"done_at": self.moment(), "inputs": inputs, "output": {"mass": grams(made_g)}}
        output = self.ask(path, body, "plant")["output"]
        if kind == FINISHED:
            let_lot_go(self.doors, output)
        self.make(kind, output, made_g)
        self.grams[lot] -= mass_g

    @precondition(lambda self: self.stocked(FINISHED, least_g=UNIT_G))
    @rule(data=st.data())
    def pack(self, data: st.DataObject) -> None:
        lot, mass_g = self.draw(data, FINISHED, least_g=UNIT_G)
        units = mass_g // UNIT_G
        self.fill(lot, units, min(self.grams[lot], units * UNIT_G + data.draw(st.integers(0, 5))))

    def fill(self, lot: str, units: int, used_g: int) -> None:
        inputs = [{"lot": lot, "mass": grams(used_g)}]
        body = {"product": "S1", "packed_at": self.moment(), "best_before": "2027-10-20", "units": units}
        pack = self.ask("/v1/packs", {**body, "inputs": inputs}, "plant")["code"]
        self.make(PACKED, pack, units * UNIT_G)
        self.grams[lot] -= used_g
        self.units[pack], self.next_position[pack] = units, 1

    def unsold(self) -> list[str]:
        """Return the packs of which positions never left."""
        return [pack for pack, units in self.units.items() if self.next_position[pack] <= units]

    @precondition(lambda self: self.unsold())
    @rule(data=st.data())
    def ship(self, data: st.DataObject) -> None:
        pack = data.draw(st.sampled_from(self.unsold()))
        first = self.next_position[pack]
        last = data.draw(st.integers(first, self.units[pack]))
        packs = [{"pack": pack, "first": first, "last": last}]
        self.ask("/v1/shipments", {"buyer": "C02", "shipped_at": self.moment(), "packs": packs}, "plant")
        self.next_position[pack] = last + 1
        self.out.append((pack, first, last))
        self.grams[pack] -= (last - first + 1) * UNIT_G

    @precondition(lambda self: self.out)
    @rule(data=st.data())
    def come_back(self, data: st.DataObject) -> None:
        pack, first, last = self.out.pop(data.draw(st.integers(0, len(self.out) - 1)))
        back = {
            "buyer": "C02",
            "pack": pack,
            "first": first,
            "last": last,
            "returned_at": self.moment(),
            "reason": "破损",
        }
        self.ask("/v1/returns", back, "plant")
        self.grams[pack] += (last - first + 1) * UNIT_G

    @precondition(lambda self: self.stocked(RECEIVED, MADE, FINISHED))
    @rule(data=st.data())
    def burn(self, data: st.DataObject) -> None:
        lot, mass_g = self.draw(data, RECEIVED, MADE, FINISHED)
        body = {"lot": lot, "mass": grams(mass_g), "destroyed_at": self.moment(), "reason": "霉变", "method": "焚烧"}
        self.ask("/v1/destructions", body, "plant")
        self.grams[lot] -= mass_g

    @precondition(lambda self: self.picked)
    @rule(data=st.data(), mass_g=st.integers(1, 3_000))
    def correct_a_picking(self, data: st.DataObject, mass_g: int) -> None:
        lot = data.draw(st.sampled_from(list(self.picked)))
        taken_g = self.picked[lot] - self.grams[lot]
        body = {"event": f"pickings/{lot}", "reason": "看错了秤", "instead": self.picking(mass_g)}
        if mass_g < taken_g:
            assert self.ask("/v1/corrections", body, "coop", 409)["code"] == "correction-blocked"
            return
        self.ask("/v1/corrections", body, "coop")
        self.picked[lot], self.grams[lot] = mass_g, mass_g - taken_g

    @precondition(lambda self: self.stocked(RECEIVED))
    @rule(data=st.data(), more_g=st.integers(1, 1_000))
    def take_more_than_there_is(self, data: st.DataObject, more_g: int) -> None:
        lot = data.draw(st.sampled_from(self.stocked(RECEIVED)))
        inputs = [{"lot": lot, "mass": grams(self.grams[lot] + more_g)}]
        body = {"done_at": self.moment(), "inputs": inputs, "output": {"mass": grams(1)}}
        assert self.ask("/v1/runs", body, "plant", 409)["code"] == "lot-overdrawn"

    @precondition(lambda self: self.last)
    @rule()
    def ask_again(self) -> None:
        assert self.last
        path, body, caller, key, told = self.last
        answer = self.doors.post(path, body, caller, Idempotency_Key=key)
        assert (answer.status_code, answer.json) == (201, told)
        assert answer.headers["Idempotent-Replayed"] == "true"

    @invariant()
    def every_lot_holds_what_the_model_says(self) -> None:
        lots = self.doors.get("/v1/lots?limit=200", "operator").json["items"]
        assert {lot["code"]: lot["mass_g"] for lot in lots} == self.grams

    @invariant()
    def the_books_balance(self) -> None:
        with self.doors.sessions.read() as session:
            sums = session.execute(
                select(LedgerLine.commodity, func.sum(LedgerLine.amount)).group_by(LedgerLine.commodity)
            )
            assert not any(amount for _, amount in sums)

    def teardown(self) -> None:
        """Compare all tables with the events, once a history."""
        with self.doors.sessions.read() as session:
            assert differences(session) == []
        self.doors.sessions.dispose()


def grams(mass_g: int) -> dict[str, object]:
    """Return a mass."""
    return {"value": mass_g, "unit": "g"}


@pytest.fixture
def open_town(open_app: OpenApp, settled: tuple[Kept, Settled], fresh_url: str, tmp_path: Path) -> Callable[[], Doors]:
    """Open the small town, as it was before anybody wrote, with a tea that the plant packs."""
    kept, town = settled

    def open_again() -> Doors:
        lay(kept, fresh_url)
        sessions = open_quickly(fresh_url)
        with sessions.write.begin() as session:
            make_trade_item(session, brand=make_brand(session, owner=party_of(session, "PL1")), code="S1")
        return open_doors(open_app(settings_for(fresh_url, tmp_path), sessions), sessions, town)

    return open_again


@pytest.mark.prove
def test_the_doors_keep_the_books_that_a_plain_model_keeps(open_town: Callable[[], Doors]) -> None:
    run_state_machine_as_test(
        lambda: Books(open_town()),
        settings=settings(
            max_examples=tries(6, 300),
            stateful_step_count=tries(30, 80),
            derandomize=True,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
