"""Parties: growers, co-operatives, plants, buyers, laboratories, public bodies; licences, facilities, brands.

Personal data of a grower stand in `persons.py`, never here: a grower's `name` is the public label.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, ForeignKey, Index, String, func, select
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from trace import ids
from trace.db import Base, portions
from trace.faults import Faults
from trace.instance import lock_instance
from trace.persons import Person, Private
from trace.revisions import Revised
from trace.vocabulary import Scheme, ensure_terms, find_names

GROWER = "grower"  # the one kind with a private side, and of which two rows may turn out to be one household
KINDS = (
    *("public-body", "cooperative", "plant", GROWER, "broker", "brand-owner"),
    *("buyer", "laboratory", "outside-supplier"),
)


class Party(Revised, Base):
    """Someone who acts in the chain."""

    __tablename__ = "party"
    code: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(60))  # a term of the scheme party-kind
    uscc: Mapped[str | None] = mapped_column(String(18), unique=True)
    area_code: Mapped[str] = mapped_column(String(12))  # administrative division; an officer's area is a prefix of it
    member_of_id: Mapped[int | None] = mapped_column(ForeignKey("party.id"))
    led_by_village: Mapped[bool | None]
    registered_on: Mapped[date | None]
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("party.id"), index=True)  # never itself merged
    gs1_prefix: Mapped[str | None] = mapped_column(String(12))  # of its logistic units
    address: Mapped[str | None] = mapped_column(String(200))  # of a firm's business: the registers of the law name it
    contact: Mapped[str | None] = mapped_column(String(60))  # how a firm is reached; a grower's are private


class PartyMerge(Base):
    """Who said, when and why, that two growers are one."""

    __tablename__ = "party_merge"
    id: Mapped[int] = mapped_column(primary_key=True)
    from_id: Mapped[int] = mapped_column(ForeignKey("party.id"), unique=True)
    into_id: Mapped[int] = mapped_column(ForeignKey("party.id"))  # as named then; `merged_into_id` follows later merges
    reason: Mapped[str] = mapped_column(String(200))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    merged_at: Mapped[datetime]


class Licence(Revised, Base):
    """A production licence (SC + 14 digits) or workshop registration; the row holds its latest term."""

    __tablename__ = "licence"
    party_id: Mapped[int] = mapped_column(ForeignKey("party.id"), index=True)
    number: Mapped[str] = mapped_column(String(40), unique=True)
    valid_from: Mapped[date | None]
    valid_to: Mapped[date]
    product_kinds: Mapped[list[str]]


class LicenceTerm(Base):
    """What a licence allowed, from when to when. Of two terms that hold on a day the later recorded counts."""

    __tablename__ = "licence_term"
    __table_args__ = (Index("ix_licence_term_licence_id", "licence_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    licence_id: Mapped[int] = mapped_column(ForeignKey("licence.id"))
    valid_from: Mapped[date | None]
    valid_to: Mapped[date]
    product_kinds: Mapped[list[str]]
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    recorded_at: Mapped[datetime]


class Facility(Revised, Base):
    """A place where a party works: plant, station, store; the row holds its latest version."""

    __tablename__ = "facility"
    code: Mapped[str] = mapped_column(String(60), unique=True)
    party_id: Mapped[int] = mapped_column(ForeignKey("party.id"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    longitude: Mapped[float | None]  # WGS-84
    latitude: Mapped[float | None]
    capacity_g_per_day: Mapped[int | None]


class FacilityVersion(Base):
    """What a facility was from a day on."""

    __tablename__ = "facility_version"
    __table_args__ = (Index("ix_facility_version_facility_id_from_on", "facility_id", "from_on"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    facility_id: Mapped[int] = mapped_column(ForeignKey("facility.id"))
    from_on: Mapped[date | None]  # empty: for as long as anybody remembers
    name: Mapped[str] = mapped_column(String(120))
    longitude: Mapped[float | None]
    latitude: Mapped[float | None]
    capacity_g_per_day: Mapped[int | None]
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    recorded_at: Mapped[datetime]


class Brand(Revised, Base):
    """A name under which tea is sold, and the parties that may supply it."""

    __tablename__ = "brand"
    code: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    owner_id: Mapped[int] = mapped_column(ForeignKey("party.id"))
    gi_mark_holder: Mapped[str | None] = mapped_column(String(18))


class BrandSupplier(Base):
    """A plant that may supply a brand."""

    __tablename__ = "brand_supplier"
    brand_id: Mapped[int] = mapped_column(ForeignKey("brand.id"), primary_key=True)
    party_id: Mapped[int] = mapped_column(ForeignKey("party.id"), primary_key=True)


@dataclass(frozen=True, kw_only=True)
class RegisterParty:
    """Ask for a party. A grower's `name` is the label that the public sees."""

    code: str
    name: str
    kind: str
    area_code: str
    uscc: str | None = None
    member_of_id: int | None = None
    led_by_village: bool | None = None
    registered_on: date | None = None
    gs1_prefix: str | None = None
    address: str | None = None
    contact: str | None = None
    person: Private | None = None


def register_parties(session: Session, commands: Sequence[RegisterParty]) -> list[Party]:
    """Write new parties; what is private of a grower goes to its own table. Raises `InvalidError`.

    A code of the right shape whose check fails is no fault: `trace.rules.judging` notes it.
    """
    lock_instance(session)
    _refuse_faults(session, commands)
    ensure_terms(session, Scheme.PARTY_KIND, [command.kind for command in commands])
    survivors = hold_parties(session, [command.member_of_id for command in commands])
    parties = [_new_party(command, survivors) for command in commands]
    session.add_all(parties)
    session.flush()
    session.add_all(
        Person(party_id=party.id, name=command.person.name, phone=command.person.phone)
        for party, command in zip(parties, commands, strict=True)
        if command.person
    )
    session.flush()
    return parties


def _new_party(command: RegisterParty, survivors: dict[int, int]) -> Party:
    values = {name: value for name, value in vars(command).items() if name not in ("person", "member_of_id")}
    return Party(**values, member_of_id=command.member_of_id and survivors[command.member_of_id])


def _refuse_faults(session: Session, commands: Sequence[RegisterParty]) -> None:
    faults = Faults()
    kinds = {*KINDS, *find_names(session, Scheme.PARTY_KIND)}
    for place, command in enumerate(commands):
        faults.judge_code(f"[{place}].code", command.code)
        if command.kind not in kinds:
            faults.fault(f"[{place}].kind", "not-allowed", value=command.kind)
        if command.person and command.kind != GROWER:
            faults.fault(f"[{place}].private", "not-a-grower")
        judge_party(faults, f"[{place}].", command)
    faults.judge_free(
        session, Party.code, [(f"[{place}].code", command.code) for place, command in enumerate(commands)]
    )
    faults.judge_free(
        session, Party.uscc, [(f"[{place}].uscc", command.uscc) for place, command in enumerate(commands)]
    )
    prefixes = [(f"[{place}].gs1_prefix", command.gs1_prefix) for place, command in enumerate(commands)]
    faults.judge_free(session, Party.gs1_prefix, prefixes)
    faults.refuse()


def judge_party(faults: Faults, at: str, party: RegisterParty | Party) -> None:
    """Add what is impossible about a party, whatever else there is; `at` stands before each field."""
    if not party.name.strip():
        faults.fault(f"{at}name", "empty")
    faults.judge_shown(f"{at}name", party.name)
    faults.judge(f"{at}area_code", ids.region_code, party.area_code)
    faults.judge(f"{at}uscc", ids.check_uscc, party.uscc)
    faults.judge(f"{at}gs1_prefix", ids.check_gs1_prefix, party.gs1_prefix)
    faults.judge_day(f"{at}registered_on", party.registered_on)
    faults.judge_shown(f"{at}address", party.address)
    if party.contact is not None and ids.find_resident_numbers(party.contact):
        faults.fault(f"{at}contact", "personal-number")  # a firm may be reached by a mobile telephone
    for name in ("address", "contact"):
        if getattr(party, name) is not None and party.kind == GROWER:
            faults.fault(f"{at}{name}", "private-of-a-grower")


def called(code: str) -> ColumnElement[bool]:
    """Hold for the party of this code; for a code of a duplicate, the one it was merged into."""
    named = aliased(Party)
    return Party.id.in_(select(func.coalesce(named.merged_into_id, named.id)).where(named.code == code))


def find_party(session: Session, code: str) -> Party | None:
    """Return the party of this code; for a code of a duplicate, the one it was merged into."""
    found: Party | None = session.scalar(select(Party).where(called(code)))
    return found


def parties_called(session: Session, codes: Iterable[str]) -> dict[str, Party]:
    """Return by code the parties that there are; for a code of a duplicate, the one it was merged into."""
    found: dict[str, Party] = {}
    wanted = aliased(Party)
    query = select(wanted.code, Party).join(Party, Party.id == func.coalesce(wanted.merged_into_id, wanted.id))
    for few in portions(codes):
        found.update(session.execute(query.where(wanted.code.in_(few))).all())
    return found


def hold_parties(session: Session, wanted: Iterable[int | None]) -> dict[int, int]:
    """Return for each party, by row id, the one that stands for it; none is merged before the transaction ends."""
    rows = sorted({id_ for id_ in wanted if id_ is not None})
    found: dict[int, int] = {}
    for few in portions(rows):
        query = select(Party.id, Party.merged_into_id).where(Party.id.in_(few)).order_by(Party.id)
        locked = session.execute(query.with_for_update(read=True, key_share=True))
        found |= {id_: merged or id_ for id_, merged in locked}
    return found
