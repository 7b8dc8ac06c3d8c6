"""Two people enter the same land at once: one of them is told whose it is."""

from decimal import Decimal

import pytest

from investors.models import Plot
from investors.services import plots as services
from tests.concurrency.support import deadlocks, together
from tests.factories import clinics as make
from tests.factories import investors as rows

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]

CLERKS = 12


@pytest.fixture
def entering(db):
    """Clerks who enter plots that claim each other's land, each under a number of its own."""
    make.make_cluster()
    site, actor = rows.make_site(), make.make_actor("land")

    def enter(n):
        data = {
            "site": site, "number": str(n), "title_ru": "Участок", "direction": "clinical", "area": Decimal(1),
            "term_years": 49, "outline": rows.square(0.05 * n, 0),
        }  # fmt: skip
        return lambda: services.add_plot(actor, data=data)

    return [enter(n) for n in range(CLERKS)]


def test_one_of_twelve_gets_the_land(entering):
    before = deadlocks()
    outcome = together(*entering)
    assert outcome.unexpected == [] and deadlocks() == before
    assert len(outcome.results) == 1 and outcome.refused == {"plots_overlap": CLERKS - 1}
    assert Plot.objects.count() == 1


def test_without_the_lock_it_is_given_twice(entering, monkeypatch):
    """The negative control: the race is a real one."""
    monkeypatch.setattr(services, "_one_at_a_time", lambda: None)
    together(*entering)
    assert Plot.objects.count() > 1
