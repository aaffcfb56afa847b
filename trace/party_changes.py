"""Changes of parties: a new name, another co-operative, a mended code; and two growers that are one household."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from trace import clock
from trace.accounts import Account
from trace.faults import Faults
from trace.inputs import InputUse
from trace.instance import lock_instance
from trace.mandates import Mandate
from trace.parties import GROWER, Party, PartyMerge, hold_parties, judge_party
from trace.persons import Person, Private
from trace.places import Plot, PlotVersion
from trace.renewal import renew_party_pages
from trace.revisions import KEPT, Kept, change, given, lock_row, lock_rows


@dataclass(frozen=True, kw_only=True)
class AmendParty:
    """Ask for other facts of a party; its code and kind stay. Without a `person`, the private side is erased."""

    party_id: int
    name: str | Kept = KEPT
    area_code: str | Kept = KEPT
    uscc: str | Kept | None = KEPT
    member_of_id: int | Kept | None = KEPT
    led_by_village: bool | Kept | None = KEPT
    registered_on: date | Kept | None = KEPT
    gs1_prefix: str | Kept | None = KEPT
    address: str | Kept | None = KEPT
    contact: str | Kept | None = KEPT
    person: Private | Kept | None = KEPT


@dataclass(frozen=True, kw_only=True)
class MergeParties:
    """Say that one grower is a duplicate of another."""

    from_id: int
    into_id: int
    reason: str
    account_id: int | None = None


def amend_party(session: Session, command: AmendParty) -> Party:
    """Change a party and make the pages new that show it. Raises `InvalidError`."""
    lock_instance(session)
    party = lock_row(session, Party, command.party_id)
    former = _shown(party)
    values = given(command, but=("party_id", "person"))
    if values.get("member_of_id") is not None:
        values["member_of_id"] = hold_parties(session, [values["member_of_id"]])[values["member_of_id"]]
    _refuse_faults(session, party, values, command.person)
    changed = change(party, values)
    if command.person is not KEPT and _keep_person(session, party, command.person) and not changed:
        party.revision += 1
    session.flush()
    if _shown(party) != former:
        renew_party_pages(session, party)
    return party


def _shown(party: Party) -> tuple[str, bool]:
    """Return what pages show of a party: its name, which a broker has there only with a credit code."""
    return party.name, party.uscc is None


def _refuse_faults(session: Session, party: Party, values: dict[str, Any], person: Private | Kept | None) -> None:
    faults = Faults()
    if party.merged_into_id is not None:
        faults.fault("party", "merged-already", value=party.code)
    if values.get("member_of_id") == party.id:
        faults.fault("member_of", "not-itself")
    if isinstance(person, Private) and party.kind != GROWER:
        faults.fault("private", "not-a-grower")
    for name, column in (("uscc", Party.uscc), ("gs1_prefix", Party.gs1_prefix)):
        if values.get(name) not in (None, getattr(party, name)):
            faults.judge_free(session, column, [(name, values[name])])
    columns = ("name", "area_code", "uscc", "registered_on", "gs1_prefix", "address", "contact")
    after = Party(kind=party.kind, **{name: values.get(name, getattr(party, name)) for name in columns})
    judge_party(faults, "", after)
    faults.refuse()


def _keep_person(session: Session, party: Party, private: Private | None) -> bool:
    """Write, change or erase the private side of a grower. Return whether anything differs."""
    person = session.scalar(select(Person).where(Person.party_id == party.id))
    if private is None:
        if person is not None:
            session.delete(person)
        return person is not None
    if person is None:
        person = Person(party_id=party.id, name="", phone=None)
        session.add(person)
    differs = (person.name, person.phone) != (private.name, private.phone)
    person.name, person.phone = private.name, private.phone
    return differs


def merge_parties(session: Session, command: MergeParties) -> Party:
    """Let one grower stand for both, and return it. The duplicate keeps its row and code, since events name them.

    Plots, mandates, accounts and what was done on plots go over; lots stay the duplicate's and count as the
    survivor's own. Raises `InvalidError`.
    """
    lock_instance(session)
    both = lock_rows(session, Party, [command.from_id, command.into_id])
    duplicate, survivor = both[command.from_id], both[command.into_id]
    _refuse_merge(duplicate, survivor)
    _hand_over(session, duplicate, survivor)
    duplicate.merged_into_id = survivor.id
    session.execute(  # what was merged into the duplicate stands for the same grower: no chain is ever longer than one
        update(Party).where(Party.merged_into_id == duplicate.id).values(merged_into_id=survivor.id)
    )
    duplicate.revision += 1
    survivor.revision += 1
    session.add(PartyMerge(**vars(command), merged_at=clock.now()))
    session.flush()
    return survivor


def _refuse_merge(duplicate: Party, survivor: Party) -> None:
    faults = Faults()
    if duplicate.id == survivor.id:
        faults.fault("into", "not-itself")
    for path, party in (("from", duplicate), ("into", survivor)):
        if party.kind != GROWER:
            faults.fault(path, "not-a-grower")
        if party.merged_into_id is not None:
            faults.fault(path, "merged-already", value=party.code)
    faults.refuse()


def _hand_over(session: Session, duplicate: Party, survivor: Party) -> None:
    """Let all that names the duplicate, and is no event, name the survivor."""
    for column in (PlotVersion.holder_id, InputUse.operator_id, Account.party_id):
        session.execute(update(column.class_).where(column == duplicate.id).values({column.key: survivor.id}))
    for column in (Plot.holder_id, Party.member_of_id):
        values = {column.key: survivor.id, "revision": column.class_.revision + 1}
        session.execute(update(column.class_).where(column == duplicate.id).values(values))
    if survivor.member_of_id is None or survivor.member_of_id == survivor.id:
        survivor.member_of_id = None if duplicate.member_of_id == survivor.id else duplicate.member_of_id
    _hand_over_mandates(session, duplicate, survivor)
    if session.scalar(select(Person.id).where(Person.party_id == survivor.id)) is None:
        session.execute(update(Person).where(Person.party_id == duplicate.id).values(party_id=survivor.id))


def _hand_over_mandates(session: Session, duplicate: Party, survivor: Party) -> None:
    """Let mandates of the duplicate be the survivor's; one between the two has no meaning left, and ends."""
    ids = (duplicate.id, survivor.id)
    between = Mandate.principal_id.in_(ids) & Mandate.agent_id.in_(ids)
    yesterday = clock.today() - timedelta(days=1)
    session.execute(update(Mandate).where(between).values(until_on=yesterday))
    for column in (Mandate.principal_id, Mandate.agent_id):
        mine = update(Mandate).where(column == duplicate.id, ~between)
        session.execute(mine.values({column.key: survivor.id}))
