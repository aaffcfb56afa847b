"""`/v1/exports/…`: every record of a noun in one answer, streamed: JSON lines, CSV for a spreadsheet, GeoJSON of plots.

A stream reads in a session of its own, so it may go on after the request's transaction has ended.
"""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Any

from flask import Flask, Response, current_app, g
from flask.views import MethodView
from marshmallow import Schema, fields

from api import (
    cases,
    certificates,
    deliveries,
    destructions,
    events,
    facilities,
    field_work,
    findings,
    input_products,
    inputs,
    lots,
    outside,
    packs,
    paper_forms,
    parties,
    pickings,
    plots,
    products,
    purchases,
    recalls,
    results,
    returns,
    reworks,
    shipments,
    slips,
)
from api.auth import open_to_all
from api.openapi import Blueprint
from api.paging import filters_of
from api.parameters import OneOf
from api.sayings import keep_speech
from trace import nouns
from trace.exchange import escape_formula
from trace.records import Noun, iterate_records

blueprint = Blueprint("exports", __name__, url_prefix="/v1/exports", description="导出 · exports")
EXPORTED: Mapping[str, tuple[Noun, type[Schema]]] = {
    "parties": (nouns.PARTIES, parties.PartySchema),
    "plots": (nouns.PLOTS, plots.PlotSchema),
    "facilities": (nouns.FACILITIES, facilities.FacilitySchema),
    "products": (nouns.PRODUCTS, products.ProductSchema),
    "pickings": (nouns.PICKINGS, pickings.PickingSchema),
    "lots": (nouns.LOTS, lots.LotSchema),
    "events": (nouns.EVENTS, events.EventSchema),
    "packs": (nouns.PACKS, packs.PackSchema),
    "shipments": (nouns.SHIPMENTS, shipments.ShipmentSchema),
    "results": (nouns.RESULTS, results.ResultSchema),
    "findings": (nouns.FINDINGS, findings.FindingSchema),
    "recalls": (nouns.RECALLS, recalls.RecallSchema),
    "deliveries": (nouns.DELIVERIES, deliveries.DeliverySchema),
    "returns": (nouns.RETURNS, returns.ReturnSchema),
    "destructions": (nouns.DESTRUCTIONS, destructions.DestructionSchema),
    "outside-lots": (nouns.OUTSIDE_LOTS, outside.OutsideSchema),
    "cases": (nouns.CASES, cases.CaseSchema),
    "missing-certificates": (nouns.UNCERTIFIED, certificates.UncertifiedSchema),
    "reworks": (nouns.REWORKS, reworks.ReworkSchema),
    "inputs": (nouns.INPUT_USES, inputs.InputUseSchema),
    "input-products": (nouns.INPUT_PRODUCTS, input_products.InputProductSchema),
    "purchases": (nouns.PURCHASES, purchases.InputPurchaseSchema),
    "field-work": (nouns.FIELD_WORK, field_work.FieldWorkSchema),
    "certificates": (nouns.CERTIFICATES, certificates.CertificateSchema),
    "slips": (nouns.SLIPS, slips.SlipSchema),
    "paper-forms": (nouns.PAPER_FORMS, paper_forms.PaperFormSchema),
}
_BOM = "\ufeff"  # without it a spreadsheet reads Chinese as another encoding


class Form(StrEnum):
    """How an export is written."""

    JSON_LINES = "jsonl"
    CSV = "csv"
    GEOJSON = "geojson"


MEDIA_TYPES = {
    Form.JSON_LINES: "application/jsonl",
    Form.CSV: "text/csv; charset=utf-8",
    Form.GEOJSON: "application/geo+json",
}
Rows = Iterator[dict[str, Any]]


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _json_lines(rows: Rows, _names: Iterable[str]) -> Iterator[str]:
    return (f"{_text(row)}\n" for row in rows)


def _cell(value: Any) -> str:
    """Return a value as a cell: lists and objects as JSON, no cell as a formula."""
    if value is None:
        return ""
    if isinstance(value, str):
        return escape_formula(value)
    return _text(value)


def write_csv(rows: Rows, names: Iterable[str]) -> Iterator[str]:
    """Yield the lines of a CSV that a spreadsheet opens rightly."""
    yield _BOM
    buffer, columns = io.StringIO(), list(names)
    writer = csv.writer(buffer)
    for cells in _lines(rows, columns):
        writer.writerow(cells)
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


def _lines(rows: Rows, columns: list[str]) -> Iterator[list[str]]:
    yield columns
    for row in rows:
        yield [_cell(row.get(name)) for name in columns]


def _geojson(rows: Rows, _names: Iterable[str]) -> Iterator[str]:
    yield '{"type":"FeatureCollection","features":['
    comma = ""
    for row in rows:
        outline = row.pop("outline")
        yield comma + _text({"type": "Feature", "geometry": outline, "properties": row})
        comma = ","
    yield "]}"


_WRITERS: Mapping[Form, Callable[[Rows, Iterable[str]], Iterator[str]]] = {
    Form.JSON_LINES: _json_lines,
    Form.CSV: write_csv,
    Form.GEOJSON: _geojson,
}


def _records(noun: Noun, schema: Schema, filters: Mapping[str, str]) -> Rows:
    """Yield records from a session of its own, of the sort that the request has."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # of a proxy
    sessions, caller = g.sessions, g.caller

    def rows() -> Rows:
        with sessions() as session:
            for row in iterate_records(session, caller, noun, filters):
                with app.app_context():  # some fields are links, made by our settings
                    shown: dict[str, Any] = schema.dump(row)
                yield shown

    return rows()


def _query_for(name: str, noun: Noun) -> type[Schema]:
    forms = [form.value for form in _forms_of(name)]
    parameters = {
        "format": fields.String(load_default=Form.JSON_LINES.value, validate=OneOf(forms)),
        "error_messages": {"unknown": "unknown-parameter"},
    }
    query: type[Schema] = type(f"{name.title()}Export", (Schema,), {**filters_of(noun), **parameters})
    return query


def _forms_of(name: str) -> list[Form]:
    return [form for form in Form if form is not Form.GEOJSON or name == "plots"]


def _content(name: str) -> dict[str, Any]:
    """Return how the forms of an export are described."""
    shapes = {Form.GEOJSON: "object"}
    return {MEDIA_TYPES[form]: {"schema": {"type": shapes.get(form, "string")}} for form in _forms_of(name)}


def _view_for(name: str, noun: Noun, shown: type[Schema]) -> type[MethodView]:
    """Return the view that exports one noun."""
    columns = [field.data_key or name for name, field in shown().fields.items()]

    class Export(MethodView):
        """One noun, whole."""

        @open_to_all
        @blueprint.arguments(_query_for(name, noun), location="query", error_status_code=400)
        @blueprint.response(200, description="OK")
        @blueprint.doc(responses={"200": {"content": _content(name)}})
        def get(self, query: dict[str, str]) -> Response:
            """Stream every record the caller may read."""
            form = Form(query.pop("format"))
            rows = _records(noun, keep_speech(shown()), query)
            written = _WRITERS[form](rows, columns)
            answer = Response(written, content_type=MEDIA_TYPES[form])
            answer.headers["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
            return answer

    Export.__name__ = f"Export{name.title()}"
    return Export


for _name, (_noun, _shown) in EXPORTED.items():
    blueprint.route(f"/{_name}")(_view_for(_name, _noun, _shown))
