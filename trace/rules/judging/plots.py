"""What rules ask of plots: the crop, the inputs used there, and what a plot was on a day."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from trace.inputs import InputProduct, InputUse
from trace.lots import Lot
from trace.pickings import Picking
from trace.places import PlotVersion, list_formers
from trace.rules import interval
from trace.rules.judging.bringing import Column, rows_of
from trace.rules.tables import TEA, Tables

LONGEST = timedelta(days=400)  # a use that is older concerns no picking: no label has such an interval
Land = Mapping[int, Collection[int]]  # a plot, with itself and all that it came from (row ids)

# Built once: every picking that is entered asks them.
_CROPS = (
    select(Picking.plot_id, Lot.crop, func.max(Picking.picked_on))
    .join(Lot, Picking.lot_id == Lot.id)
    .where(Lot.crop.is_not(None), Picking.undone_at.is_(None))
    .group_by(Picking.plot_id, Lot.crop)
)
_USES = (
    select(InputUse.plot_id, InputUse.id, InputUse.code, InputUse.used_on, InputProduct)
    .join(InputProduct, InputUse.product_id == InputProduct.id)
    .where(InputUse.undone_at.is_(None))
    .order_by(InputUse.id)
)
_VERSIONS = select(PlotVersion).order_by(PlotVersion.from_on.nulls_first(), PlotVersion.id)


def crops_of(session: Session, land: Land) -> dict[int, str]:
    """Return the crop of each plot: what the last picking there that names one says, else tea."""
    last: dict[int, tuple[date, str]] = {}
    for plot, crop, day in rows_of(session, _CROPS, Picking.plot_id, _every(land)):
        last[plot] = max(last.get(plot, (day, crop)), (day, crop))
    crops = {plot: [last[one] for one in came_from if one in last] for plot, came_from in land.items()}
    return {plot: max(known)[1] if known else TEA for plot, known in crops.items()}


def uses_on(session: Session, land: Land, first: date, last: date) -> dict[int, list[interval.Used]]:
    """Return the uses on each plot that may concern what is picked from a first day to a last."""
    query = _USES.where(InputUse.used_on.between(first - LONGEST, last))
    used: dict[int, list[interval.Used]] = defaultdict(list)
    for plot, _, use in _read_uses(session, query, InputUse.plot_id, _every(land)):
        used[plot].append(use)
    return {plot: [use for one in sorted(came_from) for use in used[one]] for plot, came_from in land.items()}


def intervals_of(session: Session, uses: Collection[int], tables: Tables) -> dict[int, interval.Blocking]:
    """Return the interval of each use (row id) of which one is known: by the label, else by the tables of its day."""
    read = _read_uses(session, _USES, InputUse.id, uses)
    crops = crops_of(session, list_formers(session, {plot for plot, *_ in read}))
    found = ((id_, interval.find_interval(use, crops[plot], tables.on(use.used_on))) for plot, id_, use in read)
    return {id_: one for id_, one in found if one}


def _read_uses(
    session: Session, query: Select[*tuple[Any, ...]], column: Column, ids: Collection[int]
) -> list[tuple[int, int, interval.Used]]:
    """Return uses as rules see them, each with its plot and its row id.

    The interval of a label counts for every pack of the same registration.
    """
    rows = list(rows_of(session, query, column, ids))
    longest = _intervals(session, {product.registration for *_, product in rows if product.interval_days is None})
    return [
        (
            plot,
            id_,
            interval.Used(
                code=code,
                used_on=day,
                product=product.name,
                kind=product.kind,
                actives=tuple(one for one in (product.active, *(product.other_actives or ())) if one),
                registration=product.registration,
                interval_days=longest.get(product.registration)
                if product.interval_days is None
                else product.interval_days,
            ),
        )
        for plot, id_, code, day, product in rows
    ]


def _intervals(session: Session, registrations: Collection[str | None]) -> dict[str | None, int | None]:
    """Return the longest interval that any label of each registration says."""
    wanted = sorted(one for one in registrations if one is not None)
    query = (
        select(InputProduct.registration, func.max(InputProduct.interval_days))
        .where(InputProduct.registration.in_(wanted), InputProduct.interval_days.is_not(None))
        .group_by(InputProduct.registration)
    )
    return {name: days for name, days in session.execute(query)} if wanted else {}  # noqa: C416 -- rows are no pairs to mypy


def versions_on(session: Session, plots: Collection[int]) -> Callable[[int, date], PlotVersion | None]:
    """Return what tells what a plot was on a day: of two versions of one day the later recorded."""
    versions: dict[int, list[PlotVersion]] = defaultdict(list)
    for (version,) in rows_of(session, _VERSIONS, PlotVersion.plot_id, plots):
        versions[version.plot_id].append(version)

    def find(plot: int, day: date) -> PlotVersion | None:
        begun = [one for one in versions[plot] if one.from_on is None or one.from_on <= day]
        return begun[-1] if begun else None

    return find


def _every(land: Land) -> set[int]:
    return {plot for came_from in land.values() for plot in came_from}
