"""What a recall reaches: of a lot, a plot's leaf, an input's use or a result before it starts, and of a case.

Units are told as ranges of positions, with where they are: as JSON, or as a workbook of lots, ranges and buyers.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from flask import Response, g, jsonify
from flask.views import MethodView
from marshmallow import Schema, fields

from api.auth import open_to_all
from api.fields import Word
from api.openapi import Blueprint
from api.parameters import OneOf
from api.workbooks import MEDIA_TYPE, Column, Kind, Sheet, answer_workbook
from trace.entries.recall_scopes import begin_with, find_case
from trace.nouns import INPUT_USES, LOTS, PLOTS, RESULTS
from trace.recalling.scope import Fate, LotInScope, PackInScope, Scope, Source, Start, Stretch, find_scope, find_sources
from trace.records import Noun

blueprint = Blueprint("recall-scopes", __name__, url_prefix="/v1", description="召回范围 · recall scopes")


class RecallStretchSchema(Schema):
    """Positions `first`…`last` of a pack, and where they are."""

    first = fields.Integer()
    last = fields.Integer()
    fate = Word(Fate)
    shipment = fields.String(allow_none=True)
    shipped_on = fields.String(allow_none=True)
    buyer = fields.String(allow_none=True)
    buyer_name = fields.String(allow_none=True)


class ScopePackSchema(Schema):
    """A pack of which every code is affected."""

    pack = fields.String()
    party = fields.String()
    product = fields.String()
    gtin = fields.String(allow_none=True)
    label_lot = fields.String()
    net_g = fields.Integer()
    units = fields.Integer()
    in_stock = fields.Integer()
    ranges = fields.List(fields.Nested(RecallStretchSchema))


class ScopeLotSchema(Schema):
    """A lot in scope."""

    code = fields.String()
    kind = fields.String()
    party = fields.String()
    made_on = fields.String()
    initial_g = fields.Integer()
    in_stock_g = fields.Integer()


class RecallHoldingSchema(Schema):
    """What one holder has."""

    code = fields.String()
    name = fields.String()
    units = fields.Integer()
    mass_g = fields.Integer()


class RecallShipmentSchema(Schema):
    """A shipment by which units left that are still out."""

    code = fields.String()
    buyer = fields.String()
    shipped_on = fields.String()
    units = fields.Integer()


class RecallSourceSchema(Schema):
    """Leaf behind what is recalled."""

    plot = fields.String(allow_none=True)
    village = fields.String(allow_none=True)
    party = fields.String()
    declared_origin = fields.String(allow_none=True)
    mass_g = fields.Integer()
    lots = fields.Integer()


class ScopeTotalsSchema(Schema):
    """How large a recall is."""

    lots = fields.Integer()
    packs = fields.Integer()
    units = fields.Integer()
    packed_g = fields.Integer()
    shipped = fields.Integer()
    in_stock = fields.Integer()
    returned = fields.Integer()
    destroyed = fields.Integer()
    reworked = fields.Integer()
    loose_g = fields.Integer()
    buyers = fields.Integer()
    plots = fields.Integer()
    ranges = fields.Integer()


class RecallScopeSchema(Schema):
    """All that came of what a recall begins with, where it is, and the plots behind."""

    begins_with = fields.List(fields.String())
    totals = fields.Nested(ScopeTotalsSchema)
    lots = fields.List(fields.Nested(ScopeLotSchema))
    packs = fields.List(fields.Nested(ScopePackSchema))
    shipments = fields.List(fields.Nested(RecallShipmentSchema))
    buyers = fields.List(fields.Nested(RecallHoldingSchema))
    holders = fields.List(fields.Nested(RecallHoldingSchema))
    plots = fields.List(fields.Nested(RecallSourceSchema))


class ScopeQuery(Schema):
    """How a scope is told."""

    error_messages = {"unknown": "unknown-parameter"}  # noqa: RUF012 -- declared by marshmallow

    format = fields.String(load_default="json", validate=OneOf(["json", "xlsx"]))


_SHOWN = RecallScopeSchema()


def totals_of(scope: Scope, sources: Sequence[Source]) -> dict[str, int]:
    """Return how large a recall is."""
    return {
        "lots": len(scope.lots),
        "packs": len(scope.packs),
        "units": scope.units,
        "packed_g": sum(pack.units * pack.product.net_g for _, pack in scope.packs),
        "shipped": scope.counts[Fate.SHIPPED],
        "in_stock": scope.in_stock,
        **{fate.value: scope.counts[fate] for fate in (Fate.RETURNED, Fate.DESTROYED, Fate.REWORKED)},
        "loose_g": sum(lot.mass_g for lot in scope.lots if lot.pack is None),
        "buyers": len(scope.buyers),
        "plots": sum(source.plot is not None for source in sources),
        "ranges": sum(len(pack.stretches) for _, pack in scope.packs),
    }


def present_scope(scope: Scope, sources: Sequence[Source], begins_with: Sequence[str]) -> dict[str, Any]:
    """Return a scope as its schema shows it."""
    return {
        "begins_with": begins_with,
        "totals": totals_of(scope, sources),
        "lots": [{**lot._asdict(), "party": lot.party.code, "in_stock_g": lot.mass_g} for lot in scope.lots],
        "packs": [_present_pack(lot, pack) for lot, pack in scope.packs],
        "shipments": _shipments(scope),
        "buyers": scope.buyers,
        "holders": scope.holders,
        "plots": sources,
    }


def _present_pack(lot: LotInScope, pack: PackInScope) -> dict[str, Any]:
    return {
        "pack": lot.code,
        "party": lot.party.code,
        "product": pack.product.name,
        "gtin": pack.product.gtin,
        "label_lot": pack.label_lot,
        "net_g": pack.product.net_g,
        "units": pack.units,
        "in_stock": lot.units,
        "ranges": [
            {**one._asdict(), **({"buyer": one.buyer.code, "buyer_name": one.buyer.name} if one.buyer else {})}
            for one in pack.stretches
        ],
    }


def _shipments(scope: Scope) -> list[dict[str, Any]]:
    found: dict[tuple[str | None, str, date | str | None], int] = {}
    for _, pack in scope.packs:
        for one in pack.stretches:
            if one.buyer:
                key = one.shipment, one.buyer.code, one.shipped_on
                found[key] = found.get(key, 0) + one.size
    return [
        {"code": shipment, "buyer": buyer, "shipped_on": day, "units": units}
        for (shipment, buyer, day), units in found.items()
    ]


def _sheets(scope: Scope, sources: Sequence[Source]) -> Iterator[Sheet]:
    """Yield lots, ranges, buyers, stock and plots."""
    text, whole, grams = Kind.TEXT, Kind.WHOLE, Kind.KILOGRAMS
    yield Sheet(
        "批次 Lots",
        [
            *(Column(f"{zh}\n{en}") for zh, en in (("批次", "Lot"), ("种类", "Kind"), ("单位", "Party"))),
            *(Column("名称\nName"), Column("制成日期\nMade on")),
            *(Column("制成 kg\nMade kg", grams), Column("结存 kg\nIn stock kg", grams)),
        ],
        ((lot.code, lot.kind, *lot.party, str(lot.made_on), lot.initial_g, lot.mass_g) for lot in scope.lots),
    )
    yield Sheet(
        "码段 Ranges",
        [
            *(Column("包装\nPack"), Column("产品\nProduct"), Column("GTIN"), Column("标签批号\nLabel lot")),
            *(Column("起\nFirst", whole), Column("止\nLast", whole), Column("数量\nUnits", whole)),
            *(Column("去向\nWhere"), Column("发货单\nShipment"), Column("发货日期\nShipped on")),
            *(Column("买方\nBuyer"), Column("买方名称\nBuyer's name", text, 28)),
        ],
        (
            (lot.code, pack.product.name, pack.product.gtin, pack.label_lot, *_cells(one))
            for lot, pack in scope.packs
            for one in pack.stretches
        ),
    )
    held = [
        Column("代码\nCode"),
        Column("名称\nName", text, 28),
        Column("件数\nUnits", whole),
        Column("重量 kg\nkg", grams),
    ]
    yield Sheet("买方 Buyers", held, scope.buyers)
    yield Sheet("库存 Stock", held, scope.holders)
    yield Sheet(
        "地块 Plots",
        [
            *(
                Column("地块\nPlot"),
                Column("村\nVillage"),
                Column("采收方\nPicked by"),
                Column("申报产地\nDeclared origin"),
            ),
            *(Column("鲜叶 kg\nLeaf kg", grams), Column("批数\nLots", whole)),
        ],
        sources,
    )


def _cells(one: Stretch) -> tuple[object, ...]:
    day = str(one.shipped_on) if one.shipped_on else None
    return one.first, one.last, one.size, one.fate.value, one.shipment, day, *(one.buyer or (None, None))


def _answer(start: Start, begins_with: Sequence[str], form: str, name: str) -> Response:
    scope, sources = find_scope(g.session, start), find_sources(g.session, start)
    if form == "xlsx":
        return answer_workbook(_sheets(scope, sources), name)
    return jsonify(_SHOWN.dump(present_scope(scope, sources, begins_with)))


_CONTENT = {
    "application/json": {"schema": RecallScopeSchema},
    MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}},
}


def _view_for(noun: Noun, what: str) -> type[MethodView]:
    """Return the view that tells what a recall would reach that begins with a record of a noun."""

    class Proposal(MethodView):
        """What a recall would reach."""

        @open_to_all
        @blueprint.arguments(ScopeQuery, location="query", error_status_code=400)
        @blueprint.doc(responses={"200": {"description": "OK", "content": _CONTENT}})
        @blueprint.response(200, description="OK")
        def get(self, query: dict[str, str], code: str) -> Response:
            """Propose a scope: all that came of it, as ranges of codes, with buyers, stock and plots."""
            start, known = begin_with(g.session, g.caller, noun, code)
            return _answer(start, [known], query["format"], f"recall-scope-{known}")

    Proposal.__name__ = f"RecallScopeOf{what.title()}"
    return Proposal


for _noun, _what in ((LOTS, "lots"), (PLOTS, "plots"), (INPUT_USES, "inputs"), (RESULTS, "results")):
    blueprint.route(f"/{_what}/<path:code>/recall-scope")(_view_for(_noun, _what))


@blueprint.route("/recalls/<path:code>/scope")
class RecallScope(MethodView):
    """What a recall reaches."""

    @open_to_all
    @blueprint.arguments(ScopeQuery, location="query", error_status_code=400)
    @blueprint.doc(responses={"200": {"description": "OK", "content": _CONTENT}})
    @blueprint.response(200, description="OK")
    def get(self, query: dict[str, str], code: str) -> Response:
        """Return the scope of a case as it is now: what was packed or shipped since is in it."""
        recall = find_case(g.session, g.caller, code)
        return _answer(Start.of_recall(recall.id), [recall.code], query["format"], f"recall-{recall.code}")
