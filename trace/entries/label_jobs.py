"""Enter print jobs: the next positions of a pack of one's own, or positions printed before once more."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from trace.accounts import Caller
from trace.db import portions
from trace.entries.form import Filled, Form
from trace.entries.references import Named, find_own_lots
from trace.label_jobs import LabelJob, LabelReprint, open_label_jobs, open_reprints
from trace.packs import Pack


@dataclass(frozen=True, kw_only=True)
class EnterLabelJob(Filled):
    """A print job as somebody types it: the next `count`, or `first` to `last` again."""

    pack: str
    count: int | None = None
    first: int | None = None
    last: int | None = None


def enter_label_jobs(
    session: Session, caller: Caller, records: Sequence[EnterLabelJob], signing: Callable[[], str]
) -> list[LabelJob | LabelReprint]:
    """Record print jobs, new ones sealed by the key that signs now. Raises what a form and `open_label_jobs` raise."""
    form = Form(session, caller, records)
    packs = _find_packs(form, records)
    for place, (record, pack) in enumerate(zip(records, packs, strict=True)):
        _check(form, place, record, pack)
    form.close()
    found = [(record, pack) for record, pack in zip(records, packs, strict=True) if pack is not None]
    wanted = [(pack, record.count) for record, pack in found if record.count is not None]
    again = [(pack, record.first or 0, record.last or 0) for record, pack in found if record.count is None]
    jobs = iter(open_label_jobs(session, wanted, signing()) if wanted else ())
    reprints = iter(open_reprints(session, again))
    return [next(jobs) if record.count is not None else next(reprints) for record, _ in found]


def _find_packs(form: Form, records: Sequence[EnterLabelJob]) -> list[Pack | None]:
    """Return the pack for each code: one that the party packed. They are locked, always in the same order."""
    named = [Named(place, "pack", record.pack) for place, record in enumerate(records)]
    lots = find_own_lots(form, named)
    packs: dict[int, Pack] = {}
    query = select(Pack).where(Pack.undone_at.is_(None)).order_by(Pack.lot_id).with_for_update(key_share=True)
    for few in portions(sorted({lot.id for lot in lots if lot is not None})):
        packs.update({pack.lot_id: pack for pack in form.session.scalars(query.where(Pack.lot_id.in_(few)))})
    for one, lot in zip(named, lots, strict=True):
        if lot is not None and lot.id not in packs:
            form.refuse(one.place, one.field, "unknown-reference", value=one.code, array="packs")
    return [packs.get(lot.id) if lot is not None else None for lot in lots]


def _check(form: Form, place: int, record: EnterLabelJob, pack: Pack | None) -> None:
    """Add a fault for a record of nothing, of both, of half a range, or of what was never printed."""
    again = {name: getattr(record, name) for name in ("first", "last")}
    told = [name for name, value in again.items() if value is not None]
    if record.count is not None:
        for name in told:
            form.refuse(place, name, "not-both", value=name, other="count")
        return
    if not told:
        form.refuse(place, "count", "missing-field")
        return
    for name in again.keys() - told:
        form.refuse(place, name, "missing-field")
    if record.first is None or record.last is None:
        return
    printed = pack.next_position - 1 if pack is not None else record.last
    if not record.first <= record.last <= printed:
        form.refuse(place, "last", "position-range", first=record.first, last=record.last, printed=printed)
