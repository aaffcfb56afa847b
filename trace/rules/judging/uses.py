"""Judge uses of inputs: what was used, how much and how often. Above a note it holds the leaf picked since."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import Select, false, func, select
from sqlalchemy.orm import Session

from trace.events import Event
from trace.findings import Finding, Judged, Judging, Severity, settle_findings
from trace.inputs import InputProduct, InputUse
from trace.places import Plot, list_formers, list_successors
from trace.rule_tables import load_tables
from trace.rules import dosage, registration
from trace.rules.judging.bringing import names_of, rows_of
from trace.rules.judging.holding import NOUN, RULES, find_lots_since, find_standing, renew_holds
from trace.rules.judging.pickings import find_pickings_after, judge_pickings, lock_plots
from trace.rules.judging.plots import crops_of
from trace.rules.tables import Tables, split_actives
from trace.rules.uses import Label, Use


def judge_input_uses(
    session: Session, use_ids: Iterable[int], formerly: Iterable[tuple[int, date]] = ()
) -> list[Finding]:
    """Judge uses of inputs and again the pickings that they concern, however late those were entered.

    `formerly` are the plots (row ids) and days that a correction took uses away from.
    """
    found, concerned = judge_uses_alone(session, use_ids, formerly)
    return [*found, *judge_pickings(session, concerned)]


def judge_uses_alone(
    session: Session, use_ids: Iterable[int], formerly: Iterable[tuple[int, date]] = ()
) -> tuple[list[Finding], list[int]]:
    """Judge uses of inputs, and those that follow them in their year; return also the pickings to be judged again."""
    ids, former = set(use_ids), list(formerly)
    if not ids and not former:
        return [], []
    told = rows_of(session, select(InputUse.plot_id, InputUse.used_on), InputUse.id, ids)
    concerned = [(plot, day) for plot, day in told] + former
    later = list_successors(session, {plot for plot, _ in concerned})
    lock_plots(session, {plot for plots in later.values() for plot in plots})  # all at once, before any lot
    ids |= find_uses_after(session, concerned)
    said = say_of_input_uses(session, ids, load_tables(session))
    renew_holds(session, find_standing(session, ids))
    return settle_findings(session, said), find_pickings_after(session, concerned)


def say_of_input_uses(session: Session, ids: Collection[int], tables: Tables) -> Judging:
    """Say what the rules find in uses of inputs."""
    rows = _told(session, ids)
    uses = _facts(session, rows, tables)
    judgements = [*registration.judge(uses), *dosage.judge(uses)]
    held = find_lots_since(session, {one.record for one in judgements if one.severity is not Severity.NOTE})
    names = names_of(session, ("inputs",), {use.id: use.code for use, *_ in rows})
    return Judging(
        noun=NOUN,
        rules=RULES,
        records=ids,
        judged={
            use.id: Judged(party_id=party, lots=held.get(use.id, []), names=names[use.id])
            for use, _, _, party, _ in rows
        },
        judgements=judgements,
    )


_Told = tuple[InputUse, InputProduct, str, int, Any]  # use, product, plot, party, recorded_at


def _told(session: Session, ids: Collection[int]) -> list[_Told]:
    query = (
        select(InputUse, InputProduct, Plot.code, Event.party_id, Event.recorded_at)
        .join(InputProduct, InputUse.product_id == InputProduct.id)
        .join(Plot, InputUse.plot_id == Plot.id)
        .join(Event, InputUse.event_id == Event.id)
        .where(InputUse.undone_at.is_(None))
        .order_by(InputUse.id)
    )
    return [tuple(row) for row in rows_of(session, query, InputUse.id, ids)]


def _facts(session: Session, rows: Iterable[_Told], tables: Tables) -> list[Use]:
    told = list(rows)
    formers = list_formers(session, {use.plot_id for use, *_ in told})
    crops = crops_of(session, formers)
    before = _earlier(session, told, formers)
    return [
        Use(
            id=use.id,
            code=use.code,
            plot=plot,
            used_on=use.used_on,
            crop=crops[use.plot_id],
            label=label_of(product),
            at=tables.on(use.used_on, recorded_at),
            per_mu=use.per_mu,
            unit=use.unit,
            area_mu=use.area_mu,
            total=use.total,
            earlier=before[use.id],
        )
        for use, product, plot, _, recorded_at in told
    ]


def _earlier(
    session: Session, told: Collection[_Told], formers: Mapping[int, Collection[int]]
) -> dict[int, tuple[date, ...]]:
    """Return for each use the days of those of the same registration before it, on its land and in its year."""
    kind = func.coalesce(InputProduct.registration, InputProduct.code)
    query = (
        select(InputUse.plot_id, kind, InputUse.used_on, InputUse.id)
        .join(InputProduct, InputUse.product_id == InputProduct.id)
        .where(InputUse.undone_at.is_(None))
        .order_by(InputUse.used_on, InputUse.id)
    )
    land = set().union(*formers.values()) if formers else set()
    days = [use.used_on for use, *_ in told]
    used: dict[tuple[int, str, int], list[tuple[date, int]]] = defaultdict(list)
    for plot, name, day, id_ in rows_of(session, _in_years(query, days), InputUse.plot_id, land):
        used[plot, name, day.year].append((day, id_))
    return {
        use.id: tuple(
            sorted(
                day
                for plot in formers[use.plot_id]
                for day, id_ in used[plot, product.registration or product.code, use.used_on.year]
                if (day, id_) < (use.used_on, use.id)
            )
        )
        for use, product, *_ in told
    }


def _in_years(query: Select[*tuple[Any, ...]], days: Collection[date]) -> Select[*tuple[Any, ...]]:
    """Keep a query of uses to the years of some days."""
    if not days:
        return query.where(false())
    first, last = min(days), max(days)
    return query.where(InputUse.used_on.between(date(first.year, 1, 1), date(last.year, 12, 31)))


def find_uses_after(session: Session, concerned: Collection[tuple[int, date]]) -> set[int]:
    """Return the uses in the year of some days, from these on, on plots (row ids) or on what took their place."""
    later = list_successors(session, {plot for plot, _ in concerned})
    since: dict[int, date] = {}
    for former, day in concerned:
        for plot in later[former]:
            since[plot] = min(day, since.get(plot, day))
    query = select(InputUse.id, InputUse.plot_id, InputUse.used_on).where(InputUse.undone_at.is_(None))
    rows = rows_of(session, _in_years(query, [day for _, day in concerned]), InputUse.plot_id, since)
    return {id_ for id_, plot, day in rows if day >= since[plot]}


def find_input_uses_since(session: Session, since: date) -> list[int]:
    """Return the uses of a day and later."""
    return list(session.scalars(select(InputUse.id).where(InputUse.used_on >= since).order_by(InputUse.id)))


def label_of(product: InputProduct) -> Label:
    """Return what the pack of a product says."""
    actives = [part for text in (product.active, *(product.other_actives or ())) for part in split_actives(text)]
    return Label(
        name=product.name,
        kind=product.kind,
        actives=tuple(dict.fromkeys(actives)),
        registration=product.registration,
        registered_until=product.registered_until,
        crops=None if product.crops is None else tuple(product.crops),
        max_applications=product.max_applications,
        max_per_mu=product.max_per_mu,
        unit=product.unit,
    )
