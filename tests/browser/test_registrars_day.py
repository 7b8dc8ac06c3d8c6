"""A registrar's day without a mouse: twelve referrals, each with a fate of its own."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from cluster_portal.accounts.roles import Role
from patients.models import Message, Outflow, Referral, ReferralStep
from tests.factories import clinics, patients
from tests.factories.clinics import at

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.slow]

#: What a screen reader would say of the focused element, or what its field is called.
FOCUSED = """() => { const e = document.activeElement; return !e || e === document.body ? [] :
  [e.getAttribute("aria-label"), e.innerText, e.name].filter(Boolean) }"""


class Desk:
    """Somebody who has a keyboard and nothing else."""

    def __init__(self, page: Page) -> None:
        self.page = page
        page.goto("/desk/")

    def open(self, referral: Referral) -> None:
        """By the search above every page: its number leads to it."""
        # Words are seen before the page listens to keys.
        self.page.wait_for_load_state()
        self.page.keyboard.press("/")
        self.page.keyboard.type(referral.number)
        self.page.keyboard.press("Enter")
        self.page.wait_for_url(f"**/referrals/{referral.pk}/")

    def to(self, words: str, steps: int = 120) -> None:
        """Press Tab until what has the focus is called so."""
        for _step in range(steps):
            self.page.keyboard.press("Tab")
            if any(re.search(words, name.strip()) for name in self.page.evaluate(FOCUSED)):
                return
        raise AssertionError(f"Tab never reaches {words} on {self.page.url}")

    def choose(self, words: str) -> None:
        self.to(words)
        self.page.keyboard.press("Enter")

    def act(self, words: str, menu: bool = False) -> None:
        """An action of the open referral: its button, or its line in the menu of the others."""
        if menu:
            self.choose("^(Другие действия|Действия)")
        self.choose(f"^{words}")

    def answer(self, reason: str = "1", comment: str = "") -> None:
        """The dialog: a reason by its number, words where they are asked for, and off it goes."""
        dialog = self.page.get_by_role("dialog")
        expect(dialog).to_be_visible()
        self.to("^reason$")
        self.page.keyboard.press(reason)
        if comment:
            self.to("^comment$")
            self.page.keyboard.type(comment)
        self.page.keyboard.press("Control+Enter")
        expect(dialog).to_be_hidden()

    def take_time(self, word: str) -> None:
        """The first free time of the clinic that is chosen."""
        self.page.wait_for_url("**/time/")
        for _step in range(80):
            if self.page.locator("button.slot:focus").count():
                break
            self.page.keyboard.press("Tab")
        self.page.keyboard.press("Enter")
        expect(self.page.get_by_role("button", name=re.compile(f"^{word}")).first).to_be_visible()
        self.choose(f"^{word}")
        expect(self.page.locator("[data-toast]")).to_be_visible()


@pytest.fixture
def pair():
    clinics.make_cluster()
    pair = patients.make_pair(triage=True)
    for n in range(6):
        pair.slot(at(2, 9 + n))
    return pair


def test_twelve_referrals_of_every_fate(pair, sit_down):
    def somebody(state: str, **fields) -> Referral:
        person = patients.make_patient(pair.source.organization)
        patients.make_consent(person)
        return pair.referral(
            state,
            patient=person,
            author_id=pair.referrer.user_id,
            reason="Приступы сердцебиения с марта.",
            **fields,
        )

    registrar = clinics.make_actor(Role.REFERRER, organization=pair.source.organization)
    desk = Desk(sit_down(registrar))
    page = desk.page
    draft, returned, accepted, awaiting = map(somebody, ("draft", "returned", "accepted", "accepted"))
    moved, freed = somebody("booked", slot=pair.slot(at(5, 9))), somebody("booked", slot=pair.slot(at(5, 10)))
    sent, rejected, completed = somebody("submitted"), somebody("rejected"), somebody("completed")
    missed = somebody("accepted", no_shows=1)
    offered, declined = somebody("waitlisted"), somebody("waitlisted")
    patients.make_offer(offered, pair.slot(at(7, 9)))
    patients.make_offer(declined, pair.slot(at(7, 10)))

    # 1. A draft goes to the clinic that decides first; 2. what came back goes again with the words that were missing.
    for referral, words in ((draft, ""), (returned, " Креатинин 80.")):
        desk.open(referral)
        desk.act("(Продолжить черновик|Продолжить|Дополнить)")
        page.wait_for_url("**/reason/")
        desk.to("^reason$")
        page.keyboard.press("Control+End")
        page.keyboard.type(words)
        desk.choose("^Дальше")
        page.wait_for_url("**/time/")
        desk.choose("^Без времени")
        page.wait_for_url("**/confirm/")
        desk.choose("^Отправить")
        expect(page.locator("[data-toast]")).to_be_visible()
    # 3. An accepted one gets a time.
    desk.open(accepted)
    desk.act("Выбрать время")
    desk.take_time("Записать")
    # 4. For another no time suits: the waiting list.
    desk.open(awaiting)
    desk.act("Поставить в лист ожидания", menu=True)
    page.wait_for_url("**/wait/")
    desk.choose("^Поставить")
    expect(page.locator("[data-toast]")).to_contain_text("лист")
    # 5. A booked one is moved, 6. another loses its time.
    desk.open(moved)
    desk.act("Перенести запись")
    desk.take_time("Перенести")
    desk.open(freed)
    desk.act("Отменить запись", menu=True)
    desk.answer()
    # 7. One is no longer needed.
    desk.open(sent)
    desk.act("Отменить направление", menu=True)
    desk.answer()
    # 8. What the clinic refused is treated outside the cluster.
    desk.open(rejected)
    desk.act("Направить за пределы кластера")
    page.wait_for_url("**/outflow/**")
    desk.to("^reason$")
    page.keyboard.press("Space")
    desk.to("^region$")
    page.keyboard.type("Новосибирская область")
    desk.to("^clinic_name$")
    page.keyboard.type("Центр Мешалкина")
    desk.choose("^Сохранить")
    expect(page.locator("[data-toast]")).to_be_visible()
    # 9. A conclusion is read.
    desk.open(completed)
    desk.act("(Отметить прочитанн|Прочитано)")
    expect(page.locator("[data-toast]")).to_be_visible()
    # 10. Who did not come is called.
    desk.open(missed)
    desk.act("Записать звонок", menu=True)
    desk.answer(comment="Придёт в другой день.")
    # 11. An offered time is taken, 12. another is not.
    desk.open(offered)
    desk.act("Принять предложенное время")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("dialog")).to_be_hidden()
    desk.open(declined)
    desk.act("Отказаться от предложенного времени", menu=True)
    desk.answer()

    twelve = [
        draft,
        returned,
        accepted,
        awaiting,
        moved,
        freed,
        sent,
        rejected,
        completed,
        missed,
        offered,
        declined,
    ]
    for referral in twelve:
        referral.refresh_from_db()
    assert [referral.state for referral in twelve] == [
        "submitted", "submitted", "booked", "waitlisted", "booked", "accepted", "cancelled", "rejected", "completed",
        "accepted", "booked", "waitlisted",
    ]  # fmt: skip
    assert returned.reason.endswith("Креатинин 80.")
    assert moved.appointment_at < at(5, 9)
    assert Outflow.objects.get().referral == rejected
    assert completed.conclusion.read_by_id == registrar.user_id
    assert ReferralStep.objects.filter(referral=missed, action="record_call").exists()
    assert declined.offer_until is None or declined.offer_until <= timezone.now() + timedelta(days=1)
    assert not Message.objects.exists()
