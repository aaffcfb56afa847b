"""Changes of master data: `PATCH` with the ETag of the state that it rests on; what is left out stays, null empties."""

import copy
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from http import HTTPStatus
from typing import Any, cast

from flask import Response, g
from marshmallow import Schema, fields, post_load

from api.bodies import REPEAT_HEADER, document_write, read_body, unnumbered
from api.etags import record_to_change, tagged
from api.fields import Body, Code, Text
from api.openapi import Blueprint
from trace.entries.amendments import EnterMerge
from trace.records import Noun, Record, read_records

STATE_HEADER = {
    "in": "header",
    "name": "If-Match",
    "required": True,
    "schema": {"type": "string"},
    "description": "所依据状态的 ETag，见 GET 的回答。The ETag of the state that is changed, as GET answers it.",
}


def amending(
    body: type[Body],
    *,
    example: Mapping[str, Any],
    but: Sequence[str] = ("code",),
    kept: Sequence[str] = (),
    more: Mapping[str, fields.Field[Any]] | None = None,
) -> type[Body]:
    """Return the body that changes what another made: none of its fields is wanted, and null empties what may be empty.

    `but` are fields that stay for good, `kept` those that are never empty although nobody needs to give them.
    """
    parts: dict[str, fields.Field[Any]] = {}
    for name, field in body._declared_fields.items():
        if name in but:
            continue
        parts[name] = one = copy.deepcopy(field)
        one.allow_none = not one.required and name not in kept
        one.required = False
    said = {"__doc__": "更改的内容：没有写的保持不变。What changes; the rest stays.", "EXAMPLE": dict(example)}
    name = body.__name__.replace("Enter", "Amend")
    return cast("type[Body]", type(name, (Body,), {**parts, **(more or {}), **said}))


class MergeBody(Body):
    """Of which record one is a duplicate, and how that is known."""

    into = Code(60, required=True)
    reason = Text(200, required=True)

    @post_load
    def command(self, data: dict[str, Any], **_: Any) -> EnterMerge:
        """Return the typed command."""
        return EnterMerge(**data)


def changes(
    blueprint: Blueprint, noun: Noun, body: type[Body], shown: type[Schema]
) -> Callable[[Callable[..., Any]], Callable[..., Response]]:
    """Make a view of a function that takes a record and new values and returns the row as changed.

    The answer is 200 with the record and its new ETag.
    """
    loader, dumper = body(), shown()

    def decorate(view: Callable[[object, Record, dict[str, Any]], Any]) -> Callable[..., Response]:
        @wraps(view)
        def change(self: object, code: str) -> Response:
            values = read_body(loader)
            with unnumbered():
                row = view(self, record_to_change(noun, dumper, code), values)
            return tagged(dumper, read_records(g.session, g.caller, noun, [row.id])[0])

        described: Callable[..., Response] = document_write(blueprint, body, shown, status=HTTPStatus.OK, many=False)(
            change
        )
        described = blueprint.doc(parameters=[REPEAT_HEADER, STATE_HEADER])(described)
        return blueprint.refuses(412, 428)(described)

    return decorate
