"""Identifiers: examples of the domain notes, shared vectors, and what check digits promise."""

import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from trace import ids

CHECK_DIGITS = Path(__file__).parents[3] / "shared" / "interop" / "digital-link" / "check-digits.json"

RESIDENT = "11010519491231002X"  # the textbook number


def digits(least: int, most: int) -> st.SearchStrategy[str]:
    return st.text("0123456789", min_size=least, max_size=most)


def refusal(check: object, text: str) -> str:
    with pytest.raises(ids.IdentifierError) as caught:
        check(text)  # type: ignore[operator]
    return caught.value.code


@pytest.mark.interop
def test_every_shared_check_digit_is_computed():
    if not CHECK_DIGITS.exists():
        pytest.skip(f"no {CHECK_DIGITS}")
    for vector in json.loads(CHECK_DIGITS.read_text(encoding="utf-8"))["vectors"]:
        assert ids.gs1_check_digit(vector["body"]) == vector["check_digit"], vector
        assert ids.has_gs1_check(vector["full"]), vector
        normalise = {"GLN": ids.gln, "SSCC": ids.sscc}.get(vector["key"], ids.gtin14)
        assert normalise(vector["full"]).lstrip("0") == vector["full"].lstrip("0"), vector


@pytest.mark.parametrize(
    ("body", "full"),
    [
        ("952000001000", "9520000010003"),
        ("952000001001", "9520000010010"),
        ("690123456789", "6901234567892"),
    ],
)
def test_a_gtin_of_the_domain_notes_has_its_check_digit(body, full):
    assert body + ids.gs1_check_digit(body) == full
    assert ids.gtin14(full) == full.zfill(14)


@pytest.mark.parametrize("short", ["64152677", "547444824682", "3284638377469", "83359141664415"])
def test_every_length_of_gtin_becomes_fourteen_digits(short):
    assert ids.gtin14(short) == short.zfill(14)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("6901234567893", "wrong-check-digit"),
        ("690123456789", "wrong-check-digit"),
        ("69012345678", "wrong-length"),
        ("690123456789X", "not-digits"),
        ("６901234567892", "not-digits"),
        ("6901234567892\n", "not-digits"),
        ("", "not-digits"),
    ],
)
def test_a_gtin_is_refused_for_a_reason(text, code):
    assert refusal(ids.gtin14, text) == code


def test_a_gln_and_an_sscc_have_one_length_each():
    assert refusal(ids.gln, "64152677") == "wrong-length"
    assert refusal(ids.sscc, "9520000010003") == "wrong-length"
    assert refusal(ids.gln, "7648927384960") == "wrong-check-digit"


@given(digits(7, 17), st.data())
def test_every_single_wrong_digit_spoils_a_gs1_code(body, data):
    code = body + ids.gs1_check_digit(body)
    place = data.draw(st.integers(0, len(code) - 1))
    wrong = data.draw(st.sampled_from("0123456789"))
    assume(wrong != code[place])
    assert not ids.has_gs1_check(code[:place] + wrong + code[place + 1 :])


@given(digits(7, 17), st.data())
def test_an_adjacent_swap_spoils_a_gs1_code_unless_the_digits_differ_by_five(body, data):
    code = body + ids.gs1_check_digit(body)
    place = data.draw(st.integers(0, len(code) - 2))
    left, right = code[place], code[place + 1]
    assume(left != right)
    swapped = code[:place] + right + left + code[place + 2 :]
    assert ids.has_gs1_check(swapped) == (abs(int(left) - int(right)) == 5)


@pytest.mark.parametrize("code", ["93379901MATEA00151", "91379901MATEA1018P", "91379901MATEA1026J"])
def test_a_right_credit_code_raises_no_warning(code):
    assert ids.check_uscc(code) == ()


def test_a_wrong_check_of_a_credit_code_is_only_a_warning():
    assert ids.check_uscc("93379901MATEA00152") == ("uscc-check",)
    assert ids.check_uscc("93379901MATEA00251") == ("organisation-check", "uscc-check")


@pytest.mark.parametrize(
    "text",
    ["91379901MATEA1O18P", "9137990MATEA1018P", "91379901matea1018p", "91379901MATEA1018P ", "9137990AMATEA1018P"],
)
def test_what_has_not_the_shape_of_a_credit_code_is_refused(text):
    assert refusal(ids.check_uscc, text) == "uscc-shape"


USCC_CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


@st.composite
def credit_codes(draw: st.DrawFn) -> str:
    authority = draw(st.text(USCC_CHARACTERS, min_size=2, max_size=2))
    organisation = draw(st.text(USCC_CHARACTERS, min_size=8, max_size=8))
    body = authority + draw(digits(6, 6)) + organisation + ids.organisation_check_character(organisation)
    return body + ids.uscc_check_character(body)


@given(credit_codes(), st.data())
def test_every_single_error_in_a_credit_code_is_seen(code, data):
    place = data.draw(st.integers(0, 17))
    wrong = data.draw(st.sampled_from("0123456789" if 2 <= place < 8 else USCC_CHARACTERS))
    assume(wrong != code[place])
    assert ids.check_uscc(code) == ()
    assert "uscc-check" in ids.check_uscc(code[:place] + wrong + code[place + 1 :])


@given(credit_codes(), st.sampled_from([0, *range(2, 7), *range(8, 16)]))
def test_every_adjacent_swap_in_a_credit_code_is_seen(code, place):
    assume(code[place] != code[place + 1])
    assert "uscc-check" in ids.check_uscc(code[:place] + code[place + 1] + code[place] + code[place + 2 :])


@pytest.mark.parametrize("code", ["SC11437990100013", "SC11437990100021", "SC11437990100030", "SC11437990100056"])
def test_a_right_food_licence_raises_no_warning(code):
    assert ids.check_licence(code) == ()


def test_a_wrong_check_of_a_food_licence_is_a_warning_and_a_wrong_shape_a_fault():
    assert ids.check_licence("SC11437990100014") == ("licence-check",)
    for text in ("QS1143799010", "SC1143799010001", "sc11437990100013", "SC1143799010001３"):
        assert refusal(ids.check_licence, text) == "licence-shape"


@given(digits(13, 13), st.data())
def test_every_single_error_in_a_food_licence_is_seen(body, data):
    code = body + ids.licence_check_digit(body)
    place = data.draw(st.integers(0, 13))
    wrong = data.draw(st.sampled_from("0123456789"))
    assume(wrong != code[place])
    assert ids.check_licence(f"SC{code[:place]}{wrong}{code[place + 1 :]}") == ("licence-check",)


def test_a_village_code_has_twelve_digits():
    assert ids.village_code("379901101201") == "379901101201"
    for text in ("37990110120", "3799011012011", "37990110120X", "079901101201"):
        assert refusal(ids.village_code, text) == "village-shape"


@pytest.mark.parametrize("code", ["L0402A", "2026-04-02", "A.1", "0" * 20])
def test_a_lot_code_needs_no_percent_sign_in_a_link(code):
    assert ids.lot_code(code) == code


@pytest.mark.parametrize("text", ["", "l0402a", "A_1", "批次1", "A B", "A/1", "0" * 21, "A1\n"])
def test_any_other_lot_code_is_refused(text):
    assert refusal(ids.lot_code, text) == "lot-code-shape"


def test_tokens_hold_the_random_bits_they_promise():
    assert len({ids.new_api_token() for _ in range(100)}) == 100
    assert len(bytes.fromhex(ids.new_api_token())) * 8 == 256


@pytest.mark.parametrize("number", [RESIDENT, RESIDENT.lower()])
def test_a_resident_number_is_known_by_pattern_and_check(number):
    assert ids.is_resident_number(number)


@pytest.mark.parametrize("text", ["110105194912310021", "11010519491331002X", "395212340000001011", "1101051949123100"])
def test_other_eighteen_digit_strings_are_not_resident_numbers(text):
    assert not ids.is_resident_number(text)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("王某 13800000000 收", "王某 *********** 收"),
        ("电话138-0000-0000", "电话*************"),
        ("+86 138 0000 0000", "*****************"),
        ("１３８００００００００", "***********"),
        (f"身份证{RESIDENT}。", f"身份证{'*' * 18}。"),
        (f"{RESIDENT},13912345678", f"{'*' * 18},{'*' * 11}"),
    ],
)
def test_personal_numbers_in_free_text_are_masked(text, masked):
    assert ids.mask_personal_numbers(text) == masked


@pytest.mark.parametrize(
    "text",
    ["", "12800000000", "6901234567892", "SC11437990100013", "0086", "119.13812345678", "138000000001", "春茶一芽二叶"],
)
def test_tea_records_hold_no_personal_numbers(text):
    assert ids.find_personal_numbers(text) == ()


def test_each_finding_says_what_it_is_and_where():
    found = ids.find_personal_numbers(f"a13912345678b {RESIDENT}")
    assert [(number.kind, number.start, number.end) for number in found] == [
        (ids.PersonalKind.MOBILE, 1, 12),
        (ids.PersonalKind.RESIDENT, 14, 32),
    ]


@given(st.text())
def test_a_masked_text_keeps_its_length_and_hides_everything(text):
    masked = ids.mask_personal_numbers(text)
    assert len(masked) == len(text)
    assert ids.find_personal_numbers(masked) == ()


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), st.sampled_from(["", "电话", "tel:", " ", "号码是"]))
def test_every_mobile_number_is_found_after_any_words(number, before):
    assert [found.kind for found in ids.find_personal_numbers(before + number)] == [ids.PersonalKind.MOBILE]


@given(st.dates(date(1800, 1, 1), date(2099, 12, 31)), digits(3, 3))
def test_every_resident_number_is_found_in_a_text(born, order):
    body = f"379901{born:%Y%m%d}{order}"
    check = next(check for check in "0123456789X" if ids.is_resident_number(body + check))
    assert [found.kind for found in ids.find_personal_numbers(f"证{body}{check}。")] == [ids.PersonalKind.RESIDENT]
