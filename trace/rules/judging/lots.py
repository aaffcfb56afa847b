"""Judge again what rests on lots."""

from collections.abc import Collection, Iterable
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from trace.conformity import CertifiedLot
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
from trace.rules.judging.releases import judge_releases
from trace.rules.judging.results import judge_results
from trace.rules.judging.runs import judge_runs
from trace.runs import Run

_Days = Collection[tuple[int, date]]  # of which plot or plant (row id)


def judge_lots(session: Session, lots: Iterable[int], picked: _Days = (), worked: _Days = ()) -> list[Finding]:
    """Judge again what rests on lots (row ids): their pickings, reports, releases, runs, packs.

    A correction took pickings away from plots on the days of `picked`, and runs from plants on those of `worked`.
    """
    ids = set(lots)
    made = set(rows_of(session, select(LineageEdge.child_id), LineageEdge.parent_id, ids))
    outputs = ids | {child for (child,) in made}
    pickings = [row for (row,) in rows_of(session, select(Picking.id), Picking.lot_id, ids)]
    runs = [row for (row,) in rows_of(session, select(Run.id), Run.output_lot_id, outputs)]
    reports = select(Result.id).join(Sample, Result.sample_id == Sample.id)
    results = [row for (row,) in rows_of(session, reports, Sample.lot_id, ids)]
    certificates = [row for (row,) in rows_of(session, select(CertifiedLot.certificate_id), CertifiedLot.lot_id, ids)]
    intakes = [row for (row,) in rows_of(session, select(Intake.id), Intake.lot_id, outputs)]
    below = descendants(session, ids) if made else ids
    packs = [row for (row,) in rows_of(session, select(Pack.id), Pack.lot_id, below)]
    return [
        *judge_pickings(session, pickings, picked),
        *judge_promised(session, certificates),
        *judge_intakes(session, intakes),
        *judge_runs(session, runs),
        *judge_days(session, runs, worked),
        *judge_results(session, results),
        *judge_releases(session, ids),
        *judge_packs(session, packs),
    ]
