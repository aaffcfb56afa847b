"""What a report means to one market: each analyte passed, failed, or not judged and why. China is a market like others.

Only a failure in the home market is a finding (`residue.py`). The limits are those of the day of sampling as they were
known when the report was recorded, so that a table entered later changes no judgement.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from trace.rules.tables import HOME, Citation, InForce, Limit, find_ban, find_limit

_IN_MG = {name: Decimal(1) for name in ("mg/kg", "毫克/千克", "毫克/公斤", "ppm")}
_IN_MG |= {name: Decimal(1000) for name in ("μg/kg", "ug/kg", "微克/千克", "微克/公斤", "ppb")}
_ABSENT = re.compile(r"未检出|N\.?D\.?|not detected|[<＜]\s*LOQ", re.IGNORECASE)
_BELOW = re.compile(r"[<＜]\s*([0-9]+(?:\.[0-9]+)?)")
_CONTAMINANTS = "GB 2762"  # its substances are in soil and air, and no default for pesticides is theirs


class Outcome(StrEnum):
    """What is said of an analyte."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_JUDGED = "not-judged"


@dataclass(frozen=True, kw_only=True)
class Reported:
    """One analyte as reported: a value, or words such as 未检出, ND, <LOQ, <0.01; the limit that the report states."""

    crop: str | None
    at: InForce
    analyte: str
    value: Decimal | None
    words: str | None
    unit: str | None
    loq: Decimal | None
    stated_limit: Decimal | None
    stated_basis: str | None


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a market's limit says of one analyte: `why` it was not judged; the limit in mg/kg and where it stands."""

    analyte: str
    outcome: Outcome
    why: str | None = None
    limit: Decimal | None = None
    basis: str | None = None
    is_default: bool = False
    row: Citation | None = None


def in_mg_per_kg(value: Decimal, unit: str | None) -> Decimal | None:
    """Return a value in mg/kg, or None for a unit that is not of residues; mg/Kg and ppm are read as meant."""
    per_mg = _IN_MG.get(unicodedata.normalize("NFKC", unit or "").casefold().replace(" ", ""))
    return None if per_mg is None else value / per_mg


def largest_unseen(words: str | None, loq: Decimal | None) -> Decimal | None:
    """Return the most that may be there although nothing was detected, in the unit of the report.

    That is the number behind `<`, else the LOQ; None where nothing says so, or where something was detected.
    """
    below = _BELOW.fullmatch((words or "").strip())
    if below:
        return Decimal(below.group(1))
    return loq if words and _ABSENT.fullmatch(words.strip()) else None


def judge(market: str, reported: Sequence[Reported]) -> list[Verdict]:
    """Judge every analyte of a report by the limits of a market."""
    return [_judge_one(market, one) for one in reported]


def _judge_one(market: str, one: Reported) -> Verdict:
    if in_mg_per_kg(Decimal(1), one.unit) is None:
        return Verdict(analyte=one.analyte, outcome=Outcome.NOT_JUDGED, why="unit")
    limit = find_limit(one.at, market, one.crop, one.analyte)
    if limit is None and market == HOME and one.stated_limit is not None:
        bound = in_mg_per_kg(one.stated_limit, one.unit)
        return _compare(one, Verdict(analyte=one.analyte, outcome=Outcome.PASSED, limit=bound, basis=one.stated_basis))
    if limit is None:
        return Verdict(analyte=one.analyte, outcome=Outcome.NOT_JUDGED, why="limit")
    if limit.is_default and not _is_pesticide(one):
        return Verdict(analyte=one.analyte, outcome=Outcome.NOT_JUDGED, why="not-a-pesticide")
    return _compare(one, _by(one, limit))


def _by(one: Reported, limit: Limit) -> Verdict:
    return Verdict(
        analyte=one.analyte,
        outcome=Outcome.PASSED,
        limit=limit.mg_per_kg,
        basis=limit.basis,
        is_default=limit.is_default,
        row=limit.found.cite(),
    )


def _compare(one: Reported, by: Verdict) -> Verdict:
    """Return the outcome by a limit; equal passes. What hides below a LOQ above the limit cannot be told."""
    said = {**vars(by)}
    if one.value is not None:
        found = in_mg_per_kg(one.value, one.unit)
        failed = found is not None and by.limit is not None and found > by.limit
        return Verdict(**{**said, "outcome": Outcome.FAILED if failed else Outcome.PASSED})
    unseen = largest_unseen(one.words, one.loq)
    most = None if unseen is None else in_mg_per_kg(unseen, one.unit)
    if most is None or (by.limit is not None and most > by.limit):
        return Verdict(**{**said, "outcome": Outcome.NOT_JUDGED, "why": "value" if most is None else "loq"})
    return by


def _is_pesticide(one: Reported) -> bool:
    """Return whether an analyte is known as a pesticide: to it a market's default applies."""
    for at in (one.at, one.at.remembered):
        home = find_limit(at, HOME, one.crop, one.analyte)
        if home is not None and not home.is_default:
            return not home.basis.startswith(_CONTAMINANTS)
        if find_ban(at, one.crop, one.analyte) is not None:
            return True
    return False
