"""Land: what was published is everybody's, drafts are the offices' own, the land office writes.

A company is its people's and the offices'; the guest acts for one.
"""

from __future__ import annotations

from typing import Any

from tests.permissions.roles import (
    CLIENTS,
    FORBIDDEN,
    GUEST,
    LAND,
    NOT_FOUND,
    OFFICE,
    OK,
    PEOPLE,
    ROLES,
    Line,
    allow,
    api,
    page,
    public,
)
from tests.permissions.rules import SIGNED_IN
from tests.permissions.table import Paper

TENDER, DRAFT_TENDER = {"pk": "@tender"}, {"pk": "@draft_tender"}
PLOT, DRAFT, UTILITY = {"pk": "@plot"}, {"pk": "@draft_plot"}, {"utility": "@utility"}
OFFICES = allow({OFFICE, LAND}, other=FORBIDDEN)
WRITING = allow({LAND}, other=FORBIDDEN)
WRITING_DRAFTS = allow({LAND}, forbidden={OFFICE})
ENTERED = {"site": "@site", "number": "77", "title_ru": "Участок № 77", "direction": "clinical", "area": "1"}
PAPER = {"kind": "plan", "title_ru": "План", "file": Paper()}
LAID = {"kind": "gas", "total": "2", "free": "1", "stated_on": "2026-11-12"}
#: The guest acts for a company that bids; the offices know nothing of its bid yet.
BID, BIDDING, OWN_BID = {"pk": "@bid"}, allow({GUEST}, other=FORBIDDEN), allow({GUEST})
WAYS = ("GET", "POST")
PLOT_STEPS = ("publish", "put_to_tender", "reserve", "release", "withdraw")
TENDER_STEPS = ("publish", "complete", "fail", "cancel")
REASONED = {"fail", "cancel", "withdraw"}


def _offices(name: str, **at: Any) -> Line:
    """A public page of a row that only the two offices see."""
    return Line(name, "GET", dict.fromkeys(ROLES, NOT_FOUND) | {LAND: OK, OFFICE: OK}, at=at or DRAFT)


def _reason(step: str) -> dict[str, str]:
    return {"reason": "Дорога"} if step in REASONED else {}


PAGES = [
    public("investors:plots"),
    public("investors:plots", query={"at": "@plot", "box": "37.34,55.68,37.36,55.70"}),
    public("investors:compare", query={"compare": "@plot"}),
    *(public("investors:export", at={"file_format": form}) for form in ("geojson", "csv", "xlsx")),
    public("investors:document", at={"pk": "@plot_document"}),
    public("investors:plot", at=PLOT),
    _offices("investors:plot"),
    public("investors:passport", at=PLOT),
    _offices("investors:passport"),
    page("investors:office_plots", "GET", OFFICES),
    page("investors:office_plot", "GET", OFFICES, at=DRAFT),
    page("investors:plot_new", "GET", WRITING),
    page("investors:plot_new", "POST", WRITING, body=ENTERED),
    page("investors:plot_edit", "GET", WRITING, at=PLOT),
    page("investors:plot_edit", "GET", WRITING_DRAFTS, at=DRAFT),
    page("investors:plot_edit", "POST", WRITING, at=PLOT, body=ENTERED),
    page("investors:plot_step", "GET", allow(()), at={**PLOT, "action": "explode"}),
    *(
        page("investors:plot_step", way, WRITING, at={**PLOT, "action": step})
        for way in WAYS
        for step in PLOT_STEPS
    ),
    *(page("investors:site_new", way, WRITING) for way in WAYS),
    *(page("investors:site_edit", way, WRITING, at={"pk": "@site"}) for way in WAYS),
    *(page("investors:utility_new", way, WRITING, at=PLOT) for way in WAYS),
    *(page("investors:utility_edit", way, WRITING, at=UTILITY) for way in WAYS),
    page("investors:utility_remove", "POST", WRITING, at=UTILITY),
    page("investors:document_new", "GET", WRITING, at=PLOT),
    page("investors:document_new", "POST", WRITING, at=PLOT, body={"kind": "plan"}, multipart=True),
    page("investors:document_remove", "POST", WRITING, at={"document": "@plot_document"}),
    public("investors:tenders"),
    public("investors:tenders", query={"past": "1"}),
    public("investors:tender", at=TENDER),
    _offices("investors:tender", **DRAFT_TENDER),
    public("investors:tender_version", at={**TENDER, "number": "1"}),
    public("investors:tender_ocds", at=TENDER),
    public("investors:tender_ocds_record", at=TENDER),
    public("investors:tender_document", at={"pk": "@tender_document"}),
    page("investors:office_tenders", "GET", OFFICES),
    page("investors:office_tender", "GET", OFFICES, at=DRAFT_TENDER),
    *(page("investors:tender_new", way, WRITING) for way in WAYS),
    *(page("investors:tender_edit", way, WRITING, at=TENDER) for way in WAYS),
    page("investors:tender_edit", "GET", WRITING_DRAFTS, at=DRAFT_TENDER),
    *(page("investors:tender_terms", way, WRITING, at=TENDER) for way in WAYS),
    *(
        page("investors:tender_step", way, WRITING, at={**TENDER, "action": step})
        for way in WAYS
        for step in TENDER_STEPS
    ),
    page("investors:tender_document_new", "GET", WRITING, at=TENDER),
    page("investors:tender_document_new", "POST", WRITING, at=TENDER, body={"kind": "plan"}, multipart=True),
    *(page("investors:tender_ask", way, allow(PEOPLE), at=TENDER) for way in WAYS),
    *(page("investors:question_answer", way, WRITING_DRAFTS, at={"question": "@question"}) for way in WAYS),
    *(page("investors:bid_new", way, BIDDING, at={"pk": "@bidding"}) for way in WAYS),
    page("investors:bid", "GET", OWN_BID, at=BID),
    page("investors:bid_contents", "GET", OWN_BID, at=BID),
    *(page("investors:bid_files", way, OWN_BID, at=BID) for way in WAYS),
    page("investors:bid_file", "GET", OWN_BID, at={"pk": "@bid_file"}),
    page("investors:bid_file_remove", "POST", OWN_BID, at={"pk": "@bid_file"}),
    page("investors:bid_confirm", "POST", OWN_BID, at=BID),
    page("investors:bid_withdraw", "POST", OWN_BID, at=BID),
    page("investors:key_part", "POST", OFFICES, at=TENDER),
    page("investors:key_part_remove", "POST", OFFICES, at=TENDER),
    *(page("investors:tender_open", way, OFFICES, at=TENDER) for way in WAYS),
    page("investors:tender_minutes", "GET", OFFICES, at={"pk": "@opened_tender"}),
    page("investors:tender_document_remove", "POST", WRITING, at={"document": "@tender_document"}),
]

COMPANY, OTHER_COMPANY = {"pk": "@investor"}, {"pk": "@other_investor"}
READING = allow({GUEST, LAND, OFFICE})
OWN_COMPANY = allow({GUEST}, forbidden={LAND, OFFICE})
DECIDING = allow({LAND}, forbidden={OFFICE})
REGISTERED = {
    "name_ru": "Клиника", "country": "RU", "register_number": "1027700132195", "activity": "Лечение",
    "contact_name": "Ким", "contact_email": "kim@example.org",
}  # fmt: skip
OWNED = {"name": "Ким Анна", "country": "RU", "share": "40"}
COMPANY_STEPS = ("submit", "reopen")
DECISIONS = {"verify": {}, "refuse": {"reason": "Нет выписки"}, "suspend": {"reason": "Суд"}, "restore": {}}

PAGES += [
    public("accounts:join"),
    public("accounts:join", "POST", body={"name": ""}),
    public("accounts:join_finish", at={"token": "@join_token"}),
    public("accounts:join_finish", "POST", at={"token": "@join_token"}, body={"password": "short"}),
    page("investors:own", "GET", allow(PEOPLE)),
    page("investors:company_new", "GET", allow(PEOPLE)),
    page("investors:company_new", "POST", allow(PEOPLE), body=REGISTERED),
    page("investors:companies", "GET", OFFICES),
    page("investors:company", "GET", READING, at=COMPANY),
    page("investors:company", "GET", allow({LAND, OFFICE}), at=OTHER_COMPANY),
    *(page("investors:company_edit", way, OWN_COMPANY, at=COMPANY) for way in WAYS),
    *(page("investors:owner_new", way, OWN_COMPANY, at=COMPANY) for way in WAYS),
    page("investors:company_document_new", "GET", OWN_COMPANY, at=COMPANY),
    page(
        "investors:company_document_new",
        "POST",
        OWN_COMPANY,
        at=COMPANY,
        body={"kind": "other"},
        multipart=True,
    ),
    *(page("investors:invite", way, OWN_COMPANY, at=COMPANY) for way in WAYS),
    page("investors:company_document", "GET", READING, at={"pk": "@company_document"}),
    page("investors:company_document_remove", "POST", OWN_COMPANY, at={"pk": "@company_document"}),
    page("investors:owner_remove", "POST", OWN_COMPANY, at={"pk": "@owner"}),
    page("investors:person_remove", "POST", OWN_COMPANY, at={"pk": "@member"}),
    page("investors:invitation_remove", "POST", OWN_COMPANY, at={"pk": "@invitation"}),
    *(
        page("investors:join", way, allow({GUEST}, other=FORBIDDEN), at={"token": "@invitation_token"})
        for way in WAYS
    ),
    page("investors:company_step", "GET", allow(()), at={**COMPANY, "action": "explode"}),
    *(
        page("investors:company_step", way, OWN_COMPANY, at={**COMPANY, "action": step})
        for way in WAYS
        for step in COMPANY_STEPS
    ),
    *(
        page("investors:company_step", way, DECIDING, at={**OTHER_COMPANY, "action": step}, body=body)
        for way in WAYS
        for step, body in DECISIONS.items()
    ),
]

INTEREST = {"pk": "@interest"}
KEEPING = allow({LAND}, forbidden={GUEST, OFFICE})
WANTED = {"company": "@investor", "plots": ["@plot"], "direction": "clinical", "outline": "Клиника"}
WITHDRAWN = {"reason": "Передумали"}
OFFICE_STEPS = {"contact": {}, "meet": {}, "negotiate": {}, "agree": {}, "lose": {"reason": "Нет средств"}}
STOP = {"token": "@search_token"}

PAGES += [
    page("investors:interests", "GET", allow(PEOPLE)),
    page("investors:interests", "GET", allow(PEOPLE), query={"view": "board"}),
    page("investors:interest_new", "GET", allow(PEOPLE), query={"plot": "@plot"}),
    page("investors:interest_new", "POST", allow(PEOPLE), body=WANTED),
    page("investors:interest", "GET", READING, at=INTEREST),
    *(page("investors:interest_plan", way, KEEPING, at=INTEREST) for way in WAYS),
    *(page("investors:interest_note", way, KEEPING, at=INTEREST) for way in WAYS),
    page("investors:interest_step", "GET", allow(()), at={**INTEREST, "action": "explode"}),
    *(
        page("investors:interest_step", way, KEEPING, at={**INTEREST, "action": step}, body=body)
        for way in WAYS
        for step, body in OFFICE_STEPS.items()
    ),
    *(
        page(
            "investors:interest_step", way, OWN_COMPANY, at={**INTEREST, "action": "withdraw"}, body=WITHDRAWN
        )
        for way in WAYS
    ),
    page("investors:watched", "GET", allow(PEOPLE)),
    page("investors:watch", "POST", allow(PEOPLE), at=PLOT),
    page("investors:watch", "POST", allow({LAND, OFFICE}), at=DRAFT),
    page("investors:search_new", "GET", allow(PEOPLE), query={"direction": "clinical"}),
    page(
        "investors:search_new", "POST", allow(PEOPLE), query={"direction": "clinical"}, body={"name": "Мои"}
    ),
    page("investors:search_remove", "POST", allow({GUEST}), at={"pk": "@search"}),
    public("investors:search_stop", at=STOP),
    public("investors:search_stop", "POST", at=STOP),
]

AGREEMENT, DRAFTED, RESIDENT = {"pk": "@agreement"}, {"pk": "@draft_agreement"}, {"pk": "@resident"}
#: Everybody knows of the one in force, but reads no terms of it; nobody else knows of the draft.
TERMS, KEPT_DRAFT = allow({GUEST, LAND, OFFICE}, other=FORBIDDEN), allow({LAND}, forbidden={GUEST, OFFICE})
KEPT = allow({LAND}, other=FORBIDDEN)
AGREED = {
    "investor": "@resident", "plots": ["@plot"], "reason": "Решение правительства", "tenure": "lease",
    "term_years": "49", "price": "100", "currency": "RUB",
}  # fmt: skip
AGREEMENT_STEPS = {"sign": {}, "enforce": {}, "end": {}, "terminate": {"reason": "Не строят"}}

PAGES += [
    public("investors:residents"),
    public("investors:residents", query={"past": "1"}),
    public("investors:resident", at=RESIDENT),
    page("investors:agreements", "GET", allow(PEOPLE)),
    *(page("investors:agreement_new", way, WRITING, body=AGREED) for way in WAYS),
    page("investors:agreement", "GET", TERMS, at=AGREEMENT),
    page("investors:agreement", "GET", READING, at=DRAFTED),
    *(page("investors:agreement_edit", way, KEPT_DRAFT, at=DRAFTED) for way in WAYS),
    *(page("investors:agreement_edit", way, KEPT, at=AGREEMENT) for way in WAYS),
    page("investors:agreement_document_new", "GET", KEPT_DRAFT, at=DRAFTED),
    page(
        "investors:agreement_document_new",
        "POST",
        KEPT_DRAFT,
        at=DRAFTED,
        body={"title": "Акт"},
        multipart=True,
    ),
    page("investors:agreement_document", "GET", READING, at={"pk": "@agreement_document"}),
    page("investors:agreement_document_remove", "POST", KEPT_DRAFT, at={"pk": "@agreement_document"}),
    page("investors:agreement_step", "GET", allow(()), at={**AGREEMENT, "action": "explode"}),
    *(
        page("investors:agreement_step", way, KEPT_DRAFT, at={**DRAFTED, "action": step}, body=body)
        for way in WAYS
        for step, body in AGREEMENT_STEPS.items()
    ),
    *(page("investors:company_organization", way, DECIDING, at=OTHER_COMPANY) for way in WAYS),
]

RESOURCES = [
    api("api-sites-list", "GET", SIGNED_IN),
    api("api-sites-list", "POST", WRITING, body={"name_ru": "Площадка"}),
    api("api-sites-detail", "GET", SIGNED_IN, at={"pk": "@site"}),
    api("api-sites-detail", "PATCH", WRITING, at={"pk": "@site"}, body={"name_en": "Site"}),
    api("api-plots-list", "GET", SIGNED_IN),
    api("api-plots-list", "POST", WRITING, body=ENTERED),
    api("api-plots-detail", "GET", SIGNED_IN, at=PLOT),
    api("api-plots-detail", "GET", allow({LAND, OFFICE}), at=DRAFT),
    api("api-plots-detail", "PATCH", WRITING, at=PLOT, body={"floors": 6}),
    api("api-plots-detail", "PATCH", WRITING_DRAFTS, at=DRAFT, body={"floors": 6}),
    *(
        api(f"api-plots-{step.replace('_', '-')}", "POST", WRITING, at=PLOT, body=_reason(step))
        for step in PLOT_STEPS
    ),
    api("api-plots-utilities", "POST", WRITING, at=PLOT, body=LAID),
    api("api-plots-documents", "GET", SIGNED_IN, at=PLOT),
    api("api-plots-documents", "POST", WRITING, at=PLOT, body=PAPER, multipart=True),
    api("api-plots-document", "GET", SIGNED_IN, at={**PLOT, "document": "@plot_document"}),
    api("api-plots-document", "DELETE", WRITING, at={**PLOT, "document": "@plot_document"}),
    api("api-investors-list", "GET", SIGNED_IN),
    api("api-investors-list", "POST", allow(PEOPLE, other=FORBIDDEN), body=REGISTERED),
    api("api-investors-detail", "GET", READING, at=COMPANY),
    api("api-investors-detail", "PATCH", OWN_COMPANY, at=COMPANY, body={"activity": "Наука"}),
    *(api(f"api-investors-{step}", "POST", OWN_COMPANY, at=COMPANY) for step in COMPANY_STEPS),
    *(
        api(f"api-investors-{step}", "POST", DECIDING, at=OTHER_COMPANY, body=body)
        for step, body in DECISIONS.items()
    ),
    api("api-investors-invite", "POST", OWN_COMPANY, at=COMPANY, body={"email": "colleague@example.org"}),
    api("api-investors-owners", "POST", OWN_COMPANY, at=COMPANY, body=OWNED),
    api("api-investors-documents", "GET", READING, at=COMPANY),
    api("api-tenders-list", "GET", SIGNED_IN),
    api("api-tenders-list", "POST", WRITING, body={"title_ru": "Конкурс"}),
    api("api-tenders-detail", "GET", SIGNED_IN, at=TENDER),
    api("api-tenders-detail", "GET", allow({LAND, OFFICE}), at=DRAFT_TENDER),
    api("api-tenders-detail", "PATCH", WRITING, at=TENDER, body={"standstill_days": 12}),
    api("api-tenders-detail", "PATCH", WRITING_DRAFTS, at=DRAFT_TENDER, body={"standstill_days": 12}),
    api(
        "api-tenders-change-terms",
        "POST",
        WRITING,
        at=TENDER,
        body={"reason_ru": "Срок", "reason_en": "Time"},
    ),
    *(api(f"api-tenders-{step}", "POST", WRITING, at=TENDER, body=_reason(step)) for step in TENDER_STEPS),
    api(
        "api-tenders-award", "POST", WRITING, at={"pk": "@opened_tender"},
        body={"reasons_ru": "Лучшее", "reasons_en": "The best"},
    ),
    api("api-tenders-documents", "GET", SIGNED_IN, at=TENDER),
    api("api-tenders-documents", "POST", WRITING, at=TENDER, body=PAPER, multipart=True),
    api("api-tenders-document", "GET", SIGNED_IN, at={**TENDER, "document": "@tender_document"}),
    api("api-tenders-document", "DELETE", WRITING, at={**TENDER, "document": "@tender_document"}),
    api("api-tenders-versions", "GET", SIGNED_IN, at=TENDER),
    api("api-residents-list", "GET", SIGNED_IN),
    api("api-residents-detail", "GET", SIGNED_IN, at=RESIDENT),
    api("api-agreements-list", "GET", SIGNED_IN),
    api("api-agreements-list", "POST", WRITING, body=AGREED),
    api("api-agreements-detail", "GET", SIGNED_IN, at=AGREEMENT),
    api("api-agreements-detail", "GET", READING, at=DRAFTED),
    api("api-agreements-detail", "PATCH", KEPT_DRAFT, at=DRAFTED, body={"price": "200"}),
    *(
        api(f"api-agreements-{step}", "POST", KEPT_DRAFT, at=DRAFTED, body=body)
        for step, body in AGREEMENT_STEPS.items()
    ),
    api("api-interests-list", "GET", SIGNED_IN),
    api(
        "api-interests-list", "POST", allow({GUEST}, forbidden={LAND, OFFICE} | CLIENTS),
        body={"investor": "@investor", "plots": ["@plot"], "direction": "clinical", "outline": "Клиника"},
    ),
    api("api-interests-detail", "GET", READING, at=INTEREST),
    api("api-interests-detail", "PATCH", KEEPING, at=INTEREST, body={"next_step": "Позвонить"}),
    *(
        api(f"api-interests-{step}", "POST", KEEPING, at=INTEREST, body=body)
        for step, body in OFFICE_STEPS.items()
    ),
    api("api-interests-withdraw", "POST", OWN_COMPANY, at=INTEREST, body=WITHDRAWN),
]  # fmt: skip
