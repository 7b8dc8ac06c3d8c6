"""Training: employers keep their own people, the training office everybody; a person sees the own file."""

from __future__ import annotations

from tests.permissions.roles import (
    FORBIDDEN,
    OFFICE,
    PEOPLE,
    ROOM_CALENDAR,
    SIDES,
    SPECIALIST,
    TRAINING,
    allow,
    api,
    page,
    public,
)
from tests.permissions.rules import SIGNED_IN
from tests.permissions.table import Paper

PERSON = {"pk": "@specialist"}
PAPER = {"pk": "@paper"}
#: The receiver employs the specialist.
EMPLOYER = {"receiver.manager", "receiver.client"}
EMPLOYERS = {f"{side}.{role}" for side in SIDES for role in ("manager", "client")}

BROWSING = allow(EMPLOYERS | {OFFICE, TRAINING}, other=FORBIDDEN)
SEEING = allow(EMPLOYER | {OFFICE, TRAINING, SPECIALIST})
KEEPING = allow(EMPLOYER | {TRAINING}, forbidden={OFFICE, SPECIALIST})
ENTERING = allow(EMPLOYERS | {TRAINING}, other=FORBIDDEN)
ENTERED = {"family": "Новикова", "given": "Анна", "position": "Врач", "specialty": "cardiology"}

#: Programmes are the training office's to write; the cluster office reads its drafts and lists.
OFFICES = allow({OFFICE, TRAINING}, other=FORBIDDEN)
WRITING = allow({TRAINING}, other=FORBIDDEN)
WRITING_DRAFTS = allow({TRAINING}, forbidden={OFFICE})
DRAFTS = allow({OFFICE, TRAINING})
PROGRAMME, DRAFT = {"pk": "@programme"}, {"pk": "@draft_programme"}
INTAKE, PLANNED, SESSION = {"pk": "@intake"}, {"pk": "@planned_intake"}, {"pk": "@session"}
WRITTEN = {
    "title_ru": "Качество", "host_ru": "Университет", "country": "NL", "city_ru": "Утрехт", "format": "seminar",
    "language": "en", "hours": 16,
}  # fmt: skip
DATES = {
    "starts_on": "2030-04-26", "ends_on": "2030-04-27", "time_zone": "Europe/Moscow", "seats": 24,
    "nominate_by": "2030-03-26T10:00:00+03:00",
}  # fmt: skip
PROGRAMME_STEPS, INTAKE_STEPS = ("publish", "archive"), ("open", "close", "start", "finish", "cancel")

#: A nomination is between the person, the employer and the training office; the cluster office reads it.
NOMINATION = {"pk": "@nomination"}
NOMINATING = allow(EMPLOYERS | {TRAINING, SPECIALIST}, other=FORBIDDEN)
NOMINATED = {"specialist": "@specialist"}
BY_ALL = allow(EMPLOYER | {TRAINING, SPECIALIST}, forbidden={OFFICE})
BY_EMPLOYER = allow(EMPLOYER, forbidden={OFFICE, TRAINING, SPECIALIST})
BY_OFFICE = allow({TRAINING}, forbidden=EMPLOYER | {OFFICE, SPECIALIST})
BY_PERSON = allow(EMPLOYER | {SPECIALIST}, forbidden={OFFICE, TRAINING})
STEPS = {
    "nominate": BY_ALL, "endorse": BY_EMPLOYER, "shortlist": BY_OFFICE, "offer": BY_OFFICE, "wait": BY_OFFICE,
    "accept": BY_PERSON, "decline": BY_PERSON, "confirm": BY_OFFICE, "begin": BY_OFFICE, "complete": BY_OFFICE,
    "certify": BY_OFFICE, "revoke": BY_OFFICE, "fall_short": BY_OFFICE, "reject": BY_OFFICE, "withdraw": BY_ALL,
}  # fmt: skip
REASONED = ("decline", "reject", "withdraw", "revoke", "fall_short")

#: Somebody with a confirmed seat, in an intake whose host is in no organisation of the matrix.
THERE, HELD = {"pk": "@there"}, {"pk": "@certificate"}
WRITING_JOURNAL = allow({TRAINING, SPECIALIST}, forbidden=EMPLOYER | {OFFICE})
ASSESSING = allow({TRAINING}, forbidden=EMPLOYER | {OFFICE, SPECIALIST})
DAY = {"day": "@today", "minutes": 60, "text": "Обход"}
ASSESSED = {"is_passed": True, "text": "Сдал", "assessor": "Проф. Ли", "assessed_on": "@today"}
COST = {"kind": "fee", "title": "Обучение", "planned": "1000"}
EXPENSE, LINE = {**INTAKE, "expense": "@expense"}, {"pk": "@expense"}

#: Rooms are seen by whoever sends people and by both offices; the training office keeps them, employers ask for them.
ROOM, ROOM_BOOKING = {"pk": "@teaching_room"}, {"pk": "@room_booking"}
SEEING_ROOMS = allow(EMPLOYERS | {OFFICE, TRAINING}, other=FORBIDDEN)
KEEPING_ROOMS = allow({TRAINING}, forbidden=EMPLOYERS | {OFFICE})
BOOKING_ROOMS = allow(EMPLOYERS | {TRAINING}, forbidden={OFFICE})
#: The receiver's booking.
BY_BOOKER = allow(EMPLOYER | {TRAINING}, forbidden=(EMPLOYERS - EMPLOYER) | {OFFICE})
ROOM_STEPS = {
    "confirm": KEEPING_ROOMS, "reject": KEEPING_ROOMS, "cancel": BY_BOOKER, "take_up": BY_BOOKER,
    "reopen": KEEPING_ROOMS,
}  # fmt: skip
READING_ROOMS = allow(EMPLOYERS | {OFFICE, TRAINING})
TIMES = {"starts": "2030-04-26T10:00:00+11:00", "ends": "2030-04-26T12:00:00+11:00"}
TYPED = {"day": "2030-04-26", "starts": "10:00", "ends": "12:00"}

TARGET = {"pk": "@target"}
AIMED = {"title_ru": "Цель", "people": 100, "first_year": 2026, "last_year": 2028}

PAGES = [
    page("training:targets", "GET", OFFICES),
    page("training:target", "GET", OFFICES, at=TARGET),
    page("training:target_people", "GET", OFFICES, at=TARGET),
    page("training:target_new", "GET", WRITING),
    page("training:target_new", "POST", WRITING, body=AIMED),
    page("training:target_edit", "GET", WRITING_DRAFTS, at=TARGET),
    page("training:target_edit", "POST", WRITING_DRAFTS, at=TARGET, body=AIMED),
    page("training:target_remove", "POST", WRITING_DRAFTS, at=TARGET),
    page("training:rooms_calendar", "GET", SEEING_ROOMS),
    page("training:rooms", "GET", SEEING_ROOMS),
    page("training:room", "GET", SEEING_ROOMS, at=ROOM),
    page("training:room_new", "GET", WRITING),
    page("training:room_new", "POST", WRITING),
    page("training:room_edit", "GET", KEEPING_ROOMS, at=ROOM),
    page("training:room_edit", "POST", KEEPING_ROOMS, at=ROOM),
    page("training:room_book", "GET", BOOKING_ROOMS, at=ROOM),
    page("training:room_book", "POST", BOOKING_ROOMS, at=ROOM, body={**TYPED, "title": "Семинар"}),
    page("training:room_close", "GET", KEEPING_ROOMS, at=ROOM),
    page("training:room_close", "POST", KEEPING_ROOMS, at=ROOM, body={**TYPED, "reason": "Ремонт"}),
    page(
        "training:room_feed",
        "POST",
        allow(PEOPLE & (EMPLOYERS | {OFFICE, TRAINING}), other=FORBIDDEN),
        at=ROOM,
    ),
    page("training:room_feed_revoke", "POST", allow({TRAINING}), at={"pk": "@room_feed"}),
    public("training:room_ics", at={"token": ROOM_CALENDAR}),
    page("training:room_bookings", "GET", SEEING_ROOMS),
    page("training:room_booking", "GET", SEEING_ROOMS, at=ROOM_BOOKING),
    page("training:room_booking_move", "GET", BY_BOOKER, at=ROOM_BOOKING),
    page(
        "training:room_booking_move",
        "POST",
        BY_BOOKER,
        at=ROOM_BOOKING,
        body={**TYPED, "target": "@teaching_room"},
    ),
    page("training:room_booking_step", "GET", allow(()), at={**ROOM_BOOKING, "action": "explode"}),
    *(
        page("training:room_booking_step", method, rule, at={**ROOM_BOOKING, "action": step})
        for method in ("GET", "POST")
        for step, rule in ROOM_STEPS.items()
    ),
    page("training:nominations", "GET", BROWSING),
    page("imports:start", "GET", ENTERING, at={"code": "training.nominations"}),
    page("training:nomination", "GET", SEEING, at=NOMINATION),
    page("training:nomination_step", "GET", allow(()), at={**NOMINATION, "action": "explode"}),
    *(
        page("training:nomination_step", "GET", rule, at={**NOMINATION, "action": step})
        for step, rule in STEPS.items()
    ),
    *(
        page("training:nomination_step", "POST", rule, at={**NOMINATION, "action": step})
        for step, rule in STEPS.items()
    ),
    page("training:nominate", "GET", NOMINATING, at={"intake": "@intake"}),
    page("training:nominate", "POST", NOMINATING, at={"intake": "@intake"}, body=NOMINATED),
    page("training:own", "GET", SIGNED_IN),
    page("training:own", "POST", allow({SPECIALIST}, other=FORBIDDEN)),
    public("training:own_calendar", at={"token": "@training_feed"}),
    public("training:intake_calendar", at=INTAKE),
    page("training:day_new", "GET", WRITING_JOURNAL, at=THERE),
    page("training:day_new", "POST", WRITING_JOURNAL, at=THERE, body=DAY),
    page("training:day_edit", "GET", WRITING_JOURNAL, at={**THERE, "entry": "@day"}),
    page("training:day_edit", "POST", WRITING_JOURNAL, at={**THERE, "entry": "@day"}, body=DAY),
    page("training:days_confirm", "POST", ASSESSING, at=THERE, body={"row": "@day"}),
    page("training:assess", "GET", ASSESSING, at={**THERE, "kind": "final"}),
    page(
        "training:assess",
        "POST",
        ASSESSING,
        at={**THERE, "kind": "final"},
        body=ASSESSED | {"is_passed": "yes"},
    ),
    page("training:learning", "GET", OFFICES, at=INTAKE),
    page("training:issue", "POST", WRITING, at=INTAKE),
    page("training:budget", "GET", OFFICES, at=INTAKE),
    page("training:expense_new", "GET", WRITING, at=INTAKE),
    page("training:expense_new", "POST", WRITING, at=INTAKE, body=COST),
    page("training:expense_edit", "GET", WRITING, at=EXPENSE),
    page("training:expense_edit", "POST", WRITING, at=EXPENSE, body=COST),
    page("training:expense_remove", "POST", WRITING, at=EXPENSE),
    page("training:receipt", "GET", OFFICES, at={"pk": "@receipt"}),
    page("training:attendance", "GET", WRITING, at=SESSION),
    page("training:attendance", "POST", WRITING, at=SESSION),
    page("training:session_code", "GET", WRITING, at=SESSION),
    public("training:scan", at={"code": "@session_code"}),
    page("training:check_in", "GET", SIGNED_IN, at=SESSION),
    page("training:check_in", "POST", SIGNED_IN, at=SESSION),
    page("training:attend_person", "GET", ASSESSING, at={"code": "@person_code"}),
    page(
        "training:attend_person", "POST", ASSESSING, at={"code": "@person_code"}, body={"session": "@session"}
    ),
    page("training:certificate", "GET", SEEING, at=HELD),
    public("training:verify"),
    public("training:verify_number", at={"number": "@certificate_number"}),
    page("training:board_bulk", "POST", WRITING, at=INTAKE, body={"act": "shortlist", "row": "@nomination"}),
    public("training:offer"),
    public("training:programme", at=PROGRAMME),
    page("training:office_programmes", "GET", OFFICES),
    page("training:office_programme", "GET", OFFICES, at=DRAFT),
    page("training:programme_new", "GET", WRITING),
    page("training:programme_new", "POST", WRITING, body=WRITTEN),
    page("training:programme_edit", "GET", WRITING, at=PROGRAMME),
    page("training:programme_edit", "GET", WRITING_DRAFTS, at=DRAFT),
    page("training:programme_edit", "POST", WRITING, at=PROGRAMME, body=WRITTEN),
    page("training:programme_step", "GET", allow(()), at={**PROGRAMME, "action": "explode"}),
    *(
        page("training:programme_step", "GET", WRITING, at={**PROGRAMME, "action": step})
        for step in PROGRAMME_STEPS
    ),
    *(
        page("training:programme_step", "POST", WRITING, at={**PROGRAMME, "action": step})
        for step in PROGRAMME_STEPS
    ),
    page("training:intake_new", "GET", WRITING, at={"programme": "@programme"}),
    page("training:intake_new", "POST", WRITING, at={"programme": "@programme"}, body=DATES),
    page("training:office_intake", "GET", OFFICES, at=PLANNED),
    page("training:intake_edit", "GET", WRITING_DRAFTS, at=PLANNED),
    page("training:intake_edit", "POST", WRITING, at=INTAKE, body=DATES),
    *(page("training:intake_step", "GET", WRITING, at={**INTAKE, "action": step}) for step in INTAKE_STEPS),
    *(page("training:intake_step", "POST", WRITING, at={**INTAKE, "action": step}) for step in INTAKE_STEPS),
    page("training:session_new", "GET", WRITING, at={"intake": "@intake"}),
    page("training:session_new", "POST", WRITING, at={"intake": "@intake"}),
    page("training:session_edit", "GET", WRITING, at=SESSION),
    page("training:session_edit", "POST", WRITING, at=SESSION),
    page("training:session_remove", "POST", WRITING, at=SESSION),
    page("training:specialists", "GET", BROWSING),
    page("training:specialist_new", "GET", ENTERING),
    page("training:specialist_new", "POST", ENTERING, body=ENTERED),
    page("training:specialist", "GET", SEEING, at=PERSON),
    page("training:specialist_edit", "GET", KEEPING, at=PERSON),
    page("training:specialist_edit", "POST", KEEPING, at=PERSON, body=ENTERED),
    page("training:preferences", "GET", BY_ALL, at=PERSON),
    page("training:preferences", "POST", BY_ALL, at=PERSON),
    page("training:specialist_account", "GET", KEEPING, at=PERSON),
    page("training:specialist_account", "POST", KEEPING, at=PERSON),
    page("training:specialist_step", "GET", allow(()), at={**PERSON, "action": "explode"}),
    *(
        page("training:specialist_step", method, KEEPING, at={**PERSON, "action": step})
        for method in ("GET", "POST")
        for step in ("leave", "return")
    ),
    page("training:paper_new", "GET", KEEPING, at=PERSON),
    page("training:paper_new", "POST", KEEPING, at=PERSON, body={"kind": "visa"}),
    page("training:paper_edit", "GET", KEEPING, at=PAPER),
    page("training:paper_edit", "POST", KEEPING, at=PAPER, body={"kind": "visa"}),
]

RESOURCES = [
    api("api-training-targets-list", "GET", SIGNED_IN),
    api("api-training-targets-list", "POST", WRITING, body=AIMED),
    api("api-training-targets-detail", "GET", DRAFTS, at=TARGET),
    api("api-training-targets-detail", "PATCH", WRITING_DRAFTS, at=TARGET, body={"people": 90}),
    api("api-training-targets-detail", "DELETE", WRITING_DRAFTS, at=TARGET),
    api("api-training-expenses-list", "GET", SIGNED_IN),
    api("api-training-expenses-detail", "GET", DRAFTS, at=LINE),
    api("api-training-expenses-detail", "PATCH", WRITING_DRAFTS, at=LINE, body={"planned": "900"}),
    api("api-training-expenses-detail", "DELETE", WRITING_DRAFTS, at=LINE),
    api("api-training-expenses-receipts", "GET", DRAFTS, at=LINE),
    api(
        "api-training-expenses-receipts",
        "POST",
        WRITING_DRAFTS,
        at=LINE,
        body={"file": Paper()},
        multipart=True,
    ),
    api("api-training-expenses-receipt", "GET", DRAFTS, at={**LINE, "receipt": "@receipt"}),
    api("api-teaching-rooms-list", "GET", SIGNED_IN),
    api(
        "api-teaching-rooms-list",
        "POST",
        WRITING,
        body={"clinic": "@clinic", "name_ru": "Класс", "capacity": 20},
    ),
    api("api-teaching-rooms-detail", "GET", READING_ROOMS, at=ROOM),
    api("api-teaching-rooms-detail", "PATCH", KEEPING_ROOMS, at=ROOM, body={"capacity": 30}),
    api("api-teaching-rooms-look", "POST", READING_ROOMS, at=ROOM, body=TIMES),
    api("api-teaching-rooms-close", "POST", KEEPING_ROOMS, at=ROOM, body={**TIMES, "reason": "Ремонт"}),
    api("api-room-bookings-list", "GET", SIGNED_IN),
    api(
        "api-room-bookings-list",
        "POST",
        BOOKING_ROOMS,
        body={**TIMES, "room": "@teaching_room", "title": "Семинар"},
    ),
    api("api-room-bookings-detail", "GET", READING_ROOMS, at=ROOM_BOOKING),
    *(
        api(
            f"api-room-bookings-{step.replace('_', '-')}",
            "POST",
            rule,
            at=ROOM_BOOKING,
            body={"reason": "Отменено"} if step in ("reject", "cancel") else {},
        )
        for step, rule in ROOM_STEPS.items()
    ),
    api("api-room-bookings-move", "POST", BY_BOOKER, at=ROOM_BOOKING, body=TIMES),
    api("api-nominations-list", "GET", SIGNED_IN),
    api(
        "api-nominations-list",
        "POST",
        allow(EMPLOYER | {TRAINING, SPECIALIST}, forbidden={OFFICE}),
        body={**NOMINATED, "intake": "@intake"},
    ),
    api("api-nominations-detail", "GET", SEEING, at=NOMINATION),
    *(
        api(
            f"api-nominations-{step.replace('_', '-')}",
            "POST",
            rule,
            at=NOMINATION,
            body={"reason": "Передумал"} if step in REASONED else {},
        )
        for step, rule in STEPS.items()
    ),
    api("api-nominations-history", "GET", SEEING, at=NOMINATION),
    api("api-nominations-standing", "GET", SEEING, at=NOMINATION),
    api("api-nominations-journal", "GET", SEEING, at=NOMINATION),
    api("api-nominations-journal", "POST", WRITING_JOURNAL, at=THERE, body=DAY),
    api("api-nominations-confirm-journal", "POST", ASSESSING, at=THERE, body={"entries": []}),
    api("api-nominations-assessments", "GET", SEEING, at=NOMINATION),
    api("api-nominations-assessments", "POST", ASSESSING, at=THERE, body={**ASSESSED, "kind": "final"}),
    api("api-intakes-attendance", "GET", OFFICES, at=INTAKE),
    api("api-intakes-attendance", "POST", WRITING, at=INTAKE, body={"session": "@session"}),
    api("api-intakes-expenses", "GET", OFFICES, at=INTAKE),
    api("api-intakes-expenses", "POST", WRITING, at=INTAKE, body=COST),
    api("api-intakes-certificates", "POST", WRITING, at=INTAKE),
    api("api-certificates-list", "GET", SIGNED_IN),
    api("api-certificates-detail", "GET", SEEING, at=HELD),
    api("api-certificates-sheet", "GET", SEEING, at=HELD),
    api("api-programmes-list", "GET", SIGNED_IN),
    api("api-programmes-list", "POST", WRITING, body=WRITTEN),
    api("api-programmes-detail", "GET", SIGNED_IN, at=PROGRAMME),
    api("api-programmes-detail", "GET", DRAFTS, at=DRAFT),
    api("api-programmes-detail", "PATCH", WRITING, at=PROGRAMME, body={"hours": 20}),
    *(api(f"api-programmes-{step}", "POST", WRITING, at=PROGRAMME) for step in PROGRAMME_STEPS),
    api("api-programmes-intakes", "POST", WRITING, at=PROGRAMME, body=DATES),
    api("api-intakes-list", "GET", SIGNED_IN),
    api("api-intakes-detail", "GET", SIGNED_IN, at=INTAKE),
    api("api-intakes-detail", "GET", DRAFTS, at=PLANNED),
    api("api-intakes-detail", "PATCH", WRITING, at=INTAKE, body={"seats": 20}),
    *(api(f"api-intakes-{step}", "POST", WRITING, at=INTAKE, body={}) for step in INTAKE_STEPS[:-1]),
    api("api-intakes-cancel", "POST", WRITING, at=INTAKE, body={"reason": "Нет лектора"}),
    api("api-intakes-sessions", "GET", SIGNED_IN, at=INTAKE),
    api("api-specialists-list", "GET", SIGNED_IN),
    api("api-specialists-list", "POST", ENTERING, body=ENTERED),
    api("api-specialists-detail", "GET", SEEING, at=PERSON),
    api("api-specialists-detail", "PATCH", KEEPING, at=PERSON, body={"position": "Врач"}),
    api("api-specialists-leave", "POST", KEEPING, at=PERSON, body={"reason": "Переезд"}),
    api("api-specialists-return-", "POST", KEEPING, at=PERSON),
    api("api-specialists-preferences", "GET", BY_ALL, at=PERSON),
    api("api-specialists-preferences", "POST", BY_ALL, at=PERSON, body={"order": []}),
    api("api-specialists-papers", "GET", SEEING, at=PERSON),
    api("api-specialists-papers", "POST", KEEPING, at=PERSON, body={"kind": "visa"}),
]
