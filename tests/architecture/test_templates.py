"""Templates: nothing inline, nothing from another host, every file that they name exists."""

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.template.loader import get_template

BASE = Path(__file__).resolve().parents[2]
TEMPLATES = sorted(
    path
    for root in ("templates", "cluster_portal", "clinics", "patients", "training", "investors")
    for path in (BASE / root).rglob("*.html")
    if "templates" in path.parts
)

INLINE = {
    "style attribute": re.compile(r"<[^>]+\sstyle\s*=", re.IGNORECASE),
    "style element": re.compile(r"<style\b", re.IGNORECASE),
    "inline script": re.compile(
        r"<script\b(?![^>]*\bsrc=)(?![^>]*type=\"application/(ld\+)?json\")", re.IGNORECASE
    ),
    "event attribute": re.compile(r"<[^>]+\son[a-z]+\s*=", re.IGNORECASE),
    "javascript address": re.compile(r"javascript:", re.IGNORECASE),
    "another host": re.compile(r"(src|href|action)\s*=\s*[\"'](https?:)?//", re.IGNORECASE),
    "unescaped": re.compile(r"\|\s*safe\b|\bautoescape off\b"),
}
#: Links (never resources) that lead out on purpose.
LINKS_OUT = re.compile(r"<a\b[^>]*href=\"https?://")

#: What Django puts in is not HTML of the template.
TAGS = re.compile(r"\{%.*?%\}|\{\{.*?\}\}")
#: The square for the authenticator app, drawn by us from our own secret.
OWN_DRAWING = "{{ totp_svg|safe }}"


def name(path: Path) -> str:
    return str(path.relative_to(BASE))


def without_comments(path: Path) -> str:
    text = path.read_text(encoding="utf-8")
    return re.sub(r"\{#.*?#\}|\{% comment %\}.*?\{% endcomment %\}", "", text, flags=re.DOTALL)


@pytest.mark.parametrize("rule", INLINE)
def test_the_content_security_policy_is_kept(rule: str) -> None:
    found = []
    for path in TEMPLATES:
        if "email" in path.parts:
            continue
        for number, line in enumerate(without_comments(path).splitlines(), 1):
            text = line.replace(OWN_DRAWING, "") if rule == "unescaped" else TAGS.sub("", line)
            if INLINE[rule].search(LINKS_OUT.sub("<a ", text)):
                found.append(f"{name(path)}:{number}")
    assert not found


def test_every_template_compiles() -> None:
    assert TEMPLATES
    for path in TEMPLATES:
        parts = path.parts
        get_template("/".join(parts[len(parts) - 1 - parts[::-1].index("templates") + 1 :]))


def test_every_static_file_exists() -> None:
    wanted = re.compile(r"\{%\s*static\s+[\"']([^\"'{]+)[\"']")
    missing = [
        f"{name(path)}: {found}"
        for path in TEMPLATES
        for found in wanted.findall(without_comments(path))
        if finders.find(found) is None
    ]
    assert not missing
