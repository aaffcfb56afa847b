"""Recall cases as their readers see them: contacts, notices, reports, drills; for who runs a case, or watches it."""

from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, cast, false, or_, select
from sqlalchemy.orm import aliased

from trace import visibility
from trace.accounts import Caller, Role
from trace.parties import Party
from trace.recalling.contacts import RecallContact
from trace.recalling.drills import RecallDrill
from trace.recalling.notices import NoticeState, RecallNotice
from trace.recalling.reports import RecallReport
from trace.recalls import Recall
from trace.records import Filter, Noun, equal, number_of, plain

_OTHER = aliased(Party, name="other")


def _contacts(_caller: Caller) -> Select[*tuple[Any, ...]]:
    return (
        select(
            *(RecallContact.code, Party.code.label("keeper"), _OTHER.code.label("of"), RecallContact.person),
            *(RecallContact.channel, RecallContact.address, RecallContact.created_at, RecallContact.erased_at),
        )
        .join(Party, RecallContact.keeper_id == Party.id)
        .join(_OTHER, RecallContact.party_id == _OTHER.id)
    )


def _kept(caller: Caller) -> ColumnElement[bool]:
    """Hold for contacts that the caller keeps: they are personal, so an auditor sees none."""
    return false() if caller.role is Role.AUDITOR else visibility.own(caller, RecallContact.keeper_id)


RECALL_CONTACTS = Noun(
    name="recall-contact",
    key=RecallContact.id,
    query=_contacts,
    visible=_kept,
    code=plain(RecallContact.code),
    filters={"of": equal(_OTHER.code)},
)


def _notices(_caller: Caller) -> Select[*tuple[Any, ...]]:
    return (
        select(
            *(RecallNotice.code, Recall.code.label("recall"), Party.code.label("recalled_by"), RecallNotice.recipient),
            *(_OTHER.code.label("buyer"), RecallNotice.channel, RecallNotice.address, RecallNotice.units),
            *(RecallNotice.text_zh, RecallNotice.text_en, RecallNotice.state, RecallNotice.tries),
            *(RecallNotice.last_error, RecallNotice.created_at, RecallNotice.sent_at, RecallNotice.settled_at),
            *(RecallNotice.settled_by, RecallNotice.outcome),
        )
        .join(Recall, RecallNotice.recall_id == Recall.id)
        .join(Party, Recall.owner_id == Party.id)
        .outerjoin(_OTHER, RecallNotice.party_id == _OTHER.id)
    )


RECALL_NOTICES = Noun(
    name="recall-notice",
    key=RecallNotice.id,
    query=_notices,
    visible=lambda caller: or_(visibility.own(caller, Recall.owner_id), visibility.own(caller, RecallNotice.party_id)),
    code=plain(RecallNotice.code),
    filters={
        "recall": equal(Recall.code),
        "state": Filter(lambda word: RecallNotice.state == NoticeState(word), tuple(NoticeState)),
    },
)
_REPORT_CODE = Recall.code + ":" + cast(RecallReport.number, String)


def _reports(_caller: Caller) -> Select[*tuple[Any, ...]]:
    return (
        select(
            *(_REPORT_CODE.label("code"), Party.code.label("owner"), Recall.code.label("recall"), RecallReport.number),
            *(RecallReport.kind, RecallReport.person, RecallReport.cause, RecallReport.measures),
            *(RecallReport.unrecovered, RecallReport.figures, RecallReport.made_at),
        )
        .join(Recall, RecallReport.recall_id == Recall.id)
        .join(Party, Recall.owner_id == Party.id)
    )


def _numbered(code: str) -> ColumnElement[bool]:
    """Hold for the report of `RECALL:NUMBER`."""
    recall, _, number = code.rpartition(":")
    return and_(Recall.code == recall, RecallReport.number == number_of(number, 2**31 - 1))


RECALL_REPORTS = Noun(
    name="recall-report",
    key=RecallReport.id,
    query=_reports,
    visible=lambda caller: visibility.own(caller, Recall.owner_id),
    code=_numbered,
    owner=Party.code.expression,
    filters={"recall": equal(Recall.code)},
)


def _drills(_caller: Caller) -> Select[*tuple[Any, ...]]:
    return select(
        *(RecallDrill.code, Party.code.label("owner"), RecallDrill.person, RecallDrill.begun_with),
        *(RecallDrill.known_at, RecallDrill.scope_ms, RecallDrill.codes_ms, RecallDrill.buyers_ms),
        *(RecallDrill.figures, RecallDrill.score),
    ).join(Party, RecallDrill.owner_id == Party.id)


RECALL_DRILLS = Noun(
    name="recall-drill",
    key=RecallDrill.id,
    query=_drills,
    visible=lambda caller: visibility.own(caller, RecallDrill.owner_id),
    code=plain(RecallDrill.code),
    owner=Party.code.expression,
)
