"""`packaging`: a retail pack with too many layers, too dear, too heavy or too large for the tea in it (GB 23350)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from trace.findings import Judgement, Severity
from trace.rules.tables import InForce, Packaging, find_packaging

RULE = "packaging"
_PERCENT = Decimal(100)
# Most of the pack that may be empty, in percent, by net content in grams: GB 23350-2021, 4.1, from memory. The finding
# says so, and a note is all it can be. A gram of content counts as a millilitre (the same clause).
_EMPTY_PERCENT = ((1, 85), (5, 70), (15, 60), (30, 50), (50, 40))
_EMPTY_PERCENT_ABOVE = 30


@dataclass(frozen=True)
class Designed:
    """A trade item: row id, what it holds and costs, how it is packed; what nobody said is None."""

    id: int
    net_g: int
    form: str | None
    layers: int | None
    price_yuan: Decimal | None
    cost_yuan: Decimal | None
    gross_g: int | None
    volume_ml: Decimal | None
    at: InForce


def judge(items: Sequence[Designed]) -> list[Judgement]:
    """Judge trade items: one note for each that exceeds a bound or of which facts are missing."""
    return [finding for item in items if (finding := _judge_one(item))]


def _judge_one(item: Designed) -> Judgement | None:
    bounds = find_packaging(item.at, item.form or "loose")
    if bounds is None:
        return Judgement(rule=RULE, severity=Severity.NOTE, record=item.id, facts={"missing": "packaging"})
    exceeded = dict(_exceeded(item, bounds))
    unknown = [
        name for name in ("layers", "price_yuan", "cost_yuan", "gross_g", "volume_ml") if getattr(item, name) is None
    ]
    if not exceeded and not unknown:
        return None
    facts = {"exceeded": list(exceeded), "unknown": unknown, **exceeded}
    return Judgement(rule=RULE, severity=Severity.NOTE, record=item.id, facts=facts, **bounds.found.cite())


def _exceeded(item: Designed, bounds: Packaging) -> Iterator[tuple[str, object]]:
    """Yield what exceeds a bound, with the bound."""
    if item.layers is not None and item.layers > bounds.layers:
        yield "layers", {"value": item.layers, "most": bounds.layers}
    if item.price_yuan and item.cost_yuan is not None:
        share, most = item.cost_yuan * _PERCENT / item.price_yuan, bounds.most_cost_percent(item.price_yuan)
        if share > most:
            yield "cost_percent", {"value": f"{share:.1f}", "most": str(most)}
    if item.gross_g is not None and item.gross_g > bounds.gross_multiple * item.net_g:
        yield "gross_g", {"value": item.gross_g, "most": str(bounds.gross_multiple * item.net_g)}
    if item.volume_ml:
        empty = (item.volume_ml - (1 + bounds.space_factor) * item.net_g) * _PERCENT / item.volume_ml
        most_empty = most_empty_percent(item.net_g)
        if empty > most_empty:
            yield "empty_percent", {"value": f"{empty:.1f}", "most": str(most_empty), "confidence": "from-memory"}


def most_empty_percent(net_g: int) -> int:
    """Return the share of a pack that may be empty, beyond the room its content needs."""
    return next((percent for up_to, percent in _EMPTY_PERCENT if net_g <= up_to), _EMPTY_PERCENT_ABOVE)
