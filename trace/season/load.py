"""Load a season: read, check, write, judge; all of it or nothing, and once only."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from trace import clock
from trace.affected import find_affected
from trace.errors import Fault, InvalidError
from trace.findings import Finding
from trace.instance import lock_instance
from trace.rules.season import judge_season
from trace.season.chain import load_chain
from trace.season.check import read_season
from trace.season.loading import Loading, Row
from trace.season.masterdata import load_master_data
from trace.season.totals import season_totals
from trace.seasons import Season, SeasonRecord


@dataclass(frozen=True)
class Loaded:
    """What came of it: whether anything was written, the totals from the tables, the findings that stand."""

    loaded: bool
    totals: dict[str, Any]
    findings: Sequence[Finding]
    affects: Mapping[int, Sequence[str]]  # by row id of a finding


def load_season(session: Session, data: bytes) -> Loaded:
    """Load a season file. Raises `InvalidError` with every fault, and then nothing is written."""
    town, arrays = read_season(data)
    digest = _digest(town, arrays)
    lock_instance(session)  # one loader at a time: two would give the same free code to different parties
    known = _find(session, town)
    if known is not None:
        if known.sha256 != digest:
            raise InvalidError([Fault("town.season", "season-changed", {"season": town["season"]})])
        return _answer(session, known, loaded=False)
    season = _begin(session, town, digest)
    loading = Loading(session, town, arrays, ZoneInfo(town["timezone"]), season_id=season.id)
    load_master_data(loading)
    load_chain(loading)
    _keep_aliases(loading)
    judge_season(session, season.id)
    return _answer(session, season, loaded=True)


def _find(session: Session, town: Row) -> Season | None:
    season: Season | None = session.scalar(
        select(Season).where(Season.town_code == town["code"], Season.name == town["season"])
    )
    return season


def _begin(session: Session, town: Row, digest: str) -> Season:
    """Write the season's row."""
    season = Season(
        town_code=town["code"],
        name=town["season"],
        town_name=town["name"],
        timezone=town["timezone"],
        sha256=digest,
        loaded_at=clock.now(),
    )
    session.add(season)
    session.flush()
    return season


def _digest(town: Row, arrays: dict[str, list[Row]]) -> str:
    """Return a hash of what the file says, whatever its spacing and order of keys."""
    return hashlib.sha256(_canonical([town, arrays]).encode()).hexdigest()


def _canonical(value: Any) -> str:
    """Return one text for one meaning: keys in order, decimals without trailing zeros, nothing for what is not said."""
    if isinstance(value, dict):
        said = sorted(key for key in value if value[key] is not None)
        return "{" + ",".join(f"{key!r}:{_canonical(value[key])}" for key in said) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_canonical, value)) + "]"
    return str(value.normalize()) if isinstance(value, Decimal) else repr(value)


def _keep_aliases(loading: Loading) -> None:
    rows: list[dict[str, Any]] = []
    nouns: dict[str, dict[str, Any]] = {**loading.rows, "lot": loading.lots}
    for noun, became in nouns.items():
        rows += [
            {"season_id": loading.season_id, "noun": noun, "alias": alias, "record_id": made.id}
            for alias, made in became.items()
        ]
    if rows:
        loading.session.execute(insert(SeasonRecord), rows)


def _answer(session: Session, season: Season, *, loaded: bool) -> Loaded:
    query = select(Finding).where(Finding.season_id == season.id, Finding.withdrawn_at.is_(None))
    findings = list(session.scalars(query.order_by(Finding.id)))
    affects = find_affected(session, [finding.id for finding in findings])
    return Loaded(loaded, season_totals(session, season.id), findings, affects)
