"""Rules of the house that a linter does not know."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

BASE = Path(__file__).resolve().parents[2]
ROOTS = ("cluster_portal", "clinics", "patients", "training", "investors")
LONGEST = 400

#: Where a request is answered: thin code that calls one selector or service.
HTTP = re.compile(r"^(clinics|patients|training|investors|cluster_portal/pages)/(views|api)(/|\.py$)")


def modules() -> Iterator[Path]:
    """Every module of the portal, migrations apart."""
    for root in ROOTS:
        for path in sorted((BASE / root).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path


def name(path: Path) -> str:
    return str(path.relative_to(BASE))


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def test_no_module_is_longer_than_a_reader_holds() -> None:
    long = {name(path): lines for path in modules() if (lines := _lines(path)) > LONGEST}
    assert not long, f"each of these wants a second room: {long}"


def _lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def test_nothing_is_left_for_later() -> None:
    marks = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b|lorem ipsum", re.IGNORECASE)
    left = [
        f"{name(path)}:{number}"
        for path in (*modules(), *(BASE / "templates").rglob("*.html"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if marks.search(line)
    ]
    assert not left


def test_views_neither_query_nor_save() -> None:
    """HTML views and API viewsets go through selectors, policies and services."""
    found = []
    for path in modules():
        if not HTTP.match(name(path)):
            continue
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Attribute) and node.attr in {
                "objects",
                "_default_manager",
                "_base_manager",
            }:
                found.append(f"{name(path)}:{node.lineno} .{node.attr}")
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr
                in {"save", "bulk_create", "bulk_update", "get_or_create", "update_or_create"}
            ):
                found.append(f"{name(path)}:{node.lineno} .{node.func.attr}()")
    assert not found


def services() -> Iterator[tuple[Path, ast.FunctionDef]]:
    for path in modules():
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.FunctionDef) and any(
                (isinstance(mark, ast.Name) and mark.id == "service")
                or (isinstance(mark, ast.Attribute) and mark.attr == "service")
                for mark in node.decorator_list
            ):
                yield path, node


def test_services_take_the_actor_first_and_the_rest_by_name() -> None:
    wrong = [
        f"{name(path)}:{node.lineno} {node.name}"
        for path, node in services()
        if [argument.arg for argument in (*node.args.posonlyargs, *node.args.args)] != ["actor"]
    ]
    assert list(services()), "the rule has something to look at"
    assert not wrong


def test_services_are_documented_and_typed() -> None:
    wrong = [
        f"{name(path)}:{node.lineno} {node.name}"
        for path, node in services()
        if not ast.get_docstring(node) or node.returns is None
    ]
    assert not wrong


def test_modules_say_what_they_are_for() -> None:
    silent = [
        name(path)
        for path in modules()
        if path.read_text(encoding="utf-8").strip() and not ast.get_docstring(tree(path))
    ]
    allowed = re.compile(r"/(apps|admin|__init__)\.py$|/management/")
    assert not [path for path in silent if not allowed.search(path)]


def test_raw_sql_has_few_homes() -> None:
    """A cursor of one's own is for what the ORM cannot say; each place is known here."""
    homes = re.compile(
        r"^cluster_portal/(common|audit|jobs|ops|demo|reports|web/management)/|/selectors/|/services/|^cluster_portal/api/idempotency"
    )
    found = [
        f"{name(path)}:{node.lineno}"
        for path in modules()
        if not homes.search(name(path))
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"cursor", "raw", "extra"}
        and not (node.func.attr == "raw" and not node.args)
    ]
    assert not found


def test_import_rules_hold() -> None:
    from importlinter.cli import lint_imports

    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(BASE)
        assert lint_imports(no_cache=True) == 0


def test_the_front_door_needs_nothing_installed() -> None:
    """./portal --help under a Python without any package."""
    done = subprocess.run(
        ["python3", "-S", "-E", str(BASE / "portal"), "--help"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    for command in ("run", "test", "bench", "manage", "backup", "restore"):
        assert command in done.stdout
