"""Papers to print: a PDF on A4, or on a receipt as long as what stands on it, for whoever may read the record."""

import io
from collections.abc import Callable
from typing import TYPE_CHECKING

from flask import Response, send_file
from marshmallow import Schema, fields

from api.parameters import OneOf
from api.state import current_state

if TYPE_CHECKING:
    from labels.documents.paper import Paper

PDF = "application/pdf"


class PaperQuery(Schema):
    """On which paper."""

    error_messages = {"unknown": "unknown-parameter"}  # noqa: RUF012 -- declared by marshmallow

    format = fields.String(load_default="a4", validate=OneOf(["a4", "receipt"]))


class BasketQuery(PaperQuery):
    """On which paper, a label for a basket among them."""

    format = fields.String(load_default="a4", validate=OneOf(["a4", "receipt", "label"]))


def send_paper(query: dict[str, str], name: str, draw: Callable[["Paper"], bytes]) -> Response:
    """Draw on the paper asked for and answer with the file."""
    from labels import fonts  # noqa: PLC0415 -- drawing is heavy
    from labels.documents.paper import SHEETS, Paper  # noqa: PLC0415

    paper = Paper(fonts.load(current_state().settings.font_dir), SHEETS[query.get("format", "a4")])
    data = draw(paper)
    answer = send_file(
        io.BytesIO(data), mimetype=PDF, download_name=f"{name}.pdf", as_attachment=True, etag=False, conditional=False
    )
    answer.content_length = len(data)
    del answer.headers["Cache-Control"]  # meant for pictures of the pages; what a key opened nobody keeps
    return answer
