"""One Q for lists and single rows: invisible is 404, forbidden is 403, and no action is open by accident."""

import pytest
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext

from clinics.models import Clinic
from cluster_portal.common.actor import ANONYMOUS, SYSTEM
from cluster_portal.common.errors import Forbidden, NotFound
from cluster_portal.common.ids import uuid7
from cluster_portal.common.policy import NOBODY, Policy
from tests.factories import clinics

pytestmark = pytest.mark.django_db


class SitePolicy(Policy):
    """Members of an organisation see its sites; managers edit those in Korsakov."""

    model = Clinic
    rules = {
        "view": lambda actor: Q(organization=actor.organization_id) if actor.organization_id else NOBODY,
        "edit": lambda actor: (
            Q(organization=actor.organization_id, city_ru="Корсаков") if actor.has("manager") else NOBODY
        ),
    }
    model_rules = {"create": lambda actor: actor.has("manager")}


policy = SitePolicy()


@pytest.fixture
def manager():
    return clinics.make_actor("manager")


@pytest.fixture
def own(manager):
    return clinics.make_clinic(_organization(manager), city_ru="Корсаков")


def _organization(actor):
    return clinics.Organization.objects.get(pk=actor.organization_id)


def test_a_list_holds_what_the_actor_may_see(manager, own):
    clinics.make_clinic()
    assert list(policy.queryset(manager)) == [own]
    assert not policy.queryset(ANONYMOUS).exists()
    assert policy.queryset(SYSTEM).count() == 2


def test_single_rows_follow_the_same_rule(manager, own):
    foreign, elsewhere = clinics.make_clinic(), clinics.make_clinic(_organization(manager), city_ru="Холмск")
    assert policy.get(manager, "edit", own.pk) == own
    assert policy.get(manager, "view", elsewhere.pk) == elsewhere
    assert policy.allows(manager, "edit", own)
    assert not policy.allows(manager, "edit", elsewhere)
    assert not policy.allows(manager, "view", foreign)
    with pytest.raises(Forbidden):
        policy.get(manager, "edit", elsewhere.pk)
    for action in ("view", "edit"):
        with pytest.raises(NotFound):
            policy.get(manager, action, foreign.pk)


@pytest.mark.parametrize("key", ["", "no-uuid", "1", 7, None, "'; --", "\x00", uuid7()])
def test_a_key_that_is_none_is_not_found(manager, key):
    with pytest.raises(NotFound):
        policy.get(manager, "view", key)


def test_an_unknown_action_is_a_programming_error(manager, own):
    with pytest.raises(KeyError):
        policy.get(manager, "demolish", own.pk)
    with pytest.raises(KeyError):
        policy.require(manager, "demolish")


def test_a_nobody_rule_costs_no_query(own):
    with CaptureQueriesContext(connection) as queries:
        assert list(policy.queryset(ANONYMOUS)) == []
    assert len(queries) == 0


def test_actions_without_a_row(manager):
    policy.require(manager, "create")
    policy.require(SYSTEM, "create")
    assert not policy.may(ANONYMOUS, "create")
    with pytest.raises(Forbidden):
        policy.require(ANONYMOUS, "create")


def test_the_lock_lets_children_in(manager, own):
    with CaptureQueriesContext(connection) as queries:
        policy.get(manager, "edit", own.pk, lock=True, queryset=Clinic.objects.select_related("organization"))
    assert len(queries) == 1
    assert queries[0]["sql"].endswith('FOR NO KEY UPDATE OF "clinics_clinic"')
