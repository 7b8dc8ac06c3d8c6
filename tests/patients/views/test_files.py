"""Files on the page of a referral: with htmx and without scripts."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from patients.models import Attachment
from tests.factories import patients
from tests.files import samples as s
from tests.files.test_hostile import HOSTILE

HTMX = {"HX-Request": "true"}


def place(referral, name="referral_files", *more):
    return reverse(f"patients:{name}", args=[referral.pk, *more])


def send(client, referral, *files, kind="examination", htmx=False):
    headers = HTMX if htmx else {}
    return client.post(place(referral), {"files": files, "kind": kind}, headers=headers)


def text_of(response) -> str:
    return response.content.decode()


def test_without_scripts_the_page_follows(pair, referrer):
    referral = pair.referral("booked")
    answer = send(referrer, referral, s.upload("Холтер.pdf", s.pdf()), s.upload("снимок.jpg", s.jpeg()))
    assert (answer.status_code, answer["Location"]) == (303, f"/referrals/{referral.pk}/#files")
    page = text_of(referrer.get(f"/referrals/{referral.pk}/"))
    assert "Холтер.pdf" in page and "снимок.jpg" in page and "Файлы добавлены" in page
    assert 'enctype="multipart/form-data"' in page


def test_with_htmx_the_panel_is_swapped(pair, referrer):
    referral = pair.referral("booked")
    answer = send(referrer, referral, s.upload("Холтер.pdf", s.pdf()), htmx=True)
    assert answer.status_code == 200
    panel = text_of(answer)
    assert panel.lstrip().startswith("<section") and "Холтер.pdf" in panel and pair.referrer.name in panel


@pytest.mark.parametrize("htmx", [False, True])
@pytest.mark.parametrize("case", ["svg as png", "document with macros", "pdf with javascript", "empty"])
def test_the_reason_stands_at_the_field(pair, referrer, case, htmx):
    referral = pair.referral("booked")
    name, content, _reason = HOSTILE[case]
    answer = send(referrer, referral, s.upload(name, content), kind="image", htmx=htmx)
    page = text_of(answer)
    assert answer.status_code == 422 and not Attachment.objects.exists()
    words = re.search(r'<span class="field__error" id="file-error" role="alert">([^<]+)</span>', page)
    assert words and len(words[1]) >= 10
    assert 'aria-describedby="file-help file-error"' in page and 'value="image" selected' in page
    assert '<details class="upload" open>' in page


def test_nothing_chosen_and_no_kind(pair, referrer):
    referral = pair.referral("booked")
    assert "Выберите файл" in text_of(send(referrer, referral))
    assert 'id="file-kind-error"' in text_of(send(referrer, referral, s.upload("a.pdf", s.pdf()), kind="x"))


def test_it_leaves_as_a_download_and_never_inline(pair, coordinator, referrer):
    referral = pair.referral("booked")
    for name, content in s.GOOD.items():
        send(referrer, referral, s.upload(name, content))
    files = list(Attachment.objects.all())
    assert len(files) == len(s.GOOD)
    for file in files:
        answer = coordinator.get(place(referral, "referral_file", file.pk))
        assert answer.status_code == 200
        assert answer["Content-Disposition"].startswith("attachment; ")
        assert answer["Content-Type"] == file.content_type
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert "no-store" in answer["Cache-Control"]
        assert len(answer.getvalue()) == file.size


def test_the_content_is_gone_and_said_so(pair, referrer, settings):
    referral = pair.referral("booked")
    file = patients.make_attachment(referral)
    (settings.MEDIA_ROOT / file.path).unlink()
    answer = referrer.get(place(referral, "referral_file", file.pk))
    assert answer.status_code == 410 and "администратору" in text_of(answer)


def test_whose_file_it_is_decides_who_removes_it(pair, referrer, coordinator):
    referral = pair.referral("booked")
    file = patients.make_attachment(referral)
    address = place(referral, "referral_file_remove", file.pk)
    assert address in text_of(referrer.get(f"/referrals/{referral.pk}/"))
    assert address not in text_of(coordinator.get(f"/referrals/{referral.pk}/"))
    assert "<dialog" in text_of(referrer.get(address, headers=HTMX))
    assert file.name in text_of(referrer.get(address))
    assert referrer.post(address).status_code == 303
    assert not Attachment.objects.exists()
    # A second click finds nothing.
    assert referrer.post(address).status_code == 404


def test_what_the_other_side_has_opened_stays(pair, referrer, coordinator):
    referral = pair.referral("booked")
    file = patients.make_attachment(referral)
    assert coordinator.get(place(referral, "referral_file", file.pk)).getvalue()
    address = place(referral, "referral_file_remove", file.pk)
    assert address not in text_of(referrer.get(f"/referrals/{referral.pk}/"))
    for answer in (referrer.get(address), referrer.post(address)):
        assert answer.status_code == 409 and "руководитель" in text_of(answer)


def test_a_closed_referral_takes_no_more(pair, referrer, coordinator):
    referral = pair.referral("completed")
    form = 'hx-encoding="multipart/form-data"'
    assert form not in text_of(referrer.get(f"/referrals/{referral.pk}/"))
    assert form in text_of(coordinator.get(f"/referrals/{referral.pk}/"))
    answer = send(referrer, referral, s.upload("a.pdf", s.pdf()))
    assert answer.status_code == 422 and not Attachment.objects.exists()


def test_the_panel_costs_the_same_for_thirty(pair, referrer):
    referral = pair.referral("booked")

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert referrer.get(f"/referrals/{referral.pk}/").status_code == 200
        return len(queries)

    patients.make_attachment(referral)
    cost()
    one = cost()
    for _ in range(29):
        patients.make_attachment(referral)
    assert cost() == one


class TestConclusion:
    SENT = {"text": "Ритм синусовый, наблюдение у кардиолога.", "diagnosis_code": "I48.0"}

    def test_it_takes_files_and_the_referrer_downloads_them(self, pair, referrer, coordinator):
        referral = pair.referral("in_care")
        address = f"/referrals/{referral.pk}/complete/"
        page = text_of(coordinator.get(address))
        assert 'enctype="multipart/form-data"' in page and 'name="files"' in page
        answer = coordinator.post(address, {**self.SENT, "files": [s.upload("Эхо.pdf", s.pdf())]})
        assert answer.status_code == 303
        page = text_of(referrer.get(f"/referrals/{referral.pk}/"))
        assert page.index("conclusion-title") < page.index("Эхо.pdf")
        file = Attachment.objects.get()
        assert file.kind == "conclusion"
        assert referrer.get(place(referral, "referral_file", file.pk)).getvalue() == s.pdf()

    def test_a_bad_file_is_said_at_its_field_and_the_text_stays(self, pair, coordinator):
        referral = pair.referral("in_care")
        files = [s.upload("Эхо.pdf", s.pdf()), s.upload("x.svg", b"<svg/>")]
        answer = coordinator.post(f"/referrals/{referral.pk}/complete/", {**self.SENT, "files": files})
        page = text_of(answer)
        assert answer.status_code == 422 and self.SENT["text"] in page
        assert "x.svg: " in page and "Выберите файлы ещё раз" in page
        assert not Attachment.objects.exists()
