"""`/c/…`: the public page behind the code on a conformity certificate: does it count, and what does it promise.

The token is not to be guessed, so the page cannot be found by counting; it names no person.
"""

from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, g, jsonify, render_template, request

from trace.conformity import CertificateState
from trace.digital_link import build_link
from trace.promises import Promise, find_promise, mass_text, promise_keys
from web.frames import frame, html, speech
from web.pages import JSON, add_headers, keep_unlisted, kind_asked

UNKNOWN = "unknown"
blueprint = Blueprint("certificate-pages", __name__, template_folder="templates")
blueprint.after_request(add_headers)
blueprint.after_request(keep_unlisted)


@blueprint.get("/c/<string:token>")
def certificate(token: str) -> Response:
    """Show a certificate, or say that there is none."""
    promise = find_promise(g.session, token.upper())
    state = promise.state.value if promise else UNKNOWN
    status = HTTPStatus.OK if promise else HTTPStatus.NOT_FOUND
    if kind_asked(request) == JSON:
        answer = jsonify(present_promise(promise) if promise else {"state": UNKNOWN, "certificate": None})
        answer.status_code = status
        return answer
    spoken = speech()
    facts = {"issuer": promise.issuer, "date": spoken.day(promise.ended_on or promise.issued_on)} if promise else {}
    page = render_template(
        "pages/certificate.html",
        **frame(spoken),
        state=state,
        promise=promise,
        facts=facts,
        mass=mass_text(promise) if promise else "",
        promised=promise_keys(promise.issuer_form) if promise else [],
        cautions=list_cautions(promise) if promise else [],
        became=[(one, build_link("", one.gtin, one.lot)) for one in promise.became] if promise else [],
    )
    answer = html(page, status)
    answer.headers["Content-Language"] = spoken.tag
    return answer


def list_cautions(promise: Promise) -> list[str]:
    """Return what stands against a certificate that counts."""
    if promise.state is not CertificateState.VALID:
        return []
    stands = {"questioned": promise.questioned, "unsupported": promise.unsupported}
    return [name for name, does in stands.items() if does]


def present_promise(promise: Promise) -> dict[str, Any]:
    """Return a certificate as JSON says it. A household's contact stands on the paper alone."""
    return {
        "state": CertificateState.VOID.value if promise.state is CertificateState.UNDONE else promise.state.value,
        "ended_on": promise.ended_on and promise.ended_on.isoformat(),
        "warnings": list_cautions(promise),
        "certificate": {
            "name": "承诺达标合格证",
            "code": promise.code,
            "form": promise.issuer_form,
            "product": promise.product,
            "mass": mass_text(promise),
            "mass_g": promise.mass_g,
            "origin": promise.origin,
            "issuer": promise.issuer,
            "contact": None if promise.household else promise.contact,
            "issued_on": promise.issued_on.isoformat(),
            "basis": list(promise.basis),
            "tested_for": list(promise.analytes),
            "lots": list(promise.lots),
            "collected": [
                {"issuer": one.issuer, "code": one.code, "state": one.state.value} for one in promise.collected
            ],
        },
        "became": [{"product": one.name, "link": build_link("", one.gtin, one.lot)} for one in promise.became],
    }
