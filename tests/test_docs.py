"""The documents say what is: links lead somewhere, files named exist, settings and commands are those of the code."""

import pathlib
import re
from collections.abc import Iterator

import pytest

from api.settings import SETTINGS

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\]\(([^)\s]+)\)")
NAMED = re.compile(
    r"`((?:\.ci|api|bench|demo|docs|labels|migrations|tests|trace|web)/[\w./-]*|[\w-]+\.(?:py|toml|md))`"
)
CODE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
TARGET = re.compile(r"\bmake ([a-z]+)\b")
FLASK = re.compile(r"\bflask ([a-z][a-z-]*)(?: ([a-z][a-z-]*))?")
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("*.md"))


def names(pages: list[pathlib.Path]) -> list[str]:
    """Return the pages' names, as test ids."""
    return [page.relative_to(ROOT).as_posix() for page in pages]


def anchors(page: pathlib.Path) -> set[str]:
    """Return the anchors of a page's headings."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def bad_links(page: pathlib.Path) -> Iterator[str]:
    """Yield the links of a page that lead nowhere."""
    for link in LINK.findall(CODE.sub("", page.read_text(encoding="utf-8"))):
        if link.startswith(("http://", "https://", "mailto:")):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            yield link


@pytest.mark.parametrize("page", PAGES, ids=names(PAGES))
def test_every_link_leads_somewhere(page: pathlib.Path) -> None:
    assert list(bad_links(page)) == []


@pytest.mark.parametrize("page", PAGES, ids=names(PAGES))
def test_every_file_named_exists(page: pathlib.Path) -> None:
    text = page.read_text(encoding="utf-8")
    found = [
        name
        for name in NAMED.findall(text)
        if not any((place / name).exists() for place in (ROOT, page.parent, ROOT / "trace", ROOT / "docs"))
    ]
    assert found == []


def test_every_setting_is_documented() -> None:
    text = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    assert [setting.name for setting in SETTINGS if f"`{setting.name}`" not in text] == []


def test_every_setting_documented_is_one() -> None:
    text = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"^\| `([A-Z][A-Z_]+)`", text, re.MULTILINE))
    assert documented == {setting.name for setting in SETTINGS}


@pytest.mark.parametrize("page", PAGES, ids=names(PAGES))
def test_every_make_target_named_exists(page: pathlib.Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    told = re.findall(r"`([^`\n]+)`", page.read_text(encoding="utf-8"))
    told += CODE.findall(page.read_text(encoding="utf-8"))
    assert {target for part in told for target in TARGET.findall(part)} - targets == set()


def test_the_readme_fits_one_screen() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 60


@pytest.mark.parametrize("page", DECISIONS, ids=names(DECISIONS))
def test_a_decision_says_context_decision_and_consequence(page: pathlib.Path) -> None:
    text = page.read_text(encoding="utf-8")
    missing = [part for part in ("## Context", "## Decision", "## Consequence") if part not in text]
    assert missing == []


def test_decisions_are_numbered_without_gap() -> None:
    assert [int(page.name[:4]) for page in DECISIONS] == list(range(1, len(DECISIONS) + 1))


def test_every_fault_of_a_season_file_is_documented() -> None:
    sources = [
        *(ROOT / "trace" / "season").glob("*.py"),
        *(ROOT / "trace" / name for name in ("ids.py", "geometry.py")),
    ]
    call = r"(?:fault\([^,()]+(?:\([^()]*\))?, |Fault\([^,]+, |IdentifierError\(|return None, )"
    given = re.compile(call + r"\"([a-z]+(?:-[a-z0-9]+)*)\"")
    codes = {code for source in sources for code in given.findall(source.read_text(encoding="utf-8"))}
    text = (ROOT / "docs" / "season-file.md").read_text(encoding="utf-8")
    assert len(codes) > 20
    assert sorted(code for code in codes if f"`{code}`" not in text) == []
