"""`/v1/label-jobs`: ranges of positions that were printed."""

from typing import Any

from flask import g
from flask.views import MethodView
from marshmallow import Schema, fields

from api import paging
from api.auth import open_to_all
from api.openapi import Blueprint
from trace.nouns import LABEL_JOBS
from trace.records import Page, Record, get_record

blueprint = Blueprint("label-jobs", __name__, url_prefix="/v1/label-jobs", description="标签打印 · label jobs")


class LabelJobSchema(Schema):
    """A print job."""

    code = fields.Function(lambda row: f"{row['pack']}:{row['first_position']}")
    party = fields.String(attribute="owner")
    pack = fields.String()
    first_position = fields.Integer()
    last_position = fields.Integer()
    created_at = fields.AwareDateTime()


@blueprint.route("")
class LabelJobs(MethodView):
    """Label jobs."""

    @open_to_all
    @blueprint.arguments(paging.query_for(LABEL_JOBS), location="query", error_status_code=400)
    @blueprint.response(200, paging.page_of(LABEL_JOBS, LabelJobSchema))
    def get(self, page: Page) -> tuple[dict[str, Any], int, dict[str, str]]:
        """List print jobs."""
        return paging.answer(LABEL_JOBS, page)


@blueprint.route("/<path:code>")
class OneLabelJob(MethodView):
    """One label job."""

    @open_to_all
    @blueprint.response(200, LabelJobSchema)
    def get(self, code: str) -> Record:
        """Return one print job by `PACK:FIRST`, the first position it printed."""
        return get_record(g.session, g.caller, LABEL_JOBS, code)
