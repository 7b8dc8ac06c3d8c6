import hashlib
import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders

BASE = Path(settings.BASE_DIR)
STATIC = BASE / "static"
TEMPLATES = sorted((BASE / "templates").rglob("*.html"))
SOURCES = [
    path
    for top in ("cluster_portal", "clinics", "patients", "training", "investors")
    for path in (BASE / top).rglob("*.py")
]


def symbols() -> set[str]:
    return set(re.findall(r'<symbol id="([^"]+)"', (STATIC / "icons/icons.svg").read_text()))


def test_every_icon_that_a_template_draws_is_in_the_sprite() -> None:
    known, missing = symbols(), {}
    for path in TEMPLATES:
        for name in re.findall(r"{% icon [\"']([a-z0-9-]+)[\"']", path.read_text()):
            if name not in known:
                missing.setdefault(name, path.name)
    for path in SOURCES:
        for name in re.findall(r"\bicon=\"([a-z0-9-]+)\"", path.read_text()):
            if name not in known:
                missing.setdefault(name, path.name)
    assert missing == {}


def test_the_sprite_holds_what_its_list_names() -> None:
    assert symbols() == set((STATIC / "icons/icons.txt").read_text().split())


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(BASE / "templates")))
def test_no_template_needs_what_the_policy_forbids(path: Path) -> None:
    text = re.sub(r"{% comment %}.*?{% endcomment %}", "", path.read_text(), flags=re.S)
    text = re.sub(r"{%.*?%}", "", text)
    assert not re.search(r"\sstyle=", text), "inline style"
    assert not re.search(r"\son[a-z]+=[\"']", text), "inline handler"
    assert not re.search(r"<script(?![^>]*\bsrc=)[^>]*>(?!\s*</script>)", text), "inline script"
    assert "<style" not in text
    assert not re.search(r"(?:src|href)=[\"'](?:https?:)?//", text), "an address outside the portal"
    assert "hx-on" not in text, "needs eval"


def test_nothing_of_ours_asks_another_server() -> None:
    for path in [*STATIC.glob("css/**/*.css"), *STATIC.glob("js/**/*.js")]:
        text = path.read_text()
        assert not re.search(r"(?:url\(|import |fetch\()[\"']?(?:https?:)?//", text), path.name
        assert "sourceMappingURL" not in text


def test_vendored_files_are_what_the_lock_says() -> None:
    lock = json.loads((STATIC / "vendor/vendor.lock.json").read_text())["packages"]
    listed = {}
    for name, package in lock.items():
        assert package["version"], name
        assert package["licence"], name
        assert package["integrity"].startswith("sha512-"), name
        listed |= package["files"]
    for path, digest in listed.items():
        content = (STATIC / "vendor" / path).read_bytes()
        assert hashlib.sha256(content).hexdigest() == digest, path
        assert b"sourceMappingURL" not in content, path
    others = {str(path.relative_to(STATIC / "vendor")) for path in (STATIC / "vendor").rglob("*.*")}
    assert {p for p in others - set(listed) if not p.endswith(("LICENSE.txt", "vendor.lock.json"))} == set()


def test_what_a_style_sheet_or_page_points_at_exists() -> None:
    for sheet in STATIC.glob("css/**/*.css"):
        for target in re.findall(r"url\(\"([^\"]+)\"\)", sheet.read_text()):
            assert (sheet.parent / target).resolve().is_file(), (sheet.name, target)
    for path in TEMPLATES:
        for target in re.findall(r"{% static ['\"]([^'\"]+)['\"]", path.read_text()):
            assert finders.find(target), (path.name, target)
