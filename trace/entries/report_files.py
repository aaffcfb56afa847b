"""Enter files of reports: by the laboratory that reports, or by whose lot it is about."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from trace import clock
from trace.accounts import Caller
from trace.entries.form import Filled, Form, new_code
from trace.mandates import NotForThemError, acting_party
from trace.quality import Result
from trace.records import Record
from trace.report_files import AddFile, Kind, ReportFile, add_file


@dataclass(frozen=True)
class SentFile:
    """A file as somebody sends it: how they call it, what it is, and its bytes."""

    name: str
    kind: Kind
    content: bytes


def enter_file(session: Session, caller: Caller, record: Record, sent: SentFile) -> ReportFile:
    """Add a file to a report, as its reader sees that.

    Raises `NotForThemError` for whoever neither reports nor has the lot.
    """
    party = _whose(session, caller, record)
    form = Form(session, caller, [Filled(party=party)])
    command = AddFile(
        code=new_code("F", clock.now()),
        result=session.get_one(Result, record["id"]),
        party_id=form.principals[0].id,
        name=sent.name,
        kind=sent.kind,
        content=sent.content,
    )
    return add_file(session, command, form.entry)


def _whose(session: Session, caller: Caller, record: Record) -> str:
    """Return for which party the caller may add it: the laboratory, else whose lot it is."""
    try:
        acting_party(session, caller, record["owner"])
    except NotForThemError:
        return str(record["lot_party"])
    return str(record["owner"])
