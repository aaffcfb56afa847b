"""Quality as its readers see it: samples, results, findings, recalls."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, case, cast, exists, or_, select
from sqlalchemy.orm import Session, aliased

from trace import visibility
from trace.accounts import Caller
from trace.affected import find_affected
from trace.events.tables import Event
from trace.files import StoredFile
from trace.findings import Finding, Severity
from trace.holds import RecalledLot
from trace.lots import Lot
from trace.parties import Party
from trace.quality import Result, ResultItem, Sample
from trace.recalls import Recall
from trace.records import Filter, Noun, Parts, equal, plain
from trace.release_plans import ReleasePlan, ReleasePlanItem
from trace.report_files import ReportFile
from trace.retained_samples import RetainedSample

_SECOND = aliased(Party, name="second")
_TESTER, _AGENT = aliased(Party, name="tester"), aliased(Party, name="agent")


def _samples(_caller: Caller) -> Select[*tuple[Any, ...]]:
    """Select the samples recorded by themselves; one that came with its report stands in that."""
    return (
        select(
            *(Sample.code, Party.code.label("owner"), Lot.code.label("lot"), _SECOND.code.label("lot_party")),
            *(Sample.sampled_on, Sample.purpose, Sample.mass_g, Sample.as_typed, _TESTER.code.label("laboratory")),
            *(Event.event_time.label("sampled_at"), Event.utc_offset, Event.mode, Event.event_id.label("event")),
            _AGENT.code.label("entered_by"),
        )
        .select_from(Sample)
        .join(Party, Sample.taken_by_id == Party.id)
        .join(Lot, Sample.lot_id == Lot.id)
        .join(_SECOND, Lot.party_id == _SECOND.id)
        .join(Event, Sample.event_id == Event.id)
        .outerjoin(_TESTER, Sample.laboratory_id == _TESTER.id)
        .outerjoin(_AGENT, Event.entered_by_id == _AGENT.id)
        .where(Sample.undone_at.is_(None))
    )


SAMPLES = Noun(
    name="sample",
    key=Sample.id,
    query=_samples,
    visible=visibility.samples,
    code=plain(Sample.code),
    owner=Party.code.expression,
    filters={"lot": equal(Lot.code), "party": equal(Party.code)},
)


def _results(_caller: Caller) -> Select[*tuple[Any, ...]]:
    return (
        select(
            *(Result.id.label("id"), Result.code, Party.code.label("owner"), Result.reported_on, Result.passed),
            Result.accreditation,
            *(Sample.sampled_on, Sample.purpose, Lot.code.label("lot"), _SECOND.code.label("lot_party")),
            *(Event.event_time.label("reported_at"), Event.utc_offset, Event.mode, Event.event_id.label("event")),
            *(Sample.code.label("sample"), _AGENT.code.label("entered_by")),
        )
        .join(Party, Result.laboratory_id == Party.id)
        .join(Sample, Result.sample_id == Sample.id)
        .join(Lot, Sample.lot_id == Lot.id)
        .join(_SECOND, Lot.party_id == _SECOND.id)
        .join(Event, Result.event_id == Event.id)
        .outerjoin(_AGENT, Event.entered_by_id == _AGENT.id)
        .where(Result.undone_at.is_(None))
    )


def _items(session: Session, _caller: Caller, results: Sequence[int]) -> dict[int, list[ResultItem]]:
    """Return what each report found, in its order."""
    items: dict[int, list[ResultItem]] = defaultdict(list)
    query = select(ResultItem).where(ResultItem.result_id.in_(results), ResultItem.replaced_at.is_(None))
    for item in session.scalars(query.order_by(ResultItem.id)):
        items[item.result_id].append(item)
    return items


RESULTS = Noun(
    name="result",
    key=Result.id,
    query=_results,
    visible=visibility.results,
    code=plain(Result.code),
    owner=Party.code.expression,
    aliases="tests",
    filters={"lot": equal(Lot.code)},
    parts=Parts("items", _items),
)


def _report_files(_caller: Caller) -> Select[*tuple[Any, ...]]:
    """Select what is known of files; their bytes are read one at a time."""
    return (
        select(
            *(ReportFile.code, ReportFile.name, ReportFile.sha256, ReportFile.added_at, StoredFile.media_type),
            *(StoredFile.size, Result.code.label("result"), Party.code.label("laboratory"), Lot.code.label("lot")),
            *(Event.event_id.label("event"), _AGENT.code.label("entered_by")),
        )
        .select_from(ReportFile)
        .join(StoredFile, ReportFile.sha256 == StoredFile.sha256)
        .join(Result, ReportFile.result_id == Result.id)
        .join(Sample, Result.sample_id == Sample.id)
        .join(Lot, Sample.lot_id == Lot.id)
        .join(Party, Result.laboratory_id == Party.id)
        .join(Event, ReportFile.event_id == Event.id)
        .outerjoin(_AGENT, Event.entered_by_id == _AGENT.id)
    )


REPORT_FILES = Noun(
    name="report-file",
    key=ReportFile.id,
    query=_report_files,
    visible=lambda caller: ReportFile.result_id.in_(select(Result.id).where(visibility.results(caller))),
    code=plain(ReportFile.code),
    filters={"result": equal(Result.code)},
)


def _release_plans(_caller: Caller) -> Select[*tuple[Any, ...]]:
    return select(
        *(ReleasePlan.id.label("id"), ReleasePlan.code, Party.code.label("owner"), ReleasePlan.product_kind),
        *(ReleasePlan.from_on, ReleasePlan.entered_at),
    ).join(Party, ReleasePlan.party_id == Party.id)


def _planned_items(session: Session, _caller: Caller, plans: Sequence[int]) -> dict[int, list[ReleasePlanItem]]:
    """Return what each plan asks for."""
    items: dict[int, list[ReleasePlanItem]] = defaultdict(list)
    query = select(ReleasePlanItem).where(ReleasePlanItem.plan_id.in_(plans)).order_by(ReleasePlanItem.item)
    for item in session.scalars(query):
        items[item.plan_id].append(item)
    return items


RELEASE_PLANS = Noun(
    name="release-plan",
    key=ReleasePlan.id,
    query=_release_plans,
    visible=lambda caller: visibility.own(caller, ReleasePlan.party_id),
    code=plain(ReleasePlan.code),
    owner=Party.code.expression,
    filters={"party": equal(Party.code)},
    parts=Parts("items", _planned_items),
)


def _retained(_caller: Caller) -> Select[*tuple[Any, ...]]:
    kept = RetainedSample
    return (
        select(
            *(kept.code, Party.code.label("owner"), Sample.code.label("sample"), Lot.code.label("lot"), kept.mass_g),
            *(kept.place, kept.kept_from, kept.keep_until, kept.disposed_on, kept.disposed_by, kept.disposal),
        )
        .select_from(RetainedSample)
        .join(Party, RetainedSample.party_id == Party.id)
        .join(Sample, RetainedSample.sample_id == Sample.id)
        .join(Lot, Sample.lot_id == Lot.id)
    )


def _due(day: str) -> ColumnElement[bool]:
    """Hold for what is still kept and whose day comes by a day; both engines write a day as `2026-04-18`."""
    return and_(RetainedSample.disposed_on.is_(None), cast(RetainedSample.keep_until, String) <= day)


RETAINED_SAMPLES = Noun(
    name="retained-sample",
    key=RetainedSample.id,
    query=_retained,
    visible=lambda caller: visibility.own(caller, RetainedSample.party_id),
    code=plain(RetainedSample.code),
    owner=Party.code.expression,
    filters={"lot": equal(Lot.code), "due": Filter(_due)},
)


def _findings(caller: Caller) -> Select[*tuple[Any, ...]]:
    """Select findings; one on another's record tells that it holds one's lot, not what was found there."""
    mine = visibility.own(caller, Finding.party_id)
    return select(
        *(Finding.id.label("id"), Finding.rule, Finding.severity, Finding.edition, Finding.source, Finding.found_at),
        *(Finding.answered_at, Finding.answered_by, Finding.answer, Finding.withdrawn_at),
        case((mine, Finding.record)).label("record"),
        case((mine, Finding.facts)).label("facts"),
        Finding.table_name.label("table"),
        case((mine, Finding.table_row)).label("table_row"),
        case((mine, Party.code)).label("party"),
        case((mine, Finding.rule + ":" + Finding.record)).label("code"),
    ).join(Party, Finding.party_id == Party.id)


def _affects(session: Session, caller: Caller, findings: Sequence[int]) -> dict[int, list[str] | None]:
    """Return what each finding affects; of one on another's record that is not told."""
    mine = select(Finding.id).where(Finding.id.in_(findings), visibility.own(caller, Finding.party_id))
    told = set(session.scalars(mine))
    affected = find_affected(session, told)
    return {finding: affected.get(finding, []) if finding in told else None for finding in findings}


def _finding_code(code: str) -> ColumnElement[bool]:
    """Hold for the findings of `rule:record` that stand, else for the one withdrawn last."""
    rule, _, record = code.partition(":")
    later = aliased(Finding)
    outlived = exists().where(
        *(later.rule == rule, later.record == record, later.party_id == Finding.party_id),
        or_(later.withdrawn_at.is_(None), later.id > Finding.id),
    )
    standing = or_(Finding.withdrawn_at.is_(None), ~outlived)
    return and_(Finding.rule == rule, Finding.record == record, standing)


_STATES = {
    "open": and_(Finding.answered_at.is_(None), Finding.withdrawn_at.is_(None)),
    "answered": Finding.answered_at.is_not(None),
    "withdrawn": Finding.withdrawn_at.is_not(None),
}

FINDINGS = Noun(
    name="finding",
    key=Finding.id,
    query=_findings,
    visible=visibility.findings,
    code=_finding_code,
    filters={
        "severity": Filter(lambda word: Finding.severity == Severity(word), tuple(Severity)),
        "rule": equal(Finding.rule),
        "state": Filter(lambda word: _STATES[word], tuple(_STATES)),
    },
    parts=Parts("affects", _affects),
)


def _recalls(_caller: Caller) -> Select[*tuple[Any, ...]]:
    return (
        select(
            *(Recall.id.label("id"), Recall.code, Party.code.label("owner"), Recall.level, Recall.known_at),
            *(Recall.start_by, Recall.started_at, Recall.finish_by, Recall.reason, Result.code.label("result")),
            *(Recall.set_off_by, Recall.state, Event.utc_offset),
        )
        .join(Party, Recall.owner_id == Party.id)
        .join(Event, Recall.event_id == Event.id)
        .outerjoin(Result, Recall.result_id == Result.id)
    )


def _scopes(session: Session, caller: Caller, recalls: Sequence[int]) -> dict[int, list[str]]:
    """Return the lots of each recall: all for its owner, for others their own."""
    scopes: dict[int, list[str]] = defaultdict(list)
    query = (
        select(RecalledLot.recall_id, Lot.code)
        .join(Lot, RecalledLot.lot_id == Lot.id)
        .join(Recall, RecalledLot.recall_id == Recall.id)
        .where(RecalledLot.recall_id.in_(recalls))
        .where(or_(visibility.own(caller, Recall.owner_id), visibility.own(caller, Lot.party_id)))
        .order_by(Lot.id)
    )
    for recall, code in session.execute(query):
        scopes[recall].append(code)
    return scopes


RECALLS = Noun(
    name="recall",
    key=Recall.id,
    query=_recalls,
    visible=visibility.recalls,
    code=plain(Recall.code),
    owner=Party.code.expression,
    aliases="recalls",
    parts=Parts("lots", _scopes),
)
