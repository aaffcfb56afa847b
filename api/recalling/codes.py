"""`/v1/recalls/{code}/codes`: every affected code in one stream, for its owner and who watches over the area."""

from collections.abc import Iterator

from flask import Response, g
from flask.views import MethodView

from api.auth import open_to_all
from api.openapi import Blueprint
from api.state import State, current_state
from trace.entries.recall_scopes import find_case
from trace.recalling.codes import find_printed, write_codes
from trace.recalling.scope import Start, find_scope

blueprint = Blueprint("recall-codes", __name__, url_prefix="/v1/recalls", description="召回码 · recall codes")
_BOM = "\ufeff"  # without it a spreadsheet reads Chinese as another encoding
MEDIA_TYPE = "text/csv; charset=utf-8"


@blueprint.route("/<path:code>/codes")
class RecallCodes(MethodView):
    """The codes of a recall."""

    @open_to_all
    @blueprint.files(MEDIA_TYPE)
    def get(self, code: str) -> Response:
        """Stream every code that the recall affects, as CSV: GTIN, lot, serial, position, pack, where it is."""
        recall = find_case(g.session, g.caller, code)
        current_state().keys.ring()  # a missing folder is refused before the stream begins
        answer = Response(_stream(current_state(), Start.of_recall(recall.id)), content_type=MEDIA_TYPE)
        answer.headers["Content-Disposition"] = f'attachment; filename="codes-{recall.code}.csv"'
        return answer


def _stream(state: State, start: Start) -> Iterator[str]:
    """Read in a session of its own, which goes on after the request's transaction has ended."""
    with state.sessions.latest() as session:
        yield _BOM
        printed = find_printed(session, start, state.keys.ring())
        yield from write_codes(session, find_scope(session, start), printed)
