"""`code_check_digit`: a wrong check character is noted once, and never more than noted."""

from trace import ids
from trace.findings import Severity
from trace.rules.codes import Registered, judge

BODY = "91379900MA3TEA01" + ids.organisation_check_character("MA3TEA01")
RIGHT = BODY + ids.uscc_check_character(BODY)
WRONG = BODY + ("0" if RIGHT[-1] != "0" else "1")
LICENCE = "1143799010009"
SC = f"SC{LICENCE}{ids.licence_check_digit(LICENCE)}"
WRONG_SC = f"SC{LICENCE}{(int(SC[-1]) + 1) % 10}"


def test_right_codes_and_a_workshop_s_own_words_are_not_noted() -> None:
    assert judge([Registered(1, RIGHT, [SC, "鲁作坊登字 0042"]), Registered(2, None, [])]) == []


def test_each_wrong_code_is_noted_once() -> None:
    found = judge([Registered(7, WRONG, [SC, WRONG_SC])])
    assert [(note.record, note.severity, note.facts["value"]) for note in found] == [
        (7, Severity.NOTE, WRONG),
        (7, Severity.NOTE, WRONG_SC),
    ]
