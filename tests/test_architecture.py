"""The house rules, held by reading the code: how imports flow, names, sizes, words. Each test lists all offenders.

`self` and `cls` are no parameters; keyword-only, `*args` and `**kwargs` each count as one; fields of a dataclass are no
parameters. `migrations/` is generated text and stands outside.
"""

import ast
import pathlib
import re
import tomllib
import types
from collections.abc import Iterator
from functools import cache

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent
PRODUCT = ("trace", "labels", "api", "web")
Function = ast.FunctionDef | ast.AsyncFunctionDef
Named = Function | ast.ClassDef

# What belongs to the edges: HTTP, the command line, sentences for people, pictures.
EDGE_LIBRARIES = {
    *("flask", "flask_smorest", "marshmallow", "webargs", "apispec", "werkzeug", "jinja2", "click"),
    *("babel", "PIL", "reportlab", "qrcode", "gunicorn"),
}
FORBIDDEN_FILES = {"util", "utils", "helper", "helpers", "common", "base", "manager", "managers", "misc"}
LAYER_FOLDERS = {"models", "services", "repositories", "controllers", "managers", "schemas", "views", "interfaces"}
MOST_LINES, MOST_LINES_OF_A_FUNCTION, MOST_PARAMETERS = 400, 50, 5

# Words with a better one (docs/words.md), and the folders in which a standard or a file format gives them their place.
WORDS: dict[str, tuple[str, ...]] = {
    "batch": ("trace/season/", "trace/epcis/", "trace/digital_link/"),
    "batches": ("trace/season/", "trace/epcis/", "trace/digital_link/"),
    "harvest": ("trace/season/",),
    "harvests": ("trace/season/",),
    "harvesting": (),
    "sku": ("trace/season/",),
    "skus": ("trace/season/",),
    "farmer": ("trace/season/",),
    "farmers": ("trace/season/",),
    "box": ("labels/",),  # what a drawing fills
    "admin": (),
    "genealogy": (),
    "upstream": (),
    "downstream": (),
    "movement": (),
    "nesting": (),
    "reconciliation": (),
    "company": ("trace/digital_link/",),  # the company prefix of GS1
    "farm": (),
    "blockchain": (),
    "ferment": (),
    "visit": (),
    "alert": (),
}
RULE_CODES = {"harvest_inside_phi"}  # names of rules, fixed outside this code


@cache
def source_files(*folders: str) -> tuple[pathlib.Path, ...]:
    """Return the Python files below folders."""
    return tuple(sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py")))


@cache
def parsed(path: pathlib.Path) -> ast.Module:
    """Return the syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def place(path: pathlib.Path, node: ast.AST | None = None) -> str:
    """Return `file:line`."""
    name = path.relative_to(ROOT).as_posix()
    return f"{name}:{getattr(node, 'lineno', 1)}" if node else name


def imports(path: pathlib.Path) -> Iterator[tuple[str, ast.AST]]:
    """Yield every module that a file imports, also inside functions."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from ((f"{node.module}.{alias.name}", node) for alias in node.names)


def nodes(kind: type | types.UnionType | tuple[type, ...], *folders: str) -> Iterator[tuple[pathlib.Path, ast.AST]]:
    """Yield every node of a kind."""
    for path in source_files(*folders):
        yield from ((path, node) for node in ast.walk(parsed(path)) if isinstance(node, kind))


def called(node: ast.AST) -> str:
    """Return the dotted name of what is called or read, as written."""
    return ast.unparse(node.func) if isinstance(node, ast.Call) else ast.unparse(node)


def last_name(call: ast.AST) -> str:
    """Return the last part of the name of what is called; to write the whole out costs much more."""
    function = getattr(call, "func", None)
    return str(getattr(function, "attr", getattr(function, "id", "")))


def public(tree: ast.AST) -> Iterator[Named]:
    """Yield the public functions, classes and methods of a module or class."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from public(node)


def layers() -> dict[str, set[str]]:
    """Return for each package what it may import, as the contract in pyproject.toml says; `|` divides siblings."""
    contract = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    rows = [re.split(r"\s*[|:]\s*", row) for row in contract["contracts"][0]["layers"]]
    return {
        package: {name for below in rows[at + 1 :] for name in below} for at, row in enumerate(rows) for package in row
    }


def test_imports_flow_one_way() -> None:
    found = [
        f"{place(path, node)} imports {name}"
        for package, allowed in layers().items()
        for path in source_files(package)
        for name, node in imports(path)
        if name.split(".")[0] in {*PRODUCT, "wsgi", "bench", "tests"} - {package, *allowed}
    ]
    assert set(layers()) == set(PRODUCT)
    assert not found, "\n".join(found)


def test_the_pages_stand_on_the_shell_of_the_api_alone() -> None:
    shell = {"api.app", "api.state", "api.catalogue", "api.languages", "api.problems"}
    found = [
        f"{place(path, node)} imports {name}"
        for path in source_files("web")
        for name, node in imports(path)
        if name.startswith("api") and name not in shell and name.rpartition(".")[0] not in shell | {"api"}
    ]
    assert not found, "\n".join(found)


def test_the_domain_knows_no_web_no_command_line_and_no_pictures() -> None:
    found = [
        f"{place(path, node)} imports {name}"
        for path in source_files("trace")
        for name, node in imports(path)
        if name.split(".")[0] in EDGE_LIBRARIES
    ]
    assert not found, "\n".join(found)


def test_labels_know_nothing_of_the_domain_but_its_refusals() -> None:
    found = [
        f"{place(path, node)} imports {name}"
        for path in source_files("labels")
        for name, node in imports(path)
        if name.split(".")[0] == "trace" and not name.startswith("trace.errors")
    ]
    assert not found, "\n".join(found)


# `flask demo` becomes the same command with another database, and hands the rest of its environment on.
READ_THE_ENVIRONMENT = {"api/settings.py", "api/cli/demo.py"}


def test_only_the_settings_read_the_environment() -> None:
    found = [
        place(path, node)
        for path, node in nodes((ast.Attribute, ast.Name), *PRODUCT)
        if called(node) in ("os.environ", "os.getenv", "environ", "getenv") and place(path) not in READ_THE_ENVIRONMENT
    ]
    assert not found, "\n".join(found)


def test_the_domain_flushes_and_never_commits() -> None:
    found = [
        place(path, node)
        for path, node in nodes(ast.Call, "trace")
        if called(node).rpartition(".")[2] in ("commit", "rollback")
    ]
    assert not found, "\n".join(found)


def test_all_tables_are_known_together() -> None:
    known = {name for name, _ in imports(ROOT / "trace/tables.py")}
    named = (
        (path, target.id)
        for path, node in nodes(ast.Assign, "trace")
        for target in getattr(node, "targets", [])
        if isinstance(target, ast.Name)
    )
    modules = {path.relative_to(ROOT).with_suffix("") for path, name in named if name == "__tablename__"}
    assert {".".join(module.parts) for module in modules} - known == set()


def test_there_is_one_clock() -> None:
    clocks = re.compile(r"\b(datetime\.(now|utcnow|today)|date\.today|time\.time)$")
    found = [
        place(path, node)
        for path, node in nodes(ast.Call, *PRODUCT)
        if clocks.search(called(node)) and place(path) != "trace/clock.py"
    ]
    assert not found, "\n".join(found)


def test_nothing_catches_every_exception() -> None:
    every = {"Exception", "BaseException"}
    found = []
    for path, node in nodes((ast.ExceptHandler, ast.Call), *PRODUCT, "bench", "tests"):
        if isinstance(node, ast.ExceptHandler):
            if isinstance(node.body[-1], ast.Raise) and node.body[-1].exc is None:
                continue  # clears up and raises the same again
            caught = {called(part) for part in ast.walk(node.type)} if node.type else every
        else:
            names = getattr(node, "args", []) if last_name(node).endswith("suppress") else []
            caught = {called(name) for name in names}
        if caught & every:
            found.append(place(path, node))
    assert not found, "\n".join(found)


def test_no_file_is_named_for_nothing_in_particular() -> None:
    found = [place(path) for path in source_files(*PRODUCT, "bench", "tests") if path.stem in FORBIDDEN_FILES]
    assert not found, "\n".join(found)


def test_no_folder_is_a_layer() -> None:
    folders = {path.parent for path in source_files(*PRODUCT)}
    found = [place(folder) for folder in folders if folder.name in LAYER_FOLDERS | FORBIDDEN_FILES]
    assert not found, "\n".join(found)


def test_a_module_has_at_most_400_lines() -> None:
    counts = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in all_sources()}
    found = [f"{place(path)} has {lines}" for path, lines in counts.items() if lines > MOST_LINES]
    assert not found, "\n".join(found)


def test_a_function_has_at_most_50_lines() -> None:
    found = []
    for path in all_sources():
        for node in ast.walk(parsed(path)):
            if isinstance(node, Function):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > MOST_LINES_OF_A_FUNCTION:
                    found.append(f"{place(path, node)} {node.name} has {lines}")
    assert not found, "\n".join(found)


def all_sources() -> list[pathlib.Path]:
    """Return every file of ours that is written by hand."""
    return [*source_files(*PRODUCT, "bench", "tests"), ROOT / "wsgi.py", ROOT / "migrations" / "env.py"]


def parameters(node: Function) -> list[str]:
    """Return the names of a function's parameters, without `self` and `cls`."""
    given = node.args
    parts = [*given.posonlyargs, *given.args, given.vararg, *given.kwonlyargs, given.kwarg]
    return [part.arg for part in parts if part and part.arg not in ("self", "cls")]


def test_a_function_has_at_most_5_parameters() -> None:
    found = [
        f"{place(path, node)} {node.name}({', '.join(parameters(node))})"
        for path, node in nodes(Function, *PRODUCT, "bench")
        if isinstance(node, Function) and len(parameters(node)) > MOST_PARAMETERS
    ]
    assert not found, "\n".join(found)


def test_every_module_and_every_public_name_says_what_it_promises() -> None:
    found = [place(path) for path in [*source_files(*PRODUCT), ROOT / "wsgi.py"] if not ast.get_docstring(parsed(path))]
    found += [
        f"{place(path, node)} {node.name}"
        for path in source_files(*PRODUCT)
        for node in public(parsed(path))
        if not ast.get_docstring(node)
    ]
    assert not found, "\n".join(found)


def annotated(tree: ast.AST) -> Iterator[tuple[str, ast.expr, ast.AST]]:
    """Yield (name, annotation, node) of variables, fields, parameters and what functions return."""
    for node in ast.walk(tree):
        if isinstance(node, ast.AnnAssign):
            yield called(node.target).rpartition(".")[2], node.annotation, node
        elif isinstance(node, ast.arg) and node.annotation:
            yield node.arg, node.annotation, node
        elif isinstance(node, Function) and node.returns:
            yield node.name, node.returns, node


def test_no_mass_and_no_measurement_is_a_float() -> None:
    exact = re.compile(r"_(g|kg|jin|percent|mg_per_kg|yuan|mu)$")
    found = [
        f"{place(path, node)} {name}: {ast.unparse(annotation)}"
        for path in source_files(*PRODUCT)
        for name, annotation, node in annotated(parsed(path))
        if exact.search(name) and re.search(r"\bfloat\b", ast.unparse(annotation))
    ]
    assert not found, "\n".join(found)


def test_a_mass_in_grams_is_a_whole_number() -> None:
    whole = re.compile(r"\b(int|Grams)\b")
    found = [
        f"{place(path, node)} {name}: {ast.unparse(annotation)}"
        for path in source_files("trace")
        for name, annotation, node in annotated(parsed(path))
        if name.endswith("_g") and not whole.search(ast.unparse(annotation))
    ]
    assert not found, "\n".join(found)


def test_only_commands_and_measurements_print() -> None:
    found = [
        place(path, node)
        for path, node in nodes(ast.Call, *PRODUCT)
        if called(node) == "print" and not place(path).startswith("api/cli/")
    ]
    assert not found, "\n".join(found)


def words_of(name: str) -> list[str]:
    """Return the words of an identifier."""
    return re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name).lower().split("_")


def names_of(path: pathlib.Path) -> Iterator[tuple[str, ast.AST | None]]:
    """Yield the names a file gives: of itself, its functions, classes, fields and parameters."""
    yield path.stem, None
    for node in ast.walk(parsed(path)):
        if isinstance(node, Named):
            yield node.name, node
        elif isinstance(node, ast.arg):
            yield node.arg, node
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id, node


@cache
def said() -> dict[str, list[tuple[str, str]]]:
    """Return word → the place and name of everything that has it in its name."""
    found: dict[str, list[tuple[str, str]]] = {}
    for path in source_files(*PRODUCT):
        for name, node in names_of(path):
            for word in set(words_of(name)):
                found.setdefault(word, []).append((place(path, node), name))
    return found


@pytest.mark.parametrize("word", WORDS)
def test_one_word_has_one_meaning(word: str) -> None:
    found = [
        f"{where} {name}"
        for where, name in said().get(word, ())
        if not where.startswith(WORDS[word]) and name.lower() not in RULE_CODES
    ]
    assert not found, "\n".join(found)


# Tests of what only shows from outside, named for where it shows.
SEEN_FROM_OUTSIDE = {"books", "browser", "client", "contract", "masterdata", "roles", "season_by_doors", "serving"}


def module_names() -> set[str]:
    """Return what a test may be named for: `cli_epcis` or `epcis` for `api/cli/epcis.py`, and the packages."""
    found = set(PRODUCT) | SEEN_FROM_OUTSIDE
    for path in source_files(*PRODUCT):
        parts = [part for part in path.relative_to(ROOT).with_suffix("").parts[1:] if part != "__init__"]
        found |= {"_".join(parts[start:]) for start in range(len(parts))}
    return found


def test_the_tests_mirror_the_tree() -> None:
    known = module_names()
    found = [
        place(path)
        for package in PRODUCT
        for path in source_files(f"tests/{package}")
        for subject in [path.stem.removeprefix("test_")]
        if path.name.startswith("test_")
        # in a folder named like a package of ours a test has a name of its own
        and not (path.parent.name != package and (ROOT / path.parent.relative_to(ROOT / "tests")).is_dir())
        and not any(subject == name or subject.startswith(f"{name}_") for name in known)
    ]
    assert not found, "no module of that name:\n" + "\n".join(found)
