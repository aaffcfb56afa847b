"""Look up what concerns substances: residue limits, bans, intervals."""

import re
from dataclasses import dataclass
from decimal import Decimal

from trace.rules.tables.editions import Found, InForce
from trace.rules.tables.shapes import ANY

HOME = "CN"  # the market by whose limits every result is judged
_TOGETHER = re.compile(r"[+＋/／;；]")  # between the substances of a mixture


@dataclass(frozen=True)
class Limit:
    """A residue limit (MRL) of one market."""

    mg_per_kg: Decimal
    basis: str  # the standard or law that sets it
    is_default: bool  # of every analyte without a limit of its own, as in the EU
    found: Found


@dataclass(frozen=True)
class Ban:
    """A ban on a substance, or on a class of toxicity."""

    substance: str
    basis: str
    is_of_every_use: bool
    found: Found


@dataclass(frozen=True)
class Interval:
    """An interval before picking (安全间隔期), and how often a substance may be used in a season."""

    days: int
    applications: int | None
    found: Found


def find_limit(at: InForce, market: str, crop: str | None, analyte: str) -> Limit | None:
    """Return the limit of a market (`CN`, `EU`, a buyer's party code), or its default where it has one."""
    crops = (crop, ANY) if crop else (ANY,)
    for name in (analyte, ANY):
        found = at.find("residue-limits", *((market, one, name) for one in crops))
        if found:
            return Limit(found["mg_per_kg"], found["basis"], name == ANY, found)
    return None


def list_markets(at: InForce) -> list[str]:
    """Return the markets that have limits on a day."""
    return sorted({str(found["market"]) for found in at.list_rows("residue-limits")})


def split_actives(active: str | None) -> list[str]:
    """Return the substances of a product: `吡虫啉+联苯菊酯` has two."""
    return [part.strip() for part in _TOGETHER.split(active or "") if part.strip()]


def find_ban(at: InForce, crop: str | None, active: str | None) -> Ban | None:
    """Return the ban on the first banned substance of a product, for this crop or for every use."""
    bans = (_ban(at, crop, substance) for substance in split_actives(active))
    return next((ban for ban in bans if ban), None)


def _ban(at: InForce, crop: str | None, substance: str) -> Ban | None:
    crops = (crop, ANY) if crop else (ANY,)
    found = at.find("banned-substances", *((one, substance) for one in crops))
    return Ban(found["substance"], found["basis"], found["crop"] == ANY, found) if found else None


def longest_interval(at: InForce, crop: str | None, active: str | None) -> Interval | None:
    """Return the largest interval of any substance of a product on a crop: sources differ, so the largest counts."""
    longest: Interval | None = None
    for substance in split_actives(active):
        for found in at.find_rows("intervals", crop, substance) if crop else ():
            if found["days"] is not None and (longest is None or found["days"] > longest.days):
                longest = Interval(found["days"], found["applications"], found)
    return longest
