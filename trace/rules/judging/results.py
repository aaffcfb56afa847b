"""Judge reports of laboratories, each analyte by the limit in force."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from trace.findings import Finding, Judged, Judging, settle_findings
from trace.lots import Lot
from trace.quality import Result, ResultItem, Sample
from trace.rules import residue
from trace.rules.judging.bringing import names_of, rows_of


def judge_results(session: Session, result_ids: Iterable[int]) -> list[Finding]:
    """Judge reports of laboratories, each analyte by the limit in force. Returns what was not found before."""
    ids = set(result_ids)
    query = (
        select(ResultItem, Result.id, Result.code, Sample.sampled_on, Lot.id, Lot.party_id, Lot.crop)
        .join(Result, ResultItem.result_id == Result.id)
        .join(Sample, Result.sample_id == Sample.id)
        .join(Lot, Sample.lot_id == Lot.id)
        .where(Result.undone_at.is_(None), ResultItem.replaced_at.is_(None))
        .order_by(ResultItem.id)
    )
    rows = list(rows_of(session, query, Result.id, ids))
    names = names_of(session, ("tests",), {row[1]: row[2] for row in rows})
    facts = [
        residue.Found(
            id=result,
            crop=crop,
            sampled_on=sampled_on,
            analyte=item.analyte,
            value=item.value,
            unit=item.unit,
            stated_limit=item.limit_value,
            stated_basis=item.limit_basis,
        )
        for item, result, _, sampled_on, _, _, crop in rows
    ]
    return settle_findings(
        session,
        Judging(
            noun="result",
            rules=[residue.RULE],
            records=ids,
            judged={row[1]: Judged(party_id=row[5], lots=[row[4]], names=names[row[1]]) for row in rows},
            judgements=residue.judge(facts),
        ),
    )
