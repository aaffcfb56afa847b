"""Report files: the PDF or photographs of a laboratory's report, kept by hash; each is added by an event of its own."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from trace import clock
from trace.db import BIG, Base, BigId
from trace.events import Entry, NewEvent, documents, record
from trace.files import StoredFile, get_file, store_file
from trace.instance import get_namespace
from trace.lots import Lot
from trace.parties import Party
from trace.quality import Result, Sample

LONGEST_NAME = 120
_NOT_IN_NAMES = re.compile(r'[\x00-\x1f\x7f"<>:|?*\u200e\u200f\u202a-\u202e\u2066-\u2069]')


class ReportFile(Base):
    """One file of a report. Which bytes, its hash says."""

    __tablename__ = "report_file"
    __table_args__ = (
        UniqueConstraint("result_id", "sha256"),
        Index("ix_report_file_code", "code", unique=True),
    )
    id: Mapped[BigId]
    code: Mapped[str] = mapped_column(String(40))
    result_id: Mapped[int] = mapped_column(BIG, ForeignKey("result.id"))
    sha256: Mapped[str] = mapped_column(ForeignKey("stored_file.sha256"))
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))  # as its sender called it, with the ending of what it is
    added_at: Mapped[datetime]
    event_id: Mapped[int] = mapped_column(BIG, ForeignKey("event.id"), index=True)


class Kind(NamedTuple):
    """What a file is, as its bytes say: its media type, and how its name ends."""

    media_type: str
    ending: str


PDF = Kind("application/pdf", "pdf")
PICTURES = {  # by what Pillow calls them
    "JPEG": Kind("image/jpeg", "jpg"),
    "PNG": Kind("image/png", "png"),
    "WEBP": Kind("image/webp", "webp"),
}
KINDS = (PDF, *PICTURES.values())


@dataclass(frozen=True, kw_only=True)
class AddFile:
    """Ask to add a file to a report, under a new code; `party_id` answers for it."""

    code: str
    result: Result
    party_id: int
    name: str
    kind: Kind
    content: bytes


def safe_name(name: str, ending: str) -> str:
    """Return the last part of a file's name without what a disk or a reader could stumble over, and a true ending."""
    bare = _NOT_IN_NAMES.sub("", re.split(r"[/\\]", name)[-1]).strip(" .")
    stem = bare.rpartition(".")[0] or bare or "report"
    return f"{stem[: LONGEST_NAME - len(ending) - 1]}.{ending}"


def add_file(session: Session, command: AddFile, entry: Entry) -> ReportFile:
    """Add a file to a report; one that it has already is returned as it stands."""
    kind, result = command.kind, command.result
    sha256 = store_file(session, command.content, kind.media_type)
    session.get_one(Result, result.id, with_for_update=True)  # the same file sent twice at once is added once
    known = select(ReportFile).where(ReportFile.result_id == result.id, ReportFile.sha256 == sha256)
    if (standing := session.scalar(known)) is not None:
        return standing
    name = safe_name(command.name, kind.ending)
    [event] = record(session, [_event(session, command, (sha256, name, kind.media_type), entry)])
    row = ReportFile(
        code=command.code, result_id=result.id, sha256=sha256, name=name, added_at=clock.now(), event_id=event
    )
    session.add(row)
    session.flush()
    return row


def _event(session: Session, command: AddFile, told: tuple[str, str, str], entry: Entry) -> NewEvent:
    """Return the event that puts the hash of a file into the log."""
    sha256, name, media_type = told
    laboratory = session.get_one(Party, command.result.laboratory_id).code
    lot = select(Lot.uri).join(Sample, Sample.lot_id == Lot.id).where(Sample.id == command.result.sample_id)
    document = documents.observation(
        get_namespace(session),
        when=clock.now().astimezone(clock.COUNTRY),
        step="inspecting",
        of=[session.scalars(lot).one()],
        extra={
            "chasu:result": f"{laboratory}/{command.result.code}",
            "chasu:file": {"chasu:sha256": sha256, "chasu:name": name, "chasu:mediaType": media_type},
        },
    )
    return NewEvent(document=document, party_id=command.party_id, entry=entry)


def read_file(session: Session, file: int) -> tuple[ReportFile, StoredFile]:
    """Return a report's file (row id) with its bytes, which are proved. Raises `FileAlteredError`."""
    row = session.get_one(ReportFile, file)
    return row, get_file(session, row.sha256)
