"""Judge reports of laboratories, each analyte by the limit in force."""

from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from trace.events import Event
from trace.findings import Finding, Judged, Judging, settle_findings
from trace.lots import Lot
from trace.quality import Result, ResultItem, Sample
from trace.rule_tables import load_tables
from trace.rules import residue
from trace.rules.judging.bringing import names_of, rows_of
from trace.rules.judging.crops import crops_of_lots
from trace.rules.judging.releases import judge_tests
from trace.rules.tables import Tables


def judge_results(session: Session, result_ids: Iterable[int]) -> list[Finding]:
    """Judge reports of laboratories, each analyte by the limit in force, and the releases that rest on them.

    Returns what was not found before.
    """
    ids = set(result_ids)
    tested = select(Sample.lot_id).join(Result, Result.sample_id == Sample.id)
    lots = [lot for (lot,) in rows_of(session, tested, Result.id, ids)]
    return [*judge_reports(session, ids), *judge_tests(session, lots)]


def judge_reports(session: Session, result_ids: Iterable[int]) -> list[Finding]:
    """Judge reports alone. Returns what was not found before."""
    ids = set(result_ids)
    return settle_findings(session, say_of_results(session, ids, load_tables(session))) if ids else []


class ReportedItem(NamedTuple):
    """One analyte of a standing report, with all that a judgement of it asks for."""

    item: ResultItem
    result: int  # row id
    code: str
    sampled_on: date
    lot: int  # row id
    party: int  # whose lot it is
    crop: str | None  # as recorded, else what the lot's leaf is of
    recorded_at: datetime


def list_reported(session: Session, results: Collection[int]) -> list[ReportedItem]:
    """Return what standing reports (row ids) say, one report after the other."""
    query = (
        select(ResultItem, Result.id, Result.code, Sample.sampled_on, Lot.id, Lot.party_id, Lot.crop)
        .add_columns(Event.recorded_at)
        .join(Result, ResultItem.result_id == Result.id)
        .join(Event, Result.event_id == Event.id)
        .join(Sample, Result.sample_id == Sample.id)
        .join(Lot, Sample.lot_id == Lot.id)
        .where(Result.undone_at.is_(None), ResultItem.replaced_at.is_(None))
        .order_by(Result.id, ResultItem.id)
    )
    rows = [ReportedItem._make(row) for row in rows_of(session, query, Result.id, results)]
    crops = crops_of_lots(session, {row.lot: row.crop for row in rows})
    return [row._replace(crop=crops[row.lot]) for row in rows]


def say_of_results(session: Session, ids: Collection[int], tables: Tables) -> Judging:
    """Say what the rules find in reports, by the limits of the day of sampling."""
    rows = list_reported(session, ids)
    names = names_of(session, ("tests",), {row.result: row.code for row in rows})
    facts = [
        residue.Found(
            id=row.result,
            crop=row.crop,
            at=tables.on(row.sampled_on, row.recorded_at),
            analyte=row.item.analyte,
            value=row.item.value,
            unit=row.item.unit,
            stated_limit=row.item.limit_value,
            stated_basis=row.item.limit_basis,
            words=row.item.words,
            loq=row.item.loq,
        )
        for row in rows
    ]
    return Judging(
        noun="result",
        rules=[residue.RULE],
        records=ids,
        judged={row.result: Judged(party_id=row.party, lots=[row.lot], names=names[row.result]) for row in rows},
        judgements=residue.judge(facts),
    )


def find_results_since(session: Session, since: date) -> list[int]:
    """Return the reports on samples taken on a day and later."""
    query = select(Result.id).join(Sample, Result.sample_id == Sample.id).where(Sample.sampled_on >= since)
    return list(session.scalars(query.order_by(Result.id)))
