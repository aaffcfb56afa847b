"""Words the chain uses as rows, not enumerations: steps, grades, pluck standards, cultivars, kinds, reasons of loss.

Rice or fruit bring their own words with their records; tea's words have English names in `vocabulary.toml`.
"""

import functools
import pathlib
import tomllib
from collections.abc import Iterable
from enum import StrEnum

from sqlalchemy import String, UniqueConstraint, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from trace.db import Base

_FILE = pathlib.Path(__file__).with_name("vocabulary.toml")


class Scheme(StrEnum):
    """The lists of words."""

    STEP = "step"
    GRADE = "grade"
    PLUCK_STANDARD = "pluck-standard"
    CULTIVAR = "cultivar"
    PRODUCT_KIND = "product-kind"
    CROP = "crop"
    LOSS = "loss"
    INPUT_KIND = "input-kind"
    PARTY_KIND = "party-kind"
    ANALYTE = "analyte"
    FIELD_WORK = "field-work"
    PEST = "pest"


class Claim(StrEnum):
    """What may be claimed of the day of a picking; the days of the calendar stand in a table of the rules."""

    BEFORE_QINGMING = "明前"
    BEFORE_GUYU = "雨前"


class Term(Base):
    """A word with its Chinese and English name."""

    __tablename__ = "term"
    __table_args__ = (UniqueConstraint("scheme", "code"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    scheme: Mapped[Scheme]
    code: Mapped[str] = mapped_column(String(60))
    name_zh: Mapped[str] = mapped_column(String(60))
    name_en: Mapped[str] = mapped_column(String(120))


@functools.cache
def _shipped() -> dict[str, dict[str, list[str]]]:
    """Return scheme → code → [Chinese, English] as shipped."""
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))


def shipped_codes(scheme: Scheme) -> frozenset[str]:
    """Return the words of one list that have names as shipped: tea's own."""
    return frozenset(_shipped().get(scheme.value, {}))


def code_of(scheme: Scheme, word: str) -> str:
    """Return the word of a list that a name in either language means, else what was said."""
    names = {name.casefold(): code for code, both in _shipped().get(scheme.value, {}).items() for name in both}
    return names.get(word.strip().casefold(), word)


# Two may meet the same new word at once; both engines know this clause.
_ADD = text(
    "INSERT INTO term (scheme, code, name_zh, name_en) VALUES (:scheme, :code, :name_zh, :name_en) "
    "ON CONFLICT (scheme, code) DO NOTHING"
)


def ensure_terms(session: Session, scheme: Scheme, codes: Iterable[str | None]) -> None:
    """Add the words not yet known; one without a shipped translation keeps its own name in both languages."""
    wanted = {code for code in codes if code}
    if not wanted:
        return
    known = set(session.scalars(select(Term.code).where(Term.scheme == scheme, Term.code.in_(wanted))))
    shipped = _shipped().get(scheme.value, {})
    rows = []
    for code in sorted(wanted - known):
        name_zh, name_en = shipped.get(code, [code, code])
        rows.append({"scheme": scheme.value, "code": code, "name_zh": name_zh, "name_en": name_en})
    if rows:
        session.execute(_ADD, rows)


def find_names(session: Session, scheme: Scheme) -> dict[str, tuple[str, str]]:
    """Return code → (Chinese, English) for one list of words."""
    rows = session.execute(select(Term.code, Term.name_zh, Term.name_en).where(Term.scheme == scheme))
    return {code: (name_zh, name_en) for code, name_zh, name_en in rows}
