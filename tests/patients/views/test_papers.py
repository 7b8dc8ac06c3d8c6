"""Papers over HTTP: who may open them, with which headers, and where their buttons stand."""

import pytest
from django.test import Client
from django.urls import reverse

from cluster_portal.audit.models import Access
from tests.api.support import make_token
from tests.documents.support import text_of
from tests.factories import clinics

pytestmark = pytest.mark.django_db
READ = frozenset({"referrals:read"})


def program(organization=None) -> dict[str, str]:
    """The headers of a client that may read referrals."""
    client = clinics.make_client(organization, allowed_scopes=sorted(READ))
    return {"Authorization": f"Bearer {make_token(client, READ)}"}


def of(name: str, pk, **more) -> str:
    return reverse(f"patients:{name}", kwargs={"pk": pk, **more})


@pytest.mark.parametrize("name", ["referral_form", "referral_slip"])
def test_a_paper_is_shown_and_kept_nowhere(pair, referrer: Client, name: str) -> None:
    referral = pair.referral("booked")
    response = referrer.get(of(name, referral.pk))
    assert response.status_code == 200 and response["Content-Type"] == "application/pdf"
    assert response["Cache-Control"] == "private, no-store"
    assert response["X-Content-Type-Options"] == "nosniff"
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
    assert response["Content-Disposition"].startswith("inline; filename=")
    assert referral.number in text_of(response.content)
    assert Access.objects.filter(purpose="print", subject_id=referral.pk).count() == 1


def test_a_consent_is_shown(pair, referrer: Client) -> None:
    response = referrer.get(of("consent_form", pair.patient.pk, kind="abroad"), {"language": "en"})
    assert response.status_code == 200 and pair.patient.full_name in text_of(response.content)
    assert "another country" in text_of(response.content)


def test_refusals_are_pages_in_words(pair, referrer: Client, sign_in) -> None:
    early = referrer.get(of("referral_slip", pair.referral("accepted").pk))
    assert early.status_code == 409 and "Памятку печатать рано" in early.content.decode()
    booked = pair.referral("booked")
    assert referrer.get(of("referral_slip", booked.pk), {"language": "xx"}).status_code == 400
    assert referrer.get(of("consent_form", pair.patient.pk, kind="nothing")).status_code == 404
    stranger = sign_in(clinics.make_actor("coordinator"))
    for name in ("referral_form", "referral_slip"):
        assert stranger.get(of(name, booked.pk)).status_code == 404
        assert Client().get(of(name, booked.pk)).status_code == 302


def test_the_page_of_a_referral_offers_what_can_be_printed(pair, referrer: Client) -> None:
    accepted, booked = pair.referral("accepted"), pair.referral("booked")
    page = referrer.get(of("referral", accepted.pk)).content.decode()
    assert of("referral_form", accepted.pk) in page and of("referral_slip", accepted.pk) not in page
    page = referrer.get(of("referral", booked.pk)).content.decode()
    assert "Форма 057/у" in page
    for language in ("ru", "en", "kk"):
        assert f"{of('referral_slip', booked.pk)}?language={language}" in page


def test_the_card_offers_consents(pair, referrer: Client) -> None:
    for name in ("detail", "consent"):
        page = referrer.get(of(name, pair.patient.pk)).content.decode()
        for kind in ("processing", "transfer", "abroad"):
            assert of("consent_form", pair.patient.pk, kind=kind) in page


def test_programs_get_papers_too(pair) -> None:
    headers = program(pair.source.organization)
    booked, accepted = pair.referral("booked"), pair.referral("accepted")
    address = f"/api/v1/referrals/{booked.pk}/"
    form = Client().get(f"{address}form-057u/", headers=headers)
    assert form.status_code == 200 and form["Content-Type"] == "application/pdf"
    assert form["Cache-Control"] == "private, no-store" and booked.number in text_of(form.content)
    slip = Client().get(f"{address}slip/?language=en", headers=headers | {"Accept": "application/pdf"})
    assert "Your appointment" in text_of(slip.content)
    assert Access.objects.filter(purpose="print", subject_type="patient").count() == 2

    early = Client().get(
        f"/api/v1/referrals/{accepted.pk}/slip/", headers=headers | {"Accept": "application/pdf"}
    )
    assert early.status_code == 409 and early["Content-Type"] == "application/problem+json"
    assert early.json()["code"] == "not_booked_yet"
    wrong = Client().get(f"{address}slip/?language=ko", headers=headers)
    assert wrong.status_code == 400 and wrong.json()["errors"][0]["field"] == "language"
    assert Client().get(f"{address}form-057u/?language=en", headers=headers).status_code == 400
    stranger = program()
    assert Client().get(f"{address}form-057u/", headers=stranger).status_code == 404
