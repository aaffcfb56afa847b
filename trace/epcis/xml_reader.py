"""Reading EPCIS 2.0 XML into events in the shape of EPCIS JSON: names as `{namespace}local`, values as text."""

from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element, ParseError  # types only: defusedxml parses

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from trace.epcis.errors import EpcisUnreadableError

MAX_DEPTH = 64  # of JSON and XML alike, as everywhere in the interface
REPOSITORY = "https://repository-x.example.com/"  # namespace of `ignoreFields` in the reference implementation
_EPCIS = ("{urn:epcglobal:epcis:xsd:", "{urn:epcglobal:epcis-query:xsd:")  # some writers qualify every element
_WRAPPERS = frozenset({"extension", "baseExtension"})  # of EPCIS 1.2; 2.0 puts their contents in their place
_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"  # types and nil: how XML says a thing, not what it says
_DOCUMENTS = frozenset({"EPCISDocument", "EPCISQueryDocument"})
_ITEM_OF = {
    "epcList": "epc",
    "childEPCs": "epc",
    "inputEPCList": "epc",
    "outputEPCList": "epc",
    "quantityList": "quantityElement",
    "childQuantityList": "quantityElement",
    "inputQuantityList": "quantityElement",
    "outputQuantityList": "quantityElement",
    "sensorElementList": "sensorElement",
}
_TYPED = {"bizTransactionList": "bizTransaction", "sourceList": "source", "destinationList": "destination"}


def read_xml_events(data: bytes) -> list[dict[str, Any]]:
    """Return the events of an XML document, a query document or a bare event, in document order."""
    root = _parsed(data)
    _refuse_depth(root)
    if _tag(root) not in _DOCUMENTS:
        if not _tag(root).endswith("Event"):
            raise EpcisUnreadableError(reason="not-epcis", detail=root.tag)
        return [_event(root, frozenset())]
    ignored = frozenset(field.tag for fields in root.iter(f"{{{REPOSITORY}}}ignoreFields") for field in fields)
    lists = (element for element in root.iter() if _tag(element) == "EventList")
    return [_event(element, ignored) for events in lists for element in _children(events)]


def _parsed(data: bytes) -> Element:
    try:
        root: Element = fromstring(data, forbid_dtd=True)
    except ParseError as error:
        raise EpcisUnreadableError(reason="not-xml", detail=str(error)) from None
    except DefusedXmlException:
        raise EpcisUnreadableError(reason="doctype") from None
    except (ValueError, LookupError) as error:  # an encoding nobody knows
        raise EpcisUnreadableError(reason="not-xml", detail=str(error)) from None
    return root


def _refuse_depth(root: Element) -> None:
    """Walk level by level, so that the depth of hostile input is no depth of ours."""
    level = [root]
    for _ in range(MAX_DEPTH):
        level = [child for element in level for child in element]
        if not level:
            return
    raise EpcisUnreadableError(reason="too-deep")


def _tag(element: Element) -> str:
    """Return the name of an element, without the namespace if that is EPCIS."""
    tag: str = element.tag
    return tag.partition("}")[2] if tag.startswith(_EPCIS) else tag


def _children(element: Element) -> Iterator[Element]:
    for child in element:
        if _tag(child) in _WRAPPERS:
            yield from _children(child)
        else:
            yield child


def _attributes(element: Element) -> dict[str, Any]:
    return {name: text for name, text in element.items() if not name.startswith(_XSI)}


def _event(element: Element, ignored: frozenset[str]) -> dict[str, Any]:
    event = {name: text for name, text in _attributes(element).items() if name.startswith("{")}
    event["type"] = _tag(element)
    for child in _children(element):
        if child.tag not in ignored:
            _add(event, _tag(child), _field(child))
    return event


def _field(element: Element) -> Any:
    name = _tag(element)
    if name in _ITEM_OF and all(_tag(child) == _ITEM_OF[name] for child in _children(element)):
        return [_value(child) for child in _children(element)]
    if name in _TYPED:
        return [_attributes(child) | {_TYPED[name]: (child.text or "").strip()} for child in _children(element)]
    return _value(element)


def _value(element: Element) -> Any:
    """Return the text of a plain element; of one with attributes or children an object, its text as `#text`."""
    text = (element.text or "").strip()
    members = _attributes(element)
    for child in _children(element):
        _add(members, _tag(child), _value(child))
    if members and text:
        members["#text"] = text
    return members or text


def _add(members: dict[str, Any], name: str, value: object) -> None:
    """Put a value under its name; what comes more than once becomes a list."""
    if name not in members:
        members[name] = value
    elif isinstance(members[name], list):
        members[name].extend(value if isinstance(value, list) else [value])
    else:
        members[name] = [members[name], value]
