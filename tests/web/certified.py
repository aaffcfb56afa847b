"""The demo town with certificates in every state, as the path that the code on each leads to."""

from datetime import timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories import PICKED_AT, get_lot_of, make_certificate, make_intake, make_leaf, make_party
from tests.web.town import Town, make_app
from trace.certificate_endings import EndCertificate, Revoker, revoke_certificate, void_certificates
from trace.conformity import CertificatePaper, CertifiedLot, ConformityCertificate
from trace.db import Sessions
from trace.events import LIVE
from trace.lots import Lot

PHONE_NUMBER = "13800138000"
STATES = ("valid", "void", "revoked", "questioned", "unsupported", "household", "unknown")


def open_certified(sessions: Sessions, keys: Path, spool: Path) -> Town:
    """Let certificates of the season that is loaded be taken back and revoked, and issue some more."""
    with sessions.write.begin() as session:
        codes = _certify(session)
    return Town(make_app(sessions, keys, spool), codes, {})


def _certify(session: Session) -> dict[str, str]:
    ended = {name: _named(session, code) for name, code in (("void", "CT0002"), ("revoked", "CT0003"))}
    later = PICKED_AT + timedelta(days=60)
    void = EndCertificate(certificate=ended["void"].id, reason="产地写错", ended_at=later)
    void_certificates(session, [void], LIVE)
    revocation = EndCertificate(certificate=ended["revoked"].id, reason="抽检不合格", ended_at=later)
    by = Revoker(name="周立", account_id=None, party_id=None)
    revoke_certificate(session, revocation, by, LIVE)
    return {
        "valid": _path(session, _named(session, "CT0001")),
        **{name: _path(session, one) for name, one in ended.items()},
        "questioned": _path(session, _of_leaf(session, "H0142")),
        "unsupported": _path(session, _bought(session, ended["void"])),
        "household": _path(session, _of_household(session)),
        "unknown": f"/c/{'0' * 26}",
    }


def _named(session: Session, code: str) -> ConformityCertificate:
    return session.scalars(select(ConformityCertificate).where(ConformityCertificate.code == code)).one()


def _of_leaf(session: Session, lot: str) -> ConformityCertificate:
    query = select(ConformityCertificate).join(CertifiedLot).join(Lot, Lot.id == CertifiedLot.lot_id)
    return session.scalars(query.where(Lot.code == lot)).one()


def _bought(session: Session, collected: ConformityCertificate) -> ConformityCertificate:
    """Let a broker with a long name have mixed leaf of many pickings and certified it."""
    name = "望岚区云溪岭镇沿河十二村联合茶青购销服务部（示例，名称很长以便看看怎样换行）"
    broker = make_party(session, kind="broker", name=name)
    lots = [get_lot_of(session, make_intake(session, plant=broker)) for _ in range(30)]
    return make_certificate(
        session,
        issuer=broker,
        lots=lots,
        issuer_form="buyer",
        basis=["质量安全控制符合要求", "自检合格"],
        origin="山东省示例市望岚区云溪岭镇上茶沟村、下茶沟村、雾峪村、石门坎村",
        contact="0633-5550123",
        as_typed={"mass": {"value": "600", "unit": "jin"}},
        collected=[(collected.id, f"C04/{collected.code}")],
    )


def _of_household(session: Session) -> ConformityCertificate:
    farmer = make_party(session, kind="grower", name="上茶沟村 农户 07")
    return make_certificate(session, issuer=farmer, lots=[make_leaf(session, party=farmer)], contact=PHONE_NUMBER)


def _path(session: Session, certificate: ConformityCertificate) -> str:
    return f"/c/{session.get_one(CertificatePaper, certificate.id).token}"
