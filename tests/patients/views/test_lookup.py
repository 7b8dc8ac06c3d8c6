"""The public lookup: right pairs are answered with little, wrong ones all alike, and guessing is stopped."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clinics.models import Clinic, Service
from cluster_portal.accounts.models import Attempt
from cluster_portal.accounts.services import attempts
from cluster_portal.audit.models import Access
from cluster_portal.common import numbering
from patients.models import Referral
from patients.services.lookup import GUESSES, GUESSES_PER_ADDRESS, GUESSES_PER_DAY
from tests.factories import patients

pytestmark = pytest.mark.django_db
LOOKUP = "/lookup/"
ZONE = ZoneInfo("Asia/Sakhalin")
WRONG = "Направления с таким номером и такой датой рождения нет"
WAIT = "Слишком много попыток"


def ask(number: str, born: date | str, language: str = "ru", **extra):
    client = Client()
    client.cookies["language"] = language
    return client.post(LOOKUP, {"number": number, "birth_date": str(born)}, **extra)


def nobodys_number() -> str:
    """A well-formed number that was given to no referral."""
    taken = set(Referral.objects.values_list("number", flat=True))
    return next(
        number for _serial, number in numbering.numbers("SKH", 2026, first=8_000_000) if number not in taken
    )


@pytest.fixture
def booked(pair):
    Clinic.objects.filter(pk=pair.target.pk).update(time_zone="Asia/Sakhalin", phone="+7 4242 11-22-33")
    Service.objects.filter(pk=pair.service.pk).update(
        preparation_ru="Не есть 8 часов.", documents_ru="Паспорт.", phone=""
    )
    return pair.referral(
        "booked", slot=pair.slot(room="214"), diagnosis_text="Фибрилляция", question="Что делать?"
    )


def test_what_a_patient_is_told(pair, booked) -> None:
    response = ask(booked.number, pair.patient.birth_date)
    page = response.content.decode()
    assert response.status_code == 200
    for words in (
        booked.number, "Вы записаны на приём", pair.target.name_ru, pair.target.address_ru, "214", "UTC+11",
        f"{booked.appointment_at.astimezone(ZONE):%H:%M}",
        "Не есть 8 часов.", "Паспорт.", "+7 4242 11-22-33",
    ):  # fmt: skip
        assert words in page, words
    slot = booked.bookings.get().slot
    secrets = (
        pair.patient.family, pair.patient.given, pair.patient.patronymic, pair.patient.snils, pair.patient.enp,
        "1970", "17.05", "I48", "Фибрилляция", booked.reason, booked.question, booked.referrer_name,
        booked.service_type.name_ru, slot.practitioner.family if slot.practitioner else "Дубова", str(booked.pk),
        str(pair.patient.pk),
    )  # fmt: skip
    assert not [secret for secret in secrets if secret in page]


@pytest.mark.parametrize(
    "state",
    ["submitted", "returned", "accepted", "waitlisted", "in_care", "completed", "rejected", "cancelled"],
)
@pytest.mark.parametrize("language", ["ru", "en", "kk"])
def test_every_state_is_told_in_every_language(pair, state: str, language: str) -> None:
    referral = pair.referral(state)
    response = ask(referral.number, pair.patient.birth_date, language)
    page = response.content.decode()
    assert response.status_code == 200 and referral.number in page
    assert referral.reason not in page and pair.patient.family not in page


def test_the_number_may_be_typed_as_one_types(pair, booked) -> None:
    spoken = booked.number.lower().replace("-", " ")
    cyrillic = booked.number.replace("K", "К").replace("H", "Н")
    for number in (spoken, booked.number.replace("-", ""), f" {booked.number} ", cyrillic):
        assert "Вы записаны" in ask(number, pair.patient.birth_date).content.decode(), number


def test_what_was_never_sent_is_not_there(pair) -> None:
    for state in ("draft", "cancelled"):
        referral = pair.referral(state, submitted_at=None)
        assert WRONG in ask(referral.number, pair.patient.birth_date).content.decode()


def test_a_wrong_number_and_a_wrong_date_look_alike(pair, booked) -> None:
    """The same words, the same length, and as many questions to the database."""
    wrong_day = pair.patient.birth_date + timedelta(days=1)
    unknown = nobodys_number()
    # What a process reads once for all pages.
    Client().get(LOOKUP)
    answers = []
    for number, born in ((booked.number, wrong_day), (unknown, pair.patient.birth_date)):
        with CaptureQueriesContext(connection) as queries:
            response = ask(number, born)
        page = response.content.decode().replace(number, "N").replace(str(born), "D")
        token = page.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]
        statements = [query["sql"][:60] for query in queries if "SAVEPOINT" not in query["sql"]]
        answers.append((response.status_code, page.replace(token, "T"), statements))
    assert answers[0] == answers[1]
    assert answers[0][0] == 422 and WRONG in answers[0][1]


def test_a_number_with_a_typing_error_costs_no_try(pair, booked) -> None:
    wrong = booked.number[:-1] + ("A" if booked.number[-1] != "A" else "B")
    for _ in range(GUESSES + 1):
        response = ask(wrong, pair.patient.birth_date)
        assert response.status_code == 422 and "опечатка" in response.content.decode()
    assert not Attempt.objects.exists()


@pytest.mark.parametrize("number", ["", "0", "🙂", "SKH", "x" * 200, "SKH-26-0001234-X\x00", "' OR 1=1 --"])
@pytest.mark.parametrize("born", ["", "yesterday", "0000-00-00", "9999-12-31"])
def test_nonsense_is_answered_at_the_field(pair, number: str, born: str) -> None:
    assert ask(number, born).status_code == 422


def test_five_wrong_then_even_the_right_one_waits(pair, booked) -> None:
    born = pair.patient.birth_date
    for n in range(GUESSES):
        assert WAIT not in ask(booked.number, born + timedelta(days=1 + n)).content.decode()
    refused = ask(booked.number, born)
    assert refused.status_code == 429 and WAIT in refused.content.decode()
    assert refused["Retry-After"] == "900"
    assert not Access.objects.exists()
    # Another patient is not shut out by it.
    other = pair.referral("submitted", patient=patients.make_patient(pair.source.organization))
    assert other.number in ask(other.number, born).content.decode()
    Attempt.objects.update(expires_at=timezone.now())
    assert ask(booked.number, born).status_code == 200


def test_unknown_numbers_wait_like_known_ones(pair) -> None:
    number = nobodys_number()
    statuses = [ask(number, "1980-01-01").status_code for _ in range(GUESSES + 1)]
    assert statuses == [422] * GUESSES + [429]


def test_forged_addresses_change_nothing(pair, booked) -> None:
    born = pair.patient.birth_date
    for n in range(GUESSES):
        ask(
            booked.number,
            born + timedelta(days=1 + n),
            headers={"X-Forwarded-For": f"10.0.0.{n}", "X-Real-IP": f"10.0.1.{n}"},
        )
    refused = ask(booked.number, born, headers={"X-Forwarded-For": "10.0.0.99", "Forwarded": "for=10.0.0.98"})
    assert refused.status_code == 429


def test_many_numbers_from_one_address(pair, booked) -> None:
    numbers = (number for _serial, number in numbering.numbers("SKH", 2026, first=8_500_000))
    for n in range(GUESSES_PER_ADDRESS):
        assert ask(next(numbers), "1980-01-01", headers={"X-Forwarded-For": f"10.0.0.{n}"}).status_code == 422
    assert ask(booked.number, pair.patient.birth_date).status_code == 429
    assert ask(booked.number, pair.patient.birth_date, REMOTE_ADDR="10.1.1.1").status_code == 200


def test_an_ipv6_household_is_one_address() -> None:
    assert attempts.network("2001:db8:1:2::1") == attempts.network("2001:db8:1:2:ffff::9") == "2001:db8:1:2::"
    assert attempts.network("2001:db8:1:3::1") != attempts.network("2001:db8:1:2::1")
    assert attempts.network("10.0.0.1") == "10.0.0.1" == attempts.network("::ffff:10.0.0.1")
    assert attempts.network(None) == attempts.network("nonsense") == "unknown"


def test_patient_guessing_is_stopped_for_the_day(pair, booked) -> None:
    born, tried = pair.patient.birth_date, 0
    while (
        ask(booked.number, born + timedelta(days=1 + tried), REMOTE_ADDR=f"10.2.0.{tried}").status_code == 422
    ):
        tried += 1
        # A quarter of an hour passes between any two of them: only the day's counter goes on.
        Attempt.objects.filter(key=attempts._key(f"lookup:{booked.number}")).delete()
        assert tried <= GUESSES_PER_DAY
    assert tried == GUESSES_PER_DAY
    refused = ask(booked.number, born, REMOTE_ADDR="10.2.1.1")
    assert refused.status_code == 429 and refused["Retry-After"] == "86400"
    assert "сегодня было слишком много" in refused.content.decode()


def test_right_answers_cost_nothing_and_free_nothing(pair, booked) -> None:
    born = pair.patient.birth_date
    for n in range(GUESSES - 1):
        ask(booked.number, born + timedelta(days=1 + n))
    for _ in range(3):
        assert ask(booked.number, born).status_code == 200
    assert ask(booked.number, born + timedelta(days=40)).status_code == 422
    assert ask(booked.number, born).status_code == 429


def test_a_look_is_journalled(pair, booked) -> None:
    ask(booked.number, pair.patient.birth_date)
    lines = Access.objects.filter(purpose="lookup")
    assert {(line.subject_type, line.subject_id, line.actor_kind) for line in lines} == {
        ("referral", booked.pk, "anonymous"),
        ("patient", pair.patient.pk, "anonymous"),
    }
    assert all(line.ip == "127.0.0.1" for line in lines)


@pytest.mark.parametrize("right", [True, False])
def test_the_answer_is_kept_by_no_cache_and_no_search_engine(pair, booked, right: bool) -> None:
    born = pair.patient.birth_date + timedelta(days=not right)
    for response in (Client().get(f"{LOOKUP}?number={booked.number}"), ask(booked.number, born)):
        assert response["Cache-Control"] == "private, no-store"
        assert response["X-Robots-Tag"] == "noindex, nofollow"


def test_the_square_code_types_the_number_and_nothing_more(pair, booked) -> None:
    page = Client().get(f"{LOOKUP}?number={booked.number}&birth_date=1970-05-17").content.decode()
    assert (
        f'value="{booked.number}"' in page and 'value="1970-05-17"' not in page and "Вы записаны" not in page
    )
    assert not Attempt.objects.exists()
    assert "<script>" not in Client().get(f"{LOOKUP}?number=<script>").content.decode()


def test_a_form_from_elsewhere_is_refused(pair, booked) -> None:
    strict = Client(enforce_csrf_checks=True)
    sent = {"number": booked.number, "birth_date": str(pair.patient.birth_date)}
    assert strict.post(LOOKUP, sent).status_code == 403


def test_the_public_pages_lead_to_it(pair) -> None:
    page = Client().get("/").content.decode()
    assert page.count(f'href="{LOOKUP}"') >= 3
