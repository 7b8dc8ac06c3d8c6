"""What the room takes, what it keeps of it, and how it gives it out."""

from __future__ import annotations

import hashlib
import io
import socket
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.utils import timezone
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from cluster_portal.files import storage
from cluster_portal.files.errors import FileRefused, ScannerAway
from cluster_portal.files.formats import MAX_SIZE
from cluster_portal.files.names import safe_name
from cluster_portal.files.responses import attachment
from cluster_portal.files.scanner import address
from cluster_portal.files.storage import Kept, kept, sweep
from tests.files import samples as s


def keep(name: str, content: bytes) -> Kept:
    with kept([s.upload(name, content)]) as [file]:
        return file


def stored(file: Kept) -> bytes:
    with default_storage.open(file.path) as content:
        return content.read()


@pytest.mark.parametrize("name", s.GOOD)
def test_true_files_are_kept(name: str) -> None:
    file = keep(name, s.GOOD[name])
    content = stored(file)
    assert file.name.lower() == name.lower()
    assert (file.size, file.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    assert Path(name).stem not in file.path and "." not in file.path


def test_papers_of_other_programs_are_kept(tmp_path: Path) -> None:
    out = io.BytesIO()
    canvas = Canvas(out)
    canvas.drawString(100, 100, "Discharge summary")
    canvas.save()
    assert keep("report.pdf", out.getvalue()).format == "pdf"
    assert keep("packed.pdf", s.pdf(objects=s.packed(b"<< /Type /Catalog >>"))).format == "pdf"
    several = io.BytesIO()
    pages = [Image.new("L", (20, 20), n) for n in range(3)]
    pages[0].save(several, "TIFF", save_all=True, append_images=pages[1:])
    assert stored(keep("pages.tif", several.getvalue())) == several.getvalue()


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_pictures_of_every_kind_pass(mode: str) -> None:
    file = keep("x.png", s.picture("PNG", (13, 7), mode))
    assert Image.open(io.BytesIO(stored(file))).size == (13, 7)


def test_a_large_file_comes_from_the_disk() -> None:
    """Beyond what Django keeps in memory the content is mapped, and the same is stored."""
    content = s.pdf(objects=b"% filler\n" * 600_000)
    large = TemporaryUploadedFile("большой.pdf", "application/pdf", len(content), "utf-8")
    large.write(content)
    with kept([large]) as [file]:
        assert stored(file) == content and file.size == len(content) > 5_000_000


class TestPictures:
    def photo(self, turn: int = 6) -> bytes:
        exif = Image.Exif()
        exif[0x0112], exif[0x010F], exif[0x9003] = turn, "Camera of Ivanov", "2026:11:20 10:00:00"
        exif.get_ifd(0x8825)[1] = "N"
        return s.jpeg(exif=exif.tobytes(), comment=b"of patient Petrov", size=(40, 20))

    def test_metadata_stay_behind_and_the_turn_stays(self) -> None:
        content = stored(keep("photo.jpg", self.photo() + b"trailing secret"))
        for word in (b"Ivanov", b"2026:11:20", b"Petrov", b"secret"):
            assert word not in content
        seen = Image.open(io.BytesIO(content))
        assert dict(seen.getexif()) == {0x0112: 6}
        seen.load()

    def test_points_are_not_touched(self) -> None:
        before = Image.open(io.BytesIO(self.photo())).tobytes()
        assert Image.open(io.BytesIO(stored(keep("photo.jpg", self.photo())))).tobytes() == before

    def test_an_upright_picture_keeps_no_exif_at_all(self) -> None:
        assert b"Exif" not in stored(keep("photo.jpg", self.photo(turn=1)))

    def test_texts_of_a_png_stay_behind(self) -> None:
        more = s.chunk(b"tEXt", b"Author\0Ivanov") + s.chunk(b"eXIf", b"MM\0*secret")
        content = stored(keep("x.png", s.png(more=more)))
        assert content == s.png()


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        (r"C:\Users\ivanov\Холтер 24 ч.PDF", "Холтер 24 ч.pdf"),
        ("scan\u202efdp.pdf", "scanfdp.pdf"),
        ("a\r\nSet-Cookie: x=1\0.pdf", "a Set-Cookie_ x=1.pdf"),
        ('"><script>.pdf', "___script_.pdf"),
        ("con.pdf", "_con.pdf"),
        (".pdf", "file.pdf"),
        ("й" * 300 + ".pdf", "й" * 116 + ".pdf"),
        ("қорытынды №5.docx", "қорытынды №5.docx"),
        ("..\\..", "file"),
    ],
)
def test_names_are_harmless(sent: str, shown: str) -> None:
    assert safe_name(sent) == shown


def test_it_is_given_out_as_a_download_only() -> None:
    file = keep("Заключение «ЭКГ».pdf", s.pdf())
    response = attachment(file.path, file.name, "application/pdf")
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"].startswith("attachment; filename*=utf-8''%D0%97")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert "no-store" in response["Cache-Control"]
    assert b"".join(response.streaming_content) == s.pdf()


class TestKeeping:
    def test_what_a_failure_leaves_behind_is_nothing(self) -> None:
        with pytest.raises(ZeroDivisionError), kept([s.upload("a.pdf", s.pdf())]) as [file]:
            raise ZeroDivisionError
        assert not default_storage.exists(file.path)

    def test_it_lies_in_the_private_storage_alone(self, settings: Any) -> None:
        file = keep("a.pdf", s.pdf())
        path = Path(settings.MEDIA_ROOT) / file.path
        assert path.stat().st_mode & 0o777 == 0o600
        assert not str(path).startswith((str(settings.STATIC_ROOT), str(settings.BASE_DIR / "static")))

    def test_several_at_once_name_the_one_at_fault(self) -> None:
        files = [s.upload("a.pdf", s.pdf()), s.upload("b.svg", b"<svg/>")]
        with pytest.raises(FileRefused) as refused, kept(files, field="files"):
            pass
        assert refused.value.errors["files"][0].startswith("b.svg: ")

    def test_too_many_too_large_none(self) -> None:
        def reason(files: list) -> str:
            with pytest.raises(FileRefused) as refused, kept(files):
                pass
            return refused.value.reason

        large = s.upload("a.pdf", s.pdf())
        large.size = MAX_SIZE + 1
        assert reason([s.upload(f"{n}.pdf", s.pdf()) for n in range(6)]) == "too_many"
        assert reason([large]) == "too_large"
        assert reason([None]) == "missing"

    @pytest.mark.django_db
    def test_the_sweep_takes_what_no_row_knows_and_is_old(self, monkeypatch: pytest.MonkeyPatch) -> None:
        young, other = keep("a.pdf", s.pdf()), default_storage.save("sent/ab/notes.txt", io.BytesIO(b"x"))
        assert sweep() == 0
        later = timezone.now() + storage.ORPHAN_AGE + timedelta(minutes=1)
        monkeypatch.setattr(storage.timezone, "now", lambda: later)
        assert sweep() == 1
        assert not default_storage.exists(young.path) and default_storage.exists(other)

    @pytest.mark.django_db
    def test_the_sweep_of_an_empty_storage(self) -> None:
        assert sweep() == 0


class Clamd:
    """A scanner that reads INSTREAM as clamd does and answers what a test wants."""

    def __init__(self, answer: bytes | None = None, limit: int | None = None) -> None:
        self.answer, self.limit, self.received = answer, limit, b""
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"tcp://127.0.0.1:{self.socket.getsockname()[1]}"
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self) -> None:
        connection, _peer = self.socket.accept()
        with connection, connection.makefile("rb") as stream:
            assert stream.read(10) == b"zINSTREAM\0"
            while length := int.from_bytes(stream.read(4), "big"):
                self.received += stream.read(length)
                if self.limit and len(self.received) > self.limit:
                    connection.sendall(b"INSTREAM size limit exceeded. ERROR\0")
                    return
            threat = b"EICAR" in self.received
            answer = b"stream: Eicar-Signature FOUND\0" if threat else b"stream: OK\0"
            connection.sendall(answer if self.answer is None else self.answer)

    def close(self) -> None:
        self.socket.close()
        self.thread.join(5)


class TestScanner:
    @pytest.fixture
    def clamd(self, settings: Any, request: Any) -> Iterator[Clamd]:
        server = Clamd(*getattr(request, "param", ()))
        settings.CLAMD = server.url
        yield server
        server.close()

    def test_a_clean_file_is_kept_after_it_was_seen_whole(self, clamd: Clamd) -> None:
        content = s.pdf(objects=b"% filler\n" * 20_000)
        assert keep("a.pdf", content).size == len(content)
        assert clamd.received == content

    def test_an_infected_file_is_refused(self, clamd: Clamd) -> None:
        with pytest.raises(FileRefused) as refused:
            keep("a.pdf", s.pdf(b"/Title (EICAR) "))
        assert refused.value.reason == "infected"

    @pytest.mark.parametrize("clamd", [(b"",), (b"stream: broken ERROR\0",), (None, 100)], indirect=True)
    def test_no_verdict_means_no_file(self, clamd: Clamd, settings: Any) -> None:
        with pytest.raises(ScannerAway) as away:
            keep("a.pdf", s.pdf())
        assert away.value.field == "file"
        assert not [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]

    def test_a_scanner_that_is_away_means_no_file(self, settings: Any, tmp_path: Path) -> None:
        for settings.CLAMD in ("tcp://127.0.0.1:9", f"unix://{tmp_path}/clamd.sock"):
            with pytest.raises(ScannerAway):
                keep("a.pdf", s.pdf())

    def test_addresses(self) -> None:
        assert address("tcp://scanner:3310") == (socket.AF_INET, ("scanner", 3310))
        assert address("unix:///run/clamd.ctl") == (socket.AF_UNIX, "/run/clamd.ctl")
        for wrong in ("scanner:3310", "tcp://scanner", "unix://run", "http://x:1", "tcp://x:port"):
            with pytest.raises(ImproperlyConfigured):
                address(wrong)
