"""What is named in one place exists in another: messages, tasks, settings, static files, vendored files."""

import ast
import hashlib
import json
import re
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.management import call_command
from django.utils.module_loading import autodiscover_modules, import_string

from cluster_portal.celery import app
from cluster_portal.common import background

BASE = Path(__file__).resolve().parents[2]
ROOTS = ("cluster_portal", "clinics", "patients", "training", "investors")


def sources() -> list[Path]:
    return [path for root in ROOTS for path in sorted((BASE / root).rglob("*.py"))]


def enqueued_names() -> dict[str, str]:
    """Every message name that some code enqueues, with where; a constant is looked up in its module."""
    found = {}
    for path in sources():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called not in {"enqueue", "enqueue_with"}:
                continue
            first = node.args[0]
            where = f"{path.relative_to(BASE)}:{node.lineno}"
            if isinstance(first, ast.Constant):
                found[first.value] = where
            elif isinstance(first, ast.Name):
                module = ".".join(path.relative_to(BASE).with_suffix("").parts)
                found[import_string(f"{module}.{first.id}")] = where
            else:
                raise AssertionError(f"{where}: the name of a message is a literal or a constant")
    return found


def test_every_message_has_a_handler() -> None:
    autodiscover_modules("tasks")
    names = enqueued_names()
    assert names
    missing = {name: where for name, where in names.items() if name not in background.handler_names()}
    assert not missing


def test_every_handler_has_a_sender() -> None:
    autodiscover_modules("tasks")
    assert not background.handler_names() - enqueued_names().keys()


def test_every_scheduled_task_exists() -> None:
    app.loader.import_default_modules()
    for entry in app.conf.beat_schedule.values():
        assert entry["task"] in app.tasks, entry


def test_celery_keeps_its_promises() -> None:
    options = app.conf
    assert options.task_acks_late and options.task_reject_on_worker_lost
    assert options.worker_prefetch_multiplier == 1
    assert options.accept_content == ["json"]
    assert options.broker_transport_options["visibility_timeout"] > options.task_time_limit


def test_every_variable_of_the_environment_is_documented() -> None:
    """README's configuration table names what the code reads."""
    readme = (BASE / "README.md").read_text(encoding="utf-8") + (BASE / "docs" / "deployment.md").read_text(
        "utf-8"
    )
    reads = re.compile(r"\benv\.(?:str|bool|int|list|path|is_set|database)\(\s*\"([A-Z_]+)\"")
    wanted = {found for path in sources() for found in reads.findall(path.read_text(encoding="utf-8"))}
    own = re.compile(r"\b(?:str|bool|int)\(\"([A-Z_]+)\"")
    wanted |= set(own.findall((BASE / "cluster_portal" / "env.py").read_text(encoding="utf-8")))
    wanted -= {"PATH"}
    assert len(wanted) > 20
    assert not sorted(variable for variable in wanted if f"`{variable}`" not in readme)


def test_static_files_can_be_collected(tmp_path: Path, settings: Any) -> None:
    """With the storage of a real start: every file that a style sheet names exists, all get a digest."""
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "cluster_portal.ops.storage.CollectedStorage"},
    }
    call_command("collectstatic", verbosity=0, interactive=False)
    assert (tmp_path / "static" / "staticfiles.json").is_file()


def test_vendored_files_are_what_the_lock_says() -> None:
    """Libraries of others lie in static/vendor as they came, each with its licence, and nothing else does."""
    vendor = BASE / "static" / "vendor"
    lock = json.loads((vendor / "vendor.lock.json").read_text(encoding="utf-8"))
    listed = {}
    for package, entry in lock["packages"].items():
        assert entry["version"] and entry["licence"] and entry["integrity"], package
        listed |= entry["files"]
    for file, digest in listed.items():
        assert hashlib.sha256((vendor / file).read_bytes()).hexdigest() == digest, f"{file} was changed"
    present = {str(path.relative_to(vendor)) for path in vendor.rglob("*") if path.is_file()}
    assert {file for file in present - listed.keys() if "LICENSE" not in file.upper()} == {"vendor.lock.json"}


def test_every_app_of_ours_is_installed() -> None:
    installed = {config.name for config in apps.get_app_configs()}
    for path in sources():
        if path.name == "apps.py":
            assert ".".join(path.relative_to(BASE).parent.parts) in installed
