"""A recall reaches every lot made of the recalled one, in the same transaction."""

from datetime import date, datetime, timedelta, timezone

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.factories import get_lot_of, make_blend, make_pack, make_recall, make_tea
from tests.trace.test_events_writers import at_once
from trace.db import Sessions
from trace.events import LIVE
from trace.holds import RecalledLot
from trace.lots import Lot, get_lot
from trace.packs import Pack
from trace.recalls import Recall, StartRecall, start_recalls
from trace.shipments import Shipment
from trace.units import UnitRange

CHINA = timezone(timedelta(hours=8))


def scope(session: Session, recall: Recall) -> set[str]:
    query = select(Lot.code).join(RecalledLot, RecalledLot.lot_id == Lot.id).where(RecalledLot.recall_id == recall.id)
    return set(session.scalars(query))


def test_the_demo_recall_has_its_pack_units_buyers_and_deadline(demo_session: Session) -> None:
    recall = demo_session.scalars(select(Recall)).one()
    assert {"L008", "PK008"} <= scope(demo_session, recall)
    assert recall.start_by - recall.known_at == timedelta(hours=48)
    lots = select(RecalledLot.lot_id).where(RecalledLot.recall_id == recall.id)
    packs = select(Pack.id).where(Pack.lot_id.in_(lots))
    events = select(UnitRange.event_id).where(UnitRange.pack_id.in_(packs))
    units, buyers = demo_session.execute(
        select(func.sum(Shipment.units), func.count(Shipment.buyer_id.distinct())).where(Shipment.event_id.in_(events))
    ).one()
    in_stock = demo_session.scalar(select(func.sum(Lot.units)).where(Lot.id.in_(lots)))
    assert (units, buyers, in_stock) == (689, 3, 511)


def test_a_recall_reaches_every_blend_that_used_the_lot_and_renews_its_pages(demo_session: Session) -> None:
    leaf, pack = get_lot(demo_session, "H0024"), get_lot(demo_session, "PK001")
    before = pack.revision
    [recall] = start_recalls(
        demo_session,
        [
            StartRecall(
                code="RC-TEST",
                lots=[(leaf.id, leaf.uri)],
                owner_id=leaf.party_id,
                owner_code="C01",
                level=1,
                known_at=datetime(2026, 7, 1, 8, tzinfo=CHINA),
                started_at=datetime(2026, 7, 1, 9, tzinfo=CHINA),
                result_id=None,
            )
        ],
        LIVE,
    )
    assert {"H0024", "L001", "PK001"} <= scope(demo_session, recall)
    demo_session.refresh(pack)
    assert pack.revision > before


def test_what_is_made_of_a_recalled_lot_later_is_recalled_too(session: Session) -> None:
    recalled = make_tea(session)
    recall = make_recall(session, lot=recalled)
    blend = get_lot_of(session, make_blend(session, taken=[(recalled, 1_000)]))
    assert blend.code in scope(session, recall)


def test_one_recall_takes_back_several_lots_and_says_why(session: Session) -> None:
    first, second = make_tea(session), make_tea(session)
    lots = [(first.id, first.uri), (second.id, second.uri)]
    recall = make_recall(session, lot=first, lots=lots, reason="吡虫啉超标")
    blend = get_lot_of(session, make_blend(session, taken=[(second, 1_000)]))
    assert scope(session, recall) == {first.code, second.code, blend.code}
    assert recall.reason == "吡虫啉超标"


def test_two_recalls_of_one_lot_that_start_at_once_both_reach_everything(fresh_sessions: Sessions) -> None:
    with fresh_sessions.write.begin() as session:
        lot = make_tea(session)
        pack = get_lot_of(session, make_pack(session, lot=lot))

    def start(_number: int) -> str:
        with fresh_sessions.write.begin() as session:
            make_recall(session, lot=session.get_one(Lot, lot.id))
        return "started"

    assert at_once(start, 2) == {"started": 2}
    with fresh_sessions.read() as session:
        for recall in session.scalars(select(Recall)):
            assert scope(session, recall) == {lot.code, pack.code}


def test_a_recall_is_done_in_working_days_from_its_announcement(session: Session) -> None:
    started = datetime(2026, 7, 3, 9, tzinfo=CHINA)  # a Friday
    recall = make_recall(session, level=1, known_at=started, started_at=started)
    assert recall.finish_by == date(2026, 7, 17)
