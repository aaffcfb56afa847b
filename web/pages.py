"""The pages a code leads to: `/01/…` and `/t/…`, and `/`, where a code can be typed.

Every look at a code counts as a scan, the one answered 304 too, since somebody opened the page; HEAD does not.
"""

import hashlib
from datetime import date
from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from flask import Blueprint, Request, Response, current_app, g, redirect, render_template, request, send_from_directory
from flask.globals import request_ctx
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.datastructures import Headers, MIMEAccept
from werkzeug.http import parse_accept_header, quote_etag
from werkzeug.wrappers import Response as AnyResponse

from api import problems
from api.state import current_state
from trace import clock
from trace.digital_link import ParsedLink, parse_path
from trace.digital_link.identifiers import IDENTIFIERS
from trace.errors import TraceError
from trace.stories import Story, group_steps
from trace.verdicts import Answer, Code
from web.answers import is_expired, list_warnings, present_answer, sentence_facts
from web.frames import frame, html, speech
from web.language import Speech, asked_language
from web.look_up import KEPT, Drawn, LookUp, current_look_up
from web.typed_codes import find_link

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

HTML, JSON = "text/html", "application/json"
_LOOK = "chasu.look"  # where the WSGI environment has what was judged already
_SERIAL = "\ue000"  # stands in a drawn page where each pack has its own
_TYPES = {HTML: "text/html; charset=utf-8", JSON: JSON}
_YEAR = 31_536_000
_POLICY = (  # stricter than elsewhere: no script at all
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = (  # pages depend on language and kind, so no cache may share them
    ("Cache-Control", "private, no-cache"),
    ("Vary", "Accept, Accept-Language"),
    ("Content-Security-Policy", _POLICY),
)

blueprint = Blueprint("pages", __name__, template_folder="templates")


class _Told(Response):
    """A response that has all its headers, so that werkzeug need neither copy them nor mend them."""

    default_mimetype = None

    def get_wsgi_headers(self, environment: "WSGIEnvironment") -> Headers:  # noqa: ARG002 -- fixed by werkzeug
        """Return the headers as they stand."""
        return self.headers


@blueprint.after_request
def add_headers(response: Response) -> Response:
    """Give the headers of pages to all that these addresses answer, refusals too; style and pictures need none."""
    if "Content-Security-Policy" not in response.headers and request.endpoint != "pages.static_file":
        response.headers.update(_HEADERS)
    return response


def keep_unlisted(response: Response) -> Response:
    """Tell search engines to list nothing of what is for those who have its link."""
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


@blueprint.get("/static/web/<path:name>")
def static_file(name: str) -> Response:
    """Send style and pictures; their address changes with them."""
    file = send_from_directory(f"{blueprint.root_path}/static", name, max_age=_YEAR)
    file.cache_control.immutable = True
    return file


@blueprint.get("/")
def start() -> AnyResponse:
    """Show the start page, or lead from a typed code to its page."""
    spoken, typed = speech(), request.args.get("code", "").strip()
    if not typed:
        return html(render_template("pages/start.html", **frame(spoken), typed="", unreadable=False))
    link = find_link(g.session, current_state().keys.ring(), current_look_up().instance, typed)
    if link is None:
        page = render_template("pages/start.html", **frame(spoken), typed=typed[:200], unreadable=True)
        return html(page, HTTPStatus.BAD_REQUEST)
    language = f"?lang={spoken.language}" if "lang" in request.args else ""
    return redirect(link + language, HTTPStatus.SEE_OTHER)


@blueprint.get("/01/", defaults={"rest": ""}, strict_slashes=False)
@blueprint.get("/01/<path:rest>")
def trade_item(rest: str) -> AnyResponse:  # noqa: ARG001 -- read as sent, still percent-encoded
    """Answer a GS1 Digital Link of a product, a lot or one pack."""
    link = _read_link(request_ctx.request)
    code = _code_of(link)
    return _answer(code) if code else _malformed(link)


@blueprint.get("/t/", defaults={"serial": ""}, strict_slashes=False)
@blueprint.get("/t/<path:serial>")
def own_serial(serial: str) -> AnyResponse:
    """Answer the serial of a party without a GS1 prefix."""
    if not IDENTIFIERS["21"].matches(serial):
        return _malformed(ParsedLink(request.path, valid=False, reason="wrong-characters", ais=(), fault_ai="21"))
    return _answer(Code(serial=serial))


def _read_link(asked: Request) -> ParsedLink:
    return parse_path(_sent_path(asked), asked.query_string.decode("latin-1"))


def _code_of(link: ParsedLink) -> Code | None:
    """Return what a link of a product, a lot or one pack names."""
    if not link.valid or link.key[0] != "01":
        return None
    return Code(gtin=link.key[1], lot=link.get("10"), serial=link.get("21"))


class _Manner(NamedTuple):
    """How an answer is told: in which language, as page or JSON, and on which day."""

    spoken: Speech
    kind: str
    today: date

    @property
    def headers(self) -> list[tuple[str, str]]:
        """Return the headers of an answer that is told so."""
        return [*_HEADERS, ("Content-Type", _TYPES[self.kind]), ("Content-Language", self.spoken.tag)]


class _Look(NamedTuple):
    """One look at a code: what was asked, what it is, how it is told."""

    asked: Request
    answer: Answer
    manner: _Manner

    @property
    def key(self) -> tuple[object, ...]:
        """Return all that an answer depends on but the serial: packs of a lot share it."""
        answer, manner = self.answer, self.manner
        shown = (answer.trade_item_id, answer.pack_id, answer.revision, answer.verdict, bool(answer.code.serial))
        manners = (manner.kind, manner.spoken.language, b"lang=" in self.asked.query_string)
        return (*shown, *manners, is_expired(answer, manner.today))

    def mark(self, edition: str) -> str:
        """Return what stands in the ETag."""
        return _digest(edition, self.key) + (self.answer.code.serial or "")


def _look(look_up: LookUp, asked: Request, code: Code) -> _Look:
    manner = _Manner(look_up.speech(asked_language(asked)), kind_asked(asked), clock.today())
    return _Look(asked, look_up.judge(code), manner)


def _answer(code: Code) -> Response:
    """Judge a code, note the scan, and answer in the kind and language asked for."""
    look_up = current_look_up()
    asked = request_ctx.request  # itself: `request` would look it up at each use, which a look-up feels
    look = asked.environ.get(_LOOK) or _look(look_up, asked, code)
    answer, manner = look.answer, look.manner
    if look.asked.method != "HEAD":
        look_up.note_scan(answer, manner.spoken.language)
    if not answer.is_ours:
        return _Told(_draw(answer, manner), HTTPStatus.NOT_FOUND, manner.headers)
    told = _at_hand(look_up, look)
    if told is None:
        page = look_up.keep_page(look.key, _draw_for_all(answer, manner))
        told = _whole(look, look.mark(look_up.edition), page)
    return told


def answer_kept(look_up: LookUp, environment: "WSGIEnvironment") -> Response | None:
    """Answer a link whose page is kept, without a request of Flask's around it, which costs as much as all the rest.

    None leaves it to `trade_item`, which says everything else; then nothing was noted yet.
    """
    if environment["REQUEST_METHOD"] != "GET" or not environment["PATH_INFO"].startswith("/01/"):
        return None
    asked = Request(environment)
    code = _code_of(_read_link(asked))
    if code is None:
        return None
    try:
        look = _look(look_up, asked, code)
    except (TraceError, SQLAlchemyError):
        return None
    environment[_LOOK] = look
    told = _at_hand(look_up, look) if look.answer.is_ours else None
    if told is not None:
        look_up.note_scan(look.answer, look.manner.spoken.language)
    return told


def _at_hand(look_up: LookUp, look: _Look) -> Response | None:
    """Return the answer if nothing need be drawn: the reader has it already, or it is kept."""
    mark = look.mark(look_up.edition)
    if look.asked.if_none_match.contains(mark):
        return _Told(status=HTTPStatus.NOT_MODIFIED, headers=[*_HEADERS, ("ETag", quote_etag(mark))])
    page = look_up.find_page(look.key)
    return _whole(look, mark, page) if page else None


def _whole(look: _Look, mark: str, page: Drawn) -> Response:
    """Return a drawn answer with the serial of this pack put in."""
    serial = look.answer.code.serial or ""  # proved: digits and letters
    return _Told(serial.encode().join(page), headers=[*look.manner.headers, ("ETag", quote_etag(mark))])


@lru_cache(maxsize=KEPT)
def _digest(edition: str, key: tuple[object, ...]) -> str:
    """Return a digest of all that an answer depends on but the serial; packs of a lot share it."""
    return hashlib.sha256(f"{edition} {key!r}".encode()).hexdigest()[:32]


def _draw_for_all(answer: Answer, manner: _Manner) -> Drawn:
    """Return the answer to all packs of a lot, cut where the serial of each belongs."""
    code = answer.code._replace(serial=answer.code.serial and _SERIAL)
    return tuple(_draw(answer._replace(code=code), manner).split(_SERIAL.encode()))


def _draw(answer: Answer, manner: _Manner) -> bytes:
    """Return the answer as page or JSON."""
    write = _write_json if manner.kind == JSON else _write_page
    return write(answer, manner.spoken, manner.today).encode()


def _write_json(answer: Answer, spoken: Speech, today: date) -> str:
    story = _story(answer)
    return current_app.json.dumps(present_answer(answer, story, list_warnings(answer, story, spoken, today)))


def _write_page(answer: Answer, spoken: Speech, today: date) -> str:
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
    return current_look_up().get_story(answer) if answer.is_ours else None


def _malformed(link: ParsedLink) -> Response:
    """Answer a link that says nothing by the standard."""
    spoken = speech()
    if kind_asked(request) == JSON:
        facts = {"reason": link.reason, "ai": link.fault_ai}
        return problems.present(problems.Problem(status=HTTPStatus.BAD_REQUEST, code="bad-link", facts=facts))
    reason = spoken.catalogue.reason(link.reason or "", spoken.language)
    page = render_template("pages/malformed.html", **frame(spoken), verdict="malformed", reason=reason)
    return html(page, HTTPStatus.BAD_REQUEST)


def kind_asked(asked: Request) -> str:
    """Return whether a page or JSON is wanted."""
    return _kind_of(asked.environ.get("HTTP_ACCEPT", ""))


@lru_cache(maxsize=256)  # browsers send few different ones, and reading one takes as long as a look-up
def _kind_of(accept: str) -> str:
    return parse_accept_header(accept, MIMEAccept).best_match((HTML, JSON), HTML)


def _sent_path(asked: Request) -> str:
    """Return the path as it was sent; servers hand it on in one of two variables, and tests in both."""
    sent = asked.environ.get("RAW_URI") or asked.environ.get("REQUEST_URI") or quote(asked.path)
    path: str = sent.partition("?")[0]
    return path if path.startswith("/") else "/" + path.partition("://")[2].partition("/")[2]
