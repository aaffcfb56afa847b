"""Print jobs give each position once, never more labels than the tea allows, and reprint the very same codes."""

import pathlib
import threading

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories import make_finding, make_pack, make_trade_item
from tests.packing import make_mark, make_shipment
from tests.trace.test_record import statements
from trace import clock
from trace.accounts import Caller, Role
from trace.db import Sessions
from trace.errors import NotFoundError
from trace.findings import Severity
from trace.instance import get_instance
from trace.keys import load_keys
from trace.label_jobs import (
    LabelJob,
    LabelsExceedUnitsError,
    PositionRangeError,
    get_pack,
    labels_exist,
    open_label_jobs,
    open_reprints,
    reprint_labels,
    serials,
    start_label_job,
)
from trace.lots import Lot
from trace.pack_corrections import LabelsPrintedError, check_pack
from trace.packs import Pack
from trace.permits import LotRefusedError
from trace.products import TradeItem
from trace.rule_tables import ReplaceTable, replace_table
from trace.serials import open_serial
from trace.units import Fate


def test_a_loaded_pack_prints_from_position_one(demo_session: Session, keys_dir: pathlib.Path) -> None:
    pack, _ = get_pack(demo_session, "PK001")
    keys = load_keys(keys_dir)
    run = start_label_job(demo_session, pack, 3, keys.signing.id)
    gtin = demo_session.get_one(TradeItem, pack.trade_item_id).gtin or ""
    instance = get_instance(demo_session).name
    opened = [open_serial(keys, instance, gtin, serial) for serial in serials(demo_session, run, keys)]
    assert [(found.pack, found.position) for found in opened] == [(pack.id, 1), (pack.id, 2), (pack.id, 3)]


def test_a_second_job_goes_on_where_the_first_ended(demo_session: Session) -> None:
    pack, _ = get_pack(demo_session, "PK001")
    start_label_job(demo_session, pack, 3, "A")
    assert start_label_job(demo_session, pack, 2, "A").ranges == ((4, 5, "A"),)
    assert labels_exist(demo_session)


def test_labels_never_exceed_the_units_and_their_waste(demo_session: Session) -> None:
    pack, _ = get_pack(demo_session, "PK001")  # 440 units, 13 labels of waste
    start_label_job(demo_session, pack, 453, "A")
    with pytest.raises(LabelsExceedUnitsError) as refusal:
        start_label_job(demo_session, pack, 1, "A")
    assert refusal.value.facts == {"asked": 1, "printed": 453, "units": 440, "most": 453}


def test_a_spoiled_label_may_be_printed_anew_and_its_pack_shipped_under_the_new_one(session: Session) -> None:
    pack = make_pack(session)  # ten units: less than one label of waste
    start_label_job(session, pack, 10, "A")
    make_mark(session, pack, Fate.VOID, 4, 4)
    assert start_label_job(session, pack, 1, "A").ranges == ((11, 11, "A"),)
    assert make_shipment(session, pack=pack, positions=(5, 11)).units == 7


def waste(session: Session, edition: str, percent: str) -> None:
    """Replace the table of the waste of labels, from today on."""
    row = {"stock": "*", "percent": percent, "confidence": "judgement", "source": "镇标签办"}
    command = ReplaceTable(
        table="label-waste", edition=edition, valid_from=clock.today(), source="镇标签办", rows=[row]
    )
    replace_table(session, Caller(Role.OPERATOR, None), command)


def test_the_waste_of_labels_is_that_of_the_table_of_the_day_of_printing(session: Session) -> None:
    pack = make_pack(session)  # ten units
    waste(session, "放宽", "20")
    assert len(start_label_job(session, pack, 12, "A")) == 12
    waste(session, "收紧", "0")
    with pytest.raises(LabelsExceedUnitsError):
        start_label_job(session, pack, 1, "A")
    check_pack(session, pack, 10)  # what was printed stands while the pack has no fewer units
    with pytest.raises(LabelsPrintedError):
        check_pack(session, pack, 9)


def test_a_job_of_nothing_is_refused(demo_session: Session) -> None:
    with pytest.raises(PositionRangeError):
        start_label_job(demo_session, get_pack(demo_session, "PK001")[0], 0, "A")


def test_a_reprint_gives_the_same_codes_under_the_keys_they_had(demo_session: Session, keys_dir: pathlib.Path) -> None:
    pack, _ = get_pack(demo_session, "PK001")
    keys = load_keys(keys_dir)
    first = list(serials(demo_session, start_label_job(demo_session, pack, 5, keys.signing.id), keys))
    again = list(serials(demo_session, reprint_labels(demo_session, pack, 2, 4), keys))
    assert again == first[1:4]


@pytest.mark.parametrize(("first", "last"), [(0, 1), (2, 1), (1, 6)])
def test_only_printed_positions_can_be_printed_again(demo_session: Session, first: int, last: int) -> None:
    pack, _ = get_pack(demo_session, "PK001")
    start_label_job(demo_session, pack, 5, "A")
    with pytest.raises(PositionRangeError):
        reprint_labels(demo_session, pack, first, last)


def test_printers_side_by_side_never_share_a_position(fresh_sessions: Sessions) -> None:
    with fresh_sessions.write.begin() as session:
        pack_id = make_pack(session, units=100, item=make_trade_item(session, net_g=10)).id

    def work() -> None:
        for _ in range(5):
            with fresh_sessions.write.begin() as session:
                start_label_job(session, session.get_one(Pack, pack_id), 5, "A")

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with fresh_sessions.read() as session:
        jobs = session.execute(select(LabelJob.first_position, LabelJob.last_position)).all()
    assert sorted(position for first, last in jobs for position in range(first, last + 1)) == list(range(1, 101))


@pytest.mark.parametrize("severity", [Severity.REFUSE, Severity.REASON])
def test_a_lot_that_a_finding_holds_gets_no_labels(session: Session, severity: Severity) -> None:
    pack = make_pack(session)
    make_finding(session, lot=session.get_one(Lot, pack.lot_id), severity=severity)
    with pytest.raises(LotRefusedError):
        start_label_job(session, pack, 1, "A")


def test_a_pack_known_from_history_still_prints_so_that_its_page_can_warn(demo_session: Session) -> None:
    assert len(start_label_job(demo_session, get_pack(demo_session, "PK008")[0], 1, "A")) == 1


@pytest.mark.parametrize("code", ["NOPE", "L001"])
def test_what_is_no_pack_is_not_found_as_a_pack(demo_session: Session, code: str) -> None:
    with pytest.raises(NotFoundError) as refusal:
        get_pack(demo_session, code)
    assert refusal.value.facts == {"what": "pack", "code": code}


def test_many_packs_take_as_many_statements_as_one(session: Session) -> None:
    wanted = [(make_pack(session, units=10), 2) for _ in range(4)]
    with statements(session) as sent:
        jobs = open_label_jobs(session, wanted, "A")
        open_reprints(session, [(pack, 1, 2) for pack, _ in wanted])
    assert [(job.pack_id, job.first_position, job.last_position) for job in jobs] == [
        (pack.id, 1, 2) for pack, _ in wanted
    ]
    assert len([line for line in sent if not line.startswith("INSERT")]) <= 7, "\n".join(sent)
