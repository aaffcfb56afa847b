"""Judge again what rests on lots."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date

from sqlalchemy import Select, literal, select, union_all
from sqlalchemy.orm import Session

from trace.conformity import CertifiedLot
from trace.db import portions
from trace.descent import descendants
from trace.findings import Finding
from trace.intakes import Intake
from trace.lineage import LineageEdge
from trace.packs import Pack
from trace.pickings import Picking
from trace.quality import Result, Sample
from trace.rules.judging.bringing import rows_of
from trace.rules.judging.certificates import judge_promised
from trace.rules.judging.days import judge_days
from trace.rules.judging.intakes import judge_intakes
from trace.rules.judging.packs import judge_packs
from trace.rules.judging.pickings import judge_pickings
from trace.rules.judging.releases import judge_tests
from trace.rules.judging.results import judge_reports
from trace.rules.judging.runs import judge_runs
from trace.runs import Run

_Days = Collection[tuple[int, date]]  # of which plot or plant (row id)


def judge_lots(session: Session, lots: Iterable[int], picked: _Days = (), worked: _Days = ()) -> list[Finding]:
    """Judge again what rests on lots (row ids): their pickings, reports, releases, runs, packs.

    A correction took pickings away from plots on the days of `picked`, and runs from plants on those of `worked`.
    """
    ids = set(lots)
    made = {child for (child,) in rows_of(session, select(LineageEdge.child_id), LineageEdge.parent_id, ids)}
    pickings, results, certificates = _resting(session, ids, _ON_LOTS)
    runs, intakes = _resting(session, ids | made, _MAKING_LOTS)
    below = descendants(session, ids) if made else ids
    packs = [row for (row,) in rows_of(session, select(Pack.id), Pack.lot_id, below)]
    return [
        *judge_pickings(session, pickings, picked),
        *judge_promised(session, certificates),
        *judge_intakes(session, intakes),
        *judge_runs(session, runs),
        *judge_days(session, runs, worked),
        *judge_reports(session, results),
        *judge_tests(session, ids),
        *judge_packs(session, packs),
    ]


# What rests on lots, and what made them or what was made of them: its row id, and the lot.
_ON_LOTS = (
    select(Picking.id, Picking.lot_id),
    select(Result.id, Sample.lot_id).join(Sample, Result.sample_id == Sample.id),
    select(CertifiedLot.certificate_id, CertifiedLot.lot_id),
)
_MAKING_LOTS = (select(Run.id, Run.output_lot_id), select(Intake.id, Intake.lot_id))


def _resting(session: Session, lots: Collection[int], queries: Sequence[Select[int, int]]) -> list[list[int]]:
    """Return what each of some queries finds of lots (row ids), in one statement."""
    found: list[list[int]] = [[] for _ in queries]
    for few in portions(sorted(lots)):
        asked = [
            query.add_columns(literal(place).label("place")).where(query.selected_columns[1].in_(few))
            for place, query in enumerate(queries)
        ]
        for row, _, place in session.execute(union_all(*asked)):
            found[place].append(row)
    return found
