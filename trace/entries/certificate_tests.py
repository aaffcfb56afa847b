"""Reports that a certificate rests on: of the leaf it promises, passed, and looking for what was sprayed on it."""

from collections.abc import Sequence

from sqlalchemy import select

from trace import visibility
from trace.certifying import find_pickings_behind, last_days
from trace.conformity import TESTS, Basis
from trace.db import portions
from trace.entries.coded import Coded, find_coded
from trace.entries.form import Form
from trace.entries.references import Named
from trace.lots import Lot
from trace.places import list_formers
from trace.quality import Result, ResultItem, Sample
from trace.rules.certified import find_untested
from trace.rules.judging.plots import uses_on

_RESULTS = Coded(what="result", row=Result, owner=Result.laboratory_id, aliases="tests")
_Resting = tuple[Sequence[str], Sequence[str]]  # codes of reports, and the bases in words


def find_tests(form: Form, resting: Sequence[_Resting], covered: Sequence[Sequence[Lot]]) -> list[list[int]]:
    """Return the reports (row ids) on which each certificate rests.

    A basis that is a test without a report of its kind, and a report on other leaf, that failed or did not look for
    what was sprayed, is a fault.
    """
    named = [
        Named(place, f"results[{number}]", code)
        for place, (codes, _) in enumerate(resting)
        for number, code in enumerate(codes)
    ]
    found: list[list[Result]] = [[] for _ in resting]
    reports = find_coded(form, named, _RESULTS, visibility.results(form.caller))
    lots = _lots_of(form, [report for report in reports if report is not None])
    for one, result in zip(named, reports, strict=True):
        if result is None:
            continue
        if lots[result.id] not in {lot.id for lot in covered[one.place]}:
            form.refuse(one.place, one.field, "test-elsewhere", value=one.code)
        if not result.passed:
            form.refuse(one.place, one.field, "test-failed", value=one.code)
        found[one.place].append(result)
    for place, (_, bases) in enumerate(resting):
        _check_bases(form, place, bases, found[place])
        if found[place] and set(bases) & set(TESTS):
            _check_target(form, place, covered[place], found[place])
    return [[result.id for result in dict.fromkeys(few)] for few in found]


def _check_bases(form: Form, place: int, bases: Sequence[str], results: Sequence[Result]) -> None:
    """Add a fault for a test of one's own that is no report of one's own, or a contracted one that is."""
    own = {result.laboratory_id == form.principals[place].id for result in results}
    for basis, wanted in ((Basis.OWN_TEST, True), (Basis.CONTRACTED_TEST, False)):
        if basis in bases and wanted not in own:
            form.refuse(place, "results", "test-missing", value=basis.value)


def _check_target(form: Form, place: int, lots: Sequence[Lot], results: Sequence[Result]) -> None:
    """Add a fault where something was sprayed shortly before picking that none of the reports looked for."""
    lacking = untested(form, lots, [result.id for result in results])
    if lacking:
        form.refuse(place, "results", "test-misses-target", substances=lacking)


def untested(form: Form, lots: Sequence[Lot], results: Sequence[int] = ()) -> list[str]:
    """Return what was sprayed on the leaf of some lots, shortly before picking, and these reports did not look for."""
    behind = find_pickings_behind(form.session, [lot.id for lot in lots])
    days = last_days(row for rows in behind.values() for row in rows)
    items = select(ResultItem.analyte).where(ResultItem.result_id.in_(results), ResultItem.replaced_at.is_(None))
    if not days:
        return []
    uses = uses_on(form.session, list_formers(form.session, days), min(days.values()), max(days.values()))
    return find_untested(uses, days, form.session.scalars(items))


def _lots_of(form: Form, results: Sequence[Result]) -> dict[int, int]:
    """Return the lot that each report is on."""
    query = select(Result.id, Sample.lot_id).join(Sample, Result.sample_id == Sample.id)
    lots: dict[int, int] = {}
    for few in portions({result.id for result in results}):
        lots.update((result, lot) for result, lot in form.session.execute(query.where(Result.id.in_(few))))
    return lots
