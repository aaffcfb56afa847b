"""The pages a code leads to: `/01/…` and `/t/…`, and `/`, where a code can be typed.

Every look at a code counts as a scan, the one answered 304 too, since somebody opened the page; HEAD does not.
"""

import hashlib
from dataclasses import replace
from datetime import date
from functools import lru_cache
from http import HTTPStatus
from urllib.parse import quote

from flask import Blueprint, Response, current_app, g, redirect, render_template, request, send_from_directory
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header
from werkzeug.wrappers import Response as AnyResponse

from api import problems
from api.state import current_state
from trace import clock
from trace.digital_link import ParsedLink, parse_path
from trace.digital_link.identifiers import IDENTIFIERS
from trace.stories import Story, group_steps
from trace.verdicts import Answer, Code, Verdict, judge_code
from web.answers import is_expired, list_warnings, present_answer, sentence_facts
from web.frames import frame, html, speech
from web.language import Speech
from web.look_up import current_look_up
from web.typed_codes import find_link

HTML, JSON = "text/html", "application/json"
_SERIAL = "\ue000"  # stands in a drawn page where each pack has its own
_SERIAL_BYTES = _SERIAL.encode()
_YEAR = 31_536_000
_POLICY = (  # stricter than elsewhere: no script at all
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_MISSING = (Verdict.UNKNOWN, Verdict.FORGED)

blueprint = Blueprint("pages", __name__, template_folder="templates")


@blueprint.after_request
def add_headers(response: Response) -> Response:
    """Forbid everything a page does not need. Pages depend on language and kind, so no cache may share them."""
    if request.endpoint == "pages.static_file":
        response.cache_control.immutable = True
    else:
        response.headers["Content-Security-Policy"] = _POLICY
        response.headers["Cache-Control"] = "private, no-cache"
        response.headers["Vary"] = "Accept, Accept-Language"
    return response


@blueprint.get("/static/web/<path:name>")
def static_file(name: str) -> Response:
    """Send style and pictures; their address changes with them."""
    return send_from_directory(f"{blueprint.root_path}/static", name, max_age=_YEAR)


@blueprint.get("/")
def start() -> AnyResponse:
    """Show the start page, or lead from a typed code to its page."""
    spoken, typed = speech(), request.args.get("code", "").strip()
    if not typed:
        return html(render_template("pages/start.html", **frame(spoken), typed="", unreadable=False))
    state = current_state()
    link = find_link(g.session, state.keys.ring(), current_look_up().instance(g.session), typed)
    if link is None:
        page = render_template("pages/start.html", **frame(spoken), typed=typed[:200], unreadable=True)
        return html(page, HTTPStatus.BAD_REQUEST)
    language = f"?lang={spoken.language}" if "lang" in request.args else ""
    return redirect(link + language, HTTPStatus.SEE_OTHER)


@blueprint.get("/01/", defaults={"rest": ""}, strict_slashes=False)
@blueprint.get("/01/<path:rest>")
def trade_item(rest: str) -> AnyResponse:  # noqa: ARG001 -- read as sent, still percent-encoded
    """Answer a GS1 Digital Link of a product, a lot or one pack."""
    link = parse_path(_sent_path(), request.query_string.decode("latin-1"))
    if not link.valid or link.key[0] != "01":
        return _malformed(link)
    return _answer(Code(gtin=link.key[1], lot=link.get("10"), serial=link.get("21")))


@blueprint.get("/t/", defaults={"serial": ""}, strict_slashes=False)
@blueprint.get("/t/<path:serial>")
def own_serial(serial: str) -> AnyResponse:
    """Answer the serial of a party without a GS1 prefix."""
    if not IDENTIFIERS["21"].matches(serial):
        return _malformed(ParsedLink(request.path, valid=False, reason="wrong-characters", ais=(), fault_ai="21"))
    return _answer(Code(serial=serial))


def _answer(code: Code) -> AnyResponse:
    """Judge a code, note the scan, and answer in the kind and language asked for."""
    look_up, spoken, today = current_look_up(), speech(), clock.now().date()
    answer = judge_code(g.session, current_state().keys.ring(), look_up.instance(g.session), code)
    if request.method != "HEAD":
        look_up.note_scan(answer, spoken.language)
    kind = _kind()
    mark = _mark(answer, spoken.language, kind, is_expired(answer, today))
    if answer.is_ours and request.if_none_match.contains(mark):
        response = Response(status=HTTPStatus.NOT_MODIFIED)
    else:
        response = _present(answer, spoken, kind, today)
        response.headers["Content-Language"] = spoken.tag
        response.status_code = HTTPStatus.NOT_FOUND if answer.verdict in _MISSING else HTTPStatus.OK
    if answer.is_ours:
        response.set_etag(mark)
    return response


def _mark(answer: Answer, language: str, kind: str, *also: object) -> str:
    """Return the ETag: a digest of all that the answer depends on."""
    code = answer.code
    parts = (answer.verdict, answer.revision, code.gtin, code.lot, code.serial, language, kind, *also)
    return hashlib.sha256(f"{current_look_up().edition} {parts!r}".encode()).hexdigest()[:32]


def _present(answer: Answer, spoken: Speech, kind: str, today: date) -> Response:
    """Return the answer as page or JSON: drawn once for all packs of a lot, then with the serial of each."""
    draw = _write if kind == JSON else _draw
    if answer.is_ours:
        shared = replace(answer, code=replace(answer.code, serial=answer.code.serial and _SERIAL))
        key = (answer.trade_item_id, answer.pack_id, answer.revision, answer.verdict, answer.code.serial is None)
        drawn = current_look_up().page(
            (*key, kind, spoken.language, b"lang=" in request.query_string, is_expired(answer, today)),
            lambda: draw(shared, spoken, today).encode(),
        )
        drawn = drawn.replace(_SERIAL_BYTES, (answer.code.serial or "").encode())  # proved: digits and letters
    else:
        drawn = draw(answer, spoken, today).encode()
    return Response(drawn, content_type=JSON) if kind == JSON else html(drawn)


def _write(answer: Answer, spoken: Speech, today: date) -> str:
    """Return the JSON of an answer."""
    story = _story(answer)
    return current_app.json.dumps(present_answer(answer, story, list_warnings(answer, story, spoken, today)))


def _draw(answer: Answer, spoken: Speech, today: date) -> str:
    """Return the page of an answer."""
    story = _story(answer)
    cautions = list_warnings(answer, story, spoken, today)
    return render_template(
        "pages/verdict.html",
        **frame(spoken),
        verdict=answer.verdict.value,
        answer=answer,
        story=story,
        stages=group_steps(story.steps if story else ()),
        facts=sentence_facts(answer, story),
        cautions=[caution for caution in cautions if caution.code != answer.verdict.value],
    )


def _story(answer: Answer) -> Story | None:
    return current_look_up().shelf.get_story(g.session, answer) if answer.is_ours else None


def _malformed(link: ParsedLink) -> Response:
    """Answer a link that says nothing by the standard."""
    spoken = speech()
    if _kind() == JSON:
        facts = {"reason": link.reason, "ai": link.fault_ai}
        return problems.present(problems.Problem(status=HTTPStatus.BAD_REQUEST, code="bad-link", facts=facts))
    reason = spoken.catalogue.reason(link.reason or "", spoken.language)
    page = render_template("pages/malformed.html", **frame(spoken), verdict="malformed", reason=reason)
    return html(page, HTTPStatus.BAD_REQUEST)


def _kind() -> str:
    return _kind_of(request.headers.get("Accept", ""))


@lru_cache(maxsize=256)  # browsers send few different ones, and reading one takes as long as a look-up
def _kind_of(accept: str) -> str:
    return parse_accept_header(accept, MIMEAccept).best_match((HTML, JSON), HTML)


def _sent_path() -> str:
    """Return the path as it was sent; servers hand it on in one of two variables, and tests in both."""
    sent = request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI") or quote(request.path)
    path: str = sent.partition("?")[0]
    return path if path.startswith("/") else "/" + path.partition("://")[2].partition("/")[2]
