"""What reports mean to markets, asked when it is wanted: the limits of the day of sampling, as they were known then."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

from sqlalchemy import select
from sqlalchemy.orm import Session

from trace import clock
from trace.db import portions
from trace.descent import ascents
from trace.errors import ConflictError
from trace.events import Mode
from trace.lots import Lot
from trace.quality import Result, ResultItem, Sample
from trace.rule_tables import load_tables
from trace.rules.judging.bringing import rows_of
from trace.rules.judging.results import ReportedItem, list_reported
from trace.rules.markets import Outcome, Reported, Verdict, judge
from trace.rules.tables import HOME, InForce, list_markets


class MarketRefusedError(ConflictError):
    """A report says that tea fails the limits of the market it would be shipped to."""

    code = "market-refused"


@dataclass(frozen=True)
class Judged:
    """One report by one market's limits."""

    result: int
    market: str
    items: Sequence[tuple[ResultItem, Verdict]]

    @property
    def passed(self) -> bool | None:
        """Return whether all passed; None where none failed and some could not be judged."""
        outcomes = {verdict.outcome for _, verdict in self.items}
        if Outcome.FAILED in outcomes:
            return False
        return None if Outcome.NOT_JUDGED in outcomes else True


def judge_by_market(session: Session, results: Collection[int], market: str | None = None) -> list[Judged]:
    """Judge reports (row ids) by a market, or by every one that had limits on the day of sampling."""
    tables = load_tables(session)
    judged = []
    for result, rows in groupby(list_reported(session, results), attrgetter("result")):
        mine = list(rows)
        at = tables.on(mine[0].sampled_on, mine[0].recorded_at)
        facts = [_fact(row, at) for row in mine]
        for one in [market] if market else list_markets(at):
            pairs = zip((row.item for row in mine), judge(one, facts), strict=True)
            judged.append(Judged(result, one, list(pairs)))
    return judged


def _fact(row: ReportedItem, at: InForce) -> Reported:
    item = row.item
    return Reported(
        crop=row.crop,
        at=at,
        analyte=item.analyte,
        value=item.value,
        words=item.words,
        unit=item.unit,
        loq=item.loq,
        stated_limit=item.limit_value,
        stated_basis=item.limit_basis,
    )


def refuse_for_buyers(session: Session, shipped: Iterable[tuple[str, Collection[str]]], mode: Mode) -> None:
    """Raise `MarketRefusedError` where lots (identifiers) fail the limits of a buyer (party code) that has its own.

    A report on what a lot was made of counts as one on the lot. History has happened.
    """
    asked = list(shipped)
    if mode is Mode.HISTORY or not asked:
        return
    own = set(list_markets(load_tables(session).on(clock.today()))) - {HOME}
    for buyer, lots in asked:
        if buyer in own:
            _refuse(session, buyer, lots)


def _refuse(session: Session, buyer: str, lots: Collection[str]) -> None:
    sources = _sources(session, lots)
    reports = select(Result.id).join(Sample, Result.sample_id == Sample.id).where(Result.undone_at.is_(None))
    results = [row for (row,) in rows_of(session, reports, Sample.lot_id, sources)]
    failed = {
        item.analyte
        for judged in judge_by_market(session, results, buyer)
        for item, verdict in judged.items
        if verdict.outcome is Outcome.FAILED
    }
    if failed:
        raise MarketRefusedError(market=buyer, analytes=sorted(failed))


def _sources(session: Session, lots: Collection[str]) -> set[int]:
    """Return lots (identifiers) and all they were made of, as row ids."""
    ids = [lot for few in portions(lots) for lot in session.scalars(select(Lot.id).where(Lot.uri.in_(few)))]
    return set().union(*ascents(session, ids).values())
