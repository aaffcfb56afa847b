"""The EPCIS event hash of CBV 2.0 §8.9: an event's name that follows from what it says, in JSON-LD and XML alike.

An event is a mapping in the shape of EPCIS 2.0 JSON. Its fields become one string, the pre-hash: first those of the
canonical property order, then everything else, sorted. Where text and reference implementation part
(RalphTro/epcis-event-hash-generator, commit 5d2f1c3), the latter is followed, so that its hashes are ours:
`certificationInfo` is hashed, `parentID` stands before `epcList`, and transaction, source and destination lists stand
among the rest, as do extensions of a field that have no company in it or whose namespace does not end in a slash.
"""

import dataclasses
import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from trace.epcis.context import STANDARD, Context
from trace.epcis.errors import EpcisUnreadableError
from trace.epcis.reader import read_events
from trace.epcis.values import canonical, instant, plain

# Never part of the hash: its own place, when it was received, and what was said of it later (CBV 2.0 §8.9).
_IGNORED = frozenset({"type", "eventID", "recordTime", "errorDeclaration"})
_COMMENTS = frozenset({"@context", "comment", "rdfs:comment", "{http://www.w3.org/2000/01/rdf-schema#}comment"})


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the canonical property order: how its value is spelt, or of what fields its members consist."""

    name: str
    spelling: Callable[[str], str] = canonical
    word: str = ""  # what stands before a word of the standard vocabulary given bare
    item: str = ""  # the XML element around each member of a list
    fields: Mapping[str, "Field"] = dataclasses.field(default_factory=dict)


def _plainly(*names: str) -> tuple[Field, ...]:
    return tuple(Field(name) for name in names)


def _by_name(*fields: Field) -> dict[str, Field]:
    return {field.name: field for field in fields}


_BIZ_STEP = "https://ref.gs1.org/cbv/BizStep-"
_DISPOSITION = "https://ref.gs1.org/cbv/Disp-"
_VOC = "https://gs1.org/voc/"
_QUANTITY = _by_name(*_plainly("epcClass", "quantity", "uom"))
_DEVICE = _plainly("deviceID", "deviceMetadata", "rawData", "dataProcessingMethod")
_METADATA = _by_name(
    *(Field(name, instant) for name in ("time", "startTime", "endTime")),
    *_DEVICE,
    Field("bizRules"),
)
_REPORT = _by_name(
    Field("type", word=_VOC),
    Field("exception", word=_VOC),
    *_DEVICE,
    Field("time", instant),
    *_plainly("microorganism", "chemicalSubstance", "value"),
    Field("component", word="https://ref.gs1.org/cbv/Comp-"),
    *_plainly("stringValue", "booleanValue", "hexBinaryValue", "uriValue", "minValue", "maxValue", "meanValue"),
    *_plainly("sDev", "percRank", "percValue", "uom", "coordinateReferenceSystem"),
)
_ORDER = _by_name(
    Field("eventTime", instant),
    *_plainly("eventTimeZoneOffset", "certificationInfo", "parentID"),
    *(Field(name, item="epc") for name in ("epcList", "inputEPCList", "childEPCs")),
    *(
        Field(name, item="quantityElement", fields=_QUANTITY)
        for name in ("quantityList", "childQuantityList", "inputQuantityList")
    ),
    Field("outputEPCList", item="epc"),
    Field("outputQuantityList", item="quantityElement", fields=_QUANTITY),
    *_plainly("action", "transformationID"),
    Field("bizStep", word=_BIZ_STEP),
    Field("disposition", word=_DISPOSITION),
    Field("persistentDisposition", fields=_by_name(Field("set", word=_DISPOSITION), Field("unset", word=_DISPOSITION))),
    *(Field(name, fields=_by_name(Field("id"))) for name in ("readPoint", "bizLocation")),
    Field(
        "sensorElementList",
        item="sensorElement",
        fields=_by_name(Field("sensorMetadata", fields=_METADATA), Field("sensorReport", fields=_REPORT)),
    ),
)
_TYPED_LISTS = {
    "bizTransactionList": _by_name(Field("type", word="https://ref.gs1.org/cbv/BTT-"), Field("bizTransaction")),
    "sourceList": _by_name(Field("type", word="https://ref.gs1.org/cbv/SDT-"), Field("source")),
    "destinationList": _by_name(Field("type", word="https://ref.gs1.org/cbv/SDT-"), Field("destination")),
}


def event_hash(event: Mapping[str, Any], context: Context = STANDARD) -> str:
    """Return the `ni:` URI (RFC 6920) of an event in the shape of EPCIS JSON, its prefixes meant as in `context`."""
    try:
        digest = hashlib.sha256(prehash(event, context).encode()).hexdigest()
    except UnicodeEncodeError:
        raise EpcisUnreadableError(reason="not-unicode") from None
    return f"ni:///sha-256;{digest}?ver=CBV2.0"


def prehash(event: Mapping[str, Any], context: Context = STANDARD) -> str:
    """Return the canonical text of an event, of which the hash is taken."""
    kind = event.get("type")
    if not isinstance(kind, str):
        raise EpcisUnreadableError(reason="no-event-type")
    if "@context" in event:
        context = context.extended(event["@context"])
    try:
        ordered, rest = _in_order(event, _ORDER, context)
        rest.extend(_others(event, context))
    except RecursionError:
        raise EpcisUnreadableError(reason="too-deep") from None
    return f"eventType={context.name(kind)}{ordered}{''.join(sorted(rest))}"


def document_hashes(data: bytes) -> list[str]:
    """Return the hash of each event of an EPCIS document, JSON or XML, in document order."""
    return [event_hash(event, context) for event, context in read_events(data)]


def _in_order(members: Mapping[str, Any], fields: Mapping[str, Field], context: Context) -> tuple[str, list[str]]:
    """Return the text of the known fields, and what lies inside them but is not part of the canonical order."""
    texts: list[str] = []
    rest: list[str] = []
    for name, field in fields.items():
        value = members.get(name)
        if value is not None:
            if field.item or field.fields:
                text, left = _members(field, value, context)
                texts.append(text)
                rest.extend(left)
            elif isinstance(value, list):
                spelt = (_spelt(field, item, context) for item in value)
                texts.append("".join(sorted(f"{name}={text}" for text in spelt if text)))
            elif text := _spelt(field, value, context):
                texts.append(f"{name}={text}")
    return "".join(texts), rest


def _spelt(field: Field, value: object, context: Context) -> str:
    text = plain(value)
    if ":" in text:
        text = context.value(text)
    elif field.word and text:
        return field.word + text
    return field.spelling(text)


def _members(field: Field, value: object, context: Context) -> tuple[str, list[str]]:
    """Return the text of a list or object, and its extensions that belong to the rest, each with its path."""
    name = field.item or field.name
    texts: list[str] = []
    rest: list[str] = []
    for item in _items(value):
        if isinstance(item, Mapping):
            text, left = _member(item, field.fields, context)
        else:
            text, left = _spelt(field, item, context), ""
            text = text and f"={text}"
        if text:
            texts.append(name + text)
        if left:
            rest.append(name + left)
    outer = field.name if field.item else ""
    return (
        outer + "".join(sorted(texts)) if texts else "",
        [outer + "".join(sorted(rest))] if rest else [],
    )


def _member(item: Mapping[str, Any], fields: Mapping[str, Field], context: Context) -> tuple[str, str]:
    """Return the text of one object with the extensions that stand in it, and of those that stand outside."""
    text, rest = _in_order(item, fields, context)
    if item.keys() <= fields.keys():
        return text, "".join(sorted(rest))
    inside: list[str] = []
    alone = sum(len(_items(value)) for value in item.values()) == 1
    for key, value in item.items():
        if key not in fields and key not in _COMMENTS:
            stays = "/}" in context.name(key) and not alone
            (inside if stays else rest).extend(_loose(key, value, context))
    return text + "".join(sorted(inside)), "".join(sorted(rest))


def _others(event: Mapping[str, Any], context: Context) -> Iterator[str]:
    """Yield what an event holds besides the canonical order: typed lists, ILMD, extensions."""
    for key, value in event.items():
        if key in _ORDER or key in _IGNORED or key in _COMMENTS:
            continue
        if key in _TYPED_LISTS:
            yield from _typed_list(key, value, context)
        else:
            yield from _loose(key, value, context)


def _typed_list(key: str, value: object, context: Context) -> Iterator[str]:
    fields = _TYPED_LISTS[key]
    [_, name] = fields
    items = (item if isinstance(item, Mapping) else {name: item} for item in _items(value))
    texts = sorted("".join(_member(item, fields, context)) for item in items)
    if texts:
        yield key + "".join(texts)


def _loose(key: str, value: object, context: Context) -> Iterator[str]:
    """Yield an extension as `name=value` and its members inside it, sorted; once for each element of a list.

    In JSON, told by its prefix, the reference takes what `tea:inputList` holds for so many `tea:input`.
    """
    name = context.name(key)
    if key.endswith("List") and ":" in key and not key.startswith("{"):
        member = name.removesuffix("List")
        texts = sorted(text for item in _items(value) for text in _loose(member, item, context))
        if texts:
            yield name + "".join(texts)
        return
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, list):  # a list in a list, as in the coordinates of a plot, has members without a name
            yield name + "".join(sorted(_loose("", item, context)))
        else:
            yield name + (_inner(item, context) if isinstance(item, Mapping) else _after_equals(item, context))


def _inner(members: Mapping[str, Any], context: Context) -> str:
    texts: list[str] = []
    for key, value in members.items():
        if key != "#text" and key not in _COMMENTS:
            texts.extend(_loose(key, value, context))
    return _after_equals(members.get("#text"), context) + "".join(sorted(texts))


def _after_equals(value: object, context: Context) -> str:
    text = canonical(context.value(plain(value)))
    return f"={text}" if text else ""


def _items(value: object) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
