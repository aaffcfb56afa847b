"""SSCCs: eighteen digits with the right check digit, none given twice."""

import pytest
from sqlalchemy.orm import Session

from trace import ids
from trace.sscc import SsccsUsedUpError, give_numbers, sscc_at


@pytest.mark.parametrize(
    ("prefix", "number"), [("6901234", 0), ("6901234", 10**9), ("123456789012", 39_999), ("4006", 5)]
)
def test_every_number_makes_a_valid_sscc_below_its_prefix(prefix: str, number: int) -> None:
    sscc = sscc_at(prefix, number)
    assert ids.sscc(sscc) == sscc
    assert sscc[1:].startswith(prefix)
    assert int(sscc[0] + sscc[1 + len(prefix) : 17]) == number


def test_a_prefix_is_used_up_in_the_end() -> None:
    with pytest.raises(SsccsUsedUpError):
        sscc_at("123456789012", 50_000 * 10)


def test_numbers_go_on_where_they_ended(session: Session) -> None:
    assert [give_numbers(session, "6901234", count) for count in (2, 1, 3)] == [range(2), range(2, 3), range(3, 6)]
