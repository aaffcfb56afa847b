"""What stands in the repository: no registry, no machine, nothing that a strict content policy would stop."""

import pathlib
import re
import subprocess
from functools import cache

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent

# A letter of each stands in brackets, so that this file is no offender itself.
HOSTS = re.compile(
    r"pyp[i]\.org|python[h]osted|npm[j]s\.|unpk[g]\.|jsd[e]livr|cdn[j]s|fonts\.g(oogleapis|static)|crates\.[i]o|"
    r"https?://(registry|index|mirror)s?\.|deb\.[d]ebian\.org|file:[/]//|--find-[l]inks|extra-[i]ndex|--index-[u]rl"
)
MACHINE = re.compile(r"(?<![\w./-])/(work/(main|shared|\.)|tmp/wt|root/|home/\w+/)")
SECRET = re.compile("-----BEGIN " r"(\w+ )?PRIVATE KEY-----|AKIA[0-9A-Z]{16}|gh[pousr]_\w{30}")
INLINE = re.compile(
    r"<style\b|<script\b(?![^>]*\bsrc=)|\sstyle\s*=\s*[\"'{]|\son[a-z]+\s*=\s*[\"'{]|javascript:", re.IGNORECASE
)


@cache
def committed() -> dict[str, str]:
    """Return the text of every committed file by its name; pictures and other bytes are left out."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("no git here, so nothing says which files are committed")
    texts = {}
    for name in listed.stdout.decode().split("\0"):
        path = ROOT / name
        if name and path.is_file():
            try:
                texts[name] = path.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue
    return texts


def lines_with(pattern: re.Pattern[str], names: list[str] | None = None) -> list[str]:
    """Return `file:line: what` for each match."""
    found = []
    for name, text in committed().items():
        if names is None or name in names:
            for number, line in enumerate(text.splitlines(), start=1):
                if match := pattern.search(line):
                    found.append(f"{name}:{number}: {match.group()}")
    return found


def test_no_file_names_a_registry_or_an_index() -> None:
    found = lines_with(HOSTS)
    assert not found, "\n".join(found)


def test_no_file_names_a_place_on_one_machine() -> None:
    found = lines_with(MACHINE)
    assert not found, "\n".join(found)


def test_no_secret_is_committed() -> None:
    found = lines_with(SECRET)
    assert not found, "\n".join(found)


def test_no_page_and_no_drawing_has_inline_style_or_script() -> None:
    shown = [
        name for name in committed() if name.startswith(("web/", "labels/", "api/")) and "/translations/" not in name
    ]
    found = lines_with(INLINE, [name for name in shown if name.endswith((".html", ".svg", ".py", ".jinja", ".j2"))])
    assert not found, "\n".join(found)


def test_no_merge_was_left_half_done() -> None:
    found = lines_with(re.compile(r"^(<{7}|>{7})( |$)"))
    assert not found, "\n".join(found)


def test_every_pin_has_a_hash() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        pins = re.findall(r"^(\S+==\S+)(.*?)(?=^\S|\Z)", committed()[name], re.MULTILINE | re.DOTALL)
        assert pins, name
        bare = [pin for pin, rest in pins if "--hash=sha256:" not in rest]
        assert not bare, f"{name}: {bare}"


def test_no_font_and_no_third_party_script_is_committed() -> None:
    names = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.split()
    found = [name for name in names if name.endswith((".ttf", ".otf", ".woff", ".woff2", ".min.js", ".whl"))]
    assert not found, "\n".join(found)
