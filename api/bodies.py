"""Bodies of writes: strict JSON, one record or an array of them, every fault at once; and the answer to them."""

import contextlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import wraps
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import quote

from flask import Response, g, jsonify, request
from marshmallow import Schema, ValidationError
from werkzeug.exceptions import UnsupportedMediaType

from api.fields import Body, Reason
from api.openapi import Blueprint
from trace.errors import Fault, InvalidError
from trace.mandates import reader_for
from trace.records import Noun, Record, get_record, read_records
from trace.strict_json import parse

_FIRST = "[0]"
_UTF_8 = frozenset({"utf-8", "utf8"})
_PART = re.compile(r"[.\[]")  # where a part of a path begins
_View = TypeVar("_View", bound=Callable[..., Any])


def read_json() -> tuple[Any, list[Fault]]:
    """Return the body and the faults of its JSON. Raises `UnsupportedMediaType`, `InvalidError`."""
    if not request.is_json or not _is_plain_utf_8():
        raise UnsupportedMediaType
    return parse(request.get_data())


def _is_plain_utf_8() -> bool:
    """Return whether nothing says that the body is anything but UTF-8 as it is: GBK may well read as other words."""
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    return charset in _UTF_8 and request.headers.get("Content-Encoding", "identity").lower() == "identity"


def read_body(schema: Schema) -> Any:
    """Return what a schema makes of a body that is one object. Raises `InvalidError` with every fault."""
    value, unread = read_json()
    found: list[Fault] = []
    command = _load(schema, value, "", found)
    if unread or found:
        raise InvalidError(_once(unread, found))
    return command


def _load(schema: Schema, value: Any, path: str, faults: list[Fault]) -> Any:
    if not isinstance(value, dict):
        faults.append(Fault(path, "wrong-type", {"expected": "object"}))
        return None
    try:
        return schema.load(value)
    except ValidationError as error:
        faults += faults_in(error.messages, path)
        return None


def read_commands(schema: Body) -> tuple[list[Any], bool]:
    """Return what a schema makes of one object or of an array of them, and whether it was one."""
    value, unread = read_json()
    single = not isinstance(value, list)
    objects = [value] if single else value
    found: list[Fault] = []
    if not 1 <= len(objects) <= schema.MOST:
        found.append(Fault("", "too-many" if objects else "empty", {"most": schema.MOST}))
        raise InvalidError([*unread, *found])
    commands = [_load(schema, one, "" if single else f"[{place}]", found) for place, one in enumerate(objects)]
    if unread or found:
        raise InvalidError(_once(unread, found))
    return commands, single


def _once(unread: Sequence[Fault], found: Sequence[Fault]) -> list[Fault]:
    """Return the faults without those that only follow from an unreadable value, at the same place or around it."""
    first: dict[str, Fault] = {}
    around = {fault.path[: end.start()] for fault in unread for end in _PART.finditer(fault.path)}
    faults = [*unread, *(fault for fault in found if fault.path not in around)]
    return [fault for fault in faults if first.setdefault(fault.path, fault) is fault]


def faults_in(messages: Any, path: str) -> Iterable[Fault]:
    """Return the faults that marshmallow found: fields by name, places in a list by number."""
    if not isinstance(messages, Mapping):
        for reason in messages:
            known = isinstance(reason, Reason)
            yield Fault(path, reason.code if known else str(reason), dict(reason.facts) if known else {})
        return
    for name, inner in messages.items():
        if isinstance(name, int):
            here = f"{path}[{name}]"
        else:
            here = path if name == "_schema" else f"{path}.{name}" if path else str(name)
        yield from faults_in(inner, here)


def writes(
    blueprint: Blueprint, noun: Noun, body: type[Body], shown: type[Schema], at: str | None = None
) -> Callable[[Callable[..., Sequence[Any]]], Callable[..., Response]]:
    """Make a view of a function that takes commands and returns the rows they became.

    The answer is 201 with the records as they can be read from now on: one for one, an array for an array; `at` is the
    address of their list, where it is not the one written to.
    """
    loader, dumper = body(), shown()

    def decorate(view: Callable[..., Sequence[Any]]) -> Callable[..., Response]:
        @wraps(view)
        def write(self: object, **parts: Any) -> Response:
            commands, single = read_commands(loader)
            with unnumbered() if single else contextlib.nullcontext():
                rows = view(self, commands, **parts)
            records = read_records(g.session, g.caller, noun, [row.id for row in rows])
            return created(noun, dumper, records, single=single, at=at)

        return document_write(blueprint, body, shown)(write)

    return decorate


def ends(
    blueprint: Blueprint, noun: Noun, shown: type[Schema]
) -> Callable[[Callable[..., Any]], Callable[..., Response]]:
    """Make a view of a function that ends what has this code; the answer is 200 with the record as it is now."""
    dumper = shown()

    def decorate(view: Callable[..., Any]) -> Callable[..., Response]:
        @wraps(view)
        def end(self: object, code: str) -> Response:
            row = view(self, get_record(g.session, g.caller, noun, code)["code"])
            return jsonify(dumper.dump(read_records(g.session, g.caller, noun, [row.id])[0]))

        return document_write(blueprint, None, shown, status=HTTPStatus.OK, many=False)(end)

    return decorate


@contextlib.contextmanager
def unnumbered() -> Iterator[None]:
    """Tell the faults of an only record without its place."""
    try:
        yield
    except InvalidError as error:
        raise InvalidError([_unnumbered(fault) for fault in error.faults]) from None


def acts(
    blueprint: Blueprint, noun: Noun, body: type[Schema], shown: type[Schema]
) -> Callable[[Callable[..., Any]], Callable[..., Response]]:
    """Make a view of a function that does, as a body says, what is done with the record of this code.

    The function takes the record and the loaded body and returns a row; the answer is 201 with that as it is now.
    A body may say for which party it is done: the record is one that this party may read.
    """
    loader, dumper = body(), shown()

    def decorate(view: Callable[..., Any]) -> Callable[..., Response]:
        @wraps(view)
        def act(self: object, code: str) -> Response:
            command = read_body(loader)
            party = command.get("party") if isinstance(command, dict) else None
            record = get_record(g.session, reader_for(g.session, g.caller, party), noun, code)
            with unnumbered():
                row = view(self, record, command)
            now = read_records(g.session, g.caller, noun, [row.id])[0]
            response = jsonify(dumper.dump(now))
            response.status_code = HTTPStatus.CREATED
            path = request.path.rpartition("/")[0]
            same = now["key"] == record["key"]
            response.headers["Location"] = path if same else address_of(noun, now, path.removesuffix(f"/{code}"))
            return response

        return document_write(blueprint, body, shown, many=False)(act)

    return decorate


def _unnumbered(fault: Fault) -> Fault:
    """Return the fault of the only record, which stands in no list."""
    path = fault.path.removeprefix(_FIRST)
    return Fault(path.removeprefix("."), fault.code, fault.facts)


def created(noun: Noun, dumper: Schema, records: Sequence[Record], *, single: bool, at: str | None = None) -> Response:
    """Answer 201 with records as they can be read from now on, and where: one for one, an array for an array."""
    response = jsonify(dumper.dump(records[0]) if single else dumper.dump(records, many=True))
    response.status_code = HTTPStatus.CREATED
    response.headers["Location"] = address_of(noun, records[0], at) if single else at or request.path
    return response


def address_of(noun: Noun, record: Record, collection: str | None = None) -> str:
    """Return where a record can be read, below the address of its list."""
    parts = [record["code"]] if noun.owner is None else [record["owner"], record["code"]]
    return f"{collection or request.path}/{'/'.join(quote(str(part), safe='') for part in parts)}"


REPEAT_HEADER = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
    "description": "重试时用同一个编号，只写入一次。A repeated request under the same key is answered, not done again.",
}
_REFUSED = (400, 401, 403, 404, 409, 413, 415, 422, 429)


def document_write(
    blueprint: Blueprint,
    body: type[Schema] | None,
    shown: type[Schema],
    *,
    status: HTTPStatus = HTTPStatus.CREATED,
    many: bool = True,
) -> Callable[[_View], _View]:
    """Describe a write: its body, if it has one, with an example, its answer, and every way it may be refused."""

    def accepted(schema: type[Schema]) -> Any:
        most = getattr(body, "MOST", Body.MOST)
        array = {"type": "array", "items": schema, "minItems": 1, "maxItems": most}
        return {"oneOf": [schema, array]} if many else schema

    answer: dict[str, Any] = {
        "description": status.phrase,
        "content": {"application/json": {"schema": accepted(shown)}},
    }
    if status is HTTPStatus.CREATED:
        answer["headers"] = {"Location": {"schema": {"type": "string"}}}
    parts: dict[str, Any] = {"parameters": [REPEAT_HEADER], "responses": {str(status.value): answer}}
    if body is not None:
        content = {"schema": accepted(body), "example": body.EXAMPLE}  # type: ignore[attr-defined]  # every body has one: tests/api/test_openapi.py
        parts["requestBody"] = {"required": True, "content": {"application/json": content}}
    described = blueprint.doc(**parts)

    def decorate(view: _View) -> _View:
        return described(blueprint.refuses(*_REFUSED)(view))

    return decorate
