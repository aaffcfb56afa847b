"""Enter reworks: positions of one's own packs opened again, their tea put back as a bulk lot."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from trace.accounts import Caller
from trace.entries.form import Filled, Form, new_code
from trace.entries.positions import Found, PackRange, find_ranges
from trace.entries.references import Named, check_new_codes
from trace.lots import Lot
from trace.mass import Weighed
from trace.packs import agreed
from trace.reworks import Rework, ReworkPacks, record_reworks
from trace.vocabulary import Scheme, ensure_terms


@dataclass(frozen=True, kw_only=True)
class Loss:
    """So much that is lost, and why."""

    reason: str
    mass: Weighed


@dataclass(frozen=True, kw_only=True)
class EnterRework(Filled):
    """A rework as somebody types it; `code` is that of the bulk lot."""

    packs: Sequence[PackRange]
    reworked_at: datetime
    losses: Sequence[Loss] = ()
    code: str | None = None
    grade: str | None = None


def enter_reworks(session: Session, caller: Caller, records: Sequence[EnterRework]) -> list[Rework]:
    """Record reworks; each makes a bulk lot. Raises what a form and `record_reworks` raise."""
    form = Form(session, caller, records)
    return record_reworks(session, read_reworks(form, records), form.entry)


def read_reworks(form: Form, records: Sequence[EnterRework]) -> list[ReworkPacks]:
    """Return what a form of reworks asks for. Raises `InvalidError` with every fault."""
    found = find_ranges(form, [("packs", record.packs) for record in records])
    codes = [record.code or new_code("RW", record.reworked_at) for record in records]
    check_new_codes(form, [Named(place, "code", code) for place, code in enumerate(codes)], Lot, Lot.party_id)
    for place, (record, few) in enumerate(zip(records, found, strict=True)):
        _check(form, place, record, few)
    form.close()
    ensure_terms(form.session, Scheme.GRADE, [record.grade for record in records])
    ensure_terms(form.session, Scheme.LOSS, [loss.reason for record in records for loss in record.losses])
    return [
        ReworkPacks(
            code=code,
            party_id=party.id,
            party_code=party.code,
            reworked_at=record.reworked_at,
            opened=[units for _, units in few],
            lost=[(loss.reason, loss.mass.mass_g) for loss in record.losses],
            grade=record.grade or agreed([lot for lot, _ in few], "grade"),
            crop=agreed([lot for lot, _ in few], "crop"),
            product_kind=agreed([lot for lot, _ in few], "product_kind"),
            as_typed={"losses": [loss.mass.as_typed() for loss in record.losses]} if record.losses else None,
        )
        for record, party, few, code in zip(records, form.principals, found, codes, strict=True)
    ]


def _check(form: Form, place: int, record: EnterRework, found: Found) -> None:
    form.check_moment(place, "reworked_at", record.reworked_at)
    since = max((lot.made_on for lot, _ in found), default=None)
    form.check_day(place, "reworked_at", record.reworked_at, since=since)
    first: dict[str, str] = {}
    for number, loss in enumerate(record.losses):
        here = f"losses[{number}].reason"
        if loss.reason in first:
            form.refuse(place, here, "duplicate-value", value=loss.reason, first=first[loss.reason])
        first.setdefault(loss.reason, here)
    opened, lost = sum(units.mass_g for _, units in found), sum(loss.mass.mass_g for loss in record.losses)
    if len(found) == len(record.packs) and lost >= opened:
        form.refuse(place, "losses", "mass-imbalance", entered=opened, left=lost)
