"""What the three parties of the table of roles have of quality beside reports: their files, and release plans."""

from datetime import date, timedelta

from sqlalchemy.orm import Session

from api.evidence import kind_of
from tests import factories
from tests.api.test_evidence import report_pdf
from trace.events import LIVE
from trace.lots import Lot
from trace.parties import Party
from trace.quality import Result, Sample, TakeSample, take_samples
from trace.release_plans import MakePlan, PlannedItem, make_plan
from trace.report_files import AddFile, add_file
from trace.retained_samples import RetainSample, retain_samples

LATER = date(2100, 1, 1)


def add_report(session: Session, result: Result) -> str:
    """Add a file to a report, and return its code."""
    code, content = f"F-{result.code}", report_pdf()
    whose = {"result": result, "party_id": result.laboratory_id}
    command = AddFile(code=code, **whose, name="报告.pdf", kind=kind_of(content), content=content)
    return add_file(session, command, LIVE).code


def own_tea(session: Session, party: Party) -> Lot:
    """Let a party make tea of its own leaf: nobody else, whose area an officer may have, had a hand in it."""
    leaf = factories.make_leaf(session, party=party)
    intake = factories.make_intake(session, plant=party, supplier=party, taken=[(leaf, leaf.mass_g)])
    received = factories.get_lot_of(session, intake)
    return factories.get_lot_of(session, factories.make_run(session, plant=party, taken=[(received, received.mass_g)]))


def sample_of(session: Session, party: Party) -> Sample:
    """Let a party take a sample of ten grams of its own tea."""
    lot = own_tea(session, party)
    command = TakeSample(
        code=factories.new_code("SA"),
        lot=(lot.id, lot.uri),
        taken_by_id=party.id,
        taken_by_code=party.code,
        taken_at=factories.PICKED_AT + timedelta(days=1),
        purpose="retained",
        mass_g=10,
    )
    return take_samples(session, [command], LIVE)[0]


def keep_of(session: Session, party: Party) -> str:
    """Let a party keep what may be disposed of by now, and return its code."""
    sample = sample_of(session, party)
    session.get_one(Lot, sample.lot_id).made_on -= timedelta(days=3 * 365)  # nobody need keep it any longer
    days = {"kept_from": sample.sampled_on, "keep_until": sample.sampled_on}
    code = factories.new_code("RS")
    whose = {"party_id": party.id, "sample_id": sample.id}
    return retain_samples(session, [RetainSample(code=code, **whose, mass_g=10, place="留样室", **days)])[0].code


def plan_release(session: Session, party: Party) -> str:
    """Let a party say what its lots need, and return the plan's code."""
    items = [PlannedItem("铅(以Pb计)", 10)]
    return make_plan(session, MakePlan(code=f"RP-{party.code}", party_id=party.id, from_on=LATER, items=items)).code
