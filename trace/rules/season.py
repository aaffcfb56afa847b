"""Judge what a season brought, by the same rules as every other door."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from trace.rules.judging import (
    judge_certificates,
    judge_days,
    judge_intakes,
    judge_packs,
    judge_parties,
    judge_pickings,
    judge_products,
    judge_releases,
    judge_results,
    judge_runs,
    judge_uses_alone,
)
from trace.seasons import SeasonRecord


def judge_season(session: Session, season: int) -> None:
    """Judge what a season brought, and what was picked before where it brings a spray."""
    judge_parties(session, _rows(session, season, "cooperatives", "plants"))
    _, concerned = judge_uses_alone(session, _rows(session, season, "inputs"))
    judge_pickings(session, {*_rows(session, season, "harvests"), *concerned})
    judge_certificates(session, _rows(session, season, "certificates"))
    judge_intakes(session, _rows(session, season, "intakes"))
    judge_products(session, _rows(session, season, "skus"))
    runs = _rows(session, season, "runs")
    judge_runs(session, runs)
    judge_days(session, runs)
    judge_packs(session, _rows(session, season, "packs"))
    judge_results(session, _rows(session, season, "tests"))
    judge_releases(session, _rows(session, season, "lots"))


def _rows(session: Session, season: int, *nouns: str) -> list[int]:
    """Return the rows that the ids in some arrays of a season's file became."""
    query = select(SeasonRecord.record_id).where(SeasonRecord.season_id == season, SeasonRecord.noun.in_(nouns))
    return sorted(session.scalars(query.distinct()))
