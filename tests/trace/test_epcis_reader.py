"""EPCIS documents of every shape, and what is refused."""

import json
from decimal import Decimal
from typing import Any

import pytest

from trace.epcis.context import Context
from trace.epcis.errors import EpcisUnreadableError
from trace.epcis.event_hash import document_hashes, event_hash, prehash
from trace.epcis.reader import read_events
from trace.errors import TraceError

TEA = Context.of({"tea": "https://ns.tea.example/v1/"})


def _prehashes(data: bytes) -> list[str]:
    return [prehash(event, context) for event, context in read_events(data)]


def _picking(**fields: Any) -> dict[str, Any]:
    return {
        "type": "ObjectEvent",
        "eventTime": "2026-04-02T08:07:00.000+08:00",
        "eventTimeZoneOffset": "+08:00",
    } | fields


def _document(*events: dict[str, Any], **fields: Any) -> bytes:
    document = {"type": "EPCISDocument", "epcisBody": {"eventList": list(events)}, "@context": [{"tea": "https://t/"}]}
    return json.dumps(document | fields).encode()


def _xml(events: str, head: str = "") -> bytes:
    return (
        '<epcis:EPCISDocument xmlns:epcis="urn:epcglobal:epcis:xsd:2" xmlns:tea="https://ns.tea.example/v1/" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" schemaVersion="2.0">'
        f"{head}<EPCISBody><EventList>{events}</EventList></EPCISBody></epcis:EPCISDocument>"
    ).encode()


def _xml_picking(inner: str) -> bytes:
    return _xml(
        "<ObjectEvent><eventTime>2026-04-02T08:07:00+08:00</eventTime>"
        f"<eventTimeZoneOffset>+08:00</eventTimeZoneOffset>{inner}</ObjectEvent>"
    )


def test_xml_and_json_say_the_same() -> None:
    in_xml = _xml_picking(
        "<epcList><epc>urn:epc:id:sgtin:4047023.077551.98</epc></epcList><action>ADD</action>"
        "<extension><quantityList><quantityElement><epcClass>urn:tea:c</epcClass><quantity>2.50</quantity>"
        "</quantityElement></quantityList></extension>"
        '<sourceList><source type="urn:epcglobal:cbv:sdt:location">urn:tea:s</source></sourceList>'
        '<readPoint><id>urn:tea:p</id></readPoint><tea:leaf tea:grade="1">fine <tea:bud>1</tea:bud></tea:leaf>'
        '<tea:row xsi:type="x">3</tea:row><tea:row>4</tea:row><tea:none xsi:nil="true"/>'
    )
    in_json = _picking(
        epcList=["urn:epc:id:sgtin:4047023.077551.98"],
        action="ADD",
        quantityList=[{"epcClass": "urn:tea:c", "quantity": Decimal("2.5")}],
        sourceList=[{"type": "location", "source": "urn:tea:s"}],
        readPoint={"id": "urn:tea:p"},
        **{"tea:leaf": {"tea:grade": 1, "#text": "fine", "tea:bud": 1}, "tea:row": [3, 4], "tea:none": None},
    )
    assert document_hashes(in_xml) == [event_hash(in_json, TEA)]


def test_every_kind_of_json_document_gives_its_events() -> None:
    event = _picking()
    query = {"type": "EPCISQueryDocument", "epcisBody": {"queryResults": {"resultsBody": {"eventList": [event]}}}}
    single = {"type": "EPCISDocument", "epcisBody": {"event": event}}
    for document in (event, [event], query, single):
        assert document_hashes(json.dumps(document).encode()) == [event_hash(event)]
    assert document_hashes(_document(event, event)) == [event_hash(event)] * 2
    assert document_hashes(_document()) == []
    assert document_hashes(b"\xef\xbb\xbf" + _document(event)) == [event_hash(event)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_bare_xml_event_is_read_in_any_encoding(encoding: str) -> None:
    text = '<e:ObjectEvent xmlns:e="urn:epcglobal:epcis:xsd:2" s="2.0"><e:action>ADD</e:action></e:ObjectEvent>'
    assert _prehashes(text.encode(encoding)) == ["eventType=ObjectEventaction=ADD"]


def test_fields_a_repository_wants_ignored_do_not_count() -> None:
    names = {"repo": "https://repository-x.example.com/", "tea": "https://t/"}
    fields = {"@context": [names], "repo:ignoreFields": ["tea:hash"]}
    assert document_hashes(_document(_picking(**{"tea:hash": "1"}), **fields)) == [event_hash(_picking())]
    head = '<r:ignoreFields xmlns:r="https://repository-x.example.com/"><tea:hash/></r:ignoreFields>'
    in_xml = _xml("<ObjectEvent><tea:hash>1</tea:hash></ObjectEvent>", head)
    assert _prehashes(in_xml) == ["eventType=ObjectEvent"]


def test_a_decimal_keeps_what_was_written_until_it_is_hashed() -> None:
    [(event, _)] = read_events(
        _document(_picking()).replace(b'"type": "ObjectEvent"', b'"type": "ObjectEvent", "q": 0.10')
    )
    assert event["q"] == Decimal("0.10")
    assert str(event["q"]) == "0.10"


DEEP = 200_000


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "not-json"),
        (b"{", "not-json"),
        (b"\xff\xfe\xfd", "not-json"),
        (b'{"type": "ObjectEvent", "q": ' + b"1" * 5000 + b"}", "not-json"),
        (b'{"type": "ObjectEvent", "q": NaN}', "not-a-number"),
        (b'{"type": "ObjectEvent", "q": -Infinity}', "not-a-number"),
        (b'{"type": "ObjectEvent", "q": "\\ud800"}', "not-unicode"),
        (b"[" * DEEP, "too-deep"),
        (b'{"type": "ObjectEvent", "q": ' + b"[" * 64 + b"]" * 64 + b"}", "too-deep"),
        (b"7", "not-epcis"),
        (b'{"epcisBody": []}', "not-epcis"),
        (b'{"type": "ObjectEvent", "action": {"a": 1}}', "not-epcis"),
        (b'{"type": "ObjectEvent", "epcList": [["a"]]}', "not-epcis"),
        (b"[7]", "no-event-type"),
        (b"{}", "no-event-type"),
        (b'{"type": "gs1:Place"}', "no-event-type"),
        (_document({"type": 1}), "no-event-type"),
        (b"<a>", "not-xml"),
        (b"<?xml version='1.0' encoding='no-such'?><a/>", "not-xml"),
        (b"<html/>", "not-epcis"),
        (b"<a>" * DEEP + b"</a>" * DEEP, "too-deep"),
        (b"<!DOCTYPE a><a/>", "doctype"),
        (b'<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>', "doctype"),
        (b'<!DOCTYPE a SYSTEM "hostname"><a/>', "doctype"),
    ],
)
def test_what_cannot_be_read_is_refused_by_name(data: bytes, reason: str) -> None:
    with pytest.raises(EpcisUnreadableError) as refused:
        document_hashes(data)
    assert isinstance(refused.value, TraceError)
    assert refused.value.code == "epcis-unreadable"
    assert refused.value.facts["reason"] == reason


def test_sixty_four_levels_are_not_too_deep() -> None:
    assert document_hashes(b'{"type": "ObjectEvent", "q": ' + b"[" * 62 + b'{"a": "b"}' + b"]" * 62 + b"}")


def test_an_xml_list_is_no_list_by_name() -> None:
    tea = "{https://ns.tea.example/v1/}"
    in_xml = _xml_picking("<tea:inputList><tea:input>b</tea:input><tea:input>a</tea:input></tea:inputList>")
    assert _prehashes(in_xml)[0].endswith(f"+08:00{tea}inputList{tea}input=a{tea}input=b")
