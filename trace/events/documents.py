"""EPCIS 2.0 event documents: built here, read by `postings.py`. Masses are whole grams (unit GRM), so nothing rounds.

Standard: EPCIS 2.0 and CBV 2.0 (GS1). Ours, under the prefix `chasu:`, are losses, positions, a declared origin and the
record's own code.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from trace.instance import Namespace

CONTEXT = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"
GRAM, PIECE = "GRM", "H87"  # UN/ECE recommendation 20
Document = dict[str, Any]


@dataclass(frozen=True)
class Grams:
    """So many grams of a lot."""

    lot: str
    mass_g: int

    def element(self) -> Document:
        """Return the EPCIS quantity element."""
        return {"epcClass": self.lot, "quantity": self.mass_g, "uom": GRAM}


@dataclass(frozen=True)
class Pieces:
    """So many packs of one packed lot."""

    lot: str
    units: int

    def element(self) -> Document:
        """Return the EPCIS quantity element."""
        return {"epcClass": self.lot, "quantity": self.units, "uom": PIECE}


_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def encode(document: Mapping[str, Any]) -> bytes:
    """Return the canonical bytes of a document: sorted keys, no spaces, UTF-8."""
    return _CANONICAL.encode(document).encode()


def offset_of(when: datetime) -> str:
    """Return the offset as `+08:00`."""
    return when.isoformat()[-6:] if when.utcoffset() else "+00:00"


def _event(kind: str, names: Namespace, when: datetime, step: str, extra: Mapping[str, Any]) -> Document:
    return {
        "@context": [CONTEXT, {"chasu": names.vocabulary}],
        "type": kind,
        "eventTime": when.isoformat(timespec="milliseconds"),
        "eventTimeZoneOffset": offset_of(when),
        "bizStep": step,
        **extra,
    }


def commissioning(
    names: Namespace, *, when: datetime, made: Sequence[Grams], extra: Mapping[str, Any], step: str = "commissioning"
) -> Document:
    """Return the event by which lots come into being (a picking; by another step, what comes from outside)."""
    quantities = [grams.element() for grams in made]
    return {
        **_event("ObjectEvent", names, when, step, extra),
        "action": "ADD",
        "disposition": "active",
        "quantityList": quantities,
    }


def destruction(names: Namespace, *, when: datetime, of: Grams | Pieces, extra: Mapping[str, Any]) -> Document:
    """Return the event by which part of a lot goes out of being."""
    return {
        **_event("ObjectEvent", names, when, "destroying", extra),
        "action": "DELETE",
        "disposition": "destroyed",
        "quantityList": [of.element()],
    }


@dataclass(frozen=True, kw_only=True)
class Mixing:
    """What a transformation takes, gives and loses."""

    taken: Sequence[Grams | Pieces]
    given: Sequence[Grams | Pieces]
    lost: Sequence[tuple[str, int]] = ()  # (reason, grams)


def losses(lost: Iterable[tuple[str, int]]) -> Document:
    """Return the field that says what was lost, by reason, and nothing where nothing was."""
    named = [{"chasu:reason": reason, "chasu:grams": mass_g} for reason, mass_g in lost if mass_g]
    return {"chasu:losses": named} if named else {}


def transformation(
    names: Namespace, *, when: datetime, step: str, mixing: Mixing, extra: Mapping[str, Any]
) -> Document:
    """Return the event by which lots become other lots."""
    return {
        **_event("TransformationEvent", names, when, step, extra),
        "inputQuantityList": [quantity.element() for quantity in mixing.taken],
        "outputQuantityList": [quantity.element() for quantity in mixing.given],
        **losses(mixing.lost),
    }


def observation(
    names: Namespace, *, when: datetime, step: str, of: Sequence[str | Grams | Pieces], extra: Mapping[str, Any]
) -> Document:
    """Return the event that says something was done to what already is (a spray, a hand-over, a shipment)."""
    epcs = [what for what in of if isinstance(what, str)]
    quantities = [what.element() for what in of if not isinstance(what, str)]
    return {
        **_event("ObjectEvent", names, when, step, extra),
        "action": "OBSERVE",
        **({"epcList": epcs} if epcs else {}),
        **({"quantityList": quantities} if quantities else {}),
    }


@dataclass(frozen=True, kw_only=True)
class Gathered:
    """A logistic unit and what is in it."""

    parent: str
    units: Sequence[Pieces]
    inner: Sequence[str] = ()  # logistic units


def aggregation(
    names: Namespace, *, when: datetime, together: bool, of: Gathered, extra: Mapping[str, Any]
) -> Document:
    """Return the event by which units and logistic units come into one, or out of it."""
    quantities = [what.element() for what in of.units]
    return {
        **_event("AggregationEvent", names, when, "packing" if together else "unpacking", extra),
        "action": "ADD" if together else "DELETE",
        "parentID": of.parent,
        **({"childEPCs": list(of.inner)} if of.inner else {}),
        **({"childQuantityList": quantities} if quantities else {}),
    }


def owner_change(names: Namespace, source: str, destination: str) -> Document:
    """Return the fields that say whose it was and whose it becomes."""
    return {
        "sourceList": [{"type": "owning_party", "source": names.party(source)}],
        "destinationList": [{"type": "owning_party", "destination": names.party(destination)}],
    }
