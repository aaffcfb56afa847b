"""GS1 keys in any spelling to the one that is hashed."""

import json
from pathlib import Path

import pytest

from trace.epcis.identifiers import digital_link

INTEROP = Path(__file__).resolve().parents[2].parent / "shared" / "interop"


@pytest.mark.interop
@pytest.mark.skipif(not INTEROP.is_dir(), reason=f"no interoperability data at {INTEROP}")
def test_every_published_identifier_has_its_canonical_link() -> None:
    vectors = json.loads((INTEROP / "digital-link" / "normalise.json").read_text(encoding="utf-8"))["vectors"]
    written = [vector for vector in vectors if isinstance(vector["input"], str)]
    assert [digital_link(vector["input"]) for vector in written] == [vector["canonical"] for vector in written]


@pytest.mark.parametrize(
    ("urn", "path"),
    [
        ("urn:epc:id:sgtin:9521234.000001.S1", "01/09521234000013/21/S1"),
        ("urn:epc:id:sgtin:0614141.107346.a%2Fb(1)", "01/10614141073464/21/a%2Fb%281%29"),
        ("urn:epc:id:sscc:4012345.1112223334", "00/140123451122233341"),
        ("urn:epc:id:sgln:0614141.07346.1234", "414/0614141073467/254/1234"),
        ("urn:epc:id:sgln:0012345.11111.0", "414/0012345111112"),
        ("urn:epc:id:sgln:123456789012..0", "414/1234567890128"),
        ("urn:epc:id:grai:4012345.00022.334455", "8003/04012345000221334455"),
        ("urn:epc:id:giai:4000001.111", "8004/4000001111"),
        ("urn:epc:id:gsrn:4012345.0000006765", "8018/401234500000067657"),
        ("urn:epc:id:gsrnp:4012345.0000000007", "8017/401234500000000074"),
        ("urn:epc:id:gdti:4012345.55555.1234", "253/40123455555541234"),
        ("urn:epc:id:gdti:987659999999..9", "253/98765999999929"),
        ("urn:epc:id:cpi:0614141.123ABC.123456789", "8010/0614141123ABC/8011/123456789"),
        ("urn:epc:id:cpi:0614141.12%2FAB.1", "8010/061414112%2FAB/8011/1"),
        ("urn:epc:id:sgcn:4012345.67890.04711", "255/401234567890104711"),
        ("urn:epc:id:ginc:0614141.xyz47-11", "401/0614141xyz47-11"),
        ("urn:epc:id:gsin:4012345.222333444", "402/40123452223334442"),
        ("urn:epc:id:itip:4012345.012345.01.02.987", "8006/040123451234560102/21/987"),
        ("urn:epc:id:upui:1234567.098765.51qIgY)", "01/01234567987651/235/51qIgY%29"),
        ("urn:epc:id:pgln:4012345.00000", "417/4012345000009"),
        ("urn:epc:class:lgtin:4054739.099914.20160711", "01/04054739999148/10/20160711"),
        ("urn:epc:idpat:sgtin:4012345.066666.*", "01/04012345666663"),
        ("urn:epc:idpat:grai:4012345.00022.*", "8003/04012345000221"),
        ("urn:epc:idpat:gdti:4012345.11111.*", "253/4012345111118"),
        ("urn:epc:idpat:sgcn:4012345.22222.*", "255/4012345222227"),
        ("urn:epc:idpat:cpi:0614141.123ABC.*", "8010/0614141123ABC"),
        ("urn:epc:idpat:itip:4012345.012345.01.02.*", "8006/040123451234560102"),
        ("urn:epc:idpat:upui:4012345.012345.*", "01/04012345123456"),
    ],
)
def test_an_epc_urn_becomes_a_canonical_link(urn: str, path: str) -> None:
    assert digital_link(urn) == f"https://id.gs1.org/{path}"


@pytest.mark.parametrize(
    "uri",
    [
        "urn:epc:id:sgtin:0614141.10734.1",  # one digit short
        "urn:epc:id:sgtin:0614141.107346.",
        "urn:epc:id:sgtin:0614141.107346." + "1" * 21,
        "urn:epc:id:giai:4000001." + "1" * 24,  # 31 characters
        "urn:epc:id:sgtin:٠٦١٤١٤١.107346.1",
        "urn:epc:id:usdod:CAGEY.1234",
        "urn:epc:id:sgtin",
        "urn:uuid:44c1f41f-f0cb-50cd-b158-f8b8c5d9b49e",
        "https://coop.tea.example/lot/1/H0515A",
        "https://coop.tea.example/8004/about",
        "https://id.gs1.org/01/09521234000013/21",
        "https://id.gs1.org/01/09521234000013/3103/000100",
        "https://id.gs1.org/01/09521234000013/21/",
        "https://id.gs1.org",
        "http:",
        "geo:30.27,120.16",
    ],
)
def test_what_is_no_gs1_key_stays_as_it_is(uri: str) -> None:
    assert digital_link(uri) is None


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("https://tea.example/01/9521234000013?17=270401", "01/09521234000013"),
        ("http://tea.example/some/where/gtin/9521234000013/lot/H0402A/ser/S1", "01/09521234000013/21/S1"),
        ("https://tea.example/01/09521234000013/10/401/21/5", "01/09521234000013/21/5"),
        ("https://tea.example/01/09521234000013/22/2A/10/H%2F1?x=1", "01/09521234000013/10/H%2F1"),
        ("https://tea.example/01/95212342", "01/00000095212342"),
        ("https://tea.example/gln/9521234000105/254/P06", "414/9521234000105/254/P06"),
        ("https://tea.example/8010/0614141123ABC/8011/7", "8010/0614141123ABC/8011/7"),
    ],
)
def test_a_link_keeps_the_finest_level_and_nothing_else(uri: str, path: str) -> None:
    assert digital_link(uri) == f"https://id.gs1.org/{path}"
