"""`gi_not_eligible` and `outside_source`: what a pack claims of its origin, against where its leaf was picked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from trace.findings import Judgement, Severity
from trace.rules.tables import InForce, Mark, list_marks

GI_RULE, OUTSIDE_RULE = "gi_not_eligible", "outside_source"
_GI_SOURCE = "地理标志专用标志使用管理办法（试行）; the mark's own announcement"
_OUTSIDE_SOURCE = "食品安全法 art. 71: a label says what is true"


@dataclass(frozen=True)
class Source:
    """Where a share of a pack comes from: a village's code, or an origin that a supplier declared."""

    share: float
    village: str | None = None
    declared_origin: str | None = None


@dataclass(frozen=True)
class Packed:
    """A pack: row id, what it claims, its packer's credit code, its standard, where it comes from."""

    id: int
    gi: bool
    local: bool
    packer: str | None
    standard: str | None
    at: InForce
    sources: Sequence[Source] = field(default=())

    @property
    def outside(self) -> dict[str, float]:
        """Return the shares of declared origins."""
        shares: dict[str, float] = {}
        for source in self.sources:
            if source.declared_origin is not None:
                shares[source.declared_origin] = shares.get(source.declared_origin, 0) + source.share
        return shares


def judge_outside(packs: Sequence[Packed]) -> list[Judgement]:
    """Judge packs that hold leaf or tea from outside: told where nothing is claimed, refused where an origin is."""
    return [
        Judgement(
            rule=OUTSIDE_RULE,
            severity=Severity.REFUSE if pack.gi or pack.local else Severity.NOTE,
            record=pack.id,
            facts={
                "outside_share": _shown(sum(shares.values())),
                "outside_percent": f"{sum(shares.values()) * 100:.1f}",
                "origins": {origin: _shown(share) for origin, share in sorted(shares.items())},
                **({"claims": _claims(pack)} if _claims(pack) else {}),
            },
            source=_OUTSIDE_SOURCE,
        )
        for pack in packs
        if (shares := pack.outside)
    ]


def judge_marks(packs: Sequence[Packed]) -> list[Judgement]:
    """Judge packs with the mark of an origin; one mark whose conditions they all meet is enough."""
    return [finding for pack in packs if pack.gi and (finding := _judge_mark(pack, list_marks(pack.at)))]


def _judge_mark(pack: Packed, marks: Sequence[Mark]) -> Judgement | None:
    if not marks:
        facts = {"missing": "gi-marks"}
        return Judgement(rule=GI_RULE, severity=Severity.NOTE, record=pack.id, facts=facts, source=_GI_SOURCE)
    failures = {mark.name: _failures(pack, mark) for mark in marks}
    best = min(marks, key=lambda mark: len(failures[mark.name]))
    if not failures[best.name]:
        return None
    found = {"mark": best.name, **failures[best.name]}
    return Judgement(rule=GI_RULE, severity=Severity.REASON, record=pack.id, facts=found, **best.found.cite())


def _failures(pack: Packed, mark: Mark) -> Mapping[str, object]:
    found: dict[str, object] = {}
    other = sorted({one.village for one in pack.sources if one.village and one.village not in mark.villages})
    if other:
        found["villages"] = other
    unknown = sum(one.share for one in pack.sources if one.village is None and one.declared_origin is None)
    if unknown:
        found["unknown_share"] = _shown(unknown)
    if pack.outside:
        found["outside_share"] = _shown(sum(pack.outside.values()))
    if pack.packer not in mark.plants:
        found["packer"] = pack.packer
    if pack.standard not in mark.standards:
        found["standard"] = pack.standard
    return found


def _claims(pack: Packed) -> list[str]:
    return [name for name, claimed in (("gi", pack.gi), ("local", pack.local)) if claimed]


def _shown(share: float) -> str:
    return f"{share:.4f}"
