"""`licence_invalid`: packed without a licence or workshop registration that held on the day for that kind of tea."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from trace.findings import Judgement, Severity
from trace.rules.tables import InForce, is_known_kind, list_held

RULE = "licence_invalid"
_SOURCE = "食品安全法 art. 35; 食品生产许可管理办法; 山东省食品小作坊小餐饮和食品摊点管理条例"


@dataclass(frozen=True)
class Term:
    """From when to when a licence allows which kinds of product."""

    number: str
    valid_from: date | None
    valid_to: date
    kinds: Sequence[str]

    def is_in_force(self, day: date) -> bool:
        """Return whether it holds on a day, its first and its last included."""
        return (self.valid_from is None or self.valid_from <= day) and day <= self.valid_to

    def covers(self, kind: str, at: InForce) -> bool:
        """Return whether a kind is on it: `绿茶` covers `绿茶（炒青，卷曲形）`, `大米` covers `粳米`."""
        return any(kind.startswith(name) for allowed in self.kinds if allowed for name in list_held(at, allowed))


@dataclass(frozen=True)
class Packed:
    """A pack: row id, day, kind of tea, the packer's terms as known."""

    id: int
    packed_on: date
    kind: str | None
    terms: Sequence[Term]
    at: InForce


def judge(packs: Sequence[Packed]) -> list[Judgement]:
    """Judge packs. No licence known, or a kind that no table knows, gives a note."""
    return [finding for pack in packs if (finding := _judge_one(pack))]


def _judge_one(pack: Packed) -> Judgement | None:
    valid = [term for term in pack.terms if term.is_in_force(pack.packed_on)]
    facts: dict[str, object] = {"packed_on": pack.packed_on.isoformat()}
    if not pack.terms:
        return _found(pack, Severity.NOTE, {**facts, "missing": "licence"})
    if not valid:
        last = max(pack.terms, key=lambda term: term.valid_to)
        facts |= {"why": "not-in-force", "licence": last.number, "valid_to": last.valid_to.isoformat()}
        if last.valid_from is not None:
            facts["valid_from"] = last.valid_from.isoformat()
        return _found(pack, Severity.REFUSE, facts)
    if pack.kind is not None and any(term.covers(pack.kind, pack.at) for term in valid):
        return None
    if pack.kind is None or not is_known_kind(pack.at, pack.kind):
        return _found(pack, Severity.NOTE, {**facts, "kind": pack.kind, "missing": "product_kind"})
    facts |= {
        "why": "kind-not-covered",
        "kind": pack.kind,
        "licences": [term.number for term in valid],
        "kinds": sorted({kind for term in valid for kind in term.kinds}),
    }
    return _found(pack, Severity.REFUSE, facts)


def _found(pack: Packed, severity: Severity, facts: dict[str, object]) -> Judgement:
    return Judgement(rule=RULE, severity=severity, record=pack.id, facts=facts, source=_SOURCE)
