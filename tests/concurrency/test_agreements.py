"""Several agreements on one plot are signed at once: one of them gets it."""

import pytest
from django.db import connection

from investors.models import AgreementPlot
from investors.services import agreements as services
from tests.concurrency.support import deadlocks, together
from tests.factories import clinics as make
from tests.factories import investors as rows

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]

RIVALS = 8
UNIQUE = 'CREATE UNIQUE INDEX "agreement_holds_plot" ON "investors_agreementplot" ("plot_id") WHERE "is_held"'


@pytest.fixture
def signing(db):
    """Clerks who sign agreements on the same two plots, named in either order."""
    make.make_cluster()
    site, actor = rows.make_site(), make.make_actor("land")
    plots = [rows.make_plot(site, at=(2 * n, 0), state="reserved") for n in range(2)]
    drafts = [rows.make_agreement(rows.make_investor(), *plots[:: 1 - 2 * (n % 2)]) for n in range(RIVALS)]
    return [lambda one=one: services.sign_agreement(actor, agreement_id=one.pk) for one in drafts]


def held():
    return AgreementPlot.objects.filter(is_held=True).count()


def test_one_of_eight_gets_the_plots(signing):
    before = deadlocks()
    outcome = together(*signing)
    assert outcome.unexpected == [] and deadlocks() == before
    assert (len(outcome.results), held(), dict(outcome.refused)) == (1, 2, {"plot_held": RIVALS - 1})


def test_without_lock_and_index_they_are_given_several_times(signing, monkeypatch):
    """The negative control: the race is a real one, and the index alone has the last word on it."""
    monkeypatch.setattr(services, "_lock_plots", lambda agreement: list(agreement.plots.order_by("pk")))
    with connection.cursor() as cursor:
        cursor.execute('DROP INDEX "agreement_holds_plot"')
    try:
        together(*signing)
        assert held() > 2
    finally:
        AgreementPlot.objects.update(is_held=False)
        with connection.cursor() as cursor:
            cursor.execute(UNIQUE)
