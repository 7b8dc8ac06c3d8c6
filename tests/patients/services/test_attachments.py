"""Files of a referral: who adds, opens and removes them, and what is left behind."""

from __future__ import annotations

import zlib

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from clinics.models import Organization
from cluster_portal.audit.models import Access, Entry
from cluster_portal.common.background import relay
from cluster_portal.common.errors import Forbidden, IllegalTransition, Invalid, NotFound
from cluster_portal.files.errors import FileRefused
from cluster_portal.notifications.models import Notice
from patients.errors import AlreadyAttached, FileSeen, TooManyFiles
from patients.models import Attachment, Conclusion, Referral
from patients.selectors.attachments import attachments_of
from patients.services import attachments as service
from patients.services.attachments import (
    attach_files,
    complete_with_files,
    remove_attachment,
    take_attachment,
)
from patients.services.visits import read_conclusion
from patients.states import FileKind, ReferralState
from tests.factories import clinics, patients
from tests.files import samples as s

pytestmark = pytest.mark.django_db

S = ReferralState
DONE = {"text": "Ритм синусовый, наблюдение.", "diagnosis_code": "I48.0"}


@pytest.fixture
def manager(pair):
    return clinics.make_actor("manager", organization=pair.source.organization)


def papers(*names: str) -> list:
    """Under the same name it is the same content."""
    return [s.upload(name, s.pdf(b"/Title (%d) " % zlib.crc32(name.encode()))) for name in names]


def add(actor, referral, *names, kind="examination"):
    return attach_files(actor, referral_id=referral.pk, uploads=papers(*names or ("ЭКГ.pdf",)), kind=kind)


def stored() -> int:
    if not default_storage.exists("sent"):
        return 0
    return sum(len(default_storage.listdir(f"sent/{one}")[1]) for one in default_storage.listdir("sent")[0])


def heard(actor) -> list[str]:
    relay()
    return list(Notice.objects.filter(user=actor.user_id).values_list("kind", flat=True))


class TestAdding:
    def test_rows_say_whose_and_what_it_is(self, pair):
        referral = pair.referral("booked")
        one, two = add(pair.referrer, referral, "Холтер.pdf", "ЭКГ.pdf")
        assert (one.name, one.kind, one.format) == ("Холтер.pdf", "examination", "pdf")
        assert (one.organization_id, one.author_id) == (pair.source.organization_id, pair.referrer.user_id)
        assert one.author_name == pair.referrer.name and default_storage.size(one.path) == one.size
        assert default_storage.exists(one.path) and stored() == 2
        step = referral.steps.get(action="attach")
        assert step.details == {"files": ["Холтер.pdf", "ЭКГ.pdf"]} and step.to_state == "booked"
        assert {file.pk for file in attachments_of(pair.coordinator, referral.pk)} == {one.pk, two.pk}

    def test_the_journal_knows_who_and_not_where(self, pair):
        [file] = add(pair.referrer, pair.referral("booked"))
        entry = Entry.objects.get(table_name="patients_attachment", row_id=str(file.pk))
        assert (entry.operation, entry.user_id) == ("INSERT", pair.referrer.user_id)
        assert entry.after["name"] == "ЭКГ.pdf" and "path" not in entry.after

    def test_the_other_side_hears_of_it(self, pair):
        referral = pair.referral("booked")
        add(pair.referrer, referral)
        assert heard(pair.coordinator) == ["patients.attach"]
        add(pair.coordinator, referral, "Подготовка.pdf", "ЭКГ с меткой.pdf", kind="other")
        assert "patients.attach" in heard(pair.referrer)

    def test_a_draft_is_nobodys_news_yet(self, pair):
        referral = pair.referral("draft")
        add(pair.referrer, referral)
        assert not referral.steps.filter(action="attach").exists() and heard(pair.coordinator) == []

    @pytest.mark.parametrize("state", list(S))
    def test_each_side_in_its_states(self, pair, state):
        referral = pair.referral(state)
        takes = {
            pair.referrer: state not in (S.COMPLETED, S.REJECTED, S.CANCELLED),
            pair.coordinator: state
            in (S.SUBMITTED, S.ACCEPTED, S.WAITLISTED, S.BOOKED, S.IN_CARE, S.COMPLETED),
        }
        for number, (actor, may) in enumerate(takes.items()):
            try:
                attach_files(
                    actor,
                    referral_id=referral.pk,
                    uploads=[s.upload("a.pdf", s.pdf(b"/N %d " % number))],
                    kind="other",
                )
                did = True
            except (IllegalTransition, NotFound):
                did = False
            assert did is may, (state, actor.name)
        assert stored() == Attachment.objects.count() == sum(takes.values())

    def test_strangers_are_turned_away_before_anything_is_looked_at(self, pair, monkeypatch):
        monkeypatch.setattr(service, "kept", lambda *_a, **_k: pytest.fail("looked at"))
        referral = pair.referral("booked")
        for role in ("referrer", "coordinator", "manager", "office"):
            with pytest.raises(NotFound):
                add(clinics.make_actor(role), referral)

    def test_a_conclusion_is_the_receivers_and_after_the_visit(self, pair):
        for actor, state in ((pair.referrer, "booked"), (pair.coordinator, "in_care")):
            with pytest.raises(Invalid) as refused:
                add(actor, pair.referral(state), kind="conclusion")
            assert "kind" in refused.value.errors
        assert stored() == 0

    def test_what_follows_the_conclusion_is_to_be_read_again(self, pair):
        referral = pair.referral("completed")
        read_conclusion(pair.referrer, referral_id=referral.pk)
        add(pair.coordinator, referral, "Гистология.pdf", kind="conclusion")
        referral.refresh_from_db()
        assert referral.conclusion_unread
        read_conclusion(pair.referrer, referral_id=referral.pk)
        referral.refresh_from_db()
        assert not referral.conclusion_unread

    def test_the_same_file_twice_is_said_in_words(self, pair):
        referral = pair.referral("booked")
        add(pair.referrer, referral)
        with pytest.raises(AlreadyAttached) as refused:
            same = s.upload("другое имя.pdf", papers("ЭКГ.pdf")[0].read())
            attach_files(pair.coordinator, referral_id=referral.pk, uploads=[same], kind="other")
        assert refused.value.field == "files" and "другое имя.pdf" in str(refused.value)
        with pytest.raises(AlreadyAttached):
            attach_files(
                pair.referrer,
                referral_id=referral.pk,
                uploads=[s.upload("a.png", s.png()), s.upload("b.png", s.png())],
                kind="image",
            )
        assert stored() == Attachment.objects.count() == 1

    def test_a_referral_has_room_for_thirty(self, pair):
        referral = pair.referral("booked")
        for _ in range(Attachment.MOST - 1):
            patients.make_attachment(referral)
        with pytest.raises(TooManyFiles):
            add(pair.referrer, referral, "a.pdf", "b.pdf")
        assert len(add(pair.referrer, referral)) == 1

    def test_one_bad_file_and_none_is_taken(self, pair):
        uploads = [*papers("a.pdf"), s.upload("b.svg", b"<svg/>")]
        with pytest.raises(FileRefused) as refused:
            attach_files(pair.referrer, referral_id=pair.referral("booked").pk, uploads=uploads, kind="other")
        assert refused.value.field == "files"
        assert stored() == 0 and not Attachment.objects.exists()

    def test_a_transaction_that_fails_leaves_nothing(self, pair, monkeypatch):
        referral = pair.referral("booked")
        monkeypatch.setattr(service, "note", lambda *_a, **_k: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            add(pair.referrer, referral)
        assert stored() == 0 and not Attachment.objects.exists()


class TestOpening:
    def test_it_is_journalled_as_an_opening_of_the_patients_record(self, pair):
        referral = pair.referral("booked")
        file = patients.make_attachment(referral)
        take_attachment(pair.coordinator, referral_id=referral.pk, attachment_id=file.pk)
        lines = Access.objects.filter(user_id=pair.coordinator.user_id).values_list(
            "subject_type", "subject_id", "purpose"
        )
        assert set(lines) == {
            ("attachment", file.pk, "download"), ("patient", referral.patient_id, "file"),
        }  # fmt: skip

    def test_seen_is_what_the_other_side_does(self, pair):
        referral = pair.referral("booked")
        file = patients.make_attachment(referral)
        take_attachment(pair.referrer, referral_id=referral.pk, attachment_id=file.pk)
        file.refresh_from_db()
        assert file.seen_at is None
        for _ in range(2):
            take_attachment(pair.coordinator, referral_id=referral.pk, attachment_id=file.pk)
        seen = Attachment.objects.get().seen_at
        assert seen and seen <= timezone.now()

    def test_whoever_passed_it_on_sees_their_own_alone(self, pair):
        referral = pair.referral("submitted")
        third = clinics.make_actor("coordinator")
        Referral.objects.filter(pk=referral.pk).update(past_targets=[third.organization_id])
        patients.make_attachment(referral)
        theirs = patients.make_attachment(
            referral, organization=Organization.objects.get(pk=third.organization_id)
        )
        assert attachments_of(third, referral.pk).get() == theirs
        assert attachments_of(pair.coordinator, referral.pk).count() == 2


class TestRemoving:
    def test_the_row_goes_at_once_and_the_content_after_it(self, pair):
        referral = pair.referral("booked")
        [file] = add(pair.referrer, referral)
        remove_attachment(pair.referrer, referral_id=referral.pk, attachment_id=file.pk)
        assert not Attachment.objects.exists() and default_storage.exists(file.path)
        relay()
        assert not default_storage.exists(file.path)
        entry = Entry.objects.filter(table_name="patients_attachment", row_id=str(file.pk)).latest("id")
        assert (entry.operation, entry.before["name"]) == ("DELETE", "ЭКГ.pdf")
        assert referral.steps.filter(action="detach", details={"files": ["ЭКГ.pdf"]}).exists()

    def test_it_may_be_sent_again(self, pair):
        referral = pair.referral("booked")
        [file] = add(pair.referrer, referral)
        remove_attachment(pair.referrer, referral_id=referral.pk, attachment_id=file.pk)
        [again] = add(pair.referrer, referral)
        relay()
        assert default_storage.exists(again.path)

    def test_the_other_sides_file_is_not_ones_own(self, pair):
        referral = pair.referral("booked")
        file = patients.make_attachment(referral)
        with pytest.raises(Forbidden):
            remove_attachment(pair.coordinator, referral_id=referral.pk, attachment_id=file.pk)
        with pytest.raises(NotFound):
            remove_attachment(clinics.make_actor("manager"), referral_id=referral.pk, attachment_id=file.pk)

    @pytest.mark.parametrize(("state", "seen"), [("booked", True), ("completed", False)])
    def test_what_was_seen_or_closed_is_a_managers_matter(self, pair, manager, state, seen):
        referral = pair.referral(state)
        file = patients.make_attachment(referral, seen_at=timezone.now() if seen else None)
        with pytest.raises(FileSeen):
            remove_attachment(pair.referrer, referral_id=referral.pk, attachment_id=file.pk)
        remove_attachment(manager, referral_id=referral.pk, attachment_id=file.pk)
        assert not Attachment.objects.exists()


class TestConclusion:
    def test_text_and_files_go_back_together(self, pair):
        referral = pair.referral("in_care")
        complete_with_files(
            pair.coordinator, referral_id=referral.pk, files=papers("Заключение.pdf", "ЭхоКГ.pdf"), **DONE
        )
        referral.refresh_from_db()
        assert (referral.state, referral.conclusion_unread) == ("completed", True)
        assert {file.kind for file in attachments_of(pair.referrer, referral.pk)} == {FileKind.CONCLUSION}
        assert heard(pair.referrer) == ["patients.complete"]

    def test_a_bad_file_leaves_the_visit_open(self, pair):
        referral = pair.referral("in_care")
        with pytest.raises(FileRefused):
            complete_with_files(
                pair.coordinator, referral_id=referral.pk, files=[s.upload("a.exe", b"MZ" * 99)], **DONE
            )
        referral.refresh_from_db()
        assert referral.state == "in_care" and not Conclusion.objects.exists()

    def test_a_bad_text_leaves_no_file(self, pair):
        referral = pair.referral("in_care")
        with pytest.raises(Invalid):
            complete_with_files(
                pair.coordinator,
                referral_id=referral.pk,
                files=papers("a.pdf"),
                text="",
                diagnosis_code="I48.0",
            )
        assert stored() == 0 and not Attachment.objects.exists()
