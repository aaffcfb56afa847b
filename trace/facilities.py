"""Facilities and licences: registered, and changed by date, so that a packing is judged by what held on its day."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from trace import clock, ids
from trace.db import portions
from trace.faults import Faults
from trace.instance import lock_instance
from trace.parties import Facility, FacilityVersion, Licence, LicenceTerm, Party, hold_parties
from trace.renewal import renew_party_pages
from trace.revisions import KEPT, Kept, change, given, lock_row
from trace.villages import judge_centre

_VERSIONED = ("name", "longitude", "latitude", "capacity_g_per_day")
_TERM = ("valid_from", "valid_to", "product_kinds")


@dataclass(frozen=True, kw_only=True)
class RegisterFacility:
    """Ask for a plant, station or store of a party; its place is in WGS-84."""

    code: str
    party_id: int
    name: str
    longitude: float | None = None
    latitude: float | None = None
    capacity_g_per_day: int | None = None
    from_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class AmendFacility:
    """Say what a facility is from a day on."""

    facility_id: int
    from_on: date
    name: str | Kept = KEPT
    longitude: float | Kept | None = KEPT
    latitude: float | Kept | None = KEPT
    capacity_g_per_day: int | Kept | None = KEPT


@dataclass(frozen=True, kw_only=True)
class RegisterLicence:
    """Ask for a production licence (SC + 14 digits) or a workshop's registration, for kinds of product."""

    party_id: int
    number: str
    valid_to: date
    product_kinds: Sequence[str]
    valid_from: date | None = None


@dataclass(frozen=True, kw_only=True)
class RenewLicence:
    """Say from when to when a licence holds, and for what; former terms stay on record."""

    licence_id: int
    valid_from: date | None
    valid_to: date
    product_kinds: Sequence[str]


def register_facilities(
    session: Session, commands: Sequence[RegisterFacility], account_id: int | None = None
) -> list[Facility]:
    """Write new facilities with their first version. Raises `InvalidError`."""
    lock_instance(session)
    faults = Faults()
    for place, command in enumerate(commands):
        faults.judge_code(f"[{place}].code", command.code)
        faults.judge_day(f"[{place}].from_on", command.from_on)
        _judge_facility(faults, f"[{place}].", command)
    codes = [(f"[{place}].code", command.code) for place, command in enumerate(commands)]
    faults.judge_free(session, Facility.code, codes)
    faults.refuse()
    hold_parties(session, [command.party_id for command in commands])
    values = [{name: value for name, value in vars(command).items() if name != "from_on"} for command in commands]
    facilities = [Facility(**one) for one in values]
    session.add_all(facilities)
    session.flush()
    for facility, command in zip(facilities, commands, strict=True):
        session.add(_facility_version(facility, command.from_on, account_id))
    session.flush()
    return facilities


def _judge_facility(faults: Faults, at: str, facility: RegisterFacility | Facility) -> None:
    if not facility.name.strip():
        faults.fault(f"{at}name", "empty")
    judge_centre(faults, at, facility.longitude, facility.latitude)
    if facility.capacity_g_per_day is not None and facility.capacity_g_per_day < 0:
        faults.fault(f"{at}capacity", "out-of-range")


def _facility_version(facility: Facility, from_on: date | None, account_id: int | None) -> FacilityVersion:
    values = {name: getattr(facility, name) for name in _VERSIONED}
    return FacilityVersion(
        facility_id=facility.id, from_on=from_on, account_id=account_id, recorded_at=clock.now(), **values
    )


def amend_facility(session: Session, command: AmendFacility, account_id: int | None = None) -> Facility:
    """Give a facility a new version. Raises `InvalidError`."""
    facility = lock_row(session, Facility, command.facility_id)
    values = given(command, but=("facility_id", "from_on"))
    faults = Faults()
    faults.judge_day("from_on", command.from_on)
    _judge_facility(faults, "", Facility(**{name: values.get(name, getattr(facility, name)) for name in _VERSIONED}))
    since = select(func.max(FacilityVersion.from_on)).where(FacilityVersion.facility_id == facility.id)
    last = session.scalar(since)
    if last is not None and command.from_on < last:
        faults.fault("from_on", "before-last-change", value=command.from_on.isoformat(), last=last.isoformat())
    faults.refuse()
    if change(facility, values):
        session.add(_facility_version(facility, command.from_on, account_id))
        session.flush()
    return facility


def facility_on(session: Session, facility: Facility, day: date) -> FacilityVersion | None:
    """Return what held of a facility on a day."""
    query = (
        select(FacilityVersion)
        .where(FacilityVersion.facility_id == facility.id)
        .where(or_(FacilityVersion.from_on.is_(None), FacilityVersion.from_on <= day))
        .order_by(FacilityVersion.from_on.desc().nulls_last(), FacilityVersion.id.desc())
        .limit(1)
    )
    found: FacilityVersion | None = session.scalar(query)
    return found


def register_licences(
    session: Session, commands: Sequence[RegisterLicence], account_id: int | None = None
) -> list[Licence]:
    """Write new licences with their first term. Raises `InvalidError`.

    A licence whose check digit fails is no fault: `trace.rules.judging` notes it.
    """
    lock_instance(session)
    faults = Faults()
    for place, command in enumerate(commands):
        if command.number.startswith("SC"):
            faults.judge(f"[{place}].number", ids.check_licence, command.number)
        elif not command.number.strip():
            faults.fault(f"[{place}].number", "empty")
        _judge_term(faults, f"[{place}].", command)
    numbers = [(f"[{place}].number", command.number) for place, command in enumerate(commands)]
    faults.judge_free(session, Licence.number, numbers)
    faults.refuse()
    hold_parties(session, [command.party_id for command in commands])
    _lock_licences(session, [command.party_id for command in commands])
    licences = [Licence(**{**vars(command), "product_kinds": list(command.product_kinds)}) for command in commands]
    session.add_all(licences)
    session.flush()
    session.add_all(_licence_term(licence, account_id) for licence in licences)
    session.flush()
    return licences


def hold_licences(session: Session, parties: Iterable[int]) -> None:
    """Keep the licences of parties (row ids) as they are until the transaction ends; whoever packs holds them."""
    for few in portions(sorted(set(parties))):
        held = select(Party.id).where(Party.id.in_(few)).order_by(Party.id)
        session.execute(held.with_for_update(read=True))


def _lock_licences(session: Session, parties: Iterable[int]) -> None:
    """Make whoever would pack wait until this transaction ends: a pack is judged by the licences there then are."""
    for few in portions(sorted(set(parties))):
        locked = select(Party.id).where(Party.id.in_(few)).order_by(Party.id)
        session.execute(locked.with_for_update(key_share=True))


def _judge_term(faults: Faults, at: str, term: RegisterLicence | RenewLicence) -> None:
    if term.valid_from is not None and term.valid_to < term.valid_from:
        ends = {"value": term.valid_to.isoformat(), "start": term.valid_from.isoformat()}
        faults.fault(f"{at}valid_to", "ends-before-it-begins", **ends)


def _licence_term(licence: Licence, account_id: int | None) -> LicenceTerm:
    values = {name: getattr(licence, name) for name in _TERM}
    return LicenceTerm(licence_id=licence.id, account_id=account_id, recorded_at=clock.now(), **values)


def renew_licence(session: Session, command: RenewLicence, account_id: int | None = None) -> Licence:
    """Give a licence another term; pages that name it are made anew. Raises `InvalidError`."""
    licence = lock_row(session, Licence, command.licence_id)
    _lock_licences(session, [licence.party_id])
    faults = Faults()
    _judge_term(faults, "", command)
    faults.refuse()
    values = {name: getattr(command, name) for name in ("valid_from", "valid_to")}
    if change(licence, {**values, "product_kinds": list(command.product_kinds)}):
        session.add(_licence_term(licence, account_id))
        session.flush()
        renew_party_pages(session, session.get_one(Party, licence.party_id))
    return licence


def list_terms_on(session: Session, party_id: int, day: date) -> list[tuple[Licence, LicenceTerm]]:
    """Return each licence of a party with the term that held on a day, the later recorded of two."""
    query = (
        select(Licence, LicenceTerm)
        .join(LicenceTerm, LicenceTerm.licence_id == Licence.id)
        .where(Licence.party_id == party_id, LicenceTerm.valid_to >= day)
        .where(or_(LicenceTerm.valid_from.is_(None), LicenceTerm.valid_from <= day))
        .order_by(Licence.number, LicenceTerm.id)
        .limit(200)
    )
    held = {licence.id: (licence, term) for licence, term in session.execute(query).all()}
    return list(held.values())
