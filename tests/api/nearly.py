"""Generated cases mended until they nearly work: they name records that there are, and differ in a part or two."""

from typing import Any
from urllib.parse import quote

from hypothesis import strategies as st

from tests.api.test_roles import question
from tests.api.three_parties import PARTIES, ThreeParties

ASKED = ("O", "own")  # by the operator, for what is the own party's
_NARROW = ("from", "to", "after")  # as generated they leave nothing to be found


def mend(case: Any, town: ThreeParties, data: st.DataObject) -> None:
    """Let a case work but for a part or two of its body, or of its query."""
    route = case.path
    code, body = question(town, case.method, route, ASKED)
    if code:
        case.path_parameters["code"] = quote(code, safe="")
    _mend_headers(case, data)
    _mend_query(case, town, data)
    if case.method == "POST" and route.startswith("/v1/exchange/"):
        body = town.ask("GET", case.formatted_path, "O").data  # what was taken out may be brought in again
    if isinstance(body, bytes):
        case.body, case.media_type = {"file": body}, "multipart/form-data"
    elif body is not None:
        case.body, case.media_type = body | _parts(case.body, data), "application/json"


def _parts(generated: Any, data: st.DataObject) -> dict[str, Any]:
    """Draw two fields at most of a generated body, or of the first of several."""
    one = generated[0] if isinstance(generated, list) and generated else generated
    if not isinstance(one, dict) or not one:
        return {}
    names = data.draw(st.lists(st.sampled_from(sorted(one)), max_size=2, unique=True))
    return {name: one[name] for name in names}


def _mend_headers(case: Any, data: st.DataObject) -> None:
    if data.draw(st.booleans()):
        case.headers.pop("Idempotency-Key", None)  # most are alike, and bound to another body
    if case.method == "PATCH":
        case.headers["If-Match"] = "*"


def _mend_query(case: Any, town: ThreeParties, data: st.DataObject) -> None:
    known = {"party": PARTIES["own"], "lots": town.codes["leaf"]["own"]}
    for parameter in case.operation.query:
        if parameter.name in known and data.draw(st.booleans()):
            case.query[parameter.name] = known[parameter.name]
        elif parameter.name in _NARROW and data.draw(st.booleans()):
            case.query.pop(parameter.name, None)
