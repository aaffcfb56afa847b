"""Every code a person may meet has a sentence in Chinese and in English, and nothing missing ever raises."""

import ast
import pathlib
import re
from collections import Counter
from functools import cache

import pytest

from api import problems, reference
from api.catalogue import LANGUAGES, Catalogue
from tests.conftest import ROOT
from trace.rules.tables import SHAPES

CATALOGUE = Catalogue()
# Which argument is the code, where faults are made.
JUDGING = {"fault": 1, "Fault": 1, "refuse": 2, "refusal": 0, "IdentifierError": 0, "MassError": 0, "_Bad": 0}
JUDGING |= {"_Refused": 0, "_fault": 2}  # of the tables that rules judge by
JUDGING |= {"_told": 1}  # of JSON
ELSEWHERE = {"digital_link"}  # links have codes of their own: `reason.…`


@cache
def _modules() -> list[tuple[pathlib.Path, ast.Module]]:
    files = sorted([*(ROOT / "trace").rglob("*.py"), *(ROOT / "api").rglob("*.py")])
    return [(file, ast.parse(file.read_text(encoding="utf-8"))) for file in files if not ELSEWHERE & set(file.parts)]


def _called(node: ast.Call) -> str:
    function = node.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


@cache
def fault_codes() -> set[str]:
    """Return every code that stands as a constant where faults are made, and those geometry returns."""
    found: set[str] = set()
    for file, module in _modules():
        for node in ast.walk(module):
            if isinstance(node, ast.Call) and _called(node) in JUDGING:
                place = JUDGING[_called(node)]
                values = [one.value for one in node.args[place : place + 1] if isinstance(one, ast.Constant)]
                found |= {value for value in values if isinstance(value, str)}
            if file.name == "geometry.py" and isinstance(node, ast.Return) and node.value is not None:
                codes = ast.walk(node.value)
                found |= {one.value for one in codes if isinstance(one, ast.Constant) and isinstance(one.value, str)}
    return found


def test_fault_codes_are_found_at_all() -> None:
    assert {"wrong-type", "not-whole-grams", "uscc-shape", "axes-swapped", "too-deep", "lot-overdrawn"} <= fault_codes()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_fault_of_a_link_has_words(language: str) -> None:
    files = (ROOT / "trace" / "digital_link").glob("*.py")
    nodes = [node for file in files for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))]
    calls = [node for node in nodes if isinstance(node, ast.Call) and _called(node) in {"LinkError", "Fault"}]
    codes = {one.value for call in calls for one in call.args[:1] if isinstance(one, ast.Constant)}
    assert {"empty-value", "wrong-qualifiers"} <= codes
    codes |= {"not-digits", "wrong-characters", "wrong-length", "wrong-check-digit"}  # made on the way
    assert {f"reason.{code}" for code in codes} - CATALOGUE.codes(language) == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_refusal_has_a_sentence(language: str) -> None:
    assert {kind.code for kind in reference.refusals()} - CATALOGUE.codes(language) == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_fault_has_a_sentence(language: str) -> None:
    assert fault_codes() - CATALOGUE.codes(language) == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_rule_has_a_name(language: str) -> None:
    told = re.findall(r"^\| `(\w+)` \|", (ROOT / "docs" / "rules.md").read_text(encoding="utf-8"), re.MULTILINE)
    rules = {rule for rule in told if rule not in SHAPES}
    assert len(rules) >= 20
    assert {f"rule.{rule}" for rule in rules} <= CATALOGUE.codes(language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_answer_of_the_framework_has_a_sentence_and_a_title(language: str) -> None:
    wanted = {*problems.HTTP_CODES.values(), "bad-parameter"}
    assert wanted - CATALOGUE.codes(language) == set()
    assert {f"title.{code}" for code in wanted} - CATALOGUE.codes(language) == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_rule_has_a_sentence(language: str) -> None:
    told, _, _ = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8").partition("## The tables")
    rules = re.findall(r"^\| `(\w+)` \|", told, re.MULTILINE)
    assert "substance_banned" in rules
    assert {f"finding.{rule}" for rule in rules} - CATALOGUE.codes(language) == set()


def test_a_finding_says_which_of_several_reasons_there_is_and_what_is_missing() -> None:
    facts = {"packed_on": "2026-05-20", "licence": "鲁作坊登字 0042", "valid_to": "2026-05-19"}
    why = CATALOGUE.finding("licence_invalid", facts | {"why": "not-in-force"}, "zh")
    assert why == "2026-05-20 包装时，鲁作坊登字 0042 不在有效期内（有效期至 2026-05-19）"
    note = CATALOGUE.finding("licence_invalid", {"missing": "licence"}, "zh")
    assert note == "没有登记生产许可证或小作坊登记证；未判定"
    packed = CATALOGUE.finding("packaging", {"exceeded": [], "unknown": ["layers", "price_yuan"]}, "zh")
    assert packed == "包装超过标准的项目：无；没有填写的项目：层数、售价"


def test_both_languages_say_the_same_things_with_the_same_facts() -> None:
    assert CATALOGUE.codes("zh") == CATALOGUE.codes("en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_code_has_two_sentences(language: str) -> None:
    folder = ROOT / "api" / "translations" / language / "LC_MESSAGES"
    ids = [line for file in folder.glob("*.po") for line in file.read_text(encoding="utf-8").splitlines()]
    told = Counter(line for line in ids if line.startswith("msgid ") and line != 'msgid ""')
    assert [line for line, count in told.items() if count > 1] == []


def test_what_a_code_should_name_is_said_in_words() -> None:
    facts = {"array": "parties", "value": "C99"}
    assert CATALOGUE.sentence("unknown-reference", facts, "zh") == "没有这个参与者：C99"
    assert CATALOGUE.sentence("role-closed", {"role": "officer"}, "zh") == "角色“监管”不能做这件事"
    closed = CATALOGUE.sentence("delivery-not-open", {"delivery": "HO1", "state": "received"}, "zh")
    assert closed == "交付单 HO1 已经了结：已收货"
    assert CATALOGUE.sentence("unknown-reference", {**facts, "array": "harvests"}, "en") == "no such harvests: C99"


def test_english_has_no_chinese_in_it() -> None:
    for code in CATALOGUE.codes("en") - {"page.nav.zh"}:  # the name of the other language, in that language
        assert not any("\u4e00" <= character <= "\u9fff" for character in CATALOGUE.text(code, "en")), code


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_raises_whatever_facts_it_is_given(language: str) -> None:
    for code in CATALOGUE.codes(language):
        for facts in ({}, {"code": None, "what": "dragon", "candidates": [], "lot": "{evil.__class__}"}):
            assert CATALOGUE.sentence(code, facts, language)


def test_a_code_without_a_sentence_is_said_as_it_is() -> None:
    assert CATALOGUE.sentence("never-heard-of", {"a": 1}, "zh") == "never-heard-of"
    assert CATALOGUE.title("never-heard-of", "en") == "Refused"


def test_facts_are_filled_in() -> None:
    facts = {"lot": "L001", "available": 5, "asked": 9, "unit": "g"}
    assert CATALOGUE.sentence("lot-overdrawn", facts, "zh") == "批次 L001 只有 5 g，取不出 9 g"
    assert CATALOGUE.sentence("lot-overdrawn", facts, "en") == "lot L001 holds 5 g, 9 g cannot be taken"
    told = CATALOGUE.sentence("ambiguous-code", {"what": "lot", "code": "X", "candidates": ["A/X", "B/X"]}, "zh")
    assert told == "批次 X 不止一个，请写明是哪一个：A/X、B/X"


@pytest.mark.parametrize("page", ["settings.md", "problems.md"])
def test_the_reference_pages_say_what_the_code_says(page: str) -> None:
    written = (ROOT / "docs" / page).read_text(encoding="utf-8")
    assert written == (reference.settings_page() if page == "settings.md" else reference.problems_page(CATALOGUE))


@pytest.mark.parametrize(
    ("code", "facts", "said"),
    [
        ("not-yours", {"value": "P031", "owner": "C01"}, "P031 belongs to C01; you may not use it"),
        ("not-yours", {"value": "P031", "owner": ""}, "you may not use P031"),
        ("out-of-range", {"least": 0, "most": None}, "out of range"),
        ("out-of-range", {"least": 0, "most": 9}, "out of range: least 0, most 9"),
        ("positions-outside", {"value": 30, "last": 3}, "the first position 30 comes after the last, 3"),
    ],
)
def test_a_sentence_has_no_hole_where_a_fact_is_not_known(code: str, facts: dict[str, object], said: str) -> None:
    assert Catalogue().sentence(code, facts, "en") == said
