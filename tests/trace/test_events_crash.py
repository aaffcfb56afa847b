"""A process killed while it records leaves whole events or none: nothing half written, no position lost."""

import json
import os
import pathlib
import random
import signal
import subprocess
import sys
from collections import defaultdict

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.proofs import tries
from trace.db import Sessions
from trace.events.postings import derive
from trace.events.sequencer import sequence_events
from trace.events.tables import Event, EventPosition, EventSalt, Unsequenced
from trace.ledger import Commodity, LedgerLine
from trace.lineage import LineageEdge
from trace.lots import Lot

ROOT = pathlib.Path(__file__).resolve().parents[2]
KILLS = tries(3, 100)
SEED = 20260420


def kill_a_writer(url: str, first: int, after_s: float) -> int:
    """Start a writer, kill it so many seconds after its first transaction, and return how many it had told of."""
    command = [sys.executable, "-m", "tests.trace.crash_writer", url, str(first)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        told = len(writer.stdout.readline().split())
        try:
            writer.wait(timeout=after_s)
        except subprocess.TimeoutExpired:
            writer.send_signal(signal.SIGKILL)
        told += len(writer.stdout.read().split())
    assert writer.returncode == -signal.SIGKILL
    return told


def assert_ledger_is_whole(session: Session) -> None:
    """Compare every event's ledger lines with its document, and every lot's stock with the ledger."""
    uris = dict(session.execute(select(Lot.id, Lot.uri)).all())
    lines: dict[int, list[tuple[object, ...]]] = defaultdict(list)
    stock: dict[tuple[int, Commodity], int] = defaultdict(int)
    for line in session.scalars(select(LedgerLine)):
        lot = uris[line.lot_id] if line.lot_id else None
        lines[line.event_id].append((line.account, lot, line.subject, line.commodity, line.amount))
        if line.lot_id:
            stock[line.lot_id, line.commodity] += line.amount
    edges: dict[int, int] = defaultdict(int)
    for (event_id,) in session.execute(select(LineageEdge.event_id)):
        edges[event_id] += 1
    for event_id, document in session.execute(select(Event.id, Event.document)):
        posted = derive(json.loads(document))
        assert sorted(lines[event_id], key=str) == sorted((tuple(line) for line in posted.lines), key=str)
        assert edges[event_id] == len(posted.edges)
    for lot_id, mass_g, units in session.execute(select(Lot.id, Lot.mass_g, Lot.units)):
        assert (mass_g, units or 0) == (stock[lot_id, Commodity.GRAM], stock[lot_id, Commodity.UNIT])


@pytest.mark.prove
def test_a_killed_process_leaves_whole_events_and_gapless_positions(fresh_url: str, fresh_sessions: Sessions) -> None:
    chance = random.Random(SEED)  # noqa: S311 -- moments, not secrets
    told = sum(kill_a_writer(fresh_url, 1 + kill * 5000, chance.uniform(0, 0.4)) for kill in range(KILLS))
    sequence_events(fresh_sessions.write)
    with fresh_sessions.read() as session:
        assert_ledger_is_whole(session)
        events = session.scalar(select(func.count()).select_from(Event)) or 0
        positions = session.scalars(select(EventPosition.position).order_by(EventPosition.position)).all()
        assert positions == list(range(1, events + 1))
        assert session.scalar(select(func.count()).select_from(EventSalt)) == events
        assert session.scalar(select(func.count()).select_from(Unsequenced)) == 0
    assert events >= 6 * told  # what a writer told of is there; a chain is six events
