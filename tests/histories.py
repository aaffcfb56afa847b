"""Random histories of tea through the domain's verbs, beside a plain dict of what must be true after each step."""

import itertools
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.between import burn, make_delivery, make_outside, receive, refuse, take_back
from tests.factories import (
    PICKED_AT,
    make_blend,
    make_intake,
    make_pack,
    make_party,
    make_picking,
    make_plant,
    make_run,
)
from tests.packing import make_rework, make_shipment, pack_of
from trace.db import Sessions
from trace.deliveries import Delivery, correct_delivery
from trace.destructions import Destruction, correct_destruction
from trace.events import LIVE, Event
from trace.events.correct import Correction, CorrectionBlockedError, correct_events
from trace.events.record import LotOverdrawnError
from trace.intakes import Intake, correct_intake
from trace.ledger import Account, Commodity, LedgerLine
from trace.lineage import LineageEdge
from trace.lots import Lot, LotKind
from trace.outside import OutsideReceipt, correct_outside
from trace.packs import Pack
from trace.parties import Party
from trace.rebuild import differences
from trace.returns import DeliveryReturn, UnitReturn, correct_delivery_return, correct_unit_return
from trace.shipments import Shipment


@dataclass
class Past:
    """One event as the model knows it: what it did to each lot, in grams and in units."""

    row: int
    grams: Counter[int]
    units: Counter[int] = field(default_factory=Counter)
    undo: Callable[[Session], object] | None = None  # where it is more than its event: positions, a delivery
    rests_on: "Past | None" = None  # stands or falls before it, whatever is in stock


class Model:
    """What must be true after every event, kept in plain dicts."""

    def __init__(self) -> None:
        self.grams: Counter[int] = Counter()
        self.units: Counter[int] = Counter()
        self.standing: list[Past] = []

    def add(self, past: Past) -> None:
        self.standing.append(past)
        self.grams.update(past.grams)
        self.units.update(past.units)

    def would_overdraw(self, past: Past) -> set[int]:
        """Return the lots that would fall below zero without an event."""
        grams = {lot for lot, mass_g in past.grams.items() if self.grams[lot] - mass_g < 0}
        return grams | {lot for lot, units in past.units.items() if self.units[lot] - units < 0}

    def takers(self, lots: set[int], but: Past) -> set[int]:
        """Return the rows of the other standing events that took from some lots."""
        return {
            past.row
            for past in self.standing
            if past is not but and any(past.grams[lot] < 0 or past.units[lot] < 0 for lot in lots)
        }

    def closers(self, past: Past) -> set[int]:
        """Return the rows of the standing events that rest on an event."""
        return {other.row for other in self.standing if other.rests_on is past}

    def undo(self, past: Past) -> None:
        self.standing.remove(past)
        self.grams.subtract(past.grams)
        self.units.subtract(past.units)


class Driver:
    """Takes one random step at a time, in the database and in the model."""

    def __init__(self, sessions: Sessions, seed: int) -> None:
        self.sessions, self.chance, self.model = sessions, random.Random(seed), Model()  # noqa: S311 -- the same history each time
        with sessions.write.begin() as session:
            self.coop, self.plant = make_party(session).id, make_plant(session).id
        self.lots: dict[LotKind, list[int]] = {kind: [] for kind in LotKind}
        self.packs: list[tuple[int, int]] = []  # (pack, packed lot)
        self.packed: Counter[int] = Counter()  # units by lot
        self.shipped: Counter[int] = Counter()
        self.on_the_way: list[tuple[int, Past]] = []  # deliveries, and what sent them
        self.seconds = itertools.count()
        self.sold: list[int] = []  # shipments nothing of which came back
        self.opened: Counter[int] = Counter()

    def step(self) -> None:
        weights = {self.pick: 4, self.take_in: 4, self.run: 3, self.blend: 3, self.pack: 2, self.ship: 2}
        weights |= {self.send: 3, self.receive: 2, self.refuse: 1, self.send_back: 1, self.burn: 1, self.bring_in: 1}
        weights |= {self.correct: 2, self.overdraw: 1, self.rework: 1}
        self.chance.choices(list(weights), list(weights.values()))[0]()

    def draws(self, *kinds: LotKind) -> dict[int, int]:
        """Choose up to three lots with something left, and how much of each."""
        stocked = [lot for kind in kinds for lot in self.lots[kind] if self.model.grams[lot] > 0]
        chosen = self.chance.sample(stocked, min(len(stocked), self.chance.randint(1, 3)))
        whole = self.chance.random() < 0.5
        return {
            lot: self.model.grams[lot] if whole else self.chance.randint(1, self.model.grams[lot]) for lot in chosen
        }

    def did(self, row: int, taken: dict[int, int], made: dict[int, int], units: dict[int, int] | None = None) -> Past:
        grams = Counter(made)
        grams.subtract(taken)
        past = Past(row, grams, Counter(units or {}))
        self.model.add(past)
        return past

    def pick(self) -> None:
        with self.sessions.write.begin() as session:
            mass_g = self.chance.randint(1, 60_000)
            picking = make_picking(session, mass_g=mass_g)
        self.lots[LotKind.LEAF].append(picking.lot_id)
        self.did(picking.event_id, {}, {picking.lot_id: mass_g})

    def take_in(self) -> None:
        if taken := self.draws(LotKind.LEAF):
            entered = sum(taken.values())
            received_g = entered - self.chance.randint(0, min(entered - 1, 50))
            with self.sessions.write.begin() as session:
                lots = [(session.get_one(Lot, lot), mass_g) for lot, mass_g in taken.items()]
                intake = make_intake(session, taken=lots, received_g=received_g)
            self.lots[LotKind.RECEIVED].append(intake.lot_id)
            self.did(intake.event_id, taken, {intake.lot_id: received_g})

    def run(self) -> None:
        self._make(make_run, self.draws(LotKind.RECEIVED), LotKind.MADE)

    def blend(self) -> None:
        self._make(make_blend, self.draws(LotKind.MADE, LotKind.BY_PRODUCT), LotKind.FINISHED)

    def _make(self, make: object, taken: dict[int, int], kind: LotKind) -> None:
        entered = sum(taken.values())
        if entered < 4:
            return
        output_g = self.chance.randint(1, entered // 2)
        by_product_g = self.chance.choice((0, self.chance.randint(1, entered // 4)))
        assert callable(make)
        with self.sessions.write.begin() as session:
            lots = [(session.get_one(Lot, lot), mass_g) for lot, mass_g in taken.items()]
            lost = ("water", entered - output_g - by_product_g)
            run = make(session, taken=lots, output_g=output_g, by_product_g=by_product_g, lost=lost)
            made = {run.output_lot_id: output_g}
            if by_product_g:
                query = select(LineageEdge.child_id).where(LineageEdge.event_id == run.event_id)
                [other] = set(session.scalars(query)) - {run.output_lot_id}
                made[other] = by_product_g
                self.lots[LotKind.BY_PRODUCT].append(other)
        self.lots[kind].append(run.output_lot_id)
        self.did(run.event_id, taken, made)

    def pack(self) -> None:
        stocked = [lot for lot in self.lots[LotKind.FINISHED] if self.model.grams[lot] >= 100]
        if stocked:
            lot = self.chance.choice(stocked)
            units = self.chance.randint(1, self.model.grams[lot] // 100)
            used_g = min(self.model.grams[lot], units * 100 + self.chance.randint(0, 30))
            with self.sessions.write.begin() as session:
                pack = make_pack(session, lot=session.get_one(Lot, lot), units=units, used_g=used_g)
            self.packs.append((pack.id, pack.lot_id))
            self.packed[pack.lot_id] = units
            self.did(pack.event_id, {lot: used_g}, {pack.lot_id: units * 100}, {pack.lot_id: units})

    def ship(self) -> None:
        """Ship from the first position up, once a pack: what an undone event said of positions is kept here."""
        if found := self.closed(but=self.shipped):
            pack, lot, most = found
            units = self.shipped[lot] = self.chance.randint(1, most)
            with self.sessions.write.begin() as session:
                shipment = make_shipment(session, pack=session.get_one(Pack, pack), positions=(1, units))
            self.did(shipment.event_id, {lot: units * 100}, {}, {lot: -units})
            self.sold.append(shipment.id)

    def send(self) -> None:
        if taken := self.draws(LotKind.LEAF):
            with self.sessions.write.begin() as session:
                items = [(session.get_one(Lot, lot), mass_g) for lot, mass_g in taken.items()]
                for lot, _ in items:
                    lot.party_id = self.coop
                delivery = make_delivery(session, items=items, receiver=session.get_one(Party, self.plant))
            past = self.did(delivery.event_id, taken, {})
            past.undo = partial(self._undone, correct_delivery, Delivery, delivery.id)
            self.on_the_way.append((delivery.id, past))

    def _undone(self, correct: Callable[..., object], table: type, row: int, session: Session) -> None:
        correct(session, session.get_one(table, row), None, "did_not_occur", LIVE)

    def _arrived(self) -> tuple[int, Past] | None:
        standing = [(row, past) for row, past in self.on_the_way if past in self.model.standing]
        self.on_the_way = [(row, past) for row, past in standing if not self.model.closers(past)]
        return self.chance.choice(self.on_the_way) if self.on_the_way else None

    def receive(self) -> None:
        if arrived := self._arrived():
            row, sent = arrived
            entered = -sum(sent.grams.values())
            received_g = max(1, entered + self.chance.randint(-50, 50))
            with self.sessions.write.begin() as session:
                intake = receive(session, [session.get_one(Delivery, row)], received_g)
            self.lots[LotKind.RECEIVED].append(intake.lot_id)
            past = self.did(intake.event_id, {}, {intake.lot_id: received_g})
            past.rests_on, past.undo = sent, partial(self._open_again, correct_intake, Intake, intake.id, arrived)

    def refuse(self) -> None:
        if arrived := self._arrived():
            row, sent = arrived
            with self.sessions.write.begin() as session:
                when = PICKED_AT + timedelta(hours=9, seconds=next(self.seconds))
                returned = refuse(session, session.get_one(Delivery, row), returned_at=when)
            past = self.did(returned.event_id, {}, {lot: -mass_g for lot, mass_g in sent.grams.items()})
            undo = partial(self._open_again, correct_delivery_return, DeliveryReturn, returned.id, arrived)
            past.rests_on, past.undo = sent, undo

    def _open_again(
        self, correct: Callable[..., object], table: type, row: int, arrived: tuple[int, Past], session: Session
    ) -> None:
        self._undone(correct, table, row, session)
        self.on_the_way.append(arrived)

    def send_back(self) -> None:
        if self.sold:
            row = self.sold.pop(self.chance.randrange(len(self.sold)))
            with self.sessions.write.begin() as session:
                shipment = session.get_one(Shipment, row)
                sold = next((past for past in self.model.standing if past.row == shipment.event_id), None)
                if sold is None:
                    return
                units = self.chance.randint(1, shipment.units)
                returned = take_back(session, shipment, (1, units))
                lot = pack_of(session, shipment).lot_id
            past = self.did(returned.event_id, {}, {lot: units * 100}, {lot: units})
            past.rests_on, past.undo = sold, partial(self._undone, correct_unit_return, UnitReturn, returned.id)

    def burn(self) -> None:
        stocked = [lot for lot, mass_g in self.model.grams.items() if mass_g > 0 and not self.model.units[lot]]
        if stocked:
            lot = self.chance.choice(stocked)
            mass_g = self.chance.randint(1, self.model.grams[lot])
            with self.sessions.write.begin() as session:
                burnt = burn(session, session.get_one(Lot, lot), mass_g)
            past = self.did(burnt.event_id, {lot: mass_g}, {})
            past.undo = partial(self._undone, correct_destruction, Destruction, burnt.id)

    def bring_in(self) -> None:
        with self.sessions.write.begin() as session:
            receipt = make_outside(session, session.get_one(Party, self.plant))
        self.lots[LotKind.RECEIVED].append(receipt.lot_id)
        past = self.did(receipt.event_id, {}, {receipt.lot_id: 5_000})
        past.undo = partial(self._undone, correct_outside, OutsideReceipt, receipt.id)

    def rework(self) -> None:
        """Open packs again from the last position down, once a pack."""
        if found := self.closed(but=self.opened):
            pack, lot, most = found
            units = self.opened[lot] = self.chance.randint(1, most)
            lost_g, last = self.chance.randint(0, units * 100 - 1), self.packed[lot]
            with self.sessions.write.begin() as session:
                positions = last - units + 1, last
                rework = make_rework(session, session.get_one(Pack, pack), *positions, lost=[("sorting", lost_g)])
            self.lots[LotKind.FINISHED].append(rework.lot_id)
            self.did(rework.event_id, {lot: units * 100}, {rework.lot_id: units * 100 - lost_g}, {lot: -units})

    def closed(self, but: Counter[int]) -> tuple[int, int, int] | None:
        """Choose a pack with units left, neither shipped nor opened: itself, its lot, how many there are."""
        free = {lot: self.packed[lot] - self.shipped[lot] - self.opened[lot] for _, lot in self.packs}
        stocked = [
            (pack, lot, most)
            for pack, lot in self.packs
            if lot not in but and (most := min(free[lot], self.model.units[lot])) > 0
        ]
        return self.chance.choice(stocked) if stocked else None

    def overdraw(self) -> None:
        stocked = [lot for lot, mass_g in self.model.grams.items() if mass_g > 0 and not self.model.units[lot]]
        if stocked:
            lot = self.chance.choice(stocked)
            with pytest.raises(LotOverdrawnError), self.sessions.write.begin() as session:
                make_run(session, taken=[(session.get_one(Lot, lot), self.model.grams[lot] + 1)])

    def correct(self) -> None:
        """Say of some event that it never was: undone when nothing rests on it, else refused by name."""
        if not self.model.standing:
            return
        past = self.chance.choice(self.model.standing)
        short, rows = self.model.would_overdraw(past), self.model.closers(past)
        if rows and past.undo is None:
            return  # a shipment of which some came back: its event alone does not know of them
        command = Correction(wrong=[past.row], right=[], reason="did_not_occur", party_id=self.plant, entry=LIVE)
        undo = past.undo or partial(correct_events, command=command)
        if not short and not rows:
            with self.sessions.write.begin() as session:
                undo(session)
            self.model.undo(past)
            return
        with pytest.raises(CorrectionBlockedError) as refusal, self.sessions.write.begin() as session:
            undo(session)
        with self.sessions.read() as session:
            rows = rows or self.model.takers(short, past)
            wanted = sorted(session.scalars(select(Event.event_id).where(Event.id.in_(rows))))
        assert refusal.value.facts["events"] == wanted

    def compare(self) -> None:
        """Hold the tables against the model, and against the events themselves."""
        with self.sessions.read() as session:
            for lot, mass_g, units in session.execute(select(Lot.id, Lot.mass_g, Lot.units)):
                assert (lot, mass_g, units or 0) == (lot, self.model.grams[lot], self.model.units[lot])
                assert mass_g >= 0
            assert zero_sums(session)
            lots = session.scalar(select(func.sum(LedgerLine.amount)).where(*_of(Account.LOT)))
            assert (lots or 0) == sum(self.model.grams.values())
        with self.sessions.read() as session:
            assert differences(session) == []


def _of(account: Account) -> Sequence[object]:
    return LedgerLine.account == account, LedgerLine.commodity == Commodity.GRAM


def zero_sums(session: Session) -> bool:
    """Tell whether the lines of every event sum to zero for every commodity."""
    query = select(func.sum(LedgerLine.amount)).group_by(LedgerLine.event_id, LedgerLine.commodity)
    return not any(session.scalars(query))
