"""What an event means in grams: ledger lines and lineage edges, from the document alone (pure).

Recording and `flask rebuild --check` both call `derive`, so the two cannot disagree about what a document says.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from trace.errors import TraceError
from trace.events.documents import GRAM
from trace.ledger import Account, Commodity


class MassImbalanceError(TraceError):
    """What left a step is not what entered it."""

    code = "mass-imbalance"


class Line(NamedTuple):
    """One ledger line; `lot` and `subject` are identifiers."""

    account: Account
    lot: str | None
    subject: str | None
    commodity: Commodity
    amount: int


class Edge(NamedTuple):
    """So many grams drawn from `parent` by an event that made `child`."""

    parent: str
    child: str
    mass_g: int


@dataclass(frozen=True)
class Postings:
    """All that follows from one event."""

    lines: tuple[Line, ...] = ()
    edges: tuple[Edge, ...] = ()
    made: tuple[tuple[str, int], ...] = ()  # lots that came into being, with their grams

    def lots(self) -> set[str]:
        """Return every lot named: those that move, and those whose grams had left before others were made of them."""
        return {line.lot for line in self.lines if line.lot} | {edge.parent for edge in self.edges}


def _net_grams(document: Mapping[str, Any]) -> defaultdict[str, int]:
    """Return the net content of a pack by packed lot: said once for the document, or with each range of positions."""
    whole = int(document.get("chasu:netGrams", 0))
    ranges = document.get("chasu:positions", ())
    told = {part["chasu:lot"]: int(part["chasu:netGrams"]) for part in ranges} if isinstance(ranges, list) else {}
    return defaultdict(lambda: whole, told)


def _quantities(document: Mapping[str, Any], name: str) -> list[tuple[str, int, int | None]]:
    """Return (lot, grams, units or None) for each quantity element."""
    elements = document.get(name, ())
    net_g = _net_grams(document) if any(element.get("uom") != GRAM for element in elements) else {}
    found: list[tuple[str, int, int | None]] = []
    for element in elements:
        quantity = int(element["quantity"])
        if element.get("uom") == GRAM:
            found.append((element["epcClass"], quantity, None))
        else:
            found.append((element["epcClass"], quantity * net_g[element["epcClass"]], quantity))
    return found


def _moved(lot: str, sign: int, mass_g: int, units: int | None) -> list[Line]:
    lines = [Line(Account.LOT, lot, None, Commodity.GRAM, sign * mass_g)]
    if units is not None:
        lines.append(Line(Account.LOT, lot, None, Commodity.UNIT, sign * units))
    return lines


def _commissioning(document: Mapping[str, Any]) -> Postings:
    """Return what comes into being: grown here, or come from a supplier who declares where it grew."""
    made = [(lot, mass_g) for lot, mass_g, _ in _quantities(document, "quantityList")]
    outside = "chasu:declaredOrigin" in document
    account, subject = (Account.SOLD, _source(document)) if outside else (Account.GROWN, None)
    lines = []
    for lot, mass_g in made:
        lines.append(Line(account, None, subject, Commodity.GRAM, -mass_g))
        lines += _moved(lot, 1, mass_g, None)
    return Postings(tuple(lines), (), tuple(made))


def _source(document: Mapping[str, Any]) -> str:
    """Return whose it was."""
    return str(document["sourceList"][0]["source"])


def _destination(document: Mapping[str, Any]) -> str:
    """Return whose it becomes."""
    return str(document["destinationList"][0]["destination"])


def _refuse_gain(document: Mapping[str, Any], lost_g: int, taken: Sequence[tuple[str, int, int | None]]) -> None:
    """Refuse a loss below nothing, except where another scale weighs what a first one weighed."""
    if lost_g < 0 and document.get("bizStep") != "receiving":
        entered = sum(mass_g for _, mass_g, _ in taken)
        raise MassImbalanceError(entered=entered, left=entered - lost_g, unit=Commodity.GRAM.value)


def _lost(document: Mapping[str, Any], taken: Sequence[tuple[str, int, int | None]]) -> list[Line]:
    lines = []
    for loss in document.get("chasu:losses", ()):
        _refuse_gain(document, int(loss["chasu:grams"]), taken)
        lines.append(Line(Account.LOST, None, loss["chasu:reason"], Commodity.GRAM, int(loss["chasu:grams"])))
    return lines


def _sampling(document: Mapping[str, Any]) -> Postings:
    """Return what leaves a lot for a sample and makes no other lot."""
    taken = _quantities(document, "quantityList")
    lines = [line for lot, mass_g, _ in taken for line in _moved(lot, -1, mass_g, None)]
    return Postings((*lines, *_lost(document, taken)))


def _draws(document: Mapping[str, Any], taken: Sequence[tuple[str, int, int | None]]) -> list[Line]:
    """Return where a step takes from: the lots, or what had left them for the receiver of a delivery."""
    if "chasu:deliveries" not in document:
        return _turned(taken, -1)
    sent_g = sum(mass_g for _, mass_g, _ in taken)
    return [Line(Account.SOLD, None, _destination(document), Commodity.GRAM, -sent_g)]


def _turned(quantities: Sequence[tuple[str, int, int | None]], sign: int) -> list[Line]:
    """Return what goes into lots or out of them; units that are made, or opened again, are counted as packed."""
    lines: list[Line] = []
    for lot, mass_g, units in quantities:
        lines += _moved(lot, sign, mass_g, units)
        if units is not None:
            lines.append(Line(Account.PACKED, None, lot, Commodity.UNIT, -sign * units))
    return lines


def _transformation(document: Mapping[str, Any]) -> Postings:
    taken = _quantities(document, "inputQuantityList")
    given = _quantities(document, "outputQuantityList")
    lines = [*_draws(document, taken), *_turned(given, 1), *_lost(document, taken)]
    drawn: Counter[str] = Counter()  # one event may weigh a lot in several times
    for lot, mass_g, _ in taken:
        drawn[lot] += mass_g
    children = dict.fromkeys(child for child, _, _ in given)
    edges = tuple(Edge(lot, child, mass_g) for lot, mass_g in drawn.items() for child in children)
    return Postings(tuple(lines), edges, tuple((lot, mass_g) for lot, mass_g, _ in given))


def _parted(document: Mapping[str, Any], account: Account, subject: str) -> Postings:
    """Return what leaves lots for an account, grams and units."""
    lines: list[Line] = []
    for lot, mass_g, units in _quantities(document, "quantityList"):
        lines += _moved(lot, -1, mass_g, units)
        lines.append(Line(account, None, subject, Commodity.GRAM, mass_g))
        if units is not None:
            lines.append(Line(account, None, subject, Commodity.UNIT, units))
    return Postings(tuple(lines))


def _posted(document: Mapping[str, Any]) -> Postings:
    if document["type"] == "TransformationEvent":
        return _transformation(document)
    if document["type"] == "ObjectEvent":
        return _seen(document)
    return Postings()


def _seen(document: Mapping[str, Any]) -> Postings:
    """Return what an object event moves; most say something about what already is, and move nothing."""
    action, step = document.get("action"), document.get("bizStep")
    if action == "ADD":
        return _commissioning(document)
    if step == "sampling" and "chasu:losses" in document:
        return _sampling(document)
    if action == "DELETE" and step == "destroying":
        return _parted(document, Account.LOST, "destroyed")
    if step == "shipping" and ("chasu:positions" in document or "chasu:delivery" in document):
        return _parted(document, Account.SOLD, _destination(document))
    if document.get("disposition") == "returned" and ("chasu:return" in document or "chasu:delivery" in document):
        return reverse(_parted(document, Account.SOLD, _source(document)))
    return Postings()


def derive(document: Mapping[str, Any]) -> Postings:
    """Return an event's postings. Raises `MassImbalanceError` when a commodity does not sum to zero."""
    postings = _posted(document)
    for commodity in Commodity:
        amounts = [line.amount for line in postings.lines if line.commodity is commodity]
        if sum(amounts):
            raise MassImbalanceError(
                entered=-sum(amount for amount in amounts if amount < 0),
                left=sum(amount for amount in amounts if amount > 0),
                unit=commodity.value,
            )
    return reverse(postings) if "errorDeclaration" in document else postings


def reverse(postings: Postings) -> Postings:
    """Return what an error declaration does: every line with its sign turned."""
    return Postings(
        tuple(line._replace(amount=-line.amount) for line in postings.lines),
        postings.edges,
        tuple((lot, -mass_g) for lot, mass_g in postings.made),
    )
