"""The event hash against published vectors, and the odd cases one by one."""

import hashlib
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from trace.epcis.context import Context
from trace.epcis.errors import EpcisUnreadableError
from trace.epcis.event_hash import document_hashes, event_hash, prehash
from trace.epcis.reader import read_events

INTEROP = Path(__file__).resolve().parents[2].parent / "shared" / "interop"
needs_interop = pytest.mark.skipif(not INTEROP.is_dir(), reason=f"no interoperability data at {INTEROP}")
TEA = Context.of(
    ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld", {"tea": "https://ns.tea.example/v1/"}]
)

# Lines of published .prehashes files that are stale: their own .hashes file disagrees with them, and is right.
# The first tells of another event than the document, the second breaks off in the middle of a word.
STALE = {("epcisDocWithCustomSchemaInContext", 1), ("epcisDocWithDefaultSchemaInContext", 1)}


def _files(folder: str, *suffixes: str) -> list[Path]:
    return sorted(path for path in (INTEROP / folder).glob("*") if path.suffix in suffixes)


def _name(path: Path) -> str:
    return path.name


def _documents(folder: str) -> list[Path]:
    return [path for path in _files(folder, ".json", ".jsonld", ".xml") if ".expected." not in path.name]


def _prehashes(data: bytes) -> list[str]:
    return [prehash(event, context) for event, context in read_events(data)]


def _picking(**fields: Any) -> dict[str, Any]:
    return {
        "type": "ObjectEvent",
        "eventTime": "2026-04-02T08:07:00.000+08:00",
        "eventTimeZoneOffset": "+08:00",
    } | fields


def _said(**fields: Any) -> str:
    """Return what an event's pre-hash says after type and time."""
    head = "eventType=ObjectEventeventTime=2026-04-02T00:07:00.000ZeventTimeZoneOffset=+08:00"
    text = prehash(_picking(**fields), TEA)
    assert text.startswith(head)
    return text.removeprefix(head)


# Published vectors


@needs_interop
@pytest.mark.interop
@pytest.mark.parametrize("path", _documents("event-hash"), ids=_name)
def test_every_published_event_has_its_published_hash(path: Path) -> None:
    assert document_hashes(path.read_bytes()) == path.with_suffix(".hashes").read_text().split()


@needs_interop
@pytest.mark.interop
@pytest.mark.parametrize("path", _documents("event-hash"), ids=_name)
def test_every_published_event_has_its_published_prehash(path: Path) -> None:
    published = path.with_suffix(".prehashes").read_text(encoding="utf-8").split("\n")
    published = [line for line in published if line.strip()]
    ours = _prehashes(path.read_bytes())
    assert len(ours) == len(published)
    for at, (own, theirs) in enumerate(zip(ours, published, strict=True)):
        assert own == theirs or (path.stem, at) in STALE


@needs_interop
@pytest.mark.interop
@pytest.mark.parametrize(("stem", "at"), sorted(STALE))
def test_a_stale_prehash_contradicts_the_hash_published_beside_it(stem: str, at: int) -> None:
    line = (INTEROP / "event-hash" / f"{stem}.prehashes").read_text(encoding="utf-8").split("\n")[at]
    published = (INTEROP / "event-hash" / f"{stem}.hashes").read_text().split()[at]
    assert hashlib.sha256(line.encode()).hexdigest() not in published


@needs_interop
@pytest.mark.interop
@pytest.mark.parametrize("path", _documents("event-hash-equal"), ids=_name)
def test_one_event_written_differently_has_one_hash(path: Path) -> None:
    hashes = document_hashes(path.read_bytes())
    assert len(hashes) > 1
    assert len(set(hashes)) == 1


@needs_interop
@pytest.mark.interop
@pytest.mark.parametrize("path", _documents("tea-chain"), ids=_name)
def test_every_event_of_a_tea_chain_has_its_hash(path: Path) -> None:
    expected = json.loads(path.with_name(f"{path.stem}.expected.json").read_text(encoding="utf-8"))["eventHashIDs"]
    ours = {event["eventID"]: event_hash(event, context) for event, context in read_events(path.read_bytes())}
    assert ours == {entry["eventID"]: entry["hashID"] for entry in expected}


@needs_interop
@pytest.mark.interop
@pytest.mark.parametrize("path", [*_documents("epcis-json"), *_documents("epcis-query")], ids=_name)
def test_every_valid_json_document_can_be_hashed(path: Path) -> None:
    assert document_hashes(path.read_bytes())


@needs_interop
@pytest.mark.interop
@pytest.mark.parametrize(
    "stem",
    [
        "oe-AggregationEvent_all_possible_fields",
        "oe-AssociationEvent_all_possible_fields",
        "oe-TransactionEvent_with_userExtensions",
        "oe-TransformationEvent_all_possible_fields",
        "oe-Namespaces_at_different_level",
    ],
)
def test_json_and_xml_of_one_document_have_the_same_hashes(stem: str) -> None:
    in_json = (INTEROP / "epcis-json" / f"{stem}.json").with_suffix(".json")
    if not in_json.exists():
        in_json = INTEROP / "epcis-json-disputed" / f"{stem}.json"
    in_xml = INTEROP / "epcis-xml" / f"{stem}.xml"
    assert document_hashes(in_xml.read_bytes()) == document_hashes(in_json.read_bytes())


# Time


@pytest.mark.parametrize(
    ("written", "hashed"),
    [
        ("2026-04-02T08:07:00+08:00", "2026-04-02T00:07:00.000Z"),
        ("2026-04-02T00:07:00Z", "2026-04-02T00:07:00.000Z"),
        ("2026-01-01T06:59:59.9+08:00", "2025-12-31T22:59:59.900Z"),
        ("2026-04-02T08:07:00.1414+08:00", "2026-04-02T00:07:00.141Z"),
        ("2026-04-02T08:07:00.1415+08:00", "2026-04-02T00:07:00.142Z"),
        ("2026-04-02T08:07:00.1425+08:00", "2026-04-02T00:07:00.143Z"),
        ("2026-04-02T08:07:59.9995+08:00", "2026-04-02T00:08:00.000Z"),
        ("2026-04-02T08:07:00.31427159+08:00", "2026-04-02T00:07:00.314Z"),
        ("2026-04-02T08:07:00", "2026-04-02T08:07:00"),  # no zone: no instant
        ("0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00+14:00"),
        ("9999-12-31T23:59:59.9999Z", "9999-12-31T23:59:59.9999Z"),
        ("at dusk", "at dusk"),
    ],
)
def test_an_instant_is_hashed_in_utc_with_milliseconds(written: str, hashed: str) -> None:
    text = prehash({"type": "ObjectEvent", "eventTime": written})
    assert text == f"eventType=ObjectEventeventTime={hashed}"


def test_the_offset_and_times_in_extensions_stay_as_written() -> None:
    said = _said(**{"tea:witheredTime": "2026-04-02T08:07:00+08:00"})
    assert said == "{https://ns.tea.example/v1/}witheredTime=2026-04-02T08:07:00+08:00"


# Numbers


@pytest.mark.parametrize(
    ("written", "hashed"),
    [
        (44, "44"),
        (9.5, "9.5"),
        (Decimal("9.50"), "9.5"),
        (Decimal("1E+2"), "100"),
        ("25.0", "25"),
        ("+07.10", "7.1"),
        ("-0.0", "0"),
        (".5", "0.5"),
        (Decimal("0.1"), "0.1"),
        ("111100001111000011110000", "111100001111000003641344"),  # the nearest double, as in SensorDataExamples
        ("1e999", "1e999"),
        ("NaN", "NaN"),
        ("3_4", "3_4"),
        ("１２", "１２"),
        ("", None),
        (None, None),
    ],
)
def test_a_number_is_hashed_without_superfluous_zeros(written: object, hashed: str | None) -> None:
    said = _said(quantityList=[{"epcClass": "https://tea.example/lot", "quantity": written}])
    assert said == "quantityListquantityElementepcClass=https://tea.example/lot" + (
        f"quantity={hashed}" if hashed else ""
    )


def test_a_boolean_is_hashed_as_xml_writes_it() -> None:
    assert _said(**{"tea:organic": True}) == "{https://ns.tea.example/v1/}organic=true"


# Vocabulary


@pytest.mark.parametrize(
    "step",
    [
        "shipping",
        "cbv:BizStep-shipping",
        "urn:epcglobal:cbv:bizstep:shipping",
        "https://ref.gs1.org/cbv/BizStep-shipping",
    ],
)
def test_a_business_step_has_one_spelling(step: str) -> None:
    assert _said(bizStep=step) == "bizStep=https://ref.gs1.org/cbv/BizStep-shipping"


def test_words_of_each_standard_vocabulary_become_web_uris() -> None:
    said = _said(
        disposition="in_transit",
        persistentDisposition={"unset": ["urn:epcglobal:cbv:disp:expired"], "set": ["recalled", "damaged"]},
        sensorElementList=[
            {"sensorReport": [{"type": "Temperature", "exception": "ALARM_CONDITION", "component": "x"}]}
        ],
        destinationList=[{"destination": "urn:epc:id:pgln:4012345.00000", "type": "owning_party"}],
        bizTransactionList=[{"type": "po", "bizTransaction": "urn:tea:po:1"}],
    )
    assert said == (
        "disposition=https://ref.gs1.org/cbv/Disp-in_transit"
        "persistentDispositionset=https://ref.gs1.org/cbv/Disp-damagedset=https://ref.gs1.org/cbv/Disp-recalled"
        "unset=https://ref.gs1.org/cbv/Disp-expired"
        "sensorElementListsensorElementsensorReporttype=https://gs1.org/voc/Temperature"
        "exception=https://gs1.org/voc/ALARM_CONDITIONcomponent=https://ref.gs1.org/cbv/Comp-x"
        "bizTransactionListtype=https://ref.gs1.org/cbv/BTT-pobizTransaction=urn:tea:po:1"
        "destinationListtype=https://ref.gs1.org/cbv/SDT-owning_partydestination=https://id.gs1.org/417/4012345000009"
    )


def test_a_word_in_an_extension_is_nobodys_vocabulary() -> None:
    assert _said(bizStep="packing", **{"tea:operation": "packing"}).endswith("operation=packing")


def test_a_curie_with_a_declared_prefix_is_expanded() -> None:
    assert _said(bizStep="tea:rolling", **{"tea:of": "tea:leaf"}) == (
        "bizStep=https://ns.tea.example/v1/rolling{https://ns.tea.example/v1/}of=https://ns.tea.example/v1/leaf"
    )


def test_an_event_may_declare_prefixes_of_its_own() -> None:
    said = _said(**{"@context": [{"farm": {"@id": "https://farm/"}}], "farm:row": "7", "tea:row": "8", "else:row": "9"})
    assert said == "else:row=9{https://farm/}row=7{https://ns.tea.example/v1/}row=8"


# What counts and what does not


def test_identity_reception_and_later_judgement_do_not_count() -> None:
    bare = _picking(action="ADD")
    later = bare | {
        "eventID": "urn:uuid:44c1f41f-f0cb-50cd-b158-f8b8c5d9b49e",
        "recordTime": "2026-04-02T08:08:00Z",
        "errorDeclaration": {"declarationTime": "2026-04-03T08:08:00Z", "reason": "did_not_occur"},
        "rdfs:comment": "for people",
        "comment": "likewise",
    }
    assert event_hash(bare, TEA) == event_hash(later, TEA)


@pytest.mark.parametrize("field", ["parentID", "certificationInfo", "transformationID", "action", "tea:note"])
def test_every_other_field_counts(field: str) -> None:
    assert event_hash(_picking(), TEA) != event_hash(_picking(**{field: "x"}), TEA)


def test_lists_are_sets() -> None:
    epcs = [f"urn:epc:id:sgtin:4047023.077551.{serial}" for serial in (98, 107, 97)]
    assert _said(epcList=epcs) == _said(epcList=epcs[::-1])
    assert _said(epcList=epcs) == "epcList" + "".join(
        f"epc=https://id.gs1.org/01/04047023775511/21/{serial}" for serial in (107, 97, 98)
    )


def test_empty_lists_and_values_are_not_there() -> None:
    assert _said(epcList=[], bizTransactionList=[], readPoint={}, action=" ", certificationInfo=None) == ""


def test_extensions_are_sorted_with_all_that_is_inside_them() -> None:
    said = _said(
        ilmd={"tea:season": "spring", "tea:cultivar": "龙井43"},
        **{"tea:row": [3, 10, 2], "tea:sky": {"tea:wind": "", "tea:cloud": 0.5}, "tea:none": None},
    )
    tea = "{https://ns.tea.example/v1/}"
    assert said == (
        f"ilmd{tea}cultivar=龙井43{tea}season=spring{tea}none{tea}row=10{tea}row=2{tea}row=3{tea}sky{tea}cloud=0.5{tea}wind"
    )


def test_an_extension_stands_at_the_end_of_its_field() -> None:
    tea = "{https://ns.tea.example/v1/}"
    assert _said(readPoint={"tea:gate": "2", "id": "urn:tea:p", "tea:gate1": "3"}, **{"tea:a": "1"}) == (
        f"readPointid=urn:tea:p{tea}gate1=3{tea}gate=2{tea}a=1"
    )


def test_an_extension_without_company_or_slash_stands_among_the_rest_with_its_path() -> None:
    context = Context.of({"tea": "https://ns.tea.example/v1/", "odd": "urn:odd"})
    event = {
        "type": "ObjectEvent",
        "readPoint": {"id": "urn:tea:p", "odd:gate": "2"},
        "sensorElementList": [{"sensorMetadata": {"tea:a": "1"}, "sensorReport": [{"value": 1, "bizRules": "r"}]}],
    }
    assert prehash(event, context) == (
        "eventType=ObjectEventreadPointid=urn:tea:psensorElementListsensorElementsensorReportvalue=1"
        "readPoint{urn:odd}gate=2"
        "sensorElementListsensorElementsensorMetadata{https://ns.tea.example/v1/}a=1sensorReportbizRules=r"
    )


def test_a_json_list_by_name_holds_what_it_lists() -> None:
    tea = "{https://ns.tea.example/v1/}"
    assert _said(**{"tea:inputList": ["b", "a"]}) == f"{tea}inputList{tea}input=a{tea}input=b"
    assert _said(**{"cbvmda:certificationList": {"a": "1"}}) == "cbvmda:certificationListcbvmda:certificationa=1"


def test_the_coordinates_of_a_plot_are_members_without_a_name() -> None:
    tea = "{https://ns.tea.example/v1/}"
    said = _said(**{"tea:edge": {"type": "LineString", "coordinates": [[120.5, 30.25], [120.0, 30]]}})
    assert said == f"{tea}edgecoordinates=120.5=30.25coordinates=120=30type=LineString"


def test_a_transaction_without_type_and_one_with_an_extension_lose_nothing() -> None:
    said = _said(bizTransactionList=[{"bizTransaction": "urn:b"}, {"type": "po", "bizTransaction": "urn:a", "x": "1"}])
    assert said == "bizTransactionListbizTransaction=urn:btype=https://ref.gs1.org/cbv/BTT-pobizTransaction=urn:ax=1"


def test_an_event_in_memory_may_not_be_bottomless_either() -> None:
    event: dict[str, Any] = {"type": "ObjectEvent"}
    event["tea:self"] = event
    with pytest.raises(EpcisUnreadableError):
        event_hash(event)


def test_an_event_without_a_type_is_refused() -> None:
    with pytest.raises(EpcisUnreadableError):
        event_hash({"eventTime": "2026-04-02T08:07:00+08:00"})


def test_the_hash_is_a_named_information_uri() -> None:
    digest = hashlib.sha256(b"eventType=ObjectEvent").hexdigest()
    assert event_hash({"type": "ObjectEvent"}) == f"ni:///sha-256;{digest}?ver=CBV2.0"
