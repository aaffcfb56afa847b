"""One statement that brings a story's facts, in parts; all parts share their columns, texts and whole numbers."""

from collections import defaultdict
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from trace.verdicts import Answer


class Row(NamedTuple):
    """One row of a part."""

    texts: tuple[str | None, ...]
    numbers: tuple[int | None, ...]


_TEXTS, _NUMBERS = 11, 3


def _part(name: str, texts: str, numbers: str, source: str) -> str:
    """Return one part of the statement, filled up to the columns that all parts share."""
    few, many = (list(filter(None, columns.split(", "))) for columns in (numbers, texts))
    columns = [f"CAST({column} AS TEXT)" for column in many + ["NULL"] * (_TEXTS - len(many))]
    columns += [f"CAST({column} AS BIGINT)" for column in few + ["NULL"] * (_NUMBERS - len(few))]
    return f"SELECT '{name}', {', '.join(columns)} FROM {source}"  # noqa: S608 -- all text stands in this file


# Grades, steps and analytes get their English name where the vocabulary has one.
_TERM = "LEFT JOIN term m ON m.scheme = '{scheme}' AND m.code = {code}"
# Growers are persons, and so is a broker without a credit code: their step is told, not their name.
_FIRM = "CASE WHEN y.kind <> 'grower' AND (y.kind <> 'broker' OR y.uscc IS NOT NULL) THEN y.name END"
# What grew on a plot when leaf was picked from it, whatever grows there now.
_THEN = """LEFT JOIN plot_version h ON h.id = (
  SELECT w.id FROM plot_version w WHERE w.plot_id = t.id AND (w.from_on IS NULL OR w.from_on <= l.made_on)
  ORDER BY w.from_on DESC NULLS LAST, w.id DESC LIMIT 1) """
_PRODUCT = (
    _part(
        "product",
        "i.name, i.grade, m.name_en, b.name, o.name, i.gtin, i.packaging, i.standard, i.ingredients, i.storage",
        "i.net_g, i.shelf_life_months",
        "trade_item i JOIN brand b ON b.id = i.brand_id JOIN party o ON o.id = b.owner_id "
        + _TERM.format(scheme="grade", code="i.grade")
        + " WHERE i.id = :item",
    ),
    _part(
        "recalled",
        "k.label_lot",
        "",
        "pack k WHERE k.trade_item_id = :item AND k.lot_id IN (SELECT r.lot_id FROM recalled_lot r)",
    ),
)
_LOT = (
    _part(
        "pack",
        "k.label_lot, k.packed_on, k.best_before, y.name, "
        "(SELECT MIN(c.number) FROM licence c WHERE c.party_id = y.id AND c.valid_to >= k.packed_on), l.product_kind",
        "",
        "pack k JOIN lot l ON l.id = k.lot_id JOIN party y ON y.id = l.party_id WHERE k.id = :pack",
    ),
    _part(
        "lot",
        f"l.kind, l.made_on, {_FIRM}, v.name, n.name, h.cultivar, m.name_en",
        "l.id, l.initial_g, v.elevation_m",
        "walk JOIN lot l ON l.id = walk.id JOIN party y ON y.id = l.party_id LEFT JOIN plot t ON t.id = l.plot_id "
        "LEFT JOIN village v ON v.id = t.village_id LEFT JOIN party n ON n.code = substr(v.code, 1, 9) "
        + _THEN
        + _TERM.format(scheme="cultivar", code="h.cultivar"),
    ),
    _part("edge", "", "e.parent_id, e.child_id, e.mass_g", "walk CROSS JOIN lineage_edge e WHERE e.child_id = walk.id"),
    _part(
        "step",
        f"'intake', x.received_on, {_FIRM}",
        "",
        "walk JOIN intake x ON x.lot_id = walk.id JOIN lot l ON l.id = walk.id JOIN party y ON y.id = l.party_id",
    ),
    _part(
        "step",
        f"'outside', x.received_on, {_FIRM}",
        "",
        "walk JOIN outside_receipt x ON x.lot_id = walk.id JOIN lot l ON l.id = walk.id "
        "JOIN party y ON y.id = l.party_id",
    ),
    _part(
        "step",
        "x.step, x.run_on, y.name",
        "",
        "walk JOIN run x ON x.output_lot_id = walk.id JOIN party y ON y.id = x.plant_id",
    ),
    _part(
        "step",
        "'shipping', MIN(h.shipped_on), y.name",
        "",
        "unit_range u JOIN shipment h ON h.event_id = u.event_id JOIN party y ON y.id = h.seller_id "
        "WHERE u.pack_id = :pack GROUP BY y.name",
    ),
    _part(
        "work",
        "s.step, MAX(m.name_en)",
        "MIN(s.place)",
        "walk JOIN run x ON x.output_lot_id = walk.id JOIN run_step s ON s.run_id = x.id "
        + _TERM.format(scheme="step", code="s.step")
        + " GROUP BY s.step",
    ),
    _part(
        "item",
        "r.reported_on, y.name, a.purpose, d.analyte, m.name_en, d.value, d.words, d.unit, d.limit_value, "
        "d.limit_basis, d.passed",
        "r.id, d.id",
        "walk JOIN sample a ON a.lot_id = walk.id JOIN result r ON r.sample_id = a.id AND r.undone_at IS NULL "
        "JOIN party y ON y.id = r.laboratory_id "
        "JOIN result_item d ON d.result_id = r.id AND d.replaced_at IS NULL "
        + _TERM.format(scheme="analyte", code="d.analyte"),
    ),
    _part(
        "certified",
        "",
        "COUNT(DISTINCT c.id)",
        "walk JOIN intake x ON x.lot_id = walk.id AND x.undone_at IS NULL "
        "JOIN conformity_certificate c ON c.id = x.certificate_id "
        "AND c.void_at IS NULL AND c.revoked_at IS NULL AND c.undone_at IS NULL",
    ),
    _part(
        "recall",
        "c.started_at, e.utc_offset, y.name",
        "",
        "pack k JOIN recalled_lot r ON r.lot_id = k.lot_id JOIN recall c ON c.id = r.recall_id "
        "JOIN party y ON y.id = c.owner_id JOIN event e ON e.id = c.event_id WHERE k.id = :pack",
    ),
)
_WALK = """
WITH RECURSIVE walk(id) AS (
  SELECT CAST(:root AS BIGINT)
  UNION
  SELECT e.parent_id FROM walk CROSS JOIN lineage_edge e WHERE e.child_id = walk.id
)
"""
_ASK_PRODUCT = text(" UNION ALL ".join(_PRODUCT))
_ASK_PACK = text(_WALK + " UNION ALL ".join((_PRODUCT[0], *_LOT)))


Parts = dict[str, list[Row]]


def read_parts(session: Session, answer: Answer) -> Parts:
    """Return the rows about a pack, or about a product alone where the code names no lot."""
    if answer.pack_id is None:
        found = session.execute(_ASK_PRODUCT, {"item": answer.trade_item_id})
    else:
        values = {"item": answer.trade_item_id, "pack": answer.pack_id, "root": answer.lot_id}
        found = session.execute(_ASK_PACK, values)
    parts: Parts = defaultdict(list)
    for part, *columns in found:
        parts[part].append(Row(tuple(columns[:_TEXTS]), tuple(columns[_TEXTS:])))
    return parts
