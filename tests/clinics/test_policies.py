"""Who may do what in the registry."""

import pytest

from clinics import policies
from clinics.states import ClinicStatus, OrganizationStatus, SlotState
from cluster_portal.accounts.roles import Role
from cluster_portal.common.actor import ANONYMOUS, SYSTEM, Actor
from cluster_portal.common.errors import Forbidden, NotFound
from tests.factories import clinics as make

pytestmark = pytest.mark.django_db

ROLES = (Role.REFERRER, Role.COORDINATOR, Role.MANAGER, Role.OFFICE, Role.CLIENT)
WRITERS, PLANNERS = {Role.MANAGER}, {Role.COORDINATOR, Role.MANAGER, Role.CLIENT}


def actor(role: str, organization) -> Actor:
    return Actor(kind="user", organization_id=organization.pk, roles=frozenset({role}))


def answer(policy, who: Actor, action: str, row) -> str:
    """What a request would get: yes, 403 or 404."""
    try:
        policy.get(who, action, row.pk)
    except Forbidden:
        return "403"
    except NotFound:
        return "404"
    return "yes"


@pytest.fixture
def rows():
    """One row of each kind, all of one organisation."""
    slot = make.make_slot()
    service = slot.service
    person = make.make_practitioner(service.clinic)
    schedule = make.make_schedule(service, person)
    return {
        "organization": service.clinic.organization,
        "clinic": service.clinic,
        "licence": service.clinic.licences.get(),
        "service": service,
        "practitioner": person,
        "schedule": schedule,
        "slot_administration": slot,
    }


RECORDS = ("organization", "clinic")
BY_PROGRAMS = ("licence", "practitioner", "service")
REGISTRY = ("organization", "clinic", "licence", "service", "practitioner")


@pytest.mark.parametrize("name", REGISTRY)
def test_members_and_visitors_read_the_registry(rows, name):
    policy, row = getattr(policies, f"{name}_policy"), rows[name]
    assert answer(policy, ANONYMOUS, "view", row) == "yes"
    for role in ROLES:
        assert answer(policy, actor(role, make.make_organization()), "view", row) == "yes"


@pytest.mark.parametrize("name", REGISTRY)
@pytest.mark.parametrize("role", ROLES)
def test_only_its_manager_and_the_office_write_it(rows, name, role):
    policy, row = getattr(policies, f"{name}_policy"), rows[name]
    own = actor(role, rows["organization"])
    stranger = actor(role, make.make_organization())
    # The two records themselves wait for the office; what belongs to them does not. Some is also written by the
    # organisation's own program.
    writers = set() if name in RECORDS else WRITERS | ({Role.CLIENT} if name in BY_PROGRAMS else set())
    assert answer(policy, own, "edit", row) == ("yes" if role in writers | {Role.OFFICE} else "403")
    assert answer(policy, stranger, "edit", row) == ("yes" if role == Role.OFFICE else "403")
    assert answer(policy, SYSTEM, "edit", row) == "yes"


@pytest.mark.parametrize("name", RECORDS)
@pytest.mark.parametrize("role", ROLES)
def test_only_its_manager_and_its_program_propose_a_change_of_a_record(rows, name, role):
    policy, row = getattr(policies, f"{name}_policy"), rows[name]
    proposes = role in {Role.MANAGER, Role.CLIENT}
    assert answer(policy, actor(role, rows["organization"]), "propose", row) == ("yes" if proposes else "403")
    assert answer(policy, actor(role, make.make_organization()), "propose", row) == "403"


@pytest.mark.parametrize("name", ["schedule", "slot_administration"])
@pytest.mark.parametrize("role", ROLES)
def test_a_strangers_time_is_not_there(rows, name, role):
    policy, row = getattr(policies, f"{name}_policy"), rows[name]
    own = actor(role, rows["organization"])
    stranger = actor(role, make.make_organization())
    assert answer(policy, own, "view", row) == "yes"
    assert answer(policy, own, "edit", row) == ("yes" if role in PLANNERS else "403")
    for action in ("view", "edit"):
        assert answer(policy, stranger, action, row) == "404"
        assert answer(policy, ANONYMOUS, action, row) == "404"


def test_visitors_do_not_see_candidates_closed_clinics_and_what_is_not_offered(rows):
    rows["service"].is_active = False
    rows["service"].save()
    assert answer(policies.service_policy, ANONYMOUS, "view", rows["service"]) == "404"
    clinic = rows["clinic"]
    clinic.status, clinic.closed_on, clinic.close_reason = ClinicStatus.CLOSED, "2026-01-01", "переезд"
    clinic.save()
    organization = rows["organization"]
    for name in ("clinic", "licence"):
        assert answer(getattr(policies, f"{name}_policy"), ANONYMOUS, "view", rows[name]) == "404"
    organization.status = OrganizationStatus.CANDIDATE
    organization.save()
    for name in ("organization", "practitioner"):
        assert answer(getattr(policies, f"{name}_policy"), ANONYMOUS, "view", rows[name]) == "404"


def test_slots_as_a_search_finds_them(rows):
    published = rows["slot_administration"]
    draft = make.make_slot(rows["service"], state=SlotState.DRAFT)
    stranger, own = actor(Role.REFERRER, make.make_organization()), actor(Role.REFERRER, rows["organization"])
    assert answer(policies.slot_policy, stranger, "view", published) == "yes"
    assert answer(policies.slot_policy, stranger, "view", draft) == "404"
    assert answer(policies.slot_policy, own, "view", draft) == "yes"
    assert answer(policies.slot_policy, ANONYMOUS, "view", published) == "404"


def test_memberships_are_seen_by_oneself_the_manager_and_the_office():
    organization = make.make_organization()
    manager = make.make_actor(Role.MANAGER, organization=organization)
    colleague = make.make_actor(Role.REFERRER, organization=organization)
    row = make.Membership.objects.get(user=colleague.user_id)
    policy = policies.membership_policy
    assert answer(policy, manager, "edit", row) == answer(policy, colleague, "view", row) == "yes"
    assert answer(policy, colleague, "edit", row) == "403"
    assert answer(policy, make.make_actor(Role.MANAGER), "view", row) == "404"
    office = make.make_actor(Role.OFFICE)
    assert answer(policy, office, "edit", row) == answer(policy, office, "view", row) == "yes"


def test_creating():
    organization = make.make_organization()
    for role in ROLES:
        who = actor(role, organization)
        assert policies.organization_policy.may(who, "create") is (role == Role.OFFICE)
        assert policies.schedule_policy.may(who, "create") is (role in PLANNERS)
    assert not policies.schedule_policy.may(ANONYMOUS, "create")
