"""Whatever `/v1` answers in any test is held to its description: the status, the media type, the shape.

`default` in the description stands for failures of the server alone; 304 and 412 are what HTTP itself says to whoever
reads under a condition.
"""

import json
from typing import Any

import jsonschema_rs
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

READING, CONDITIONAL = ("GET", "HEAD"), (304, 412)


class DescribedClient(FlaskClient):
    """A client whose test fails when it is answered as the description does not say."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Ask, and look at the answer."""
        answer = super().open(*args, **kwargs)
        if answer.request.path.startswith("/v1/"):
            said = description_of(self.application).departure(answer)
            assert not said, f"{answer.request.method} {answer.request.path}: {said}"
        return answer


class Described:
    """The description of an application, and what answers are valid by it."""

    def __init__(self, app: Flask) -> None:
        """Take the description as it is served."""
        self.rules = app.url_map.bind("")
        self.spec = json.loads(json.dumps(app.extensions["chasu-description"].spec.to_dict()))
        self.validators: dict[str, jsonschema_rs.Draft202012Validator] = {}

    def departure(self, answer: TestResponse) -> str:
        """Return how an answer departs from the description, or nothing."""
        asked, responses, status = answer.request, self._responses(answer), str(answer.status_code)
        if not responses or (asked.method in READING and answer.status_code in CONDITIONAL):
            return ""
        if status not in responses and answer.status_code < 500:
            return f"{status} is not described, but {', '.join(responses)}: {answer.text[:200]}"
        described = self._resolved(responses.get(status, responses["default"])).get("content", {})
        content = {kind.partition(";")[0]: told for kind, told in described.items()}
        if not answer.content_type or asked.method == "HEAD":
            return ""
        if answer.mimetype not in content:
            return f"{status} as {answer.mimetype} is not described, but {', '.join(content)}"
        return self._faults(content[answer.mimetype].get("schema", {}), answer) if answer.is_json else ""

    def _responses(self, answer: TestResponse) -> dict[str, Any]:
        """Return the answers that are described for what was asked, if it is."""
        asked = answer.request
        method = "GET" if asked.method == "HEAD" else asked.method
        try:
            rule, _ = self.rules.match(asked.path, method, return_rule=True)
        except HTTPException:
            return {}
        item = self.spec["paths"].get(rule.rule.replace("<path:code>", "{code}"), {})
        found: dict[str, Any] = item.get(method.lower(), {}).get("responses", {})
        return found

    def _resolved(self, part: dict[str, Any]) -> dict[str, Any]:
        """Return a part, or what it refers to."""
        found: dict[str, Any] = part
        if "$ref" in part:
            found = self.spec["components"]["responses"][part["$ref"].rpartition("/")[2]]
        return found

    def _faults(self, schema: dict[str, Any], answer: TestResponse) -> str:
        key = json.dumps(schema)
        if key not in self.validators:
            whole = {"allOf": [schema], "components": self.spec["components"]}
            self.validators[key] = jsonschema_rs.Draft202012Validator(whole, validate_formats=True)
        faults = self.validators[key].iter_errors(answer.json)
        return "; ".join(f"{list(fault.instance_path)} {fault.message[:200]}" for fault in faults)


def description_of(app: Flask) -> Described:
    """Return the description of an application, made ready once."""
    if "described" not in app.extensions:
        app.extensions["described"] = Described(app)
    found: Described = app.extensions["described"]
    return found
