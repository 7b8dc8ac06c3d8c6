"""From an interest to an agreement, and what people watch."""

import pytest
from django.core import mail
from django.db import DatabaseError, transaction

from clinics.selectors.actors import resolve
from cluster_portal.accounts.models import User
from cluster_portal.common import background
from cluster_portal.common.actor import SYSTEM
from cluster_portal.common.errors import Forbidden, IllegalTransition, Invalid, NotFound
from cluster_portal.notifications.models import Notice
from investors.models import SavedSearch
from investors.selectors.interests import interest_file, new_interests
from investors.selectors.watching import search_of_letter, sign, watches
from investors.services import interests as services
from investors.services import plots, watching
from investors.tasks import look_for_new_plots
from tests.factories import clinics as make
from tests.factories import investors as rows

WANTED = {"direction": "clinical", "outline": "Клиника на 200 мест", "investment": None, "jobs": 300}


def user_of(actor):
    return User.objects.get(pk=actor.user_id)


@pytest.fixture
def person(site):
    """Somebody who acts for a company."""
    return resolve(user=make.make_user())


def test_an_interest_goes_from_new_to_an_agreement(person, land, site):
    company = rows.make_investor(user_of(person))
    plot, draft = rows.make_plot(site), rows.make_plot(site, at=(2, 0), state="draft")
    for unfit in ([], [draft.pk]):
        with pytest.raises(Invalid):
            services.express_interest(person, investor_id=company.pk, plot_ids=unfit, data=WANTED)
    interest = services.express_interest(person, investor_id=company.pk, plot_ids=[plot.pk], data=WANTED)
    key = {"interest_id": interest.pk}
    assert list(new_interests(land)) == [interest]
    services.contact_interest(land, **key)
    assert not new_interests(land).exists()
    with pytest.raises(IllegalTransition):
        services.agree_interest(land, **key)
    with pytest.raises(Forbidden):
        services.meet_interest(person, **key)
    services.note_interest(land, **key, text="Ждут смету")
    with pytest.raises(Invalid):
        services.plan_interest(land, **key, data={"responsible": make.make_user()})
    services.plan_interest(
        land, **key, data={"next_step": "Встреча", "next_on": "2026-12-01", "responsible": user_of(land)}
    )
    services.negotiate_interest(land, **key)
    services.agree_interest(land, **key)
    with pytest.raises(IllegalTransition):
        services.withdraw_interest(person, **key, reason="Поздно")
    ours, theirs = interest_file(land, interest.pk), interest_file(person, interest.pk)
    assert ([note.text for note in ours.notes], theirs.notes, theirs.plots) == (["Ждут смету"], [], [plot])
    told = Notice.objects.filter(user=person.user_id, kind__startswith="investors.interest").order_by(
        "created_at"
    )
    assert [one.kind.rsplit("_")[-1] for one in told] == ["contact", "negotiate", "agree"]


def test_the_database_keeps_the_stages(person, land, site):
    interest = rows.make_interest(rows.make_investor(), rows.make_plot(site))
    key = {"interest_id": interest.pk}
    services.contact_interest(land, **key)
    services.lose_interest(land, **key, reason="Дорого")
    services.contact_interest(land, **key)
    moves = interest_file(land, interest.pk).moves
    assert [(one.was, one.becomes, one.reason) for one in moves] == [
        ("new", "contacted", ""), ("contacted", "lost", "Дорого"), ("lost", "contacted", ""),
    ]  # fmt: skip
    assert [one.since for one in moves] == [interest.created_at, moves[0].created_at, moves[1].created_at]
    services.plan_interest(land, **key, data={"next_step": "Звонок"})
    assert interest.moves.count() == 3
    with pytest.raises(DatabaseError), transaction.atomic():
        interest.moves.update(becomes="agreement")


def test_whoever_watches_a_plot_hears_of_its_states_once(person, land, site):
    plot = rows.make_plot(site)
    watching.watch_plot(person, plot_id=plot.pk)
    watching.watch_plot(person, plot_id=plot.pk)
    plots.reserve_plot(land, plot_id=plot.pk)
    [notice] = Notice.objects.filter(user=person.user_id)
    assert plot.number in notice.text
    watching.unwatch_plot(person, plot_id=plot.pk)
    plots.release_plot(land, plot_id=plot.pk)
    assert (Notice.objects.filter(user=person.user_id).count(), watches(person, plot)) == (1, False)


def test_a_search_mails_each_new_plot_once(person, land, site):
    rows.make_plot(site, direction="scientific")
    search = watching.save_search(
        person, name="Наука", asked={"direction": "scientific", "site": str(site.pk)}
    )
    assert look_for_new_plots() == 0
    rows.make_plot(site, at=(2, 0))
    new = rows.make_plot(site, at=(4, 0), direction="scientific")
    assert (look_for_new_plots(), look_for_new_plots()) == (1, 0)
    background.relay()
    [letter] = mail.outbox
    assert str(new.pk) in letter.body
    token = sign(search)
    assert f"/plots/searches/stop/{token}/" in letter.extra_headers["List-Unsubscribe"]
    with pytest.raises(NotFound):
        watching.remove_search(land, search_id=search.pk)
    with pytest.raises(NotFound):
        search_of_letter(token[:-1])
    watching.stop_search(SYSTEM, token=token)
    assert not SavedSearch.objects.exists()
