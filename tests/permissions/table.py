"""Every page and what each role is to meet there, by the meaning of the policies and not by what the code answers.

A route has a line for each of its methods, and more where the answer hangs on the row. The API is in `table_api`.
"""

from __future__ import annotations

from tests.files.samples import pdf
from tests.permissions.roles import (
    CALENDAR,
    FORBIDDEN,
    NOT_FOUND,
    OFFICE,
    OUTSIDERS,
    PEOPLE,
    ROLES,
    Line,
    allow,
    desk,
    page,
    public,
)
from tests.permissions.rules import (
    DECIDING,
    DRAFT,
    ENTERING_SLOTS,
    IN_ORGANIZATION,
    OFFICE_ONLY,
    OUTFLOW,
    OUTFLOW_LIST,
    OWN_PATIENT,
    OWN_SLOTS,
    PARTIES,
    PLANNING,
    READING_OWN,
    RECEIVING,
    SENDING,
    SHUTTING,
    SIGNED_IN,
    STAFF_ONLY,
)

CLINIC = {"clinic": "@clinic"}
NEW_HOOK = {"url": "https://receiver.example/", "events": ["clinics.updated"]}
#: Managers keep the programs of their organisation with their webhooks, the office those of all.
NO_KEEPERS = PEOPLE - {"sender.manager", "receiver.manager", "stranger.manager", OFFICE}
KEEPING_HOOKS = allow({"receiver.manager", OFFICE}, forbidden=NO_KEEPERS)
PROGRAMS = allow({"sender.manager", "receiver.manager", "stranger.manager", OFFICE}, other=FORBIDDEN)
REASON = {"reason": "other", "comment": "Так решено на приёме"}
CONCLUSION = {"text": "Ритм синусовый, наблюдение.", "diagnosis_code": "I48.0"}


class Paper:
    """A file to send; it can be read again and again."""

    name = "Холтер.pdf"

    def read(self) -> bytes:
        return pdf()


FILES = {"files": Paper(), "kind": "examination"}
FILE = {"pk": "@booked", "file": "@attachment"}
DRAFT_FILE = {"pk": "@draft", "file": "@draft_attachment"}
CONSENT = {"kind": "transfer", "given_on": "@today"}
PERSON = {"family": "Новикова", "given": "Анна", "birth_date": "1980-02-03", "sex": "f"}

SHELL = [
    public("web:set_language", "POST"),
    public("web:contrast", "POST"),
    # Only where the demo is on, as in these tests.
    public("web:styleguide"),
    page("accounts:switch_organization", "POST", allow(PEOPLE - {"guest"}), body={"organization": "@own"}),
    page("accounts:switch_organization", "POST", allow(()), body={"organization": "@elsewhere"}),
    # One click signs in people of the demo and nobody else.
    Line("accounts:demo_login", "POST", dict.fromkeys(ROLES, NOT_FOUND), body={"user": "@reader"}),
    page("notifications:list", "GET", SIGNED_IN),
    page("notifications:read_all", "POST", SIGNED_IN),
    page("notifications:email", "POST", SIGNED_IN),
    page("notifications:open", "GET", READING_OWN, at={"pk": "@notice"}),
    page("jobs:list", "GET", SIGNED_IN),
    page("jobs:detail", "GET", READING_OWN, at={"pk": "@job"}),
    page("jobs:file", "GET", allow((), forbidden={"sender.referrer"}), at={"pk": "@job"}),
    page("jobs:cancel", "POST", READING_OWN, at={"pk": "@job"}),
    page("jobs:retry", "POST", READING_OWN, at={"pk": "@job"}),
    page("reports:catalogue", "GET", SIGNED_IN),
    page("reports:schedules", "GET", SIGNED_IN),
    page("reports:switch", "POST", READING_OWN, at={"pk": "@report_schedule"}, body={"on": "0"}),
    page("reports:report", "GET", allow(()), at={"code": "tests.gone"}),
    page("reports:report", "POST", allow(()), at={"code": "tests.gone"}),
    page("reports:schedule", "GET", allow(()), at={"code": "tests.gone"}),
    page("reports:schedule", "POST", allow(()), at={"code": "tests.gone"}),
    public("patients:lookup"),
    # Whoever knows both the number and the birth date, signed in or not.
    public("patients:lookup", "POST", body={"number": "@number", "birth_date": "@birth_date"}),
    page("reports:export", "POST", allow(()), at={"code": "tests.gone"}, body={"file_format": "csv"}),
    page("reports:export", "POST", SIGNED_IN, at={"code": "clinics.catalogue"}, body={"file_format": "csv"}),
    *(
        page("reports:export", "POST", STAFF_ONLY, at={"code": code}, body={"file_format": "csv"})
        for code in (
            "patients.referrals_sent",
            "patients.referrals_received",
            "patients.patients",
            "patients.arrivals",
            "patients.waiting",
        )
    ),
    page(
        "reports:export",
        "POST",
        OUTFLOW_LIST,
        at={"code": "patients.outflow_list"},
        body={"file_format": "csv"},
    ),
    *(
        page("reports:export", "POST", IN_ORGANIZATION, at={"code": code}, body={"file_format": "csv"})
        for code in ("clinics.week", "clinics.patterns", "clinics.own_services", "clinics.own_licences")
    ),
    public("pages:home"),
    public("pages:developers"),
    public("pages:about"),
    # Visitors are led to the catalogue.
    public("pages:search"),
    page("pages:desk", "GET", SIGNED_IN),
]

CLINICS = [
    public("clinics:catalogue"),
    public("clinics:compare"),
    public("clinics:detail", at={"pk": "@clinic"}),
    public("clinics:card", at={"pk": "@clinic"}),
    page("clinics:own", "GET", SIGNED_IN),
    page("clinics:schedule", "GET", SIGNED_IN),
    page("clinics:schedule", "GET", OWN_SLOTS, query=CLINIC),
    page("clinics:schedule_patterns", "GET", SIGNED_IN),
    page("clinics:schedule_patterns", "GET", OWN_SLOTS, query=CLINIC),
    page("clinics:schedule_publish", "POST", PLANNING, body=CLINIC),
    page("clinics:schedule_reopen", "POST", PLANNING, body={"slot": "@blocked_slot"}),
    page("clinics:schedule_close", "GET", ENTERING_SLOTS, query=CLINIC),
    page("clinics:schedule_close", "POST", ENTERING_SLOTS, body=CLINIC),
    page("clinics:schedule_leave", "GET", ENTERING_SLOTS, query=CLINIC),
    page("clinics:schedule_leave", "POST", ENTERING_SLOTS, body=CLINIC),
    page("clinics:schedule_leave_remove", "POST", PLANNING, at={"pk": "@exception"}),
    page("clinics:schedule_pattern_new", "GET", ENTERING_SLOTS, query=CLINIC),
    page("clinics:schedule_pattern_new", "POST", ENTERING_SLOTS, body=CLINIC),
    page("clinics:schedule_pattern", "GET", PLANNING, at={"pk": "@schedule"}),
    page("clinics:schedule_pattern", "POST", PLANNING, at={"pk": "@schedule"}),
    page("clinics:schedule_pattern_copy", "GET", PLANNING, at={"pk": "@schedule"}),
    page("clinics:schedule_pattern_copy", "POST", PLANNING, at={"pk": "@schedule"}),
    page("clinics:schedule_days_off", "GET", ENTERING_SLOTS, query=CLINIC),
    page("clinics:schedule_days_off", "POST", ENTERING_SLOTS, body=CLINIC),
    page("clinics:room_close", "GET", ENTERING_SLOTS, query=CLINIC),
    page("clinics:room_close", "POST", ENTERING_SLOTS, body=CLINIC),
    page("clinics:room_reopen", "POST", SHUTTING, at={"pk": "@room", "closure": "@closure"}),
    page("clinics:feeds", "GET", OWN_SLOTS, query=CLINIC),
    page("clinics:feeds", "POST", OWN_SLOTS, body=CLINIC),
    *(page("clinics:clients", way, PROGRAMS) for way in ("GET", "POST")),
    page("clinics:client_rotate", "POST", allow({"sender.manager", OFFICE}), at={"pk": "@sender_program"}),
    page("clinics:client_switch", "POST", allow({"sender.manager", OFFICE}), at={"pk": "@sender_program"}),
    page("clinics:webhooks", "GET", PROGRAMS),
    *(
        page(
            "clinics:webhook_new",
            way,
            allow({"sender.manager", OFFICE}, forbidden=NO_KEEPERS),
            at={"program": "@sender_program"},
            body=NEW_HOOK if way == "POST" else {},
        )
        for way in ("GET", "POST")
    ),
    page("clinics:webhook", "GET", KEEPING_HOOKS, at={"pk": "@webhook"}),
    *(page("clinics:webhook_edit", way, KEEPING_HOOKS, at={"pk": "@webhook"}) for way in ("GET", "POST")),
    *(
        page("clinics:webhook_act", "POST", KEEPING_HOOKS, at={"pk": "@webhook", "act": act})
        for act in ("rotate", "stop", "resume", "resend", "delete")
    ),
    page("clinics:webhook_resend", "POST", KEEPING_HOOKS, at={"pk": "@delivery"}),
    page("clinics:feed_revoke", "POST", READING_OWN, at={"pk": "@feed"}),
    # Whoever knows the address reads the calendar.
    public("clinics:ics", at={"token": CALENDAR}),
    page("clinics:schedule_pattern_publish", "POST", PLANNING, at={"pk": "@schedule"}),
    page("clinics:schedule_pattern_end", "GET", PLANNING, at={"pk": "@schedule"}),
    page(
        "clinics:schedule_pattern_end", "POST", PLANNING, at={"pk": "@schedule"}, body={"last_day": "@today"}
    ),
]

PATIENTS = [
    desk("patients:list", "GET", STAFF_ONLY),
    desk("patients:create", "GET", STAFF_ONLY),
    desk("patients:create", "POST", STAFF_ONLY, body=PERSON),
    desk("patients:break_glass", "GET", STAFF_ONLY),
    desk("patients:break_glass", "POST", STAFF_ONLY, opens=True,
         body={"identifier": "@snils", "birth_date": "@birth_date", "reason": "Без сознания, нужны аллергии"}),
    desk("patients:detail", "GET", PARTIES, at={"pk": "@patient"}),
    desk("patients:detail", "GET", OWN_PATIENT, at={"pk": "@own_patient"}),
    desk("patients:edit", "GET", PARTIES, at={"pk": "@patient"}),
    desk("patients:edit", "POST", PARTIES, at={"pk": "@patient"}),
    desk("patients:edit", "POST", OWN_PATIENT, at={"pk": "@own_patient"}, body=PERSON),
    desk("patients:consent", "GET", PARTIES, at={"pk": "@patient"}),
    desk("patients:consent", "POST", PARTIES, at={"pk": "@patient"}, body=CONSENT),
    desk("patients:consent_withdraw", "POST", PARTIES, at={"pk": "@patient", "consent": "@consent"}),
    desk("patients:consent_form", "GET", PARTIES, at={"pk": "@patient", "kind": "transfer"}),
    desk("patients:consent_form", "GET", OWN_PATIENT, at={"pk": "@own_patient", "kind": "abroad"}),
    desk("patients:find_diagnoses", "GET", STAFF_ONLY, query={"q": "I48"}),
    desk("patients:find_service_types", "GET", STAFF_ONLY, query={"q": "кардио"}),
    desk("patients:find_services", "GET", STAFF_ONLY, query={"q": "кардио"}),
]  # fmt: skip

LISTS = [
    desk("patients:worklists", "GET", STAFF_ONLY),
    desk("patients:worklist", "GET", STAFF_ONLY, at={"side": "out", "queue": "all"}),
    desk("patients:worklist", "GET", STAFF_ONLY, at={"side": "in", "queue": "all"}),
    desk("patients:worklist", "GET", allow(()), at={"side": "in", "queue": "nowhere"}),
    desk("patients:worklist", "GET", STAFF_ONLY, at={"side": "in", "queue": "to_move"}),
    # Whose each row is to decide is asked row by row; the page says of which it was not done.
    desk("patients:bulk", "POST", STAFF_ONLY, body={"side": "in", "act": "accept", "row": "@submitted"}),
    desk("patients:bulk", "POST", STAFF_ONLY, body={"side": "out", "act": "wait", "row": "@accepted"}),
    desk("patients:bulk", "POST", STAFF_ONLY, body={"side": "in", "act": "slips", "row": "@booked"}),
    desk("patients:bulk", "POST", allow(()), body={"side": "in", "act": "nothing"}),
    desk("patients:moving", "GET", STAFF_ONLY),
    desk("patients:moving", "POST", STAFF_ONLY, body={"to-00000000-0000-7000-8000-000000000000": "call"}),
    desk("patients:waiting", "GET", STAFF_ONLY),
    desk("patients:waiting", "GET", STAFF_ONLY, query={"service": "@service_type"}),
    desk("patients:triage", "GET", STAFF_ONLY),
    desk("patients:triage_item", "GET", PARTIES, at={"pk": "@submitted"}),
    desk("patients:triage_item", "GET", DRAFT, at={"pk": "@draft"}),
    desk("patients:arrivals", "GET", STAFF_ONLY),
    desk("patients:arrivals", "GET", STAFF_ONLY, query=CLINIC),
    desk("patients:arrival_mark", "POST", RECEIVING, at={"pk": "@booked", "action": "arrive"}),
    desk("patients:arrival_mark", "POST", RECEIVING, at={"pk": "@booked", "action": "no_show"}),
]

REFERRING = [
    desk("patients:referral_new", "GET", STAFF_ONLY),
    desk("patients:referral_new", "GET", STAFF_ONLY, query={"q": "@snils"}),
    desk("patients:referral_new", "POST", PARTIES, body={"patient": "@patient"}),
    desk("patients:referral_new", "POST", OWN_PATIENT, body={"patient": "@own_patient"}),
    desk("patients:referral_register", "GET", STAFF_ONLY),
    desk("patients:referral_register", "POST", STAFF_ONLY, body=PERSON),
    desk("patients:referral", "GET", PARTIES, at={"pk": "@booked"}),
    desk("patients:referral", "GET", DRAFT, at={"pk": "@draft"}),
    desk("patients:referral_form", "GET", PARTIES, at={"pk": "@booked"}),
    desk("patients:referral_form", "GET", DRAFT, at={"pk": "@draft"}),
    desk("patients:referral_slip", "GET", PARTIES, at={"pk": "@booked"}),
    desk("patients:referral_edit", "GET", DRAFT, at={"pk": "@draft"}),
    desk("patients:referral_edit", "POST", DRAFT, at={"pk": "@draft"}),
    desk("patients:referral_edit", "GET", SENDING, at={"pk": "@submitted"}),
    desk("patients:referral_save", "POST", DRAFT, at={"pk": "@draft"}),
    desk("patients:referral_save", "POST", SENDING, at={"pk": "@submitted"}),
    desk("patients:referral_time", "GET", DRAFT, at={"pk": "@draft"}),
    desk("patients:referral_time", "POST", DRAFT, at={"pk": "@draft"}, body={"slot": "@slot"}),
    desk("patients:referral_time", "GET", PARTIES, at={"pk": "@accepted"}),
    desk(
        "patients:referral_time", "POST", PARTIES, at={"pk": "@accepted"}, body={"slot": "@slot", "book": "1"}
    ),
    desk(
        "patients:referral_time", "POST", PARTIES, at={"pk": "@booked"}, body={"slot": "@slot", "move": "1"}
    ),
    desk("patients:referral_confirm", "GET", DRAFT, at={"pk": "@draft"}),
    desk("patients:referral_confirm", "POST", DRAFT, at={"pk": "@draft"}, body={"slot": "@slot"}),
    desk("patients:referral_read", "POST", SENDING, at={"pk": "@completed"}),
    desk("patients:referral_conclusion", "GET", PARTIES, at={"pk": "@completed"}),
    desk("patients:messages", "GET", STAFF_ONLY),
    desk(
        "patients:message_write",
        "POST",
        PARTIES,
        at={"pk": "@booked"},
        body={"text": "Возьмите снимки с собой"},
    ),
    desk(
        "patients:message_write", "POST", DRAFT, at={"pk": "@draft"}, body={"text": "Возьмите снимки с собой"}
    ),
    desk("patients:messages_read", "POST", PARTIES, at={"pk": "@booked"}),
    desk("patients:messages_read", "POST", DRAFT, at={"pk": "@draft"}),
    # Both sides add files and open them; taking one away is for those whose it is.
    desk("patients:referral_files", "POST", PARTIES, at={"pk": "@booked"}, body=FILES),
    desk("patients:referral_files", "POST", DRAFT, at={"pk": "@draft"}, body=FILES),
    desk("patients:referral_file", "GET", PARTIES, at=FILE),
    desk("patients:referral_file", "GET", DRAFT, at=DRAFT_FILE),
    # The file of one referral is not found under another one.
    desk("patients:referral_file", "GET", allow(()), at={**FILE, "pk": "@draft"}),
    desk("patients:referral_file_remove", "GET", SENDING, at=FILE),
    desk("patients:referral_file_remove", "POST", SENDING, at=FILE),
    desk("patients:referral_file_remove", "POST", DRAFT, at=DRAFT_FILE),
]

OUTSIDE = {
    "service_type": "@service_type", "diagnosis_code": "I48.0", "country": "RU", "region": "Новосибирская область",
    "clinic_name": "Центр Мешалкина", "reason": "no_service", "payment": "vmp", "sent_on": "@today",
    "decided_by": "Врачебная комиссия",
}  # fmt: skip
OUTFLOWS = [
    page("patients:outflows", "GET", OUTFLOW_LIST),
    desk("patients:outflow_new", "GET", PARTIES, query={"patient": "@patient"}),
    desk("patients:outflow_new", "GET", PARTIES, query={"referral": "@completed"}),
    desk("patients:outflow_new", "POST", OWN_PATIENT, query={"patient": "@own_patient"}, body=OUTSIDE),
    # A form that the receiver fills in meets the rule at its service: the referral is the sender's.
    desk("patients:outflow_new", "POST", PARTIES, query={"referral": "@completed"}),
    page("patients:outflow", "GET", {**OUTFLOW, **dict.fromkeys(OUTSIDERS - {"office"}, "FORBIDDEN")},
         at={"pk": "@outflow"}),
    desk("patients:outflow_edit", "GET", OWN_PATIENT, at={"pk": "@outflow"}),
    desk("patients:outflow_edit", "POST", OWN_PATIENT, at={"pk": "@outflow"}, body=OUTSIDE),
    desk("patients:outflow_withdraw", "GET", OWN_PATIENT, at={"pk": "@outflow"}),
    desk("patients:outflow_withdraw", "POST", OWN_PATIENT, at={"pk": "@outflow"}, body={"why": "Ошибка ввода"}),
]  # fmt: skip

#: What the office reads of a pair is lawful: it has to see two records to say whether they are one.
DUPLICATES = [
    desk("patients:merge_propose", "GET", OWN_PATIENT, at={"pk": "@own_patient"}),
    desk(
        "patients:merge_propose",
        "POST",
        OWN_PATIENT,
        at={"pk": "@own_patient"},
        body={"other": "@patient", "comment": "Один человек"},
    ),
    page("patients:duplicates", "GET", OFFICE_ONLY),
    page("patients:duplicates_find", "POST", OFFICE_ONLY),
    page("patients:duplicate", "GET", OFFICE_ONLY, at={"pk": "@duplicate"}, opens=True),
    page(
        "patients:duplicate",
        "POST",
        OFFICE_ONLY,
        at={"pk": "@duplicate"},
        body={"survivor": "first"},
        opens=True,
    ),
    page("patients:duplicate_dismiss", "POST", OFFICE_ONLY, at={"pk": "@duplicate"}),
    page("patients:merges", "GET", OFFICE_ONLY),
    page("patients:merge", "GET", OFFICE_ONLY, at={"pk": "@merge"}, opens=True),
    page("patients:merge_undo", "POST", OFFICE_ONLY, at={"pk": "@merge"}),
]

#: Action, state, rule, what is sent: asked by GET, done by POST.
ACTIONS = [
    ("accept", "@submitted", DECIDING, {}),
    ("change_priority", "@submitted", DECIDING, {"priority": "urgent", "comment": "Одышка нарастает"}),
    ("return_for_info", "@submitted", DECIDING, REASON),
    ("redirect", "@submitted", DECIDING, {"service": "@elsewhere", "comment": "Это к неврологу"}),
    ("reject", "@submitted", DECIDING, REASON),
    ("cancel", "@accepted", SENDING, REASON),
    ("cancel_booking", "@booked", PARTIES, REASON),
    ("wait", "@accepted", PARTIES, {"notice_hours": "24"}),
    ("change_preferences", "@waitlisted", PARTIES, {"notice_hours": "24"}),
    ("stop_waiting", "@waitlisted", PARTIES, {}),
    ("accept_offer", "@offered", SENDING, {}),
    ("decline_offer", "@offered", SENDING, REASON),
    ("no_show", "@booked", RECEIVING, {}),
    ("record_call", "@booked", PARTIES, {"reason": "not_reached"}),
    ("hand_back", "@missed", DECIDING, {"reason": "no_shows"}),
    ("arrive", "@booked", RECEIVING, {}),
    ("complete", "@in_care", DECIDING, CONCLUSION),
]
DOING = [
    desk("patients:referral_action", method, rule, at={"pk": pk, "action": action}, body=body)
    for action, pk, rule, body in ACTIONS
    for method in ("GET", "POST")
]

PAGES = [*SHELL, *CLINICS, *PATIENTS, *LISTS, *REFERRING, *OUTFLOWS, *DUPLICATES, *DOING]

#: allauth's pages by what matters: open to visitors, or only to whoever is signed in.
OPEN_ACCOUNT_PAGES = {
    "account_login": {},
    "account_logout": {},
    "account_inactive": {},
    # Nobody registers himself: the page says so.
    "account_signup": {},
    "account_email_verification_sent": {},
    "account_confirm_email": {"key": "nokey"},
    "account_reset_password": {},
    "account_reset_password_done": {},
    "account_reset_password_from_key": {"uidb36": "1", "key": "nokey"},
    "account_reset_password_from_key_done": {},
}
#: Steps of a sign-in that has begun; without one they lead back to its beginning.
SIGN_IN_STEPS = {"account_confirm_login_code", "mfa_authenticate"}
OWN_ACCOUNT_PAGES = {
    "account_reauthenticate",
    "account_email",
    "account_change_password",
    "account_set_password",
    "mfa_index",
    "mfa_reauthenticate",
    "mfa_activate_totp",
    "mfa_deactivate_totp",
    "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes",
    "mfa_download_recovery_codes",
    "usersessions_list",
}
