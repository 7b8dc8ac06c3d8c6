"""What a new portal begins with: the waiting norms of the Russian state guarantee programme, the coded reasons."""

from datetime import date

#: From a day before the programme: one wait for all care.
BEGUN, ENDED = date(2020, 1, 1), date(2025, 12, 31)
EARLIER = "Программы государственных гарантий до 2026 года"
PROGRAMME = "Программа государственных гарантий 2026–2028, постановление Правительства РФ от 29.12.2025 № 2188"
FIRST, LAST = date(2026, 1, 1), date(2028, 12, 31)

#: Of the cluster: priority, days.
URGENT = [("emergency", 0), ("urgent", 1)]
#: Before 2026: suspicion, working days. Suspected heart disease is new in 2026.
BEFORE = [("", 14), ("oncology", 3)]
#: Of the programme: suspicion, kind of care, days, whether they are calendar days.
NORMS = [
    ("", "", 14, False),
    # 24 hours from the request.
    ("", "primary", 1, True),
    *(
        (suspicion, care_type, days, False)
        for suspicion in ("oncology", "cardiovascular")
        for care_type, days in (
            ("specialist", 3), ("diagnostic", 7), ("tomography", 7), ("inpatient", 7),
        )
    ),
]  # fmt: skip


def sow_norms(apps, schema_editor):
    norm = apps.get_model("patients", "WaitingNorm")
    norm.objects.bulk_create(
        [
            *(
                norm(country="RU", priority=priority, days=days, valid_from=BEGUN, source="Регламент кластера")
                for priority, days in URGENT
            ),
            *(
                norm(
                    country="RU", suspicion=suspicion, days=days, valid_from=BEGUN, valid_to=ENDED, source=EARLIER
                )
                for suspicion, days in BEFORE
            ),
            *(
                norm(
                    country="RU", suspicion=suspicion, care_type=care_type, days=days, calendar_days=calendar,
                    valid_from=FIRST, valid_to=LAST, source=PROGRAMME,
                )
                for suspicion, care_type, days, calendar in NORMS
            ),
        ]
    )  # fmt: skip


#: Flags: words are compulsory; the act gives a booked time back.
WORDS, FREES = "words", "frees"
OTHER = ("other", "другое", "other", "басқа", WORDS)
REASONS = {
    "return_for_info": [
        ("tests_missing", "не хватает обследований", "tests are missing", "тексерулер жетіспейді"),
        ("form_incomplete", "форма заполнена не полностью", "the form is incomplete", "нысан толық толтырылмаған"),
        ("question_unclear", "вопрос неясен", "the question is unclear", "сұрақ түсініксіз"),
        ("consent_missing", "нет согласия", "consent is missing", "келісім жоқ"),
        ("identity", "личность вызывает сомнения", "identity is in doubt", "жеке басы күмәнді"),
        OTHER,
    ],
    "reject": [
        ("inappropriate", "не та услуга", "not the right service", "басқа қызмет керек", FREES),
        ("not_indicated", "нет показаний", "not indicated", "көрсетілімі жоқ", FREES),
        # What is missing can still be brought to the visit: the time stays until somebody gives it back.
        ("prerequisites", "не выполнены условия направления", "prerequisites are incomplete",
         "жолдама шарттары орындалмаған"),
        ("out_of_scope", "возраст или пол не подходит для услуги", "age or sex outside the service's limits",
         "жасы немесе жынысы қызметке сәйкес емес", FREES),
        ("no_licence", "нет лицензии на это", "no licence for it", "бұған лицензия жоқ", FREES),
        (*OTHER, FREES),
    ],
    "redirect": [
        ("profile", "профиль другого отделения", "another department's field", "басқа бөлімшенің бейіні"),
        ("queue", "у нас очередь, там примут раньше", "a queue here, seen sooner there",
         "бізде кезек, онда ертерек қабылдайды"),
        ("level", "нужен более высокий уровень помощи", "a higher level of care is needed",
         "жоғары деңгейдегі көмек қажет"),
        ("equipment", "нет нужного оборудования", "the equipment is not here", "қажетті жабдық жоқ"),
        ("nearer", "там ближе для пациента", "nearer for the patient", "пациентке ол жақ жақынырақ"),
        OTHER,
    ],
    "cancel": [
        ("patient_declined", "пациент отказался", "the patient declined", "пациент бас тартты", FREES),
        ("recovered", "больше не нужно", "no longer needed", "енді қажет емес", FREES),
        ("died", "пациент умер", "the patient died", "пациент қайтыс болды", FREES),
        ("moved", "пациент переехал", "the patient moved away", "пациент көшіп кетті", FREES),
        ("elsewhere", "лечится в другом месте", "treated elsewhere", "басқа жерде емделуде", FREES),
        ("no_shows", "пациент не приходил на приём", "the patient missed the visits", "пациент қабылдауға келмеген", FREES),
        ("mistake", "внесено по ошибке", "entered by mistake", "қате енгізілген", FREES),
        (*OTHER, FREES),
    ],
    "cancel_booking": [
        ("patient_asked", "по просьбе пациента", "the patient asked", "пациенттің өтініші"),
        ("practitioner_away", "врача не будет", "the practitioner is away", "дәрігер болмайды"),
        ("equipment", "неисправно оборудование", "equipment out of order", "жабдық істен шыққан"),
        ("transport", "погода или транспорт", "weather or transport", "ауа райы немесе көлік"),
        ("mistake", "внесено по ошибке", "entered by mistake", "қате енгізілген"),
        OTHER,
    ],
    "no_show": [
        ("not_known", "причина неизвестна", "the reason is not known", "себебі белгісіз"),
        ("transport", "погода или транспорт", "weather or transport", "ауа райы немесе көлік"),
        ("unwell", "заболел", "fell ill", "ауырып қалды"),
        ("came_late", "опоздал, приём невозможен", "came too late to be seen", "кешігіп келді, қабылдау мүмкін емес"),
        ("refused", "отказался от приёма", "refused the visit", "қабылдаудан бас тартты"),
        OTHER,
    ],
    "decline_offer": [
        ("time", "время не подходит", "the time does not suit", "уақыт қолайсыз"),
        ("way", "пациент не сможет добраться", "the patient cannot get there", "пациент жете алмайды"),
        ("clinic", "пациент хочет в другую клинику", "the patient wants another clinic",
         "пациент басқа клиниканы қалайды"),
        ("not_reached", "не удалось связаться с пациентом", "the patient could not be reached",
         "пациентпен байланысу мүмкін болмады"),
        ("well", "больше не нужно", "no longer needed", "енді қажет емес"),
        OTHER,
    ],
    "hand_back": [
        ("no_shows", "пациент не приходил на приём", "the patient missed the visits", "пациент қабылдауға келмеген"),
        ("not_reached", "не удалось связаться с пациентом", "the patient could not be reached", "пациентпен байланысу мүмкін болмады"),
        ("wrong_number", "номер телефона неверный", "the telephone number is wrong", "телефон нөмірі дұрыс емес"),
        OTHER,
    ],
    "record_call": [
        ("agreed", "пациент придёт, нужно выбрать время", "the patient will come, a time is to be chosen", "пациент келеді, уақыт таңдау керек"),
        ("later", "просит перезвонить позже", "asks to be called later", "кейінірек қоңырау шалуды сұрады"),
        ("not_reached", "не удалось связаться с пациентом", "the patient could not be reached", "пациентпен байланысу мүмкін болмады"),
        ("wrong_number", "номер телефона неверный", "the telephone number is wrong", "телефон нөмірі дұрыс емес"),
        ("declined", "пациент отказывается от приёма", "the patient does not want the visit any more", "пациент қабылдаудан бас тартты"),
        OTHER,
    ],
    "late": [
        ("patient_asked", "пациент попросил позже", "the patient asked for a later day", "пациент кейінірек сұрады"),
        ("no_time", "раньше свободного времени нет", "no time is free earlier", "бұдан ерте бос уақыт жоқ"),
        ("away", "пациент в отъезде или на вахте", "the patient is away or on shift", "пациент жолда немесе вахтада"),
        ("transport", "погода или транспорт", "weather or transport", "ауа райы немесе көлік"),
        ("tests", "ждём результаты обследований", "results of tests are awaited", "тексеру нәтижелері күтілуде"),
        OTHER,
    ],
}  # fmt: skip


def sow_reasons(apps, schema_editor):
    reason = apps.get_model("patients", "Reason")
    reason.objects.bulk_create(
        reason(
            kind=kind, code=code, name_ru=ru, name_en=en, name_kk=kk, needs_comment=WORDS in flags,
            cancels_appointment=FREES in flags, position=10 * place,
        )
        for kind, rows in REASONS.items()
        for place, (code, ru, en, kk, *flags) in enumerate(rows, 1)
    )  # fmt: skip
    _sow(apps, "send_outside", OUTFLOW_REASONS)
    for kind, rows in ADVICE_REASONS.items():
        _sow(apps, kind, rows)
    for kind in ("return_for_info", "hand_back"):
        reason.objects.create(kind=kind, **CLOSING)


#: Why a referral goes outside the cluster: code, names in ru, en, kk, whether words are compulsory.
OUTFLOW_REASONS = [
    ("no_service", "такой услуги в кластере нет", "the cluster has no such service", "кластерде мұндай қызмет жоқ", False),
    ("long_wait", "слишком долго ждать", "the wait is too long", "күту тым ұзақ", False),
    ("patient_choice", "выбор пациента", "the patient's choice", "пациенттің таңдауы", False),
    ("equipment_down", "оборудование не работает", "equipment is out of order", "жабдық істемейді", False),
    ("other", "другое", "other", "басқа", True),
]

#: Why a question to a specialist is not answered, or not by the clinic that took it.
ADVICE_REASONS = {
    "decline_advice": [
        ("other_specialty", "нужен другой специалист", "another specialist has to answer", "басқа маман жауап беруі керек", False),
        ("needs_visit", "пациента нужно осмотреть", "the patient has to be seen", "пациентті қарау керек", False),
        ("not_enough", "сообщено слишком мало", "too little is told", "мәлімет тым аз", False),
        ("other", "другое", "other", "басқа", True),
    ],
    "give_back_advice": [
        ("other_specialty", "нужен другой специалист", "another specialist has to answer", "басқа маман жауап беруі керек", False),
        ("specialist_away", "специалист отсутствует", "the specialist is away", "маман орнында жоқ", False),
        ("no_time", "не успеем ответить в срок", "we cannot answer in time", "мерзімінде жауап бере алмаймыз", False),
        ("mistake", "взят по ошибке", "taken by mistake", "қате алынған", False),
        ("other", "другое", "other", "басқа", True),
    ],
}

#: Why the portal itself gives referrals back: below what people choose.
CLOSING = {
    "code": "clinic_closed", "position": 90,
    "name_ru": "клиника закрывается", "name_en": "the clinic closes", "name_kk": "клиника жабылады",
}  # fmt: skip


def _sow(apps, kind, rows):
    reason = apps.get_model("patients", "Reason")
    reason.objects.bulk_create(
        reason(
            kind=kind, code=code, name_ru=ru, name_en=en, name_kk=kk, needs_comment=words, position=10 * place,
        )
        for place, (code, ru, en, kk, words) in enumerate(rows, 1)
    )  # fmt: skip
