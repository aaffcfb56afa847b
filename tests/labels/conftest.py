"""Fonts, a press and the values of one label; the fonts are made once if they are not there."""

from datetime import date
from pathlib import Path

import pytest

from labels import fonts
from labels.parts import LabelValues, Press
from labels.stock import DEFAULT

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def font_set() -> fonts.FontSet:
    directory = ROOT / fonts.DIRECTORY
    fonts.make(directory)
    return fonts.load(directory)


@pytest.fixture(scope="session")
def press(font_set: fonts.FontSet) -> Press:
    return Press(DEFAULT, font_set)


@pytest.fixture(scope="session")
def green_tea() -> LabelValues:
    return LabelValues(
        link="http://127.0.0.1:8000/01/09520000010003/10/L001/21/A7K2M9QX4TZB6CDEFGH1",
        name="示例·雾峪青 绿茶 特级 50g",
        grade="特级",
        net_content="50 g",
        lot="L001",
        packed_on=date(2026, 4, 26),
        best_before=date(2027, 10, 26),
        brand="示例·雾峪青",
        village="下茶沟村等4村",
        serial="A7K2M9QX4TZB6CDEFGH1",
    )
