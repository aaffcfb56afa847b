"""`/v1/packs/{code}/activations`, `…/spoilings`, `…/locks`: what became of positions apart from being shipped."""

from http import HTTPStatus
from typing import Any

from flask import g, jsonify
from flask.typing import ResponseReturnValue
from flask.views import MethodView
from marshmallow import post_load

from api.auth import open_to
from api.bodies import document_write, read_body, unnumbered
from api.fields import Moment, Whole
from api.filled import FilledBody
from api.openapi import Blueprint
from api.packs import PackSchema
from trace.accounts import Role
from trace.entries.shipments import EnterMark, enter_marks
from trace.nouns import PACKS
from trace.records import get_record
from trace.serials import MAX_POSITION
from trace.units import Fate

blueprint = Blueprint("marks", __name__, url_prefix="/v1/packs", description="单件状态 · marks of units")
_FATES = {"activations": Fate.ACTIVATED, "spoilings": Fate.VOID, "locks": Fate.LOCKED}


class EnterMarkSchema(FilledBody):
    """Positions of the pack, and when it happened."""

    EXAMPLE = {"first": 1, "last": 20, "marked_at": "2026-05-02T10:00:00+08:00"}  # noqa: RUF012 -- shown

    first = Whole(1, MAX_POSITION, required=True)
    last = Whole(1, MAX_POSITION, required=True)
    marked_at = Moment(required=True)

    @post_load
    def values(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Return what a command needs beside the pack."""
        return data


def _view_for(name: str, fate: Fate) -> type[MethodView]:
    body, shown = EnterMarkSchema(), PackSchema()

    class Marks(MethodView):
        """One fate of positions."""

        @open_to(Role.OPERATOR, Role.PLANT, Role.BRAND)
        @document_write(blueprint, EnterMarkSchema, PackSchema)
        def post(self, code: str) -> ResponseReturnValue:
            """Say what became of positions of a pack."""
            command = EnterMark(pack=code, **read_body(body))
            with unnumbered():
                enter_marks(g.session, g.caller, [command], fate)
            record = get_record(g.session, g.caller, PACKS, code)
            answer = jsonify(shown.dump(record))
            answer.status_code, answer.headers["Location"] = HTTPStatus.CREATED, f"/v1/packs/{code}"
            return answer

    Marks.__name__ = name.title()
    return Marks


for _name, _fate in _FATES.items():
    blueprint.route(f"/<path:code>/{_name}")(_view_for(_name, _fate))
