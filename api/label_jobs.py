"""`/v1/label-jobs`: positions of packs that are printed, and the labels to print.

A job is `PACK:FIRST`, by the first position it printed; a reprint is `PACK:FIRST-LAST`. Posting takes the positions;
the labels are drawn for whoever asks for them afterwards, as often as they like, and always the same.
"""

import contextlib
import os
from collections.abc import Sequence
from typing import Any

from flask import Response, g, send_file
from flask.views import MethodView
from marshmallow import Schema, fields, post_load

from api import paging
from api.auth import open_to, open_to_all
from api.bodies import created, document_write, read_commands, unnumbered
from api.fields import Body, Code, Whole
from api.moments import Noted
from api.openapi import Blueprint
from api.parameters import Count, OneOf
from api.state import current_state
from labels.stock import DEFAULT, STOCKS
from trace.accounts import Role
from trace.entries.label_jobs import EnterLabelJob, enter_label_jobs
from trace.errors import Fault, InvalidError
from trace.label_jobs import LabelJob, LabelReprint, PrintRun, find_printed
from trace.nouns import LABEL_JOBS, LABEL_REPRINTS
from trace.packs import Pack
from trace.records import Page, Record, get_record, read_records
from trace.serials import MAX_POSITION

blueprint = Blueprint("label-jobs", __name__, url_prefix="/v1/label-jobs", description="标签打印 · label jobs")
_PRINTERS = (Role.OPERATOR, Role.PLANT, Role.BRAND)
_FORMATS = {  # format → media type of one label, of several
    "pdf": ("application/pdf", "application/pdf"),
    "png": ("image/png", "application/zip"),
    "svg": ("image/svg+xml", "application/zip"),
    "links": ("text/plain", "text/plain"),
}


class LabelJobSchema(Schema):
    """A print job; a reprint prints the same codes once more."""

    code = fields.String()
    party = fields.String(attribute="owner")
    pack = fields.String()
    first_position = fields.Integer()
    last_position = fields.Integer()
    reprint = fields.Boolean()
    created_at = Noted()


class EnterLabelJobSchema(Body):
    """Labels to print: the next `count` positions of a pack, or positions `first` to `last` once more."""

    EXAMPLE = {"party": "PL1", "pack": "PK001", "count": 20}  # noqa: RUF012 -- shown, never changed

    party = Code(60, metadata={"description": "为谁打印，默认本单位。For whom; the caller's own party by default."})
    pack = Code(required=True)
    count = Whole(1, MAX_POSITION)
    first = Whole(1, MAX_POSITION)
    last = Whole(1, MAX_POSITION)

    @post_load
    def command(self, data: dict[str, Any], **_: Any) -> EnterLabelJob:
        """Return the typed command."""
        return EnterLabelJob(**data)


MOST_LABELS = 10_000  # in one download: they are drawn in memory, some 16 kB each


class LabelsQuery(Schema):
    """How labels are drawn; of a large job, which part."""

    error_messages = {"unknown": "unknown-parameter"}  # noqa: RUF012 -- declared by marshmallow

    format = fields.String(load_default="pdf", validate=OneOf(list(_FORMATS)))
    stock = fields.String(load_default=DEFAULT.code, validate=OneOf(list(STOCKS)))
    first, last = (Count(1, MAX_POSITION) for _ in range(2))


def _is_reprint(code: str) -> bool:
    """Return whether a code names a reprint: a range has two ends."""
    return "-" in code.rpartition(":")[2]


def _read(rows: Sequence[LabelJob | LabelReprint]) -> list[Record]:
    """Return jobs and reprints as they can be read from now on, in the order given."""
    records: dict[tuple[type, int], Record] = {}
    for noun, kind in ((LABEL_JOBS, LabelJob), (LABEL_REPRINTS, LabelReprint)):
        keys = [row.id for row in rows if isinstance(row, kind)]
        found = read_records(g.session, g.caller, noun, keys)
        records.update(zip(((kind, key) for key in keys), found, strict=True))
    return [records[type(row), row.id] for row in rows]


@blueprint.route("")
class LabelJobs(MethodView):
    """Label jobs."""

    @open_to_all
    @blueprint.arguments(paging.query_for(LABEL_JOBS), location="query", error_status_code=400)
    @blueprint.response(200, paging.page_of(LABEL_JOBS, LabelJobSchema))
    def get(self, page: Page) -> tuple[dict[str, Any], int, dict[str, str]]:
        """List print jobs."""
        return paging.answer(LABEL_JOBS, page)

    @open_to(*_PRINTERS)
    @document_write(blueprint, EnterLabelJobSchema, LabelJobSchema)
    def post(self) -> Response:
        """Take positions to print: one job, or up to a thousand in an array."""
        commands, single = read_commands(EnterLabelJobSchema())
        with unnumbered() if single else contextlib.nullcontext():
            rows = enter_label_jobs(g.session, g.caller, commands, lambda: current_state().keys.ring().signing.id)
        return created(LABEL_JOBS, LabelJobSchema(), _read(rows), single=single)


@blueprint.route("/<path:code>")
class OneLabelJob(MethodView):
    """One label job."""

    @open_to_all
    @blueprint.response(200, LabelJobSchema)
    def get(self, code: str) -> Record:
        """Return one print job by `PACK:FIRST`, or the last reprint of `PACK:FIRST-LAST`."""
        return get_record(g.session, g.caller, LABEL_REPRINTS if _is_reprint(code) else LABEL_JOBS, code)


def _run_of(code: str, query: dict[str, Any]) -> PrintRun:
    """Return the positions to draw: those of the job or reprint, or the part asked for. Raises `InvalidError`."""
    noun, table = (LABEL_REPRINTS, LabelReprint) if _is_reprint(code) else (LABEL_JOBS, LabelJob)
    job = g.session.get_one(table, get_record(g.session, g.caller, noun, code)["key"])
    first, last = query.get("first", job.first_position), query.get("last", job.last_position)
    if not job.first_position <= first <= last <= job.last_position:
        facts: dict[str, object] = {"first": first, "last": last, "printed": job.last_position}
        raise InvalidError([Fault("last" if "last" in query else "first", "position-range", facts)])
    if last - first >= MOST_LABELS:
        raise InvalidError([Fault("last", "too-many", {"most": MOST_LABELS})])
    return find_printed(g.session, g.session.get_one(Pack, job.pack_id), first, last)


_KINDS = [kind for kinds in _FORMATS.values() for kind in kinds]


@blueprint.route("/<path:code>/labels")
class Labels(MethodView):
    """The labels of a job."""

    @open_to(*_PRINTERS)
    @blueprint.arguments(LabelsQuery, location="query", error_status_code=400)
    @blueprint.refuses(422)
    @blueprint.files(*_KINDS)
    def get(self, query: dict[str, Any], code: str) -> Response:
        """Draw the labels of a job: a PDF, a picture or a zip of several, or their links, one a line."""
        from api.printing import Order, draw_labels  # noqa: PLC0415 -- drawing is heavy

        run = _run_of(code, query)
        order = Order(pack=code, format=query["format"], stock=query["stock"])
        file = draw_labels(current_state(), g.session, run, order)
        kind = _FORMATS[query["format"]][len(run) > 1]
        ending = "zip" if kind == "application/zip" else "txt" if kind == "text/plain" else query["format"]
        name = f"{code.rpartition('/')[2].partition(':')[0]}-{run.ranges[0][0]}-{run.ranges[-1][1]}.{ending}"
        answer = send_file(file, mimetype=kind, as_attachment=True, download_name=name, etag=False, conditional=False)
        answer.content_length = os.fstat(file.fileno()).st_size
        del answer.headers["Cache-Control"]  # meant for pictures of the pages; what a key opened nobody keeps
        return answer
