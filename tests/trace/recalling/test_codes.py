"""Every affected code is listed once, and is the one that was printed."""

import csv
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from tests.factories import get_lot_of, make_pack
from tests.packing import make_mark, make_shipment
from trace.instance import get_instance
from trace.keys import KeyRing, KeyState, SerialKey
from trace.label_jobs import serials, start_label_job
from trace.packs import Pack
from trace.products import TradeItem
from trace.recalling.codes import COLUMNS, find_printed, write_codes
from trace.recalling.scope import Start, find_scope
from trace.units import Fate as UnitFate

SIGNING = SerialKey(id="A", state=KeyState.SIGNING, created_at=datetime(2026, 1, 1, tzinfo=UTC), secret=b"1" * 32)
BROKEN = SerialKey(id="B", state=KeyState.DISTRUSTED, created_at=datetime(2026, 1, 1, tzinfo=UTC), secret=b"2" * 32)
RING = KeyRing({"A": SIGNING, "B": BROKEN})


def codes(session: Session, pack: Pack) -> list[list[str]]:
    start = Start.of_lots([get_lot_of(session, pack).id])
    text = "".join(write_codes(session, find_scope(session, start), find_printed(session, start, RING)))
    head, *rows = list(csv.reader(text.splitlines()))
    assert tuple(head) == COLUMNS
    return rows


def test_the_codes_listed_are_those_printed(session: Session) -> None:
    pack = make_pack(session, units=10)
    shipment = make_shipment(session, pack=pack, positions=(1, 3))
    printed = [*serials(session, start_label_job(session, pack, 2, "A"), RING)]
    printed += serials(session, start_label_job(session, pack, 3, "A"), RING)
    rows = codes(session, pack)
    assert [row[2] for row in rows] == [*printed, *[""] * 5]
    assert [int(row[3]) for row in rows] == list(range(1, 11))
    assert [row[5] for row in rows] == ["shipped"] * 3 + ["stock"] * 7
    assert {row[6] for row in rows[:3]} == {shipment.code}
    assert {row[0] for row in rows} == {session.get_one(TradeItem, pack.trade_item_id).gtin}


def test_the_label_that_took_a_spoiled_ones_place_is_a_code_too(session: Session) -> None:
    pack = make_pack(session, units=10)
    printed = [*serials(session, start_label_job(session, pack, 10, "A"), RING)]
    make_mark(session, pack, UnitFate.VOID, 4, 4)
    printed += serials(session, start_label_job(session, pack, 1, "A"), RING)
    rows = codes(session, pack)
    assert [row[2] for row in rows] == printed
    assert [row[5] for row in rows].index("spoiled") == 3


def test_what_was_printed_under_a_distrusted_key_is_listed_without_its_code(session: Session) -> None:
    pack = make_pack(session, units=10)
    start_label_job(session, pack, 2, "B")
    assert [row[2] for row in codes(session, pack)] == [""] * 10
    assert get_instance(session).name


def test_a_code_that_a_spreadsheet_would_compute_is_text(session: Session) -> None:
    pack = make_pack(session, units=1, code="-1+1")
    assert codes(session, pack)[0][4] == "'-1+1"
