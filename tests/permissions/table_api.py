"""Every resource of the API and what each role is to meet there. The same rules as of the pages."""

from __future__ import annotations

from tests.permissions.roles import (
    CLIENTS,
    FORBIDDEN,
    GUEST,
    LOGIN,
    NARROW,
    NOT_FOUND,
    OFFICE,
    OK,
    OUTSIDERS,
    RECEIVERS,
    ROLES,
    SENDERS,
    Line,
    allow,
    api,
    public,
)
from tests.permissions.rules import (
    ANSWERING,
    DECIDING,
    DRAFT,
    ENTERING_SLOTS,
    OUTFLOW,
    OUTFLOW_KEEPING,
    OWN_PATIENT,
    OWN_SLOTS,
    PARTIES,
    PLANNING,
    READING_OWN,
    RECEIVING,
    REFERRING,
    REFERRING_OWN,
    SENDING,
    SHUTTING,
    SIGNED_IN,
    STAFF_ONLY,
    TAKING,
)
from tests.permissions.table import ACTIONS, CONSENT, NEW_HOOK, PERSON, Paper

UPLOAD = {"file": Paper(), "kind": "examination"}
FILE = {"pk": "@booked", "attachment": "@attachment"}

DOORS = [
    public("api-schema"),
    public("api-docs"),
    public("api-authorization-server"),
    public("web:change_password"),
    *(public(f"ogc:{name}") for name in ("landing", "conformance", "api", "collections")),
    *(public(f"ogc:{name}", at={"collection": "plots"}) for name in ("collection", "items")),
    public("ogc:item", at={"collection": "plots", "pk": "@plot"}),
    Line("ogc:item", "GET", dict.fromkeys(ROLES, NOT_FOUND), at={"collection": "plots", "pk": "@draft_plot"}),
    api("api-me", "GET", SIGNED_IN),
    api("api-changes", "GET", SIGNED_IN),
    # Who comes without a client's own name and secret is nobody here, whatever token or session he has.
    Line("oauth-token", "POST", dict.fromkeys(ROLES, LOGIN), body={"grant_type": "client_credentials"}),
    Line("oauth-revoke", "POST", dict.fromkeys(ROLES, LOGIN), body={"token": "guessed"}),
]
# Every client may ask who it is.
DOORS = [
    Line(line.name, line.method, {**line.outcomes, NARROW: OK})
    if line.name in {"api-me", "api-changes"}
    else line
    for line in DOORS
]

REGISTRY = [
    line
    for resource, row in {
        "organizations": {"pk": "@organization"},
        "clinics": {"pk": "@clinic"},
        "service-types": {"code": "@service_type"},
        "services": {"pk": "@service"},
        "practitioners": {"pk": "@practitioner"},
        "licences": {"pk": "@licence"},
        "accreditations": {"pk": "@accreditation"},
        "regimes": {"pk": "@regime"},
        "permits": {"pk": "@permit"},
        "slots": {"pk": "@slot"},
    }.items()
    for line in (
        api(f"api-{resource}-list", "GET", SIGNED_IN),
        api(f"api-{resource}-detail", "GET", SIGNED_IN, at=row),
    )
]
PATTERN = {
    "service": "@service", "practitioner": "@practitioner", "valid_from": "@today",
    "hours": [{"weekday": 1, "starts": "09:00", "ends": "12:00"}],
}  # fmt: skip
DAYS = {"first_day": "@today", "last_day": "@today"}
LEAVE = {"practitioner": "@practitioner", "clinic": "@clinic", "reason": "leave", **DAYS}
WEEK = {"clinic": "@clinic", **DAYS}
TIMES = [
    api("api-slots-detail", "GET", OWN_SLOTS, at={"pk": "@draft_slot"}),
    api("api-schedules-list", "GET", SIGNED_IN),
    api("api-schedules-detail", "GET", OWN_SLOTS, at={"pk": "@schedule"}),
    api("api-schedules-list", "POST", ENTERING_SLOTS, body=PATTERN),
    api("api-schedules-detail", "PATCH", PLANNING, at={"pk": "@schedule"}, body={"room": "7"}),
    *(
        api(f"api-schedules-{act}", "POST", PLANNING, at={"pk": "@schedule"})
        for act in ("publish", "generate")
    ),
    api("api-schedules-end", "POST", PLANNING, at={"pk": "@schedule"}, body={"last_day": "@today"}),
    api("api-schedule-exceptions-list", "GET", SIGNED_IN),
    api("api-schedule-exceptions-detail", "GET", OWN_SLOTS, at={"pk": "@exception"}),
    api("api-schedule-exceptions-list", "POST", ENTERING_SLOTS, body=LEAVE),
    api("api-schedule-exceptions-detail", "DELETE", PLANNING, at={"pk": "@exception"}),
    api(
        "api-schedule-exceptions-days-off",
        "POST",
        SHUTTING,
        body={"clinic": "@clinic", "days": ["2040-01-01"]},
    ),
    api("api-slots-publish", "POST", ENTERING_SLOTS, body=WEEK),
    api("api-slots-block", "POST", PLANNING, body={"slots": ["@draft_slot"], "reason": "Ремонт"}),
    api("api-slots-reopen", "POST", PLANNING, body={"slots": ["@blocked_slot"]}),
]

EMERGENCY = {"identifier": "@snils", "birth_date": "@birth_date", "reason": "Без сознания, нужны аллергии"}
PATIENTS = [
    api("api-patients-list", "GET", STAFF_ONLY),
    api("api-patients-list", "GET", STAFF_ONLY, query={"identifier": "@snils"}),
    api("api-patients-list", "POST", STAFF_ONLY, body=PERSON),
    api("api-patients-bulk", "POST", STAFF_ONLY, body={"patients": []}),
    api("api-patients-emergency", "POST", STAFF_ONLY, body=EMERGENCY, opens=True),
    api("api-patients-detail", "GET", PARTIES, at={"pk": "@patient"}),
    api("api-patients-detail", "GET", OWN_PATIENT, at={"pk": "@own_patient"}),
    api("api-patients-detail", "PATCH", PARTIES, at={"pk": "@patient"}, body={"phone": "+7 914 000-00-00"}),
    api("api-patients-detail", "PATCH", OWN_PATIENT, at={"pk": "@own_patient"}, body={"given": "Анна"}),
    api("api-patients-merge-proposals", "GET", PARTIES, at={"pk": "@patient"}),
    api(
        "api-patients-merge-proposals",
        "POST",
        OWN_PATIENT,
        at={"pk": "@own_patient"},
        body={"other": "@patient", "comment": "Один человек"},
    ),
    api("api-patients-consents", "GET", PARTIES, at={"pk": "@patient"}),
    api("api-patients-consents", "POST", PARTIES, at={"pk": "@patient"}, body=CONSENT),
    api("api-patients-consents-withdraw", "POST", PARTIES, at={"pk": "@patient", "consent": "@consent"}),
]

SLOT = {"slot": "@slot"}
REFERRALS = [
    api("api-referrals-list", "GET", SIGNED_IN),
    api("api-referrals-list", "POST", REFERRING, body={"patient": "@patient"}),
    api("api-referrals-list", "POST", REFERRING_OWN, body={"patient": "@own_patient"}),
    api("api-referrals-detail", "GET", PARTIES, at={"pk": "@booked"}),
    api("api-referrals-detail", "GET", DRAFT, at={"pk": "@draft"}),
    api("api-referrals-detail", "PATCH", DRAFT, at={"pk": "@draft"}, body={"question": "Нужна ли абляция?"}),
    api(
        "api-referrals-detail",
        "PATCH",
        SENDING,
        at={"pk": "@submitted"},
        body={"question": "Нужна ли абляция?"},
    ),
    api("api-referrals-form-057u", "GET", PARTIES, at={"pk": "@booked"}),
    api("api-referrals-form-057u", "GET", DRAFT, at={"pk": "@draft"}),
    api("api-referrals-conclusion-paper", "GET", PARTIES, at={"pk": "@completed"}),
    api("api-referrals-slip", "GET", PARTIES, at={"pk": "@booked"}),
    api("api-referrals-submit", "POST", DRAFT, at={"pk": "@draft"}),
    api("api-referrals-submit", "POST", SENDING, at={"pk": "@submitted"}),
    api("api-referrals-book", "POST", PARTIES, at={"pk": "@accepted"}, body=SLOT),
    api("api-referrals-reschedule", "POST", PARTIES, at={"pk": "@booked"}, body=SLOT),
    api("api-referrals-history", "GET", PARTIES, at={"pk": "@booked"}),
    api("api-referrals-history", "GET", DRAFT, at={"pk": "@draft"}),
    api("api-referrals-messages", "GET", PARTIES, at={"pk": "@booked"}),
    api(
        "api-referrals-messages",
        "POST",
        PARTIES,
        at={"pk": "@booked"},
        body={"text": "Возьмите снимки с собой"},
    ),
    api(
        "api-referrals-messages", "POST", DRAFT, at={"pk": "@draft"}, body={"text": "Возьмите снимки с собой"}
    ),
    api("api-referrals-messages-read", "POST", PARTIES, at={"pk": "@booked"}),
    api("api-referrals-attachments", "GET", PARTIES, at={"pk": "@booked"}),
    api("api-referrals-attachments", "GET", DRAFT, at={"pk": "@draft"}),
    api("api-referrals-attachments", "POST", PARTIES, at={"pk": "@booked"}, body=UPLOAD, multipart=True),
    api("api-referrals-attachments", "POST", DRAFT, at={"pk": "@draft"}, body=UPLOAD, multipart=True),
    api("api-referrals-attachment", "GET", PARTIES, at=FILE),
    api("api-referrals-attachment", "DELETE", SENDING, at=FILE),
    api(
        "api-referrals-attachment",
        "DELETE",
        DRAFT,
        at={**FILE, "pk": "@draft", "attachment": "@draft_attachment"},
    ),
    api("api-referrals-attachment-file", "GET", PARTIES, at=FILE),
    api("api-referrals-attachment-file", "GET", allow(()), at={**FILE, "pk": "@draft"}),
    api("api-referrals-conclusion", "GET", PARTIES, at={"pk": "@completed"}),
    api("api-referrals-conclusion", "POST", SENDING, at={"pk": "@completed"}),
]
VERBS = {
    "accept": DECIDING, "change_priority": DECIDING,
    "return_for_info": DECIDING, "redirect": DECIDING, "reject": DECIDING, "cancel": SENDING,
    "wait": PARTIES, "change_preferences": PARTIES, "stop_waiting": PARTIES, "accept_offer": SENDING,
    "decline_offer": SENDING,
    "cancel_booking": PARTIES, "no_show": RECEIVING, "record_call": PARTIES, "hand_back": DECIDING,
    "arrive": RECEIVING, "complete": DECIDING,
}  # fmt: skip
DOING = [
    api(f"api-referrals-{action.replace('_', '-')}", "POST", VERBS[action], at={"pk": pk}, body=body)
    for action, pk, _rule, body in ACTIONS
]

BOOKINGS = [
    api("api-reasons-list", "GET", SIGNED_IN),
    api("api-reasons-detail", "GET", SIGNED_IN, at={"pk": "@reason"}),
    api("api-waitlist-list", "GET", SIGNED_IN),
    api("api-waitlist-detail", "GET", PARTIES, at={"pk": "@entry_waitlisted"}),
    api("api-bookings-list", "GET", SIGNED_IN),
    api("api-bookings-detail", "GET", PARTIES, at={"pk": "@booking"}),
    api("api-referrals-bulk", "POST", SIGNED_IN, body={"act": "accept", "referrals": []}),
    api("api-referrals-bulk", "POST", SIGNED_IN, body={"act": "wait", "referrals": []}),
    # Whose booking a row names is looked at row by row, and told in its outcome.
    api("api-moves-list", "GET", SIGNED_IN),
    api("api-moves-list", "POST", SIGNED_IN, body={"moves": []}),
    api("api-holds-list", "POST", PARTIES, body={"referral": "@accepted", **SLOT}),
    api("api-holds-list", "POST", DRAFT, body={"referral": "@draft", **SLOT}),
    api("api-holds-detail", "DELETE", PARTIES, at={"pk": "@held"}),
    api("api-holds-detail", "DELETE", DRAFT, at={"pk": "@draft"}),
]

SENT_OUTSIDE = {
    "patient": "@own_patient", "service_type": "@service_type", "diagnosis_code": "I48.0", "country": "KR",
    "clinic_name": "Hanil Heart Center", "reason": "patient_choice", "payment": "paid", "sent_on": "@today",
    "decided_by": "Пациент",
}  # fmt: skip
OUTFLOWS = [
    api("api-outflow-list", "GET", SIGNED_IN),
    api("api-outflow-list", "POST", REFERRING_OWN, body=SENT_OUTSIDE),
    api("api-outflow-list", "POST", allow(SENDERS, forbidden=OUTSIDERS | RECEIVERS),
        body={**SENT_OUTSIDE, "patient": "@patient_completed", "referral": "@completed"}),
    api("api-outflow-detail", "GET", OUTFLOW, at={"pk": "@outflow"}),
    api("api-outflow-detail", "PATCH", OUTFLOW_KEEPING, at={"pk": "@outflow"}, body={"comment": "Ждать полгода"}),
    api("api-outflow-withdraw", "POST", OUTFLOW_KEEPING, at={"pk": "@outflow"}, body={"why": "Ошибка ввода"}),
]  # fmt: skip

ADVICE_FILE = {"pk": "@advice", "file": "@advice_file"}
ADVICE = [
    api("api-advice-list", "GET", SIGNED_IN),
    api("api-advice-list", "POST", REFERRING_OWN,
        body={"patient": "@own_patient", "service": "@service", "diagnosis_code": "I48.0", "question": "Что делать?"}),
    api("api-advice-detail", "GET", PARTIES, at={"pk": "@advice"}),
    api("api-advice-detail", "GET", ANSWERING, at={"pk": "@free_advice"}),
    api("api-advice-take", "POST", TAKING, at={"pk": "@free_advice"}),
    api("api-advice-posts", "GET", PARTIES, at={"pk": "@advice"}),
    api("api-advice-read", "POST", PARTIES, at={"pk": "@advice"}),
    api("api-advice-answer", "POST", DECIDING, at={"pk": "@advice"}, body={"text": "Покажите пациента"}),
    api("api-advice-ask-again", "POST", SENDING, at={"pk": "@advice"}, body={"text": "А потом?"}),
    api("api-advice-decline", "POST", DECIDING, at={"pk": "@advice"}, body={"reason": "needs_visit"}),
    api("api-advice-give-back", "POST", DECIDING, at={"pk": "@taken_advice"}, body={"reason": "no_time"}),
    api("api-advice-file", "GET", PARTIES, at=ADVICE_FILE),
    api("api-advice-file", "GET", OWN_PATIENT, at={"pk": "@free_advice", "file": "@free_advice_file"}),
    api("api-advice-file", "DELETE", SENDING, at=ADVICE_FILE),
    api("api-advice-close", "POST", SENDING, at={"pk": "@advice"}),
    api("api-advice-convert", "POST", SENDING, at={"pk": "@advice"}),
]  # fmt: skip

NOTICE = {"pk": "@notice"}
#: They ask for no scope: a program of its own has none of them.
NOTICES = [
    Line(line.name, line.method, {**line.outcomes, NARROW: NOT_FOUND if line.at else OK}, at=line.at)
    for line in (
        api("api-notices-list", "GET", SIGNED_IN),
        api("api-notices-detail", "GET", READING_OWN, at=NOTICE),
        api("api-notices-read", "POST", READING_OWN, at=NOTICE),
        api("api-notices-read-all", "POST", SIGNED_IN),
    )
]

HOOK_KEEPERS = {"sender.manager", "receiver.manager", "stranger.manager", OFFICE}
HOOK, SENT = {"pk": "@webhook"}, {"pk": "@delivery"}
OWN_HOOK = allow({"receiver.client", "receiver.manager", OFFICE})
#: As notices, but of programs alone.
WEBHOOKS = [
    Line(
        line.name,
        line.method,
        {**line.outcomes, NARROW: NOT_FOUND if line.at else OK},
        at=line.at,
        body=line.body,
    )
    for line in (
        api("api-webhooks-list", "GET", SIGNED_IN),
        api("api-webhooks-detail", "GET", OWN_HOOK, at=HOOK),
        api("api-webhooks-detail", "PATCH", OWN_HOOK, at=HOOK, body={"is_enabled": False}),
        api("api-webhooks-rotate", "POST", OWN_HOOK, at=HOOK),
        api("api-webhooks-resend", "POST", OWN_HOOK, at=HOOK),
        api("api-webhooks-detail", "DELETE", OWN_HOOK, at=HOOK),
        api("api-webhook-deliveries-list", "GET", SIGNED_IN),
        api("api-webhook-deliveries-detail", "GET", OWN_HOOK, at=SENT),
        api("api-webhook-deliveries-resend", "POST", OWN_HOOK, at=SENT),
    )
] + [
    # A program without the scope of what it wants to be told of.
    api("api-webhooks-list", "POST", allow(CLIENTS | HOOK_KEEPERS, other=FORBIDDEN), body=NEW_HOOK)
]

GONE = {"code": "tests.gone"}
#: A file of a list: by the list's own roles.
EXPORT = {"code": "patients.referrals_sent"}
REPORTS = [
    api("api-reports-list", "GET", SIGNED_IN),
    api("api-reports-detail", "GET", allow(()), at=GONE),
    api("api-reports-runs", "POST", allow(()), at=GONE, body={"format": "csv"}),
    api("api-reports-detail", "GET", STAFF_ONLY, at=EXPORT),
    api("api-reports-runs", "POST", STAFF_ONLY, at=EXPORT, body={"format": "csv"}),
    api("api-report-schedules-list", "GET", SIGNED_IN),
    api(
        "api-report-schedules-list",
        "POST",
        allow((), forbidden=CLIENTS | {GUEST}),
        body={"report": "tests.gone", "format": "csv", "frequency": "daily"},
    ),
    api("api-report-schedules-detail", "GET", READING_OWN, at={"pk": "@report_schedule"}),
    api(
        "api-report-schedules-detail",
        "PATCH",
        READING_OWN,
        at={"pk": "@report_schedule"},
        body={"is_active": False},
    ),
    *NOTICES,
    *WEBHOOKS,
    api("api-jobs-list", "GET", SIGNED_IN),
    api("api-jobs-detail", "GET", READING_OWN, at={"pk": "@job"}),
    api("api-jobs-file", "GET", allow((), forbidden={"sender.referrer"}), at={"pk": "@job"}),
    api("api-jobs-cancel", "POST", READING_OWN, at={"pk": "@job"}),
    api("api-jobs-retry", "POST", READING_OWN, at={"pk": "@job"}),
]

RESOURCES = [
    *DOORS,
    *REGISTRY,
    *TIMES,
    *PATIENTS,
    *REFERRALS,
    *DOING,
    *BOOKINGS,
    *OUTFLOWS,
    *ADVICE,
    *REPORTS,
]
