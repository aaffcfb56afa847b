"""Where a recall may begin, and who may ask what it would reach: whoever may start it there."""

from sqlalchemy import ColumnElement, exists, not_, or_, select, text
from sqlalchemy.orm import Session

from trace import visibility
from trace.accounts import Caller, Role
from trace.errors import ForbiddenError
from trace.inputs import InputUse
from trace.lots import Lot
from trace.mandates import reader_for
from trace.nouns import INPUT_USES, LOTS, PLOTS, RECALLS
from trace.packs import Pack
from trace.parties import Brand
from trace.products import TradeItem
from trace.quality import Result, Sample
from trace.recalling.scope import Start
from trace.recalls import Recall
from trace.records import Noun, get_record


class NotRecallableError(ForbiddenError):
    """Only who answers for these lots, owns their brand, or watches over their area may ask what a recall reaches."""

    code = "not-recallable"


def begin_with(session: Session, caller: Caller, noun: Noun, code: str) -> tuple[Start, str]:
    """Return where a recall begins with a lot, a plot, an input's use or a result, and that record's own code.

    Raises `NotFoundError`, `AmbiguousCodeError`, `NotRecallableError`.
    """
    record = get_record(session, caller, noun, code)
    start = _start(session, noun, record["key"])
    check_recallable(session, caller, start)
    return start, str(record["code"])


def _start(session: Session, noun: Noun, key: int) -> Start:
    if noun is LOTS:
        return Start.of_lots([key])
    if noun is PLOTS:
        return Start.of_plot(key)
    if noun is INPUT_USES:
        use = session.get_one(InputUse, key)
        return Start.of_plot(use.plot_id, use.used_on)
    sampled = select(Sample.lot_id).join(Result, Result.sample_id == Sample.id).where(Result.id == key)
    return Start.of_lots(session.scalars(sampled))


def check_recallable(session: Session, caller: Caller, start: Start) -> None:
    """Raise `NotRecallableError` where the caller could not recall all that this begins with."""
    begun = text(start.sql).bindparams(**start.values).columns(Lot.id)
    foreign = select(Lot.id).where(Lot.id.in_(begun), not_(_recallable(caller)))
    if not visibility.sees_all(caller) and session.scalar(foreign.limit(1)) is not None:
        raise NotRecallableError


def _recallable(caller: Caller) -> ColumnElement[bool]:
    """Hold for lots of the caller's own, of its area, and packed under a brand of its own."""
    branded = (
        exists()
        .where(Pack.lot_id == Lot.id, Pack.trade_item_id == TradeItem.id, TradeItem.brand_id == Brand.id)
        .where(visibility.own(caller, Brand.owner_id))
    )
    return or_(visibility.own(caller, Lot.party_id), branded)


def find_case(session: Session, caller: Caller, code: str) -> Recall:
    """Return a recall whose owner the caller is, or over whose owner's area it watches.

    Who may enter records for the owner runs its case too, by an address that names the owner: `OWNER/CODE`.

    Raises `NotFoundError`, `AmbiguousCodeError`, and `NotRecallableError` for who only has a lot in its scope.
    """
    owner = code.rpartition("/")[0] if caller.role is not Role.OPERATOR else ""
    reader = reader_for(session, caller, owner or None)
    key = get_record(session, reader, RECALLS, code)["key"]
    mine = select(Recall).where(Recall.id == key, visibility.own(reader, Recall.owner_id))
    recall: Recall | None = session.scalar(mine)
    if recall is None:
        raise NotRecallableError
    return recall
