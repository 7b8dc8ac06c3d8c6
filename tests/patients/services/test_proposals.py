"""Clinics propose to merge two records; the office's decision is the answer."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cluster_portal.accounts.models import User
from cluster_portal.common.background import relay
from cluster_portal.common.errors import Forbidden, Invalid, NotFound
from cluster_portal.notifications.models import Notice
from patients.errors import AlreadyProposed, PatientMerged
from patients.models import DuplicatePair, MergeProposal
from patients.selectors.merging import open_pairs
from patients.services.duplicates import dismiss_pair, find_duplicates
from patients.services.merging import merge_patients, undo_merge
from patients.services.proposals import propose_merge
from tests.factories import patients

pytestmark = pytest.mark.django_db
WHY = "Паспорт предъявлен: сменила фамилию"


@pytest.fixture
def twin(pair):
    """Another record of the patient, under a maiden name that no likeness would find."""
    return patients.make_patient(pair.source.organization, family="Девичья", birth_date="1970-05-18")


def proposed(pair, twin, **changes):
    said = {"patient_id": pair.patient.pk, "other_id": twin.pk, "comment": f" {WHY} "}
    return propose_merge(pair.referrer, **said | changes)


def test_the_office_reads_who_and_why_and_first(pair, twin, office):
    likely = {"family": "Ковалёва-Тяньшанская", "given": "Мария", "sex": "f", "snils": "", "enp": ""}
    for _n in range(2):
        patients.make_patient(**likely)
    find_duplicates(office)
    proposal = proposed(pair, twin)
    assert (proposal.comment, proposal.organization) == (WHY, pair.source.organization)
    found = list(open_pairs(office))
    assert [row.is_proposed for row in found] == [True, False]
    assert [(line.comment, line.author_name) for line in found[0].waiting] == [(WHY, pair.referrer.name)]
    assert {found[0].first_id, found[0].second_id} == {pair.patient.pk, twin.pk}
    # The nightly comparison leaves the proposal alone.
    find_duplicates(office)
    assert open_pairs(office)[0].is_proposed


def test_a_merge_answers_with_the_office_s_words(pair, twin, office):
    proposal = proposed(pair, twin)
    merge = merge_patients(
        office, pair_id=proposal.pair_id, survivor_id=pair.patient.pk, comment="Подтвердили"
    )
    proposal.refresh_from_db()
    assert (proposal.state, proposal.answer, bool(proposal.answered_at)) == ("merged", "Подтвердили", True)
    relay()
    notice = Notice.objects.get()
    assert (notice.kind, notice.user_id) == ("patients.proposal_merged", pair.referrer.user_id)
    assert notice.url == f"/patients/{pair.patient.pk}/merge/"
    with pytest.raises(PatientMerged):
        proposed(pair, twin)
    undo_merge(office, merge_id=merge.pk)
    assert proposed(pair, twin).pair_id == proposal.pair_id


def test_declining_needs_words_and_may_be_asked_again(pair, twin, office):
    proposal = proposed(pair, twin)
    for answer in (" ", "а" * (MergeProposal.LONGEST + 1)):
        with pytest.raises(Invalid) as refused:
            dismiss_pair(office, pair_id=proposal.pair_id, answer=answer)
        assert set(refused.value.errors) == {"answer"}
    dismiss_pair(office, pair_id=proposal.pair_id, answer="Разные СНИЛС")
    proposal.refresh_from_db()
    assert (proposal.state, proposal.answer) == ("declined", "Разные СНИЛС")
    assert not open_pairs(office)
    relay()
    assert Notice.objects.get().kind == "patients.proposal_declined"
    assert twin.family not in str(Notice.objects.get().params)
    again = proposed(pair, twin, comment="СНИЛС второй записи введён с ошибкой")
    assert open_pairs(office).get() == again.pair


def test_what_is_refused(pair, twin, office):
    for changes, field in (({"comment": " "}, "comment"), ({"other_id": pair.patient.pk}, "other")):
        with pytest.raises(Invalid) as refused:
            proposed(pair, twin, **changes)
        assert set(refused.value.errors) == {field}
    with pytest.raises(NotFound):
        proposed(pair, patients.make_patient())
    with pytest.raises(NotFound):
        propose_merge(pair.coordinator, patient_id=pair.patient.pk, other_id=twin.pk, comment=WHY)
    with pytest.raises(Forbidden):
        propose_merge(office, patient_id=pair.patient.pk, other_id=twin.pk, comment=WHY)
    assert not DuplicatePair.objects.exists()
    proposed(pair, twin)
    with pytest.raises(AlreadyProposed):
        proposed(pair, twin, patient_id=twin.pk, other_id=pair.patient.pk)
    # Another clinic may say so too.
    patients.make_link(pair.patient, pair.target.organization)
    patients.make_link(twin, pair.target.organization)
    propose_merge(pair.coordinator, patient_id=twin.pk, other_id=pair.patient.pk, comment="И у нас")
    assert [line.comment for line in open_pairs(office).get().waiting] == [WHY, "И у нас"]


def test_the_pages(pair, twin, office, client):
    def browse(actor):
        client.force_login(User.objects.get(pk=actor.user_id))

    browse(pair.referrer)
    address = f"/patients/{pair.patient.pk}/merge/"
    assert address in client.get(f"/patients/{pair.patient.pk}/").content.decode()
    assert twin.full_name not in client.get(address).content.decode()
    assert twin.full_name in client.get(address, {"q": "Девичья"}).content.decode()
    sent = {"other": str(twin.pk), "comment": WHY}
    for wrong in ({"other": ""}, {"comment": ""}):
        assert client.post(f"{address}?q=Девичья", sent | wrong).status_code == 422
    assert client.post(address, sent).status_code == 303
    again = client.post(f"{address}?q=Девичья", sent)
    assert again.status_code == 422 and "уже предложила" in again.content.decode()
    browse(office)
    assert WHY in client.get("/duplicates/").content.decode()
    found = DuplicatePair.objects.get()
    assert WHY in client.get(f"/duplicates/{found.pk}/").content.decode()
    refused = client.post(f"/duplicates/{found.pk}/dismiss/", {"answer": ""})
    assert refused.status_code == 422 and "answer" in refused.context["dismiss"].errors
    assert client.post(f"/duplicates/{found.pk}/dismiss/", {"answer": "Разные люди"}).status_code == 303
    browse(pair.referrer)
    assert "Разные люди" in client.get(address).content.decode()


def test_the_office_s_list_costs_the_same_with_many_proposals(pair, office, client):
    client.force_login(User.objects.get(pk=office.user_id))

    def cost():
        client.get("/duplicates/")
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/duplicates/").status_code == 200
        return len(queries)

    def one_more():
        proposed(pair, patients.make_patient(pair.source.organization))

    one_more()
    one = cost()
    for _n in range(29):
        one_more()
    assert cost() == one


def test_programs(pair, twin, client):
    client.force_login(User.objects.get(pk=pair.referrer.user_id))
    address = f"/api/v1/patients/{pair.patient.pk}/merge_proposals/"
    made = client.post(address, {"other": str(twin.pk), "comment": WHY}, content_type="application/json")
    assert (made.status_code, made.json()["state"]) == (201, "open")
    assert [row["comment"] for row in client.get(address).json()] == [WHY]
    again = client.post(address, {"other": str(twin.pk), "comment": WHY}, content_type="application/json")
    assert (again.status_code, again.json()["code"]) == (409, "already_proposed")
