"""What is typed into a recall case: contacts, notices, whom they reached, steps, reports."""

import re
import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from trace import clock
from trace.accounts import Caller
from trace.entries.form import Filled, Form, new_code
from trace.entries.recall_scopes import find_case
from trace.entries.references import Named, find_parties
from trace.errors import Fault, InvalidError
from trace.mandates import acting_party
from trace.nouns.recalling import RECALL_CONTACTS, RECALL_NOTICES
from trace.parties import Party
from trace.recalling.contacts import (
    Channel,
    KeepContact,
    RecallContact,
    best_contacts,
    erase_contact,
    keep_contacts,
)
from trace.recalling.hosts import is_private
from trace.recalling.notices import (
    RecallNotice,
    SettleNotice,
    WriteNotice,
    forget_address,
    settle_notice,
    write_notices,
)
from trace.recalling.progress import Progress, Recovery, find_progress
from trace.recalling.reports import MakeReport, RecallReport, ReportKind, TakeStep, lock_case, make_report, take_step
from trace.recalls import Recall
from trace.records import get_record

_ATOM = r"[0-9A-Za-z!#$%&'*+/=?^_`{|}~-]+"  # RFC 5322
_EMAIL = re.compile(rf"(?=[^@]{{1,64}}@){_ATOM}(?:\.{_ATOM})*@[0-9A-Za-z](?:[0-9A-Za-z.-]{{0,250}}[0-9A-Za-z])?")
_TELEPHONE = re.compile(r"\+?[0-9][0-9 -]{4,24}")


@dataclass(frozen=True, kw_only=True)
class EnterContact(Filled):
    """A contact as somebody types it; `party` keeps it."""

    of: str
    channel: Channel
    address: str
    person: str | None = None


@dataclass(frozen=True, kw_only=True)
class Told:
    """Somebody to be told who is no buyer on record: a shop that resells, a newspaper, an authority."""

    name: str
    channel: Channel
    address: str | None = None


@dataclass(frozen=True, kw_only=True)
class EnterNotices:
    """Whom to tell: some buyers, or all that were not told yet; and others."""

    buyers: Sequence[str] | None = None
    others: Sequence[Told] = ()


@dataclass(frozen=True, kw_only=True)
class EnterReport:
    """A report as somebody types it."""

    kind: ReportKind
    person: str
    cause: str | None = None
    measures: str | None = None
    unrecovered: str | None = None


Texts = Callable[[Recall, str, Recovery | None], tuple[str, str]]  # of a case, for whom, with what: Chinese and English


def address_fault(channel: Channel, address: str) -> str | None:
    """Return why nothing can be sent to an address by a channel, as a code."""
    if channel is Channel.EMAIL:
        return None if _EMAIL.fullmatch(address) else "not-an-email"
    if channel is Channel.SMS:
        return None if _TELEPHONE.fullmatch(address) else "not-a-telephone"
    return _web_fault(address) if channel is Channel.WEBHOOK else None


def _web_fault(address: str) -> str | None:
    try:
        parts = urlsplit(address)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        return "not-a-web-address"
    if not usable or parts.username is not None or any(mark in address for mark in "#\\ \t\r\n"):
        return "not-a-web-address"
    return None


def enter_contacts(
    session: Session, caller: Caller, records: Sequence[EnterContact], *, private: bool = False
) -> list[RecallContact]:
    """Keep contacts. Raises what a form raises."""
    form = Form(session, caller, records)
    parties = find_parties(form, [Named(place, "of", one.of) for place, one in enumerate(records)])
    for place, record in enumerate(records):
        fault = address_fault(record.channel, record.address)
        host = urlsplit(record.address).hostname if record.channel is Channel.WEBHOOK and not fault else None
        if fault or (host and not private and is_private(host)):
            form.refuse(place, "address", fault or "private-address", value=record.address)
    form.close()
    return keep_contacts(
        session,
        [
            KeepContact(
                code=new_code("RK", clock.now()),
                keeper_id=form.principals[place].id,
                party_id=party.id,
                channel=record.channel,
                address=record.address,
                person=record.person,
            )
            for place, (record, party) in enumerate(zip(records, parties, strict=True))
            if party is not None
        ],
    )


def erase(session: Session, caller: Caller, code: str) -> RecallContact:
    """Forget a contact that the caller keeps, also on the notices that went by it.

    Raises `NotFoundError`, `NotForThemError`.
    """
    key = get_record(session, caller, RECALL_CONTACTS, code)["key"]
    contact = session.get_one(RecallContact, key)
    acting_party(session, caller, session.get_one(Party, contact.keeper_id).code)
    forget_address(session, contact.id)
    return erase_contact(session, contact)


def case_to_run(session: Session, caller: Caller, code: str) -> Recall:
    """Return a case that the caller runs, or whose owner's area it watches over; locked, and not closed.

    Raises `NotFoundError`, `NotRecallableError`, `RecallClosedError`.
    """
    return lock_case(session, find_case(session, caller, code).id)


def enter_notices(
    session: Session, caller: Caller, code: str, record: EnterNotices, edge: tuple[Texts, Collection[Channel]]
) -> list[RecallNotice]:
    """Write a notice for each buyer named, or for all that have units and were not told, and for others.

    `edge` gives the words, and the channels by which anything can be sent. Raises `InvalidError` and what
    `case_to_run` raises.
    """
    recall = case_to_run(session, caller, code)
    texts, channels = edge
    progress = find_progress(session, recall)
    rows = _rows_to_tell(progress, record)
    ids = dict(
        session.execute(select(Party.code, Party.id).where(Party.code.in_([row.buyer.code for row in rows]))).all()
    )
    contacts = best_contacts(session, recall.owner_id, ids.values())
    commands = [_to_buyer(recall, row, (ids[row.buyer.code], contacts), texts) for row in rows]
    commands += [_to_other(recall, one, texts) for one in record.others]
    return write_notices(session, commands, channels, caller.account_id)


def _rows_to_tell(progress: Progress, record: EnterNotices) -> list[Recovery]:
    known = {row.buyer.code: row for row in progress.buyers}
    faults = [
        Fault(f"buyers[{place}]", "unknown-reference", {"value": code, "array": "party"})
        for place, code in enumerate(record.buyers or ())
        if code not in known
    ]
    for place, one in enumerate(record.others):
        fault = address_fault(one.channel, one.address) if one.address else None
        if one.channel is Channel.WEBHOOK:  # its secret is kept with a contact
            fault = "webhook-wants-contact"
        if fault or (one.channel is not Channel.PRINT and not one.address):
            faults.append(Fault(f"others[{place}].address", fault or "missing-field", {"value": one.address or ""}))
    if faults:
        raise InvalidError(faults)
    if record.buyers is None:
        return [row for row in progress.buyers if not row.notices]
    return [known[code] for code in dict.fromkeys(record.buyers)]


def _to_buyer(
    recall: Recall, row: Recovery, known: tuple[int, Mapping[int, RecallContact]], texts: Texts
) -> WriteNotice:
    party, contacts = known
    contact = contacts.get(party)
    chinese, english = texts(recall, row.buyer.name, row)
    return WriteNotice(
        code=str(uuid.uuid4()),
        recall_id=recall.id,
        recipient=row.buyer.name,
        party_id=party,
        contact_id=contact.id if contact else None,
        channel=contact.channel if contact else Channel.PRINT,
        address=contact.address if contact else None,
        text_zh=chinese,
        text_en=english,
        units=row.out,
    )


def _to_other(recall: Recall, one: Told, texts: Texts) -> WriteNotice:
    chinese, english = texts(recall, one.name, None)
    return WriteNotice(
        code=str(uuid.uuid4()),
        recall_id=recall.id,
        recipient=one.name,
        channel=one.channel,
        address=one.address,
        text_zh=chinese,
        text_en=english,
        units=0,
    )


def settle(session: Session, caller: Caller, code: str, given: Mapping[str, Any]) -> RecallNotice:
    """Note whom a notice reached, in a person's name. Raises `InvalidError`, `NoticeSettledError`."""
    record = get_record(session, caller, RECALL_NOTICES, code)
    notice = session.get_one(RecallNotice, record["key"])
    find_case(session, caller, f"{record['recalled_by']}/{record['recall']}")
    if not given["reached"] and not given.get("outcome"):
        raise InvalidError([Fault("outcome", "missing-field")])
    return settle_notice(session, SettleNotice(notice_id=notice.id, **given))


def enter_step(session: Session, caller: Caller, code: str, given: Mapping[str, Any]) -> Recall:
    """Bring a case forward. Raises what `case_to_run` and `take_step` raise."""
    recall = case_to_run(session, caller, code)
    return take_step(session, TakeStep(recall_id=recall.id, **given), caller.account_id)


def enter_report(session: Session, caller: Caller, code: str, record: EnterReport) -> RecallReport:
    """Keep a report with the figures of now; the final one closes the case.

    Raises `InvalidError`, `RecallOpenItemsError` and what `case_to_run` raises.
    """
    recall = case_to_run(session, caller, code)
    missing = [name for name in ("cause", "measures") if record.kind is ReportKind.FINAL and not getattr(record, name)]
    if missing:
        raise InvalidError([Fault(name, "missing-field") for name in missing])
    progress = find_progress(session, recall)
    command = MakeReport(recall_id=recall.id, figures=figures_of(progress), **vars(record))
    return make_report(session, command, progress.open_items(unrecovered=record.unrecovered), caller.account_id)


def figures_of(progress: Progress) -> dict[str, Any]:
    """Return a recall's progress as plain values, to be kept and shown."""
    return {
        "recall": progress.recall.code,
        "level": progress.recall.level,
        "state": progress.recall.state.value,
        "finish_by": progress.recall.finish_by.isoformat(),
        "totals": progress.totals,
        "recovered_share": round(progress.share, 4),
        "products": progress.products,
        "buyers": [
            {
                "code": row.buyer.code,
                "name": row.buyer.name,
                **{
                    name: getattr(row, name)
                    for name in ("shipped", "recovered", "out", "destroyed", "reworked", "kept")
                },
                "notices": [state.value for state in row.notices],
            }
            for row in progress.buyers
        ],
        "open_items": progress.open_items(),
    }
