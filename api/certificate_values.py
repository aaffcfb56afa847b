"""What stands on a certificate, for paper and for the page."""

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

from trace.conformity import Basis, CertificateState
from trace.promises import Promise, mass_text, promise_keys

if TYPE_CHECKING:
    from labels.documents.certificate import CertificateValues


def link_of(public_url: str, token: str) -> str:
    """Return the link that the code on a certificate leads to."""
    return f"{public_url}/c/{token}"


def certificate_values(promise: Promise, say: Callable[[str], str], public_url: str) -> "CertificateValues":
    """Return what stands on the paper of a certificate, contact and all."""
    from labels.documents.certificate import CertificateValues  # noqa: PLC0415 -- drawing is heavy

    lead, *sentences = (say(f"page.{key}") for key in promise_keys(promise.issuer_form))
    return CertificateValues(
        name=say("page.certificate.name"),
        number=promise.code,
        lead=lead,
        promises=sentences,
        basis=_ticked(promise),
        facts=[
            (say("page.certificate.product"), promise.product),
            (say("page.certificate.mass"), mass_text(promise)),
            (say("page.certificate.origin"), promise.origin),
        ],
        signed=[
            (say("page.certificate.issuer"), promise.issuer),
            (say("page.certificate.contact"), promise.contact or ""),
            (
                say("page.certificate.issued"),
                _day(promise.issued_on),
            ),
        ],
        lots=promise.lots,
        collected=[f"{one.issuer} {one.code}" for one in promise.collected],
        tested=promise.analytes,
        link=link_of(public_url, promise.token),
        ended="" if promise.state is CertificateState.VALID else say(f"page.certificate.{promise.state}.label"),
    )


def _day(day: date) -> str:
    """Return a day as it is written."""
    return f"{day.year}年{day.month}月{day.day}日"


def _ticked(promise: Promise) -> list[tuple[str, bool]]:
    """Return every basis there is, and words of an older rule."""
    known = [basis.value for basis in Basis]
    return [(words, words in promise.basis) for words in (*known, *(one for one in promise.basis if one not in known))]
