"""Reading EPCIS 2.0 documents, JSON-LD or XML, into events in the shape of EPCIS JSON, each with its context."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NoReturn

from trace.epcis.context import STANDARD, Context
from trace.epcis.errors import EpcisUnreadableError
from trace.epcis.xml_reader import MAX_DEPTH, REPOSITORY, read_xml_events

Event = Mapping[str, Any]
_BLANK = b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n"  # byte order marks and white space, in UTF-8 and UTF-16
_DOCUMENTS = ("EPCISDocument", "EPCISQueryDocument")


def read_events(data: bytes) -> list[tuple[Event, Context]]:
    """Return the events of a document or of a bare event, JSON or XML, in document order.

    Fields the document wants ignored (`ignoreFields` of the reference implementation) are left out. Refuses what is
    malformed, deeper than 64, declares a DOCTYPE, or holds NaN: `EpcisUnreadableError`.
    """
    if data.lstrip(_BLANK)[:1] == b"<":
        return [(event, STANDARD) for event in read_xml_events(data)]
    return read_json_events(data)


def read_json_events(data: bytes) -> list[tuple[Event, Context]]:
    """Return the events of a JSON document, a list of events or a bare event."""
    document = _parsed(data)
    _refuse_depth(document)
    if isinstance(document, list):
        return [(_bare(item), STANDARD) for item in document]
    if not isinstance(document, dict):
        raise EpcisUnreadableError(reason="not-epcis")
    context = Context.of(document.get("@context"))
    if document.get("type") not in _DOCUMENTS and "epcisBody" not in document:
        return [(_bare(document), STANDARD)]
    ignored: set[str] = set()
    return [(_event(item, ignored, context), context) for item in _event_list(document, context, ignored)]


def _parsed(data: bytes) -> object:
    try:
        return json.loads(data, parse_float=Decimal, parse_constant=_refuse_constant)
    except RecursionError:
        raise EpcisUnreadableError(reason="too-deep") from None
    except ValueError as error:  # malformed JSON, wrong encoding, a whole number of more than 4300 digits
        raise EpcisUnreadableError(reason="not-json", detail=str(error)) from None


def _refuse_constant(name: str) -> NoReturn:
    raise EpcisUnreadableError(reason="not-a-number", detail=name)


def _refuse_depth(document: object) -> None:
    """Walk level by level, so that the depth of hostile input is no depth of ours."""
    level = [document]
    for _ in range(MAX_DEPTH):
        level = [
            child
            for node in level
            if isinstance(node, dict | list)
            for child in (node.values() if isinstance(node, dict) else node)
            if isinstance(child, dict | list)
        ]
        if not level:
            return
    raise EpcisUnreadableError(reason="too-deep")


def _bare(item: object) -> Event:
    """Return an event that comes without a document; master data comes so, too, and is none."""
    event = _event(item)
    if not event["type"].endswith("Event"):
        raise EpcisUnreadableError(reason="no-event-type", detail=event["type"])
    return event


def _event(item: object, ignored: set[str] | None = None, context: Context = STANDARD) -> Event:
    if not isinstance(item, dict) or not isinstance(item.get("type"), str):
        raise EpcisUnreadableError(reason="no-event-type")
    return {key: value for key, value in item.items() if context.name(key) not in ignored} if ignored else item


def _event_list(document: dict[str, Any], context: Context, ignored: set[str]) -> list[Any]:
    """Return the list of events wherever the document keeps it, and note the fields it wants ignored."""
    body = _object(document, "epcisBody")
    results = _object(body, "queryResults")
    for holder in (document, body, results):
        for key, names in holder.items():
            if context.name(key) == f"{{{REPOSITORY}}}ignoreFields" and isinstance(names, list):
                ignored.update(context.name(name) for name in names if isinstance(name, str))
    events = _object(results, "resultsBody").get("eventList", body.get("eventList", body.get("event", [])))
    return events if isinstance(events, list) else [events]


def _object(holder: dict[str, Any], key: str) -> dict[str, Any]:
    value = holder.get(key, {})
    if not isinstance(value, dict):
        raise EpcisUnreadableError(reason="not-epcis", detail=key)
    return value
