"""`/v1/docs`: our own page about the interface, drawn from the description; no script, nothing from elsewhere."""

import json
from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Flask, Response, current_app, render_template

from api.catalogue import Catalogue
from api.languages import language
from api.openapi import Description
from api.problems import HTTP_CODES
from api.state import current_state

blueprint = Blueprint("docs", __name__, template_folder="templates")
_NAME = "chasu-description"


def add_docs(app: Flask, description: Description) -> None:
    """Serve the page."""
    app.extensions[_NAME] = description
    app.register_blueprint(blueprint)


@blueprint.get("/v1/docs")
def page() -> Response:
    """Show every route, Chinese first."""
    description: Description = current_app.extensions[_NAME]
    spec = description.spec.to_dict()
    spoken, catalogue = language(), current_state().catalogue
    response = Response(
        render_template(
            "docs.html",
            language=spoken,
            text=lambda *keys: _words(catalogue, spoken, keys),
            groups=_groups(spec),
            schemas=spec["components"]["schemas"],
            problems=[(status, code, catalogue.title(code, spoken)) for status, code in HTTP_CODES.items()],
        )
    )
    response.headers["Content-Language"] = spoken
    response.vary.add("Accept-Language")
    return response


def _words(catalogue: Catalogue, spoken: str, keys: Sequence[str]) -> str:
    """Return the words of the first key that has any."""
    known = next((key for key in keys if catalogue.has(f"docs.{key}", spoken)), keys[-1])
    return catalogue.text(f"docs.{known}", spoken)


def _groups(spec: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the routes by noun, in the order they were registered."""
    groups = {tag["name"]: {**tag, "routes": []} for tag in spec["tags"]}
    for path, item in spec["paths"].items():
        for method, operation in item.items():
            if method in {"get", "post", "put", "patch", "delete"}:
                groups[operation["tags"][0]]["routes"].append(_route(path, method, item, operation))
    return list(groups.values())


def _route(path: str, method: str, item: dict[str, Any], operation: dict[str, Any]) -> dict[str, Any]:
    noun = operation["tags"][0]
    kind = _kind(path)
    return {
        "path": path,
        "method": method.upper(),
        "keys": (f"route.{method.upper()} {path}", f"{method}.{noun}", f"{method}.{kind}"),
        "noun": noun,
        "summary": operation.get("summary", ""),
        "parameters": [*item.get("parameters", []), *operation.get("parameters", [])],
        "answer": _answer(operation),
        **_body(operation),
    }


def _kind(path: str) -> str:
    """Return what a route is about: a list, one record, what is done with one (`…/{code}/trace`), or the caller."""
    before, _, after = path.rpartition("}")
    return after.strip("/") or "one" if before else "me" if path == "/v1/me" else "list"


def _answer(operation: dict[str, Any]) -> str | None:
    """Return the name of the schema of a good answer."""
    good = [answer for status, answer in operation["responses"].items() if status.startswith("2")]
    return _schema_of(good[0]) if good else None


def _body(operation: dict[str, Any]) -> dict[str, Any]:
    """Return the name of the schema of a body, and an example of one."""
    body = operation.get("requestBody", {})
    example = body.get("content", {}).get("application/json", {}).get("example")
    shown = json.dumps(example, ensure_ascii=False, indent=2) if example is not None else None
    many = "oneOf" in body.get("content", {}).get("application/json", {}).get("schema", {})
    return {"body": _schema_of(body), "many": many, "example": shown}


def _schema_of(described: dict[str, Any]) -> str | None:
    """Return the name of the schema of a body or an answer, where it is one object or an array of them."""
    schema = described.get("content", {}).get("application/json", {}).get("schema", {})
    reference: str = (schema.get("oneOf") or [schema])[0].get("$ref", "")
    return reference.rpartition("/")[2] or None
