"""Papers of clinics: every member reads them; the clinic's manager and program and the office keep them. A special
regime is entered by the office alone.
"""

from __future__ import annotations

from tests.permissions.roles import CLIENTS, FORBIDDEN, OFFICE, PEOPLE, RECEIVERS, Rule, allow, api, page
from tests.permissions.rules import KEEPING, OFFICE_ONLY, SIGNED_IN
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
    "permit": {
        **NEW, "country": "IL", "practitioner": "@practitioner", "home_document": "Диплом № 7",
        "specialties": ["cardiology"],
    },
    "regime": {**NEW, "country": "IL", "legal_basis_ru": "Закон об особом режиме"},
}  # fmt: skip
ENTERED_BY_OFFICE = frozenset({"regime"})


def _rules(kind: str) -> tuple[Rule, ...]:
    """Of a kind: its lists, the forms about one paper, what is not there, writing by REST, a scan that is not there."""
    if kind in ENTERED_BY_OFFICE:
        nobody = allow((), forbidden=(PEOPLE | CLIENTS) - {OFFICE})
        return OFFICE_ONLY, OFFICE_ONLY, nobody, OFFICE_ONLY, nobody
    gone = allow((), forbidden=(PEOPLE | CLIENTS) - {"receiver.manager", "receiver.client", OFFICE})
    return LISTS, KEEPING, NOT_KEEPING, WRITING, gone


PAGES = [
    line
    for kind, new in KINDS.items()
    for at in [{"pk": f"@{kind}"}]
    for lists, keeping, not_keeping, _writing, _gone in [_rules(kind)]
    for line in (
        page(f"clinics:{kind}s", "GET", lists),
        page(f"clinics:{kind}_new", "GET", lists),
        page(f"clinics:{kind}_new", "POST", lists, body=new),
        page(f"clinics:{kind}", "GET", SIGNED_IN, at=at),
        *(
            page(f"clinics:{kind}_{act}", method, keeping, at=at, body=body)
            for act, body in (("renew", new), ("suspend", DAYS), ("cancel", REASON), ("scans", {}))
            for method in ("GET", "POST")
        ),
        # It is not suspended: who keeps it is told so.
        page(f"clinics:{kind}_resume", "GET", keeping, at=at),
        page(f"clinics:{kind}_resume", "POST", keeping, at=at, body=REASON),
        page(f"clinics:{kind}_scan", "GET", NOTHING, at={**at, "scan": GONE}),
        *(
            page(f"clinics:{kind}_scan_remove", method, not_keeping, at={**at, "scan": GONE})
            for method in ("GET", "POST")
        ),
    )
]  # fmt: skip

METHOD = {
    "kind": "medicine", "name_ru": "Онкоред", "country": "IL", "home_authority": "Минздрав Израиля",
    "home_number": "172", "home_date": "@today",
}  # fmt: skip
IN_USE, DRAFT = {"pk": "@method"}, {"pk": "@draft_method"}
#: A draft is not there for others; for its own program it is, without a page.
OWN_DRAFT = allow({"receiver.manager", "receiver.client", OFFICE})
#: Forms of managers say "not your role" before they look at the record.
ENTERING = allow(
    {"receiver.manager", OFFICE}, forbidden=(PEOPLE | CLIENTS) - {"sender.manager", "stranger.manager"}
)
PAGES += [
    page("clinics:methods", "GET", LISTS),
    page("clinics:method", "GET", SIGNED_IN, at=IN_USE),
    page("clinics:method", "GET", allow({"receiver.manager", OFFICE}), at=DRAFT),
    page("clinics:method_new", "GET", KEEPING, at={"pk": "@clinic"}),
    page("clinics:method_new", "POST", KEEPING, at={"pk": "@clinic"}, body=METHOD),
    *(
        page(f"clinics:method_{act}", method, ENTERING, at=DRAFT, body=body)
        for act, body in (("edit", METHOD), ("begin", {}), ("withdraw", REASON))
        for method in ("GET", "POST")
    ),
    page("clinics:quotas", "GET", PLANNERS),
    # Whose clinic the address names is looked at: another's is not there, and the first of one's own is shown.
    page("clinics:quotas", "POST", PLANNERS),
]

RESOURCES = [
    line
    for kind, new in KINDS.items()
    for name, at in [(f"api-{kind}s", {"pk": f"@{kind}"})]
    for _lists, _keeping, _not_keeping, writing, gone in [_rules(kind)]
    for line in (
        api(f"{name}-list", "POST", writing, body=new),
        api(f"{name}-renew", "POST", writing, at=at, body={"number": "Л041-2", "valid_from": "2040-01-01"}),
        api(f"{name}-suspend", "POST", writing, at=at, body=DAYS),
        api(f"{name}-resume", "POST", writing, at=at, body=REASON),
        api(f"{name}-cancel", "POST", writing, at=at, body=REASON),
        api(f"{name}-scans", "GET", SIGNED_IN, at=at),
        api(f"{name}-scans", "POST", writing, at=at, body={"file": Paper()}, multipart=True),
        api(f"{name}-scan", "GET", NOTHING, at={**at, "scan": GONE}),
        api(f"{name}-scan", "DELETE", gone, at={**at, "scan": GONE}),
    )
]  # fmt: skip

RESOURCES += [
    api("api-special-methods-list", "GET", SIGNED_IN),
    api("api-special-methods-list", "POST", WRITING, body={**METHOD, "clinic": "@clinic"}),
    api("api-special-methods-detail", "GET", SIGNED_IN, at=IN_USE),
    api("api-special-methods-detail", "GET", OWN_DRAFT, at=DRAFT),
    api("api-special-methods-detail", "PATCH", OWN_DRAFT, at=DRAFT, body={"home_number": "173"}),
    api("api-special-methods-begin", "POST", OWN_DRAFT, at=DRAFT),
    api("api-special-methods-withdraw", "POST", WRITING, at=IN_USE, body=REASON),
]
QUOTA = {"service": "@service", "payment": "oms", "month": "@today", "volume": 40}
RESOURCES += [
    api("api-quotas-list", "GET", SIGNED_IN),
    api("api-quotas-list", "POST",
        allow({"receiver.coordinator", "receiver.manager", "receiver.client", OFFICE}, other=FORBIDDEN), body=QUOTA),
    api("api-quotas-detail", "GET", allow(RECEIVERS | {OFFICE}), at={"pk": "@quota"}),
]  # fmt: skip

#: Records of people: kept by the organisation's manager and program, and by the office.
PERSON, PAPER = {"pk": "@practitioner"}, {"pk": "@practitioner", "qualification": "@qualification"}
NEW_PERSON = {
    "family": "Нам", "given": "Ольга", "position_ru": "Кардиолог", "specialties": ["cardiology"], "clinics": [],
}  # fmt: skip
NEW_PAPER = {
    "specialty": "cardiology", "document": "Диплом", "number": "7", "country": "RU", "institution": "ДВГМУ",
    "year": 2009,
}  # fmt: skip
PAGES += [
    page("clinics:practitioners", "GET", LISTS),
    page("clinics:practitioner", "GET", KEEPING, at=PERSON),
    *(
        page(f"clinics:{name}", method, KEEPING, at=at, body=body)
        for name, at, body in (
            ("practitioner_new", {"pk": "@organization"}, NEW_PERSON),
            ("practitioner_edit", PERSON, NEW_PERSON),
            ("practitioner_leaves", PERSON, {"last_day": "@today"}),
            ("practitioner_stays", PERSON, {}),
            ("qualification_new", PERSON, NEW_PAPER),
            ("qualification_remove", PAPER, {}),
        )
        for method in ("GET", "POST")
    ),
]
RESOURCES += [
    api("api-practitioners-list", "POST", WRITING, body={**NEW_PERSON, "organization": "@organization"}),
    api("api-practitioners-detail", "PATCH", WRITING, at=PERSON, body={"given": "Анна"}),
    api("api-practitioners-dismiss", "POST", WRITING, at=PERSON, body={"last_day": "@today"}),
    api("api-practitioners-take-back", "POST", WRITING, at=PERSON),
    api("api-practitioners-qualifications", "POST", WRITING, at=PERSON, body=NEW_PAPER),
    api("api-practitioners-qualification", "DELETE", WRITING, at=PAPER),
]
