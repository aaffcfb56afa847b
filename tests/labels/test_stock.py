"""The sizes of label on a roll."""

import pytest

from labels.stock import DEFAULT, STOCKS, get_stock
from trace.errors import NotFoundError


def test_the_usual_roll_comes_first() -> None:
    assert next(iter(STOCKS)) == DEFAULT.code == "roll-50x30"


def test_a_label_has_the_dots_of_its_print_head() -> None:
    assert DEFAULT.dots(203) == (400, 240)
    assert DEFAULT.dots(300) == (590, 354)


def test_a_size_nobody_stocks_is_refused() -> None:
    with pytest.raises(NotFoundError):
        get_stock("roll-10x10")
