"""How much of an upload reaches the disk: what is refused anyway does not."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import RequestFactory

from cluster_portal.common.actor import ANONYMOUS
from cluster_portal.files import handlers
from cluster_portal.files.handlers import DroppedFile
from tests.files import samples as s

SOMEBODY = SimpleNamespace(is_authenticated=True)


def sent(*files: SimpleUploadedFile, actor: Any = SOMEBODY) -> Any:
    request = RequestFactory().post("/", {"files": files, "kind": "other"})
    request.actor = actor
    return request


def test_what_is_right_arrives() -> None:
    request = sent(s.upload("a.pdf", s.pdf()), s.upload("b.pdf", s.pdf() * 2))
    assert [file.read() for file in request.FILES.getlist("files")] == [s.pdf(), s.pdf() * 2]
    assert request.POST["kind"] == "other"


@pytest.mark.parametrize("size", [100_000, 4_000_000])
def test_too_large_files_are_read_and_dropped(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr(handlers, "MAX_SIZE", size - 1)
    request = sent(s.upload("a.pdf", b"x" * size), s.upload("b.pdf", s.pdf()))
    large, small = request.FILES.getlist("files")
    assert isinstance(large, DroppedFile) and (large.size, large.read()) == (size, b"")
    assert small.read() == s.pdf()
    assert request.POST["kind"] == "other"


def test_those_beyond_the_number_are_dropped() -> None:
    found = sent(*(s.upload(f"{n}.pdf", s.pdf()) for n in range(9))).FILES.getlist("files")
    assert [isinstance(file, DroppedFile) for file in found] == [False] * 6 + [True] * 3


def test_a_visitors_files_are_dropped() -> None:
    [file] = sent(s.upload("a.pdf", s.pdf()), actor=ANONYMOUS).FILES.getlist("files")
    assert isinstance(file, DroppedFile)


def test_a_request_beyond_all_limits_is_broken_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handlers, "MAX_REQUEST", 1000)
    request = sent(s.upload("a.pdf", b"x" * 5000))
    with pytest.raises(RequestDataTooBig):
        _ = request.FILES


def test_a_request_beyond_the_limit_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handlers, "MAX_REQUEST", 3000)
    [file] = sent(s.upload("a.pdf", b"x" * 4000)).FILES.getlist("files")
    assert isinstance(file, DroppedFile)
