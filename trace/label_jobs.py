"""Print jobs: one row with a range of positions, never a row a label. A serial is made when it is printed."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint, exists, select
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Mapped, Session, mapped_column

from trace import clock
from trace.db import Base, BigId, portions
from trace.errors import ConflictError, NotFoundError, TraceError
from trace.events import Event, Mode
from trace.instance import get_instance
from trace.keys import KeyRing
from trace.lots import Lot, get_lot
from trace.packs import Pack
from trace.permits import refuse_held
from trace.products import TradeItem
from trace.rule_tables import NEWEST, tables_as_of
from trace.rules.label_count import waste_percent
from trace.serials import seal_many
from trace.units import most_labels


class LabelJob(Base):
    """Positions `first`…`last` of a pack, printed with one key."""

    __tablename__ = "label_job"
    __table_args__ = (
        UniqueConstraint("pack_id", "first_position"),
        CheckConstraint("first_position >= 1 AND last_position >= first_position", name="positions_in_order"),
    )
    id: Mapped[BigId]
    pack_id: Mapped[int] = mapped_column(ForeignKey("pack.id"))
    first_position: Mapped[int]
    last_position: Mapped[int]
    key_id: Mapped[str] = mapped_column(String(1))  # a reprint seals with the same key
    created_at: Mapped[datetime]


class LabelReprint(Base):
    """The same codes printed once more."""

    __tablename__ = "label_reprint"
    id: Mapped[BigId]
    pack_id: Mapped[int] = mapped_column(ForeignKey("pack.id"), index=True)
    first_position: Mapped[int]
    last_position: Mapped[int]
    created_at: Mapped[datetime]


class LabelsExceedUnitsError(ConflictError):
    """More labels, but for those spoiled, than the pack has units and waste."""

    code = "labels-exceed-units"


class PositionRangeError(TraceError):
    """A range of positions that is empty, reversed or never printed."""

    code = "position-range"


@dataclass(frozen=True)
class PrintRun:
    """Positions to print, each with the key it is sealed by."""

    pack_id: int
    ranges: tuple[tuple[int, int, str], ...]  # (first, last, key id)

    def __len__(self) -> int:
        return sum(last - first + 1 for first, last, _ in self.ranges)


def plan_label_job(session: Session, pack: Pack, count: int, key_id: str) -> PrintRun:
    """Return what the next print job would print, and take nothing yet. Raises what `start_label_job` raises."""
    first = _allow(session, [pack], {pack.id: count})[pack.id]
    return PrintRun(pack.id, ((first, first + count - 1, key_id),))


def _allow(session: Session, packs: Sequence[Pack], counts: Mapping[int, int]) -> dict[int, int]:
    """Return the next position of each pack, refusing too many labels, none, and a lot that a finding stops.

    A pack known from history is out already: its findings stand on it, and its codes must still be printable.
    """
    for pack in packs:
        if counts[pack.id] < 1:
            raise PositionRangeError(first=pack.next_position, count=counts[pack.id], printed=pack.next_position - 1)
    modes = select(Event.mode, Lot.uri, NEWEST).join(Pack, Pack.event_id == Event.id).join(Lot, Lot.id == Pack.lot_id)
    newest: str | None = None
    for few in portions(pack.id for pack in packs):
        rows = session.execute(modes.where(Pack.id.in_(few))).all()
        refuse_held(session, [uri for mode, uri, _ in rows if mode is not Mode.HISTORY], Mode.LIVE)
        newest = rows[0][2]
    waste = waste_percent(tables_as_of(session, newest).on(clock.today()))
    most = most_labels(session, {pack.id: pack.units for pack in packs}, waste)
    for pack in packs:
        count, printed = counts[pack.id], pack.next_position - 1
        if printed + count > most[pack.id]:
            raise LabelsExceedUnitsError(asked=count, printed=printed, units=pack.units, most=most[pack.id])
    return {pack.id: pack.next_position for pack in packs}


def start_label_job(session: Session, pack: Pack, count: int, key_id: str) -> PrintRun:
    """Give the next `count` positions to a print job, and return them. Raises what `open_label_jobs` raises."""
    [job] = open_label_jobs(session, [(pack, count)], key_id)
    return PrintRun(pack.id, ((job.first_position, job.last_position, key_id),))


def open_label_jobs(session: Session, wanted: Sequence[tuple[Pack, int]], key_id: str) -> list[LabelJob]:
    """Give the next positions to print jobs, each a pack and how many; the packs are locked.

    Raises `LabelsExceedUnitsError`, `LotRefusedError`, `PositionRangeError`.
    """
    counts = Counter[int]()
    for pack, count in wanted:
        counts[pack.id] += count
    packs = _lock(session, counts)
    free, now = _allow(session, packs, counts), clock.now()
    jobs = []
    for pack, count in wanted:
        first, free[pack.id] = free[pack.id], free[pack.id] + count
        last = first + count - 1
        jobs.append(LabelJob(pack_id=pack.id, first_position=first, last_position=last, key_id=key_id, created_at=now))
    for pack in packs:
        pack.next_position = free[pack.id]
    session.add_all(jobs)
    session.flush()
    return jobs


def _lock(session: Session, ids: Iterable[int]) -> list[Pack]:
    """Lock packs, and return them as they are now: no other job takes the same positions."""
    query = select(Pack).order_by(Pack.lot_id).with_for_update(key_share=True).execution_options(populate_existing=True)
    return [pack for few in portions(sorted(ids)) for pack in session.scalars(query.where(Pack.id.in_(few)))]


def find_printed(session: Session, pack: Pack, first: int, last: int) -> PrintRun:
    """Return positions printed before, each with the key it had. Raises `PositionRangeError`."""
    if not 1 <= first <= last < pack.next_position:
        raise PositionRangeError(first=first, last=last, printed=pack.next_position - 1)
    jobs = session.scalars(
        select(LabelJob)
        .where(LabelJob.pack_id == pack.id, LabelJob.last_position >= first, LabelJob.first_position <= last)
        .order_by(LabelJob.first_position)
    )
    ranges = tuple((max(first, job.first_position), min(last, job.last_position), job.key_id) for job in jobs)
    return PrintRun(pack.id, ranges)


def reprint_labels(session: Session, pack: Pack, first: int, last: int) -> PrintRun:
    """Record that positions are printed once more, and return them. Raises `PositionRangeError`."""
    run = find_printed(session, pack, first, last)
    open_reprints(session, [(pack, first, last)])
    return run


def open_reprints(session: Session, wanted: Sequence[tuple[Pack, int, int]]) -> list[LabelReprint]:
    """Record that positions, printed before, are printed once more."""
    now = clock.now()
    reprints = [
        LabelReprint(pack_id=pack.id, first_position=first, last_position=last, created_at=now)
        for pack, first, last in wanted
    ]
    session.add_all(reprints)
    session.flush()
    return reprints


def serials(session: Session, run: PrintRun, keys: KeyRing) -> Iterator[str]:
    """Return the serials of a print run, in order of position, made one by one."""
    instance = get_instance(session).name
    gtin = session.scalar(select(TradeItem.gtin).join(Pack).where(Pack.id == run.pack_id)) or ""

    def made() -> Iterator[str]:
        for first, last, key_id in run.ranges:
            key = keys.find(key_id)
            if key is None:
                raise NotFoundError(what="serial-key", code=key_id)
            yield from seal_many(key, instance, gtin, run.pack_id, range(first, last + 1))

    return made()


def labels_exist(session: Session) -> bool:
    """Return whether any label was ever printed: without its key folder such an installation must not start."""
    return bool(session.scalar(select(exists().where(LabelJob.id > 0))))


def get_pack(session: Session, code: str) -> tuple[Pack, Lot]:
    """Return a pack and its lot by `CODE` or `PARTY/CODE`. Raises `NotFoundError`, `AmbiguousCodeError`."""
    try:
        lot = get_lot(session, code)
        return session.scalars(select(Pack).where(Pack.lot_id == lot.id, Pack.undone_at.is_(None))).one(), lot
    except (NotFoundError, NoResultFound):
        raise NotFoundError(what="pack", code=code) from None
