"""Lights of plots: whether leaf picked on a day would be held for what was used there, by the rules of pickings."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from trace.findings import Finding, Severity
from trace.inputs import InputProduct, InputUse
from trace.places import list_formers
from trace.rule_tables import load_tables
from trace.rules import light
from trace.rules.interval import find_blocking
from trace.rules.judging.bringing import rows_of
from trace.rules.judging.holding import NOUN, RULES
from trace.rules.judging.plots import Land, crops_of, uses_on


def read_lights(session: Session, plots: Collection[int], day: date) -> dict[int, light.Light]:
    """Return the light of each plot (row id) on a day. What was used on land that it came from counts."""
    land = list_formers(session, plots)
    crops, uses = crops_of(session, land), uses_on(session, land, day, day)
    at, objections = load_tables(session).on(day), _objections(session, land, day)
    lights = {}
    for plot in plots:
        blocking, unknown = find_blocking(day, crops[plot], at, uses[plot])
        lights[plot] = light.tell(day, blocking, objections[plot], unknown)
    return lights


def _objections(session: Session, land: Land, day: date) -> dict[int, list[light.Reason]]:
    """Return what stands unanswered on uses up to a day: leaf picked after those is held until somebody answers."""
    query = (
        select(Finding.rule, Finding.severity, InputUse.plot_id, InputUse.code, InputProduct.name, InputUse.used_on)
        .join(InputUse, Finding.record_id == InputUse.id)
        .join(InputProduct, InputUse.product_id == InputProduct.id)
        .where(Finding.noun == NOUN, Finding.rule.in_(RULES), Finding.severity != Severity.NOTE)
        .where(Finding.withdrawn_at.is_(None), Finding.answered_at.is_(None), InputUse.used_on <= day)
        .order_by(InputUse.used_on, Finding.id)
    )
    found: dict[int, dict[light.Reason, None]] = defaultdict(dict)  # a use that two seasons' files brought is one
    every = {plot for came_from in land.values() for plot in came_from}
    for rule, severity, plot, code, product, used_on in rows_of(session, query, InputUse.plot_id, every):
        reason = light.Reason(rule=rule, severity=severity, input=code, product=product, used_on=used_on)
        found[plot][reason] = None
    return {
        plot: [one for former in sorted(came_from) for one in found.get(former, ())] for plot, came_from in land.items()
    }
