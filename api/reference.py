"""The reference pages that are lists in the code: settings and problems. `python -m api.reference` writes them."""

import importlib
import pkgutil
from collections.abc import Iterator

import labels
import trace
from api.catalogue import Catalogue
from api.problems import HTTP_CODES, place_of, status_of
from api.settings import ROOT, SETTINGS
from trace.errors import TraceError
from trace.strict_json import UNREADABLE

_SETTINGS_HEAD = """# Settings · 设置

Settings come from the environment only and are checked at start: a wrong one ends the process with a line in Chinese
and English. An empty variable counts as absent. Paths are relative to the project's folder. Written by
`python -m api.reference`.

| Variable | Default | Meaning |
|---|---|---|
"""
_PROBLEMS_HEAD = """# Problems · 拒绝

Every refusal is `application/problem+json` (RFC 9457): `type` is `/problems/` and the code, `detail` a sentence in the
language of `Accept-Language` (Chinese by default), `facts` what it rests on, `errors` the faults field by field.
Rows stand in the order in which a request is looked at: of several refusals the upper one is told. A body that is not
readable JSON is `invalid` with status 400. `invalid` with 422 is told for the body by itself; what its codes name is
looked up afterwards, below 403, and then told the same way. Written by `python -m api.reference`.

| Status | Code | 说明 | Meaning |
|---|---|---|---|
"""


def refusals() -> list[type[TraceError]]:
    """Return every kind of refusal that the domain, the labels and printing declare."""
    for package in (trace, labels):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)
    for module_name in ("api.auth", "api.evidence", "api.installation", "api.printing"):
        importlib.import_module(module_name)
    return [TraceError, *_below(TraceError)]


def _below(kind: type[TraceError]) -> Iterator[type[TraceError]]:
    for one in kind.__subclasses__():
        yield one
        yield from _below(one)


def settings_page() -> str:
    """Return `docs/settings.md`."""
    rows = (f"| `{one.name}` | `{one.default}` | {one.meaning} · {one.meaning_en} |\n" for one in SETTINGS)
    return _SETTINGS_HEAD + "".join(rows)


def problems_page(catalogue: Catalogue) -> str:
    """Return `docs/problems.md`."""
    known = {(status, code) for status, code in HTTP_CODES.items()}
    known |= {(400, "bad-parameter"), (400, "invalid")}
    known |= {(status_of(kind), kind.code) for kind in refusals()}
    rows = sorted(known, key=lambda row: (place_of(*row), row[1]))
    text = "".join(
        f"| {status} | `{code}` | {_words(catalogue, code, 'zh')} | {_words(catalogue, code, 'en')} |\n"
        for status, code in rows
    )
    unreadable = ", ".join(f"`{code}`" for code in sorted(UNREADABLE))
    return f"{_PROBLEMS_HEAD}{text}\nNot readable as JSON: {unreadable}.\n"


def _words(catalogue: Catalogue, code: str, language: str) -> str:
    return catalogue.text(code, language).replace("|", "\\|")


def write() -> None:
    """Write both pages."""
    (ROOT / "docs" / "settings.md").write_text(settings_page(), encoding="utf-8")
    (ROOT / "docs" / "problems.md").write_text(problems_page(Catalogue()), encoding="utf-8")


if __name__ == "__main__":
    write()
