"""Licences and accreditations: every member reads them; the clinic's manager and program and the office keep them."""

from __future__ import annotations

from tests.permissions.roles import CLIENTS, FORBIDDEN, OFFICE, PEOPLE, RECEIVERS, allow, api, page
from tests.permissions.rules import KEEPING, SIGNED_IN
from tests.permissions.table import Paper

MANAGERS = {"sender.manager", "receiver.manager", "stranger.manager", OFFICE}
#: Those who plan for a clinic of theirs, and the office for all.
PLANNERS = allow(
    MANAGERS | {"sender.coordinator", "receiver.coordinator", "stranger.coordinator"}, other=FORBIDDEN
)
#: What they are told whoever may not, and what is not there for whoever may.
NOT_KEEPING = allow((), forbidden=(PEOPLE | CLIENTS) - {"receiver.manager", OFFICE})
#: The lists hold what is one's own, so whoever keeps anything opens them.
LISTS = allow(MANAGERS, other=FORBIDDEN)
WRITING = allow({"receiver.manager", "receiver.client", OFFICE}, other=FORBIDDEN)
NOTHING = allow(())
DAYS = {"first_day": "@today", "reason": "Приказ № 7"}
REASON = {"reason": "Приказ № 7"}
GONE = "00000000-0000-7000-8000-000000000000"
NEW = {
    "number": "Л041-1",
    "authority": "Росздравнадзор",
    "country": "RU",
    "valid_from": "@today",
    "clinic": "@clinic",
}
KINDS = {
    "licence": {**NEW, "activities": ["cardiology"]},
    "accreditation": {**NEW, "scheme": "iso_9001"},
}

PAGES = [
    line
    for kind, new in KINDS.items()
    for at in [{"pk": f"@{kind}"}]
    for line in (
        page(f"clinics:{kind}s", "GET", LISTS),
        page(f"clinics:{kind}_new", "GET", LISTS),
        page(f"clinics:{kind}_new", "POST", LISTS, body=new),
        page(f"clinics:{kind}", "GET", SIGNED_IN, at=at),
        *(
            page(f"clinics:{kind}_{act}", method, KEEPING, at=at, body=body)
            for act, body in (("renew", new), ("suspend", DAYS), ("cancel", REASON), ("scans", {}))
            for method in ("GET", "POST")
        ),
        # It is not suspended: who keeps it is told so.
        page(f"clinics:{kind}_resume", "GET", KEEPING, at=at),
        page(f"clinics:{kind}_resume", "POST", KEEPING, at=at, body=REASON),
        page(f"clinics:{kind}_scan", "GET", NOTHING, at={**at, "scan": GONE}),
        *(
            page(f"clinics:{kind}_scan_remove", method, NOT_KEEPING, at={**at, "scan": GONE})
            for method in ("GET", "POST")
        ),
    )
]  # fmt: skip

PAGES += [
    page("clinics:quotas", "GET", PLANNERS),
    # Whose clinic the address names is looked at: another's is not there, and the first of one's own is shown.
    page("clinics:quotas", "POST", PLANNERS),
]

RESOURCES = [
    line
    for kind, new in KINDS.items()
    for name, at in [(f"api-{kind}s", {"pk": f"@{kind}"})]
    for line in (
        api(f"{name}-list", "POST", WRITING, body=new),
        api(f"{name}-renew", "POST", WRITING, at=at, body={"number": "Л041-2", "valid_from": "2040-01-01"}),
        api(f"{name}-suspend", "POST", WRITING, at=at, body=DAYS),
        api(f"{name}-resume", "POST", WRITING, at=at, body=REASON),
        api(f"{name}-cancel", "POST", WRITING, at=at, body=REASON),
        api(f"{name}-scans", "GET", SIGNED_IN, at=at),
        api(f"{name}-scans", "POST", WRITING, at=at, body={"file": Paper()}, multipart=True),
        api(f"{name}-scan", "GET", NOTHING, at={**at, "scan": GONE}),
        api(
            f"{name}-scan", "DELETE",
            allow((), forbidden=(PEOPLE | CLIENTS) - {"receiver.manager", "receiver.client", OFFICE}),
            at={**at, "scan": GONE},
        ),
    )
]  # fmt: skip

QUOTA = {"service": "@service", "payment": "oms", "month": "@today", "volume": 40}
RESOURCES += [
    api("api-quotas-list", "GET", SIGNED_IN),
    api("api-quotas-list", "POST",
        allow({"receiver.coordinator", "receiver.manager", "receiver.client", OFFICE}, other=FORBIDDEN), body=QUOTA),
    api("api-quotas-detail", "GET", allow(RECEIVERS | {OFFICE}), at={"pk": "@quota"}),
]  # fmt: skip
