"""`/v1/growers/{code}/book`: a grower's year of weigh slips, to be read and printed."""

from http import HTTPStatus
from typing import Any

from flask import Response, g
from flask.views import MethodView
from marshmallow import Schema, fields

from api.auth import open_to_all
from api.fields import Measure
from api.openapi import Blueprint
from api.papers import PDF, send_paper
from api.parameters import Count
from api.shown import shown
from api.slips import SlipSchema
from trace import clock
from trace.books import Book, get_book
from trace.mass import jin_and_kilograms

blueprint = Blueprint("growers", __name__, url_prefix="/v1/growers", description="茶农账本 · books of growers")


class BookQuery(Schema):
    """Of which year; this one, where none is named."""

    error_messages = {"unknown": "unknown-parameter"}  # noqa: RUF012 -- declared by marshmallow

    year = Count(1980, 2200, load_default=lambda: clock.today().year)


class BookTotalSchema(Schema):
    """What the standing slips of one buyer, standard or month add up to."""

    name = fields.String()
    slips = fields.Integer()
    net_g = fields.Integer()
    jin = shown(lambda total: jin_and_kilograms(total.net_g)[0])
    amount_yuan = Measure()


class BookSchema(Schema):
    """A year of one grower: every slip of leaf bought, the void ones marked, and the sums of those that stand."""

    grower = fields.String()
    name = fields.String()
    year = fields.Integer()
    total = fields.Nested(BookTotalSchema, attribute="whole")
    buyers = fields.List(fields.Nested(BookTotalSchema))
    standards = fields.List(fields.Nested(BookTotalSchema))
    months = fields.List(fields.Nested(BookTotalSchema))
    slips = fields.List(fields.Nested(SlipSchema))


@blueprint.route("/<path:code>/book")
class GrowerBook(MethodView):
    """A grower's book."""

    @open_to_all
    @blueprint.arguments(BookQuery, location="query", error_status_code=HTTPStatus.BAD_REQUEST)
    @blueprint.response(200, BookSchema)
    def get(self, query: dict[str, Any], code: str) -> Book:
        """Return a grower's year."""
        return get_book(g.session, g.caller, code, query["year"])


@blueprint.route("/<path:code>/book/print")
class GrowerBookPrint(MethodView):
    """A grower's book on paper."""

    @open_to_all
    @blueprint.arguments(BookQuery, location="query", error_status_code=HTTPStatus.BAD_REQUEST)
    @blueprint.files(PDF)
    def get(self, query: dict[str, Any], code: str) -> Response:
        """Print a grower's year on A4."""
        from api.book_values import book_values  # noqa: PLC0415 -- drawing is heavy
        from labels.documents.book import draw_book  # noqa: PLC0415 -- likewise

        book = get_book(g.session, g.caller, code, query["year"])
        return send_paper({}, f"{book.grower}-{book.year}", lambda paper: draw_book(paper, book_values(book)))
