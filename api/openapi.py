"""The description of `/v1` (OpenAPI 3.1), made from schemas and docstrings by flask-smorest."""

from collections.abc import Callable
from functools import reduce
from http import HTTPStatus
from typing import Any, TypeVar, cast

from flask import Flask
from flask.views import View
from flask_smorest import Api as SmorestApi
from flask_smorest import Blueprint as SmorestBlueprint

from api.problems import MEDIA_TYPE, ProblemSchema

VERSION = "1.0.0"
NAMED = "<path:code>"  # in an address: `CODE` or `PARTY/CODE`
_F = TypeVar("_F", bound=Callable[..., Any])
_View = TypeVar("_View", bound=type[View])


class Blueprint(SmorestBlueprint):  # type: ignore[misc]  # flask-smorest has no types
    """A blueprint with types, and without the pagination header that no client can parse."""

    PAGINATION_HEADER_NAME = None

    def route(self, rule: str, **options: Any) -> Callable[[_View], _View]:
        """Add an address; of one that names a record, say that a bare code may name several of them."""
        added = cast("Callable[[_View], _View]", super().route(rule, **options))

        def named(view: _View) -> _View:
            for method in view.methods or ():
                answer = getattr(view, method.lower())
                setattr(view, method.lower(), self.refuses(409)(answer))
            return added(view)

        return named if NAMED in rule else added

    def arguments(self, schema: Any, **options: Any) -> Callable[[_F], _F]:
        """Read arguments by a schema, as strict as the schema itself, and hand them to the view."""
        options.setdefault("unknown", None)
        decorate = super().arguments(schema, **options)

        def mark(view: _F) -> _F:
            view.takes_parameters = True  # type: ignore[attr-defined]  # a mark on the function
            return cast("_F", decorate(view))

        return mark

    def alt_response(self, status_code: int, response: Any = None, **options: Any) -> Callable[[_F], _F]:
        """Describe another answer."""
        return cast("Callable[[_F], _F]", super().alt_response(status_code, response, **options))

    def doc(self, **parts: Any) -> Callable[[_F], _F]:
        """Describe what schemas do not say."""
        return cast("Callable[[_F], _F]", super().doc(**parts))

    def response(self, status_code: int, schema: Any = None, **options: Any) -> Callable[[_F], _F]:
        """Answer by a schema; say that no other parameters are known, who may ask, how often, and for what."""
        documented = super().response(status_code, schema, **options)
        return cast("Callable[[_F], _F]", lambda view: self.refuses(400, 404, 403, 401, 429)(documented(view)))

    def refuses(self, *codes: int) -> Callable[[_F], _F]:
        """Describe in which other ways a request is refused."""
        described = [self.alt_response(code, HTTPStatus(code).name) for code in codes]
        return lambda view: reduce(lambda made, add: add(made), described, view)

    def files(self, *kinds: str) -> Callable[[_F], _F]:
        """Answer with a file of one of these media types."""
        content = {kind.partition(";")[0]: {"schema": {"type": "string", "format": "binary"}} for kind in kinds}
        answered = self.response(200, description=HTTPStatus.OK.phrase)
        described = self.doc(responses={"200": {"description": HTTPStatus.OK.phrase, "content": content}})
        return lambda view: described(answered(view))


class Description(SmorestApi):  # type: ignore[misc]  # flask-smorest has no types
    """OpenAPI whose refusals are problems; how they are answered is `problems.py`'s own affair."""

    ERROR_SCHEMA = ProblemSchema

    def _register_error_handlers(self) -> None:
        """Register nothing: `problems.py` answers, and pages have their own handler."""

    def _register_pagination_header(self) -> None:
        """Describe no pagination header: none is sent."""

    def _register_responses(self) -> None:
        """Describe refusals under their own media type."""
        usual = SmorestApi.DEFAULT_RESPONSE_CONTENT_TYPE
        self.DEFAULT_RESPONSE_CONTENT_TYPE = MEDIA_TYPE
        super()._register_responses()
        self.DEFAULT_RESPONSE_CONTENT_TYPE = usual


def describe(app: Flask) -> Description:
    """Serve the description at `/v1/openapi.json` and return what blueprints are registered with."""
    app.config.update(
        API_TITLE="茶溯 Chasu",
        API_VERSION=VERSION,
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/v1",
        OPENAPI_JSON_PATH="openapi.json",
        API_SPEC_OPTIONS=_options(),
    )
    description = Description(app)
    description.ma_plugin.converter.add_attribute_function(_described)
    return description


def _described(_converter: Any, field: Any, **_: Any) -> dict[str, Any]:
    """Return what a field of our own says of itself."""
    said = dict(getattr(field, "described", {}))
    if isinstance(said.get("type"), list) and field.allow_none:  # apispec adds null to a single type alone
        said["type"] = [*said["type"], "null"]
    return said


def _options() -> dict[str, Any]:
    return {
        "info": {
            "description": "茶叶追溯接口。The interface of a tea traceability record.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "components": {"securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}},
        "security": [{"key": []}],
    }
