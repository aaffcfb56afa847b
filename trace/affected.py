"""What a finding affects: certificates over the lots it holds, recalls its result set off, runs and lots it holds.

Read from the tables whenever it is asked for, so it does not matter by which door the records came, or in what order.
A finding of a season names records by the ids in that season's file, any other by their codes.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from trace.conformity import CertifiedLot, ConformityCertificate, stands
from trace.db import portions
from trace.findings import Finding
from trace.holds import LotHold
from trace.lots import Lot
from trace.pickings import Picking
from trace.recalls import Recall
from trace.runs import Run
from trace.seasons import SeasonRecord


class _Row(NamedTuple):
    id: int
    noun: str
    record_id: int
    record: str
    season_id: int | None


class _Called(NamedTuple):
    """A record by its row id and its own code."""

    id: int
    code: str


_Names = Mapping[tuple[int | None, str, int], str]


@dataclass
class _Around:
    """What lies around findings: the lots held, and what concerns a lot or a result."""

    held: dict[int, list[_Called]] = field(default_factory=lambda: defaultdict(list))  # by finding
    picked: dict[int, int] = field(default_factory=dict)  # picking → its lot
    certificates: dict[int, list[_Called]] = field(default_factory=lambda: defaultdict(list))  # by lot
    runs: dict[int, _Called] = field(default_factory=dict)  # by output lot
    recalls: dict[int, list[_Called]] = field(default_factory=lambda: defaultdict(list))  # by result


def find_affected(session: Session, findings: Iterable[int]) -> dict[int, list[str]]:
    """Return for each finding (row id) the codes of what follows from it; nothing from one that was withdrawn."""
    columns = (Finding.id, Finding.noun, Finding.record_id, Finding.record, Finding.season_id)
    rows = [
        _Row(*row)
        for few in portions(findings)
        for row in session.execute(select(*columns).where(Finding.id.in_(few), Finding.withdrawn_at.is_(None)))
    ]
    around = _look_around(session, rows)
    names = _names(session, {row.season_id for row in rows if row.season_id}, around)
    return {row.id: _affected(row, around, names) for row in rows}


def _affected(row: _Row, around: _Around, names: _Names) -> list[str]:
    lots = around.held[row.id]
    certified = dict.fromkeys([*(lot.id for lot in lots), *_own_lot(row, around)])
    touched = {
        *(_name(row, names, "certificates", one) for lot in certified for one in around.certificates[lot]),
        *(_name(row, names, "recalls", one) for one in around.recalls[row.record_id] if row.noun == "result"),
    }
    codes = [code for lot in lots for code in _names_of_lot(row, around, names, lot)]
    return [code for code in dict.fromkeys([*sorted(touched), *codes]) if code != row.record]


def _own_lot(row: _Row, around: _Around) -> list[int]:
    """Return the lot of a picking: a note holds nothing, and its certificate is still concerned."""
    return [around.picked[row.record_id]] if row.noun == "picking" and row.record_id in around.picked else []


def _name(row: _Row, names: _Names, noun: str, called: _Called) -> str:
    return names.get((row.season_id, noun, called.id), called.code)


def _names_of_lot(row: _Row, around: _Around, names: _Names, lot: _Called) -> Iterator[str]:
    """Yield the run that made a lot, then the lot; a blend goes by the name of its lot in a season's file."""
    run, known = around.runs.get(lot.id), names.get((row.season_id, "lot", lot.id))
    if run is not None and (known is None or (row.season_id, "runs", run.id) in names):
        yield _name(row, names, "runs", run)
    yield known or lot.code


def _look_around(session: Session, rows: Collection[_Row]) -> _Around:
    around = _Around()
    for few in portions(row.id for row in rows):
        query = select(LotHold.finding_id, Lot.id, Lot.code).join(Lot, LotHold.lot_id == Lot.id)
        for finding, lot, code in session.execute(query.where(LotHold.finding_id.in_(few)).order_by(Lot.id)):
            around.held[finding].append(_Called(lot, code))
    for few in portions({row.record_id for row in rows if row.noun == "picking"}):
        picked = session.execute(select(Picking.id, Picking.lot_id).where(Picking.id.in_(few)))
        around.picked.update((picking, lot) for picking, lot in picked)
    for few in portions({row.record_id for row in rows if row.noun == "result"}):
        started = select(Recall.result_id, Recall.id, Recall.code).where(Recall.result_id.in_(few))
        for result, id_, code in session.execute(started):
            around.recalls[result or 0].append(_Called(id_, code))
    lots = {lot.id for held in around.held.values() for lot in held}
    _runs(session, around, lots)
    _certificates(session, around, lots | set(around.picked.values()))
    return around


def _runs(session: Session, around: _Around, lots: Iterable[int]) -> None:
    for few in portions(lots):
        query = select(Run.output_lot_id, Run.id, Run.code).where(Run.output_lot_id.in_(few))
        around.runs.update({lot: _Called(id_, code) for lot, id_, code in session.execute(query)})


def _certificates(session: Session, around: _Around, lots: Iterable[int]) -> None:
    """Bring the certificates that still promise something for these lots."""
    for few in portions(lots):
        query = (
            select(CertifiedLot.lot_id, ConformityCertificate.id, ConformityCertificate.code)
            .join(ConformityCertificate, CertifiedLot.certificate_id == ConformityCertificate.id)
            .where(CertifiedLot.lot_id.in_(few), stands())
        )
        for lot, id_, code in session.execute(query):
            around.certificates[lot].append(_Called(id_, code))


def _names(session: Session, seasons: Collection[int], around: _Around) -> _Names:
    """Return what the files of some seasons call the records around."""
    wanted = {
        "lot": {lot.id for held in around.held.values() for lot in held},
        "runs": {run.id for run in around.runs.values()},
        "certificates": {one.id for few in around.certificates.values() for one in few},
        "recalls": {one.id for few in around.recalls.values() for one in few},
    }
    names: dict[tuple[int | None, str, int], str] = {}
    for noun, ids in wanted.items():
        for few in portions(ids if seasons else ()):
            query = select(SeasonRecord.season_id, SeasonRecord.record_id, SeasonRecord.alias).where(
                SeasonRecord.noun == noun, SeasonRecord.record_id.in_(few), SeasonRecord.season_id.in_(seasons)
            )
            names.update(((season, noun, id_), alias) for season, id_, alias in session.execute(query))
    return names
