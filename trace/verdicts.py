"""Verdicts: what a scanned code is. One statement judges it; the story of its pack (`stories.py`) may cost one more.

The order in which verdicts hold is fixed: the first that is true is the answer.
"""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from trace.db import Asker, Question
from trace.keys import KeyRing
from trace.serials import ForgedSerialError, SealedPosition, has_valid_check, open_serial


class Verdict(StrEnum):
    """What a scan is told, in order of precedence; `UNNUMBERED` stands in for the last where there is no serial."""

    UNKNOWN = "unknown"  # GTIN, lot or pack is not ours
    FORGED = "forged"  # does not prove itself, disagrees with its link, or was never printed
    RECALLED = "recalled"
    LOCKED = "locked"
    VOID = "void"  # spoiled or burnt
    INACTIVE = "inactive"
    HELD = "held"
    GENUINE = "genuine"
    UNNUMBERED = "unnumbered"


class Code(NamedTuple):
    """What a label says. Without a GTIN it is of a party that has no GS1 prefix."""

    gtin: str = ""  # 14 digits
    lot: str | None = None
    serial: str | None = None


class Answer(NamedTuple):
    """The verdict on a code and the pack behind it, as far as the code may lead there."""

    verdict: Verdict
    code: Code
    trade_item_id: int | None = None
    pack_id: int | None = None
    lot_id: int | None = None
    position: int | None = None
    revision: int = 0  # grows with all that the story shows
    best_before: date | None = None

    @property
    def is_ours(self) -> bool:
        """Return whether there is something of ours to tell about this code."""
        return self.verdict not in (Verdict.UNKNOWN, Verdict.FORGED)


_FLAGS = """
EXISTS (SELECT 1 FROM recalled_lot r WHERE r.lot_id = p.lot_id) AS recalled,
EXISTS (SELECT 1 FROM lot_hold h JOIN finding f ON f.id = h.finding_id
        WHERE h.lot_id = p.lot_id AND f.answered_at IS NULL AND f.severity <> 'note') AS held
"""

# Plain text, because building the same statement from Core costs as much as running it (docs/performance.md).
_BY_SERIAL = """
SELECT i.id AS item, COALESCE(i.gtin, '') AS gtin, p.id AS pack, p.lot_id AS lot, p.label_lot, p.next_position,
       CAST(p.best_before AS TEXT) AS best_before, l.revision + i.revision AS revision, {flags},
       (SELECT MAX(CASE u.fate WHEN 'locked' THEN 3 WHEN 'void' THEN 2 ELSE 1 END) FROM unit_range u
        WHERE u.pack_id = p.id AND u.first_position <= :position AND u.last_position >= :position) AS fate,
       EXISTS (SELECT 1 FROM pack q WHERE q.trade_item_id = p.trade_item_id AND q.label_lot = :lot) AS lot_known
FROM pack p JOIN trade_item i ON i.id = p.trade_item_id JOIN lot l ON l.id = p.lot_id
WHERE p.id = :pack
"""
_LOCKED, _VOID = 3, 2  # what the statement above returns as `fate`; a range may lie within another one

_BY_LINK = """
SELECT i.id AS item, p.id AS pack, p.lot_id AS lot, CAST(p.best_before AS TEXT) AS best_before, {flags},
       COALESCE(l.revision, (SELECT SUM(m.revision) FROM pack q JOIN lot m ON m.id = q.lot_id
                             WHERE q.trade_item_id = i.id), 0) + i.revision AS revision
FROM trade_item i LEFT JOIN pack p ON p.trade_item_id = i.id AND p.label_lot = :lot AND p.undone_at IS NULL
LEFT JOIN lot l ON l.id = p.lot_id
WHERE i.gtin = :gtin
"""


_ASK_BY_SERIAL, _ASK_BY_LINK = (Question(sql.format(flags=_FLAGS)) for sql in (_BY_SERIAL, _BY_LINK))


class _ByLink(NamedTuple):
    item: int
    pack: int | None
    lot: int | None
    best_before: str | None
    recalled: int
    held: int
    revision: int


class _BySerial(NamedTuple):
    item: int
    gtin: str
    pack: int
    lot: int
    label_lot: str
    next_position: int
    best_before: str
    revision: int
    recalled: int
    held: int
    fate: int | None
    lot_known: int


def judge_code(source: Session | Asker, keys: KeyRing, instance: str, code: Code) -> Answer:
    """Return what a code is. `instance` is the name of the installation, to which every serial is bound."""
    if code.serial is None:
        return _judge_without_serial(source, code)
    try:
        sealed = open_serial(keys, instance, code.gtin, code.serial)
    except ForgedSerialError:
        known = _judge_without_serial(source, code).is_ours if code.gtin else True
        return Answer(verdict=Verdict.FORGED if known else Verdict.UNKNOWN, code=code)
    return _judge_position(source, code, sealed)


def _judge_without_serial(source: Session | Asker, code: Code) -> Answer:
    """Return the verdict on a product or a lot: never genuine, since anybody may print such a link."""
    found = _ASK_BY_LINK.ask(source, {"gtin": code.gtin, "lot": code.lot})
    row = _ByLink._make(found) if found else None
    if row is None or (code.lot is not None and row.pack is None):
        return Answer(verdict=Verdict.UNKNOWN, code=code)
    reasons = ((Verdict.RECALLED, row.recalled), (Verdict.HELD, row.held))
    return _answer(_first(reasons, Verdict.UNNUMBERED), code, row)


def _judge_position(source: Session | Asker, code: Code, sealed: SealedPosition) -> Answer:
    """Return the verdict on a position that a serial proved."""
    values = {"pack": sealed.pack, "position": sealed.position, "lot": code.lot}
    found = _ASK_BY_SERIAL.ask(source, values)
    if found is None:
        return Answer(verdict=Verdict.UNKNOWN, code=code)
    row = _BySerial._make(found)
    if code.lot not in (None, row.label_lot):
        return Answer(verdict=Verdict.FORGED if row.lot_known else Verdict.UNKNOWN, code=code)
    if code.gtin != row.gtin or sealed.position >= row.next_position:
        return Answer(verdict=Verdict.FORGED, code=code)
    proved = Code(gtin=code.gtin, lot=row.label_lot, serial=code.serial)
    return _answer(_standing(row), proved, row, sealed.position)


def _standing(row: _BySerial) -> Verdict:
    """Return the verdict on a printed position of ours."""
    reasons = (
        (Verdict.RECALLED, row.recalled),
        (Verdict.LOCKED, row.fate == _LOCKED),
        (Verdict.VOID, row.fate == _VOID),
        (Verdict.INACTIVE, row.fate is None),
        (Verdict.HELD, row.held),
    )
    return _first(reasons, Verdict.GENUINE)


def _first(reasons: Sequence[tuple[Verdict, object]], otherwise: Verdict) -> Verdict:
    return next((verdict for verdict, holds in reasons if holds), otherwise)


def _answer(verdict: Verdict, code: Code, row: _ByLink | _BySerial, position: int | None = None) -> Answer:
    return Answer(
        verdict=verdict,
        code=code,
        trade_item_id=row.item,
        pack_id=row.pack,
        lot_id=row.lot,
        position=position,
        revision=int(row.revision),
        best_before=date.fromisoformat(row.best_before) if row.best_before else None,
    )


MOST_GTINS = 2000  # tried for a serial typed alone, some 10 µs each


def find_gtin(session: Session, keys: KeyRing, instance: str, serial: str) -> str:
    """Return the GTIN to which a serial typed alone is bound, or the empty text: none, or none that we know."""
    if not has_valid_check(serial):
        return ""
    gtins = session.execute(
        text("SELECT gtin FROM trade_item WHERE gtin IS NOT NULL ORDER BY id LIMIT :most"), {"most": MOST_GTINS}
    )
    return next((gtin for (gtin,) in gtins if _opens(keys, instance, gtin, serial)), "")


def _opens(keys: KeyRing, instance: str, gtin: str, serial: str) -> bool:
    try:
        open_serial(keys, instance, gtin, serial)
    except ForgedSerialError:
        return False
    return True
