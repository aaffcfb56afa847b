"""The demo town with labels printed: one code for every verdict, as the path that its QR code leads to."""

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from api.app import Api, create_app
from api.settings import read_settings
from tests.between import make_delivery
from trace.db import Sessions
from trace.deliveries import correct_delivery
from trace.digital_link import build_link
from trace.events import LIVE
from trace.instance import get_instance
from trace.keys import KeyRing, load_keys
from trace.label_jobs import get_pack
from trace.packs import Pack
from trace.products import TradeItem
from trace.serials import seal
from trace.slips import SlipKind, WeighSlip, find_standing_slip
from trace.units import Fate, UnitRange
from web import add_pages

LABELS = 150  # of pack PK001; 138 of them were shipped
GENUINE, VOID, LOCKED, INACTIVE = 1, 2, 3, 150
FOREIGN_GTIN = "09501101530003"
WRONG_LENGTH = "9520000010003"  # a GTIN of 13 digits

JSON = {"Accept": "application/json"}


def verdict_of(answer: TestResponse) -> dict[str, Any]:
    """Return the JSON of an answer."""
    assert answer.content_type == "application/json"
    told: dict[str, Any] = answer.json or {}
    return told


def serial_of(path: str) -> str:
    return path.rpartition("/")[2]


@dataclass(frozen=True)
class Town:
    """An application over the demo town, its codes by verdict, and two of its weigh slips."""

    app: Api
    codes: dict[str, str]
    slips: dict[str, str]  # the paths of their links: who has one sees a price


def make_app(sessions: Sessions, keys: Path, spool: Path) -> Api:
    """Return the application over a database that is already there."""
    url = sessions.write.kw["bind"].url.render_as_string(hide_password=False)
    environment = {"DATABASE_URL": url, "KEYS_DIR": str(keys), "SPOOL_DIR": str(spool)}
    app = create_app(read_settings(environment), sessions)
    add_pages(app)
    return app


def open_town(sessions: Sessions, keys: Path, spool: Path) -> Town:
    """Print labels for the season that is loaded, and give three of them a fate of their own."""
    ring = load_keys(keys)
    with sessions.write.begin() as session:
        codes, slips = _print(session, ring), _weigh(session)
    return Town(make_app(sessions, keys, spool), codes, slips)


def _print(session: Session, ring: KeyRing) -> dict[str, str]:
    pack = _start(session, "PK001", LABELS)
    for position, fate in ((VOID, Fate.VOID), (LOCKED, Fate.LOCKED)):
        session.add(UnitRange(pack_id=pack.id, first_position=position, last_position=position, fate=fate))
    session.flush()
    gtin = _gtin(session, pack)
    genuine = _link(session, ring, pack, GENUINE)
    return {
        "genuine": genuine,
        "void": _link(session, ring, pack, VOID),
        "locked": _link(session, ring, pack, LOCKED),
        "inactive": _link(session, ring, pack, INACTIVE),
        "recalled": _link(session, ring, _start(session, "PK008", 5), 1),
        "held": _link(session, ring, _start(session, "PK014", 5), 1),
        "unnumbered": build_link("", gtin, pack.label_lot),
        "product": build_link("", gtin),
        "forged": genuine[:-1] + ("0" if genuine[-1] != "0" else "1"),
        "unknown": build_link("", FOREIGN_GTIN, "A1", "XYZ"),
        "malformed": f"/01/{WRONG_LENGTH}",
    }


def _weigh(session: Session) -> dict[str, str]:
    """Return the page of a slip of the season, and of one that was reversed since."""
    delivery = make_delivery(session, gross_g=10_500, tare_g=500, price_yuan_per_kg=Decimal(120))
    slip = find_standing_slip(session, SlipKind.HAND_OVER, delivery.id)
    assert slip is not None
    correct_delivery(session, delivery, None, "did_not_occur", LIVE)
    first = session.scalars(select(WeighSlip.token).order_by(WeighSlip.id)).first()
    return {"slip": f"/s/{first}", "reversed slip": f"/s/{slip.token}"}


def _start(session: Session, code: str, count: int) -> Pack:
    """Take labels as printed before any finding: since then a lot may be refused, and its labels are in the shops."""
    pack, _ = get_pack(session, code)
    pack.next_position = count + 1
    session.flush()
    return pack


def _gtin(session: Session, pack: Pack) -> str:
    return session.scalars(select(TradeItem.gtin).where(TradeItem.id == pack.trade_item_id)).one() or ""


def _link(session: Session, ring: KeyRing, pack: Pack, position: int) -> str:
    gtin = _gtin(session, pack)
    serial = seal(ring.signing, get_instance(session).name, gtin, pack.id, position)
    return build_link("", gtin, pack.label_lot, serial)
