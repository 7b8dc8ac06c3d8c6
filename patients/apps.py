from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PatientsConfig(AppConfig):
    name = "patients"
    verbose_name = _("Patients and referrals")

    def ready(self) -> None:
        # They register the reports, the imports and the outbox handlers.
        from patients import imports, reports, tasks  # noqa: F401
        from patients.services.notices import register_kinds

        register_kinds()
        _plug_into_the_registry()
        _fill_the_menu()
        _count_by_day()


def _count_by_day() -> None:
    from cluster_portal.common import summaries
    from patients.selectors.summaries import Decisions, Referrals, Visits

    summaries.register(Referrals())
    summaries.register(Decisions())
    summaries.register(Visits())


def _plug_into_the_registry() -> None:
    """Tell the schedule's pages who sits in its slots, and its services which holds have lapsed."""
    from clinics import occupants
    from patients.selectors.arrivals import occupants as rows
    from patients.selectors.arrivals import slots_with_lapsed_holds
    from patients.selectors.closing import waiting_at
    from patients.selectors.moving import plan_url
    from patients.services.closing import return_waiting
    from patients.services.occupancy import count_into, release_lapsed_holds

    occupants.register(
        rows=rows,
        lapsed=slots_with_lapsed_holds,
        release=release_lapsed_holds,
        moving=plan_url,
        count=count_into,
        waiting=waiting_at,
        give_back=return_waiting,
    )


def _fill_the_menu() -> None:
    """The lists of both sides with their counters, the day's arrivals, the patients."""
    from cluster_portal.accounts.roles import Role
    from cluster_portal.web import menu
    from patients.policies import DECIDERS, STAFF
    from patients.selectors import worklists

    def queues(side: str, roles: frozenset[str]) -> tuple[menu.Item, ...]:
        return tuple(
            menu.Item(
                queue.label, "patients:worklist", order=place, kwargs={"side": side, "queue": key}, roles=roles,
                counter=f"{side}.{key}", alert=queue.alert,
            )
            for place, (key, queue) in enumerate(worklists.QUEUES[side].items())
            if key != "all" and not queue.optional
        )  # fmt: skip

    # A coordinator's day is what comes in; what their own clinic sends has its page, without a branch of its own.
    senders = frozenset({"referrer", "manager"})
    menu.register(
        menu.Item(
            _("Incoming referrals"), "patients:worklist", icon="inbox", order=18, roles=DECIDERS,
            kwargs={"side": worklists.IN, "queue": "all"}, prefix="/referrals/in/",
            children=queues(worklists.IN, DECIDERS),
        ),
        menu.Item(
            _("Referrals"), "patients:worklist", icon="arrows-sort", order=20, roles=STAFF,
            kwargs={"side": worklists.OUT, "queue": "all"}, prefix="/referrals/",
            children=queues(worklists.OUT, senders),
        ),
        menu.Item(
            _("Arrivals today"), "patients:arrivals", icon="door-enter", order=30, roles=STAFF,
            counter="arrivals",
        ),
        menu.Item(
            _("Messages"), "patients:messages", icon="messages", order=32, roles=STAFF, counter="messages.unread",
            alert=True,
        ),
        menu.Item(
            _("Questions to specialists"), "patients:advice_start", icon="message-circle", order=34, roles=STAFF,
            counter="advice.unread", plus=("advice.free",), alert=True,
        ),
        menu.Item(_("Patients"), "patients:list", icon="users", order=40, roles=STAFF),
        menu.Item(
            _("Duplicates"), "patients:duplicates", icon="users-group", order=46, roles=frozenset({Role.OFFICE}),
            counter="duplicates", prefix="/duplicates/",
        ),
        menu.Item(
            _("Outside the cluster"), "patients:outflows", icon="plane", order=44, roles=STAFF | {Role.OFFICE}
        ),
    )  # fmt: skip
    menu.register_counters("patients", worklists.counters)
    menu.register_countable("patients.more", worklists.countable)
    menu.register_public(menu.PublicPage(_("Check a referral"), "patients:lookup", order=20))
