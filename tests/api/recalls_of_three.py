"""The recall cases of three parties: a contact, a notice, a report and a drill of each."""

import uuid

from sqlalchemy.orm import Session

from trace import clock
from trace.parties import Party
from trace.recalling.contacts import Channel, KeepContact, keep_contacts
from trace.recalling.drills import KeepDrill, keep_drill
from trace.recalling.notices import WriteNotice, write_notices
from trace.recalling.reports import MakeReport, ReportKind, make_report
from trace.recalls import Recall

Sides = dict[str, str]  # side → code
_COUNTS = ("lots", "packs", "units", "shipped", "in_stock", "codes", "buyers", "buyers_with_contact", "plots")
FIGURES = {**dict.fromkeys((*_COUNTS, "leaf_g", "leaf_from_plots_g"), 1), "buyers_listed": []}


def keep_contact(session: Session, keeper: Party, of: Party) -> str:
    """Let a party keep how another is reached; return the contact's code."""
    code = f"RK-{uuid.uuid4().hex[:8]}"
    contact = KeepContact(code=code, keeper_id=keeper.id, party_id=of.id, channel=Channel.PRINT, address="镇上茶叶店")
    return keep_contacts(session, [contact])[0].code


def write_notice(session: Session, recall: Recall, of: Party) -> str:
    """Write to somebody of a recall; return the notice's code."""
    notice = WriteNotice(
        code=str(uuid.uuid4()),
        recall_id=recall.id,
        recipient=of.name,
        party_id=of.id,
        channel=Channel.PRINT,
        text_zh="召回",
        text_en="recall",
        units=1,
    )
    return write_notices(session, [notice], (), None)[0].code


def run_cases(session: Session, parties: dict[str, Party], recalls: dict[str, Recall]) -> dict[str, Sides]:
    """Let each run its case; the neighbour writes to one's own party, the stranger to the neighbour."""
    told = {"own": "foreign", "neighbour": "own", "foreign": "neighbour"}
    report = ReportKind.PROGRESS
    for recall in recalls.values():
        make_report(session, MakeReport(recall_id=recall.id, kind=report, person="王芳", figures={}), [], None)
    return {
        "recall-contacts": {side: keep_contact(session, party, parties[told[side]]) for side, party in parties.items()},
        "recall-notices": {side: write_notice(session, recalls[side], parties[told[side]]) for side in parties},
        "recall-reports": {side: f"{recall.code}:1" for side, recall in recalls.items()},
        "recall-drills": {side: _drill(session, party) for side, party in parties.items()},
    }


def _drill(session: Session, party: Party) -> str:
    command = KeepDrill(
        code=f"RD-{party.code}",
        owner_id=party.id,
        person="王芳",
        begun_with=["L001"],
        known_at=clock.now(),
        **dict.fromkeys(("scope_ms", "codes_ms", "buyers_ms", "score"), 1),
        figures=FIGURES,
    )
    return keep_drill(session, command, None).code
