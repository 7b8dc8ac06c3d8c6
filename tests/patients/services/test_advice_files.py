"""Files that come with a question to a specialist or with its answer."""

from __future__ import annotations

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cluster_portal.accounts.models import User
from cluster_portal.audit.models import Access, Entry
from cluster_portal.common.background import relay
from cluster_portal.common.errors import Forbidden, NotFound
from cluster_portal.files.errors import FileRefused
from cluster_portal.files.storage import FOLDER
from patients.errors import AdviceFileSeen, AlreadyAttached, TooManyFiles
from patients.models import Advice, AdviceFile
from patients.services import advice as services
from patients.services import advice_files as files
from tests.factories import clinics, patients
from tests.files.samples import pdf

pytestmark = pytest.mark.django_db


def paper(name="Холтер.pdf", text="один"):
    return SimpleUploadedFile(name, pdf(objects=f"% {text}\n".encode()))


def asked(pair, *uploads, **changes):
    said = {"service_id": pair.service.pk, "diagnosis_code": "I48.0", "question": "Нужна ли абляция?"}
    return files.ask_with_files(pair.referrer, patient_id=pair.patient.pk, files=uploads, **said | changes)


def stored():
    """Every content that lies in the storage."""
    folders = default_storage.listdir(FOLDER)[0] if default_storage.exists(FOLDER) else []
    return {name for folder in folders for name in default_storage.listdir(f"{FOLDER}/{folder}")[1]}


def take(actor, file):
    return files.take_advice_file(actor, advice_id=file.post.advice_id, file_id=file.pk)


def test_both_sides_send_and_open_them_and_nobody_else(pair):
    advice = asked(pair, paper(), paper("ЭКГ.pdf", "два"))
    answer = files.answer_with_files(
        pair.coordinator, advice_id=advice.pk, text="Вот схема.", files=[paper()]
    )
    ours = AdviceFile.objects.filter(post__action="ask").order_by("name")
    assert [file.name for file in ours] == ["Холтер.pdf", "ЭКГ.pdf"]
    theirs = answer.files.get()
    for actor in (pair.referrer, pair.coordinator):
        assert {take(actor, file).name for file in (*ours, theirs)} == {"Холтер.pdf", "ЭКГ.pdf"}
    opened = Access.objects.filter(user_id=pair.coordinator.user_id)
    assert set(opened.values_list("subject_type", flat=True)) == {"advicefile", "patient"}
    assert opened.filter(subject_id=pair.patient.pk).count() == 3
    for role in ("coordinator", "office"):
        with pytest.raises(NotFound):
            take(clinics.make_actor(role), theirs)
    # The content's place is a secret of the storage.
    [line] = Entry.objects.filter(table_name="patients_advicefile", row_id=str(theirs.pk))
    assert "path" not in str(line.__dict__)


def test_a_refused_question_or_file_leaves_nothing(pair):
    refused = (
        ((paper(), SimpleUploadedFile("вирус.pdf", b"MZ")), {}, FileRefused),
        ((paper(), paper("Ещё.pdf")), {}, AlreadyAttached),
        ((paper(),), {"question": " "}, Exception),
    )
    for uploads, changes, error in refused:
        with pytest.raises(error) as told:
            asked(pair, *uploads, **changes)
        assert error is Exception or "files" in getattr(told.value, "errors", {"files": 1})
    stranger = clinics.make_actor("referrer")
    with pytest.raises(NotFound):
        files.ask_with_files(
            stranger, patient_id=pair.patient.pk, files=[paper()], question="?", diagnosis_code="I48.0"
        )
    assert (Advice.objects.count(), AdviceFile.objects.count(), stored()) == (0, 0, set())


def test_a_question_takes_so_many(pair, monkeypatch):
    monkeypatch.setattr(AdviceFile, "MOST", 2)
    advice = asked(pair, paper(), paper("ЭКГ.pdf", "два"))
    with pytest.raises(TooManyFiles):
        files.ask_again_with_files(pair.referrer, advice_id=advice.pk, text="И вот", files=[paper()])


def test_sent_twice_it_is_there_once(pair):
    key = "0192f0c1-7e5a-7c3e-8f00-3a1b2c3d4e5f"
    advice = asked(pair, paper(), key=key)
    assert asked(pair, paper(), key=key).pk == advice.pk
    for _ in range(2):
        said = {
            "text": "Вот схема.",
            "files": [paper("Схема.pdf", "два")],
            "key": key.replace("0192", "0193"),
        }
        files.answer_with_files(pair.coordinator, advice_id=advice.pk, **said)
    # What came the second time does not wait for the sweep.
    assert AdviceFile.objects.count() == len(stored()) == 2


def test_whoever_may_take_a_question_gets_its_files_with_it(pair):
    service = clinics.make_service()
    other = clinics.make_actor("coordinator", organization=service.clinic.organization)
    advice = asked(pair, paper("Скрытов.pdf"), service_id=None, service_type=pair.service.service_type)
    file = AdviceFile.objects.get()
    with pytest.raises(NotFound):
        take(other, file)
    services.take_advice(other, advice_id=advice.pk)
    take(other, file)
    services.give_back_advice(other, advice_id=advice.pk, reason="no_time")
    with pytest.raises(NotFound):
        take(other, file)


def test_taking_one_away(pair):
    advice = asked(pair, paper(), paper("ЭКГ.pdf", "два"))
    first, second = AdviceFile.objects.order_by("name")

    def remove(actor, file):
        files.remove_advice_file(actor, advice_id=advice.pk, file_id=file.pk)

    with pytest.raises(Forbidden):
        remove(pair.coordinator, first)
    remove(pair.referrer, first)
    relay()
    assert len(stored()) == 1
    services.read_advice(pair.coordinator, advice_id=advice.pk)
    with pytest.raises(AdviceFileSeen):
        remove(pair.referrer, second)
    remove(clinics.make_actor("manager", organization=pair.source.organization), second)
    assert not AdviceFile.objects.exists()


def test_the_page(pair, client):
    def browse(actor):
        client.force_login(User.objects.get(pk=actor.user_id))

    browse(pair.referrer)
    form = {
        "service": str(pair.service.pk), "diagnosis_code": "I48.0", "question": "Нужна ли абляция?",
        "source_clinic": str(pair.source.pk),
    }  # fmt: skip
    address = f"/advice/new/?patient={pair.patient.pk}"
    wrong = client.post(address, {**form, "files": [paper("Холтер.exe")]})
    assert wrong.status_code == 422 and "files" in wrong.context["form"].errors
    assert client.post(address, {**form, "files": [paper(), paper("ЭКГ.pdf", "два")]}).status_code == 303
    advice = Advice.objects.get()
    page = f"/advice/{advice.pk}/"
    browse(pair.coordinator)

    def cost():
        client.get(page)
        with CaptureQueriesContext(connection) as queries:
            shown = client.get(page)
        return len(queries), shown

    before, shown = cost()
    file = AdviceFile.objects.get(name="Холтер.pdf")
    assert f"{page}files/{file.pk}/" in shown.content.decode()
    sent = client.get(f"{page}files/{file.pk}/")
    assert sent["Content-Disposition"].startswith("attachment") and sent["Content-Type"] == "application/pdf"
    assert sent["X-Content-Type-Options"] == "nosniff" and b"".join(sent.streaming_content).startswith(
        b"%PDF"
    )
    assert client.get(f"{page}files/{file.pk}/remove/").status_code == 403
    answer = {"text": "Вот схема.", "files": [paper("Схема.pdf", "три")]}
    assert client.post(f"{page}answer/", answer).status_code == 303
    for _n in range(9):
        patients.make_advice_file(advice)
    assert cost()[0] == before
    ours = AdviceFile.objects.get(name="Схема.pdf")
    assert client.get(f"{page}files/{ours.pk}/remove/").status_code == 200
    assert client.post(f"{page}files/{ours.pk}/remove/").status_code == 303
    assert not AdviceFile.objects.filter(pk=ours.pk).exists()


def test_programs(pair, client):
    client.force_login(User.objects.get(pk=pair.referrer.user_id))
    body = {
        "patient": str(pair.patient.pk), "service": str(pair.service.pk), "diagnosis_code": "I48.0",
        "question": "Нужна ли абляция?",
    }  # fmt: skip
    made = client.post("/api/v1/advice/", {**body, "files": [paper(), paper("ЭКГ.pdf", "два")]})
    assert made.status_code == 201, made.json()
    address = made["Location"]
    refused = client.post(
        f"{address}ask_again/", {"text": "И вот", "files": [SimpleUploadedFile("a.exe", b"MZ")]}
    )
    assert refused.status_code == 400 and [error["field"] for error in refused.json()["errors"]] == ["files"]
    [post] = client.get(f"{address}posts/").json()
    assert [file["name"] for file in post["files"]] == ["Холтер.pdf", "ЭКГ.pdf"]
    place = f"{address}files/{post['files'][0]['id']}/"
    client.force_login(User.objects.get(pk=pair.coordinator.user_id))
    assert client.get(place)["Content-Type"] == "application/pdf"
    assert client.delete(place).status_code == 403
    answered = client.post(f"{address}answer/", {"text": "Да", "files": [paper()]})
    assert (answered.status_code, answered.json()["state"]) == (200, "answered")
    client.force_login(User.objects.get(pk=pair.referrer.user_id))
    gone = client.delete(place)
    assert (gone.status_code, gone.json()["code"]) == (409, "file_seen")
