"""Files of reports: sent as `multipart/form-data`, told apart by their content, and given out as attachments only."""

from base64 import b64encode
from http import HTTPStatus
from typing import Any

from flask import Response, g, jsonify, request
from flask.views import MethodView
from marshmallow import Schema, fields
from werkzeug.exceptions import UnsupportedMediaType

from api import paging
from api.auth import open_to, open_to_all
from api.bodies import document_write
from api.moments import Noted
from api.openapi import Blueprint
from api.results import blueprint as results
from trace.accounts import Role
from trace.entries.report_files import SentFile, enter_file
from trace.errors import Fault, InvalidError
from trace.nouns import REPORT_FILES, RESULTS
from trace.records import Page, Record, get_record, read_records
from trace.report_files import KINDS, read_file

blueprint = Blueprint("report-files", __name__, url_prefix="/v1/report-files", description="报告文件 · report files")

_FIELD, _MULTIPART = "file", "multipart/form-data"
_AROUND = 10_000  # bytes that a form adds to its file
# Whoever opens a file in a browser is to save it: it may not show, run or ask for anything (CSP level 3, `sandbox`).
_SANDBOX = "default-src 'none'; sandbox"


class ReportFileSchema(Schema):
    """One file of a laboratory's report."""

    code = fields.String()
    result = fields.String()
    laboratory = fields.String()
    lot = fields.String()
    name = fields.String()
    media_type = fields.String()
    size = fields.Integer()
    sha256 = fields.String()
    added_at = Noted()
    entered_by = fields.String(allow_none=True)
    event = fields.String()


def largest_body(endpoint: str | None, file_limit: int) -> int | None:
    """Return how many bytes a request to an endpoint may have, where that is more than others may."""
    return file_limit + _AROUND if endpoint == f"{results.name}.{ResultFiles.__name__}" else None


@blueprint.route("")
class ReportFiles(MethodView):
    """Files of reports."""

    @open_to_all
    @blueprint.arguments(paging.query_for(REPORT_FILES), location="query", error_status_code=400)
    @blueprint.response(200, paging.page_of(REPORT_FILES, ReportFileSchema))
    def get(self, page: Page) -> paging.Answer:
        """List files of the reports the caller may read."""
        return paging.answer(REPORT_FILES, page)


@blueprint.route("/<path:code>")
class OneReportFile(MethodView):
    """One file of a report."""

    @open_to_all
    @blueprint.response(200, ReportFileSchema)
    def get(self, code: str) -> Record:
        """Say what is known of one file."""
        return get_record(g.session, g.caller, REPORT_FILES, code)


@blueprint.route("/<path:code>/content")
class ReportFileContent(MethodView):
    """The bytes of one file."""

    @open_to_all
    @blueprint.doc(
        responses={
            str(HTTPStatus.OK.value): {
                "description": "OK",
                "content": {kind.media_type: {"schema": {"type": "string", "format": "binary"}} for kind in KINDS},
            }
        }
    )
    @blueprint.response(200, description="OK")
    def get(self, code: str) -> Response:
        """Give out a file as it was sent, once its bytes are proved: to be saved, never to be shown in its place."""
        record = get_record(g.session, g.caller, REPORT_FILES, code)
        row, file = read_file(g.session, record["key"])
        answer = Response(file.content, mimetype=file.media_type)
        answer.headers.set("Content-Disposition", "attachment", filename=row.name)
        answer.headers["Content-Security-Policy"] = _SANDBOX
        answer.headers["X-Content-Type-Options"] = "nosniff"
        answer.headers["Repr-Digest"] = f"sha-256=:{b64encode(bytes.fromhex(row.sha256)).decode()}:"  # RFC 9530
        return answer


_FORM: dict[str, Any] = {
    "required": True,
    "content": {
        _MULTIPART: {
            "schema": {
                "type": "object",
                "properties": {_FIELD: {"type": "string", "format": "binary"}},
                "required": [_FIELD],
            },
            "example": {_FIELD: "report.pdf"},
        }
    },
}


@results.route("/<path:code>/files")
class ResultFiles(MethodView):
    """The files of one report."""

    @open_to(Role.OPERATOR, Role.LABORATORY, Role.PLANT, Role.COOP, Role.BROKER, Role.BRAND)
    @results.doc(requestBody=_FORM)
    @document_write(results, None, ReportFileSchema, many=False)
    def post(self, code: str) -> Response:
        """Add one file to a report: a PDF, or a photograph as JPEG, PNG or WebP."""
        sent = _sent()
        record = get_record(g.session, g.caller, RESULTS, code)
        row = enter_file(g.session, g.caller, record, sent)
        now = read_records(g.session, g.caller, REPORT_FILES, [row.id])[0]
        answer = jsonify(ReportFileSchema().dump(now))
        answer.status_code = HTTPStatus.CREATED
        answer.headers["Location"] = f"{blueprint.url_prefix}/{row.code}"
        return answer


def _sent() -> SentFile:
    """Return the one file that was sent. Raises `InvalidError`, `UnsupportedMediaType` and what `kind_of` raises."""
    if request.mimetype != _MULTIPART:
        raise UnsupportedMediaType
    names = [*request.files, *request.form]
    if _FIELD not in request.files:
        raise InvalidError([Fault(_FIELD, "missing-field", {})])
    if names != [_FIELD] or len(request.files.getlist(_FIELD)) != 1:
        other = next((one or "" for one in names if one != _FIELD), _FIELD)  # a part need not have a name
        raise InvalidError([Fault(other, "unknown-field", {})])
    from api.evidence import kind_of  # noqa: PLC0415 -- Pillow is heavy

    file = request.files[_FIELD]
    content = file.read()
    return SentFile(name=file.filename or "", kind=kind_of(content), content=content)
