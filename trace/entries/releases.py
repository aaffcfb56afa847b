"""Enter releases, holds and release plans: by a named person of whose lot it is, by the officer, by the operator."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from trace import clock
from trace.accounts import Caller, Role
from trace.entries.form import Filled, Form, new_code
from trace.entries.references import Named, check_new_codes
from trace.errors import ConflictError
from trace.events import Agent, Entry, Mode
from trace.findings import AnswerFinding, Finding, Severity, answer_findings
from trace.instance import get_namespace
from trace.lots import Lot
from trace.mandates import NotForThemError, acting_party
from trace.parties import Party
from trace.permits import find_refusals
from trace.release_plans import MakePlan, PlannedItem, ReleasePlan, make_plan
from trace.releases import (
    HELD,
    TO_BE_RELEASED,
    HoldLot,
    LotReleasedError,
    NamelessError,
    NeedsNoReleaseError,
    Person,
    find_unreleased,
    hold_lot,
    lock_lot,
    release_lot,
)
from trace.rules.judging import judge_releases
from trace.rules.judging.releases import find_lacking
from trace.vocabulary import Scheme, ensure_terms


class LotNotReleasableError(ConflictError):
    """Results are missing or failed, or findings stand unanswered."""

    code = "lot-not-releasable"


@dataclass(frozen=True)
class EnterRelease:
    """A release; `answer` is what the person says to holds that persons set."""

    answer: str | None = None


def enter_release(session: Session, caller: Caller, lot_id: int, record: EnterRelease) -> Lot:
    """Let a lot (row id) go.

    Raises `NotForThemError`, `NamelessError`, `NeedsNoReleaseError`, `LotNotReleasableError` with all that stands
    against it, `LotReleasedError`, and `NotYoursToAnswerError` for a hold that is not the caller's to answer.
    """
    by = _person(caller)
    lot = lock_lot(session, lot_id)
    entry = _entry(session, caller, lot)
    if lot.kind not in TO_BE_RELEASED:
        raise NeedsNoReleaseError(lot=lot.code)
    unanswered = find_refusals(session, lot.id)
    held = [finding for finding in unanswered if finding.rule == HELD and finding.record_id == lot.id]
    _check(session, lot, [one for one in unanswered if record.answer is None or one not in held])
    if not unanswered and not find_unreleased(session, [lot.uri]):
        raise LotReleasedError(lot=lot.code)
    answer_findings(session, caller, [AnswerFinding(finding=one.id, answer=record.answer or "") for one in held])
    release_lot(session, lot, by, entry)
    judge_releases(session, [lot.id])
    return lot


def _check(session: Session, lot: Lot, standing: Sequence[Finding]) -> None:
    """Raise `LotNotReleasableError` where results are lacking or findings stand."""
    lacking = find_lacking(session, lot)
    # A finding about an earlier release is what the lot lacks, said once more.
    findings = sorted({f"{one.rule}:{one.record}" for one in standing if one.noun != "release"})
    if lacking or findings:
        raise LotNotReleasableError(
            lot=lot.code, missing=list(lacking.missing), failed=list(lacking.failed), findings=findings
        )


def enter_hold(session: Session, caller: Caller, lot_id: int, reason: str) -> Lot:
    """Hold a lot (row id) and all made of it. What an officer holds, its own party cannot let go.

    Raises `NotForThemError`, `NamelessError`.
    """
    by = _person(caller)
    lot = lock_lot(session, lot_id)
    entry = _entry(session, caller, lot)
    severity = Severity.REFUSE if caller.role in (Role.OFFICER, Role.OPERATOR) else Severity.REASON
    hold_lot(session, lot, HoldLot(reason=reason, severity=severity, by=by), entry)
    return lot


def _person(caller: Caller) -> Person:
    if not caller.name or caller.role is Role.AUDITOR:
        raise NamelessError
    return Person(caller.name, caller.account_id)


def _entry(session: Session, caller: Caller, lot: Lot) -> Entry:
    """Return how this comes in. Raises `NotForThemError` for whoever answers for neither the lot nor its area."""
    owner = session.get_one(Party, lot.party_id)
    if caller.role is not Role.OFFICER:
        acting_party(session, caller, owner.code)
    elif not caller.sees(owner.id, owner.area_code):
        raise NotForThemError(party=owner.code)
    names = get_namespace(session)
    agent = Agent(caller.party.id, names.party(caller.party.code)) if caller.party else None
    return Entry(Mode.LIVE, agent, caller.account_id)


@dataclass(frozen=True, kw_only=True)
class EnterPlan(Filled):
    """A release plan as somebody types it."""

    from_on: date
    items: Sequence[PlannedItem]
    code: str | None = None
    product_kind: str | None = None


def enter_plans(session: Session, caller: Caller, records: Sequence[EnterPlan]) -> list[ReleasePlan]:
    """Write plans. Raises what a form raises."""
    form = Form(session, caller, records)
    codes = [record.code or new_code("RP", clock.now()) for record in records]
    check_new_codes(
        form, [Named(place, "code", code) for place, code in enumerate(codes)], ReleasePlan, ReleasePlan.party_id
    )
    for place, record in enumerate(records):
        _check_plan(form, place, record)
    form.close()
    ensure_terms(session, Scheme.PRODUCT_KIND, [record.product_kind for record in records])
    return [
        make_plan(
            session,
            MakePlan(
                code=code,
                party_id=party.id,
                from_on=record.from_on,
                items=record.items,
                product_kind=record.product_kind,
                account_id=caller.account_id,
            ),
        )
        for record, code, party in zip(records, codes, form.principals, strict=True)
    ]


def _check_plan(form: Form, place: int, record: EnterPlan) -> None:
    """Add a fault for a plan from a day gone by, which would judge what was let go already, and for an item twice."""
    if record.from_on < clock.today():
        facts = {"value": str(record.from_on), "source": str(clock.today())}
        form.refuse(place, "from_on", "before-its-source", **facts)
    seen: set[str] = set()
    for number, item in enumerate(record.items):
        if item.item in seen:
            form.refuse(place, f"items[{number}].item", "code-taken", value=item.item)
        seen.add(item.item)
