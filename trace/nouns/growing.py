"""Growing as its readers see it: uses of inputs on plots, and certificates over the leaf."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session, aliased

from trace import visibility
from trace.accounts import Caller
from trace.conformity import CertifiedLot, ConformityCertificate
from trace.events.tables import Event
from trace.inputs import InputProduct, InputUse
from trace.lots import Lot
from trace.parties import Party
from trace.places import Plot
from trace.records import Noun, Parts, equal, plain

_AGENT, _WORKER = aliased(Party, name="agent"), aliased(Party, name="worker")


def _input_uses(_caller: Caller) -> Select[*tuple[Any, ...]]:
    return (
        select(
            *(InputUse.code, Party.code.label("owner"), Plot.code.label("plot"), InputUse.used_on),
            *(InputProduct.code.label("product"), InputProduct.name.label("product_name")),
            *(InputUse.per_mu, InputUse.unit, InputUse.area_mu, InputUse.total, InputUse.target),
            *(InputUse.supplier, InputUse.weather, _WORKER.code.label("operator"), _AGENT.code.label("entered_by")),
            *(Event.event_time.label("used_at"), Event.utc_offset, Event.mode, Event.event_id.label("event")),
        )
        .select_from(InputUse)
        .join(Event, InputUse.event_id == Event.id)
        .join(Party, Event.party_id == Party.id)
        .join(Plot, InputUse.plot_id == Plot.id)
        .join(InputProduct, InputUse.product_id == InputProduct.id)
        .outerjoin(_WORKER, InputUse.operator_id == _WORKER.id)
        .outerjoin(_AGENT, Event.entered_by_id == _AGENT.id)
        .where(InputUse.undone_at.is_(None))
    )


INPUT_USES = Noun(
    name="input-use",
    key=InputUse.id,
    query=_input_uses,
    visible=visibility.input_uses,
    code=plain(InputUse.code),
    owner=Party.code.expression,
    aliases="inputs",
    filters={"plot": equal(Plot.code), "product": equal(InputProduct.code), "party": equal(Party.code)},
)


def _certificates(_caller: Caller) -> Select[*tuple[Any, ...]]:
    certificate = ConformityCertificate
    return (
        select(
            *(certificate.code, Party.code.label("owner"), certificate.issuer_form, certificate.product),
            *(certificate.origin, certificate.issued_on, certificate.basis, certificate.mass_g, certificate.as_typed),
            *(certificate.void_at, certificate.void_reason, _AGENT.code.label("entered_by")),
            *(Event.event_time.label("issued_at"), Event.utc_offset, Event.mode, Event.event_id.label("event")),
        )
        .select_from(certificate)
        .join(Party, certificate.issuer_id == Party.id)
        .join(Event, certificate.event_id == Event.id)
        .outerjoin(_AGENT, Event.entered_by_id == _AGENT.id)
        .where(certificate.undone_at.is_(None))
    )


def _covered(session: Session, caller: Caller, certificates: Sequence[int]) -> dict[int, list[str]]:
    """Return the lots that each certificate covers: all for its issuer, for others those that they may read."""
    query = (
        select(CertifiedLot.certificate_id, Lot.code)
        .join(Lot, CertifiedLot.lot_id == Lot.id)
        .join(ConformityCertificate, CertifiedLot.certificate_id == ConformityCertificate.id)
        .where(CertifiedLot.certificate_id.in_(certificates))
        .where(or_(visibility.own(caller, ConformityCertificate.issuer_id), visibility.lots(caller)))
        .order_by(Lot.id)
    )
    covered: dict[int, list[str]] = defaultdict(list)
    for certificate, lot in session.execute(query):
        covered[certificate].append(lot)
    return covered


CERTIFICATES = Noun(
    name="conformity-certificate",
    key=ConformityCertificate.id,
    query=_certificates,
    visible=visibility.certificates,
    code=plain(ConformityCertificate.code),
    owner=Party.code.expression,
    aliases="certificates",
    filters={"product": equal(ConformityCertificate.product), "party": equal(Party.code)},
    parts=Parts("lots", _covered),
)
