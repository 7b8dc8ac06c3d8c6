"""Three organisations, everybody in them, and one row of everything that an address can name."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.test.client import MULTIPART_CONTENT
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from clinics.models import CalendarFeed, Organization, ScheduleException
from clinics.selectors.feeds import digest
from clinics.states import MethodState, SlotState
from cluster_portal.accounts.models import User
from cluster_portal.accounts.roles import Role
from cluster_portal.api import scopes
from cluster_portal.common import identifiers
from cluster_portal.imports.models import ImportRun
from cluster_portal.jobs.models import Job
from cluster_portal.notifications.models import Notice
from cluster_portal.reports.models import Schedule
from cluster_portal.web.middleware import ORGANIZATION_KEY
from patients.models import Booking, Diagnosis, DuplicatePair, Patient, Reason, Referral
from patients.services.merging import merge_patients
from patients.states import BookingState
from tests.api.support import make_token
from tests.factories import clinics, investors, patients, records, training
from tests.factories.clinics import at
from tests.factories.webhooks import make_delivery, make_webhook
from tests.permissions import roles as r
from tests.permissions.world_land import LandRows
from training.models import RoomFeed, TrainingFeed
from training.selectors import codes

STATES = ("draft", "submitted", "accepted", "booked", "in_care", "completed")


class World(LandRows):
    """The rows of the matrix. `ids` are what lines name by `@…`; `clients` are the roles' ways in.

    The sender registered every patient but the stranger's one, and referred all of those but `own_patient` to the
    receiver's service; the draft has not been sent, so the receiver knows nothing of it.
    """

    def __init__(self) -> None:
        clinics.make_cluster()
        Diagnosis.objects.update_or_create(code="I48.0", defaults={"name_ru": "Фибрилляция предсердий"})
        self.sites = {side: clinics.make_clinic() for side in r.SIDES}
        self.organizations = {side: site.organization for side, site in self.sites.items()}
        self.organizations |= dict.fromkeys(
            (r.OFFICE, r.ANALYST, r.TRAINING, r.LAND), clinics.make_organization()
        )
        self.organizations[r.SPECIALIST] = self.organizations["receiver"]
        self.ids: dict[str, str] = {"today": timezone.localdate().isoformat()}
        #: What nobody but the sides named with it may read anywhere.
        self.secrets: list[tuple[frozenset[str], str]] = []
        self._registry()
        self._patients()
        self._people()

    def _keep(self, **rows: Any) -> None:
        self.ids |= {name: str(row.pk) for name, row in rows.items()}

    def _registry(self) -> None:
        site = self.sites["receiver"]
        self.service = service = clinics.make_service(site)
        practitioner = clinics.make_practitioner(site)
        today = timezone.localdate()
        exception = ScheduleException.objects.create(
            practitioner=practitioner, clinic=site, first_day=today, last_day=today, reason="leave"
        )
        slots = {
            "slot": clinics.make_slot(service, start=at(2, 10)),
            "draft_slot": clinics.make_slot(service, start=at(2, 11), state=SlotState.DRAFT),
            "blocked_slot": clinics.make_slot(service, start=at(2, 12), state=SlotState.BLOCKED),
        }
        self._keep(
            organization=site.organization, clinic=site, service=service, practitioner=practitioner,
            licence=site.licences.get(), service_type=service.service_type, exception=exception,
            accreditation=clinics.make_accreditation(site), quota=clinics.make_quota(service),
            schedule=clinics.make_schedule(service, practitioner), equipment=clinics.make_equipment(site),
            qualification=clinics.make_qualification(practitioner),
            elsewhere=clinics.make_service(self.sites["stranger"], "neurologist"), **slots,
        )  # fmt: skip
        regime = clinics.make_regime(site)
        self._keep(
            regime=regime, permit=clinics.make_permit(site, clinics.make_practitioner(site)),
            method=clinics.make_method(site, service),
            draft_method=clinics.make_method(site, service, state=MethodState.DRAFT),
        )  # fmt: skip
        self.photo = records.make_photo(site)
        self._keep(
            room=(room := records.make_room(site)),
            beds=records.make_beds(site),
            closure=records.make_closure(room),
            photo=self.photo,
            link=records.make_link(self.sites["stranger"], site),
        )

    def _patients(self) -> None:
        sender = self.organizations["sender"]
        both = frozenset({"sender", "receiver"})
        for state in (*STATES, "held"):
            patient = self._patient(sender, both if state != "draft" else both - {"receiver"})
            real = "accepted" if state == "held" else state
            referral = patients.make_referral(
                patient, state=real, service=self.service, source=self.sites["sender"]
            )
            self.secrets.append((self.secrets[-1][0], referral.number))
            self._keep(**{state: referral, f"patient_{state}": patient})
        for name in ("waitlisted", "offered"):
            patient = self._patient(sender, both)
            referral = patients.make_referral(
                patient, state="waitlisted", service=self.service, source=self.sites["sender"]
            )
            self.secrets.append((both, referral.number))
            self._keep(**{name: referral, f"entry_{name}": referral.waitlist.get()})
        missed = patients.make_referral(
            self._patient(sender, both), state="accepted", service=self.service, source=self.sites["sender"],
            no_shows=1,
        )  # fmt: skip
        self.secrets.append((both, missed.number))
        self._keep(missed=missed)
        patients.make_offer(referral, clinics.make_slot(self.service, start=at(4, 10)))
        hold = clinics.make_slot(self.service, start=at(3, 10))
        patients.make_booking(Referral.objects.get(pk=self.ids["held"]), hold, BookingState.HELD)
        treated = Patient.objects.get(pk=self.ids["patient_booked"])
        self._keep(
            patient=treated,
            consent=patients.make_consent(treated),
            booking=Booking.objects.get(patient=treated),
            reason=Reason.objects.get(kind="reject", code="other"),
            own_patient=self._patient(sender, frozenset({"sender"})),
            outflow=patients.make_outflow(
                self._patient(sender, frozenset({"sender"})), source=self.sites["sender"]
            ),
        )
        self._patient(self.organizations["stranger"], frozenset({"stranger"}))
        self.attachments = [
            patients.make_attachment(Referral.objects.get(pk=self.ids[state]))
            for state in ("booked", "draft")
        ]
        sent, draft = self.attachments
        self.secrets += [(both, sent.name), (frozenset({"sender"}), draft.name)]
        self._keep(attachment=sent, draft_attachment=draft)
        self._twins()
        asked = self._patient(sender, both)
        patients.make_consent(asked)
        asks = {"service": self.service, "source": self.sites["sender"]}
        # Until a clinic takes it, nobody else learns whom a question to any clinic is about.
        asked_of_any = self._patient(sender, frozenset({"sender"}))
        patients.make_consent(asked_of_any)
        advice = patients.make_advice(asked, **asks)
        free = patients.make_advice(asked_of_any, to_any=True, **asks)
        taken = patients.make_advice(asked, to_any=True, state="asked", **asks)
        file, free_file = (patients.make_advice_file(each) for each in (advice, free))
        self.attachments += [file, free_file]
        self.secrets += [(both, file.name), (frozenset({"sender"}), free_file.name)]
        self._keep(
            advice=advice, free_advice=free, taken_advice=taken, advice_file=file, free_advice_file=free_file
        )
        number = Referral.objects.get(pk=self.ids["booked"]).number
        self.ids |= {
            "snils": treated.snils, "birth_date": treated.birth_date.isoformat(), "number": number,
        }  # fmt: skip

    def _twins(self) -> None:
        """A pair that waits for the office, and one that was merged."""
        sender = self.organizations["sender"]
        first, second, third = (self._patient(sender, frozenset({"sender"})) for _n in range(3))
        twins = {"alike": 0.9, "signs": ["name"]}
        pair = DuplicatePair.objects.create(first=first, second=second, **twins)
        done = DuplicatePair.objects.create(first=first, second=third, state="open", **twins)
        office = clinics.make_actor("office")
        merge = merge_patients(office, pair_id=done.pk, survivor_id=first.pk)
        self._keep(duplicate=pair, merge=merge)

    def _patient(self, organization: Organization, known_to: frozenset[str]) -> Patient:
        # Two digits: no name is the beginning of another one.
        patient = patients.make_patient(organization, family=f"Скрытов{len(self.secrets) + 10}")
        texts = (patient.family, patient.snils, identifiers.format_snils(patient.snils), patient.enp)
        self.secrets += [(known_to, text) for text in texts]
        return patient

    def _people(self) -> None:
        self.users: dict[str, User] = {r.GUEST: clinics.make_user()}
        for role in (Role.OFFICE, Role.ANALYST, Role.TRAINING, Role.SPECIALIST, Role.LAND):
            self.users[role.value] = clinics.make_member(role, organization=self.organizations[role.value])
        for side in r.SIDES:
            for role in r.PEOPLE_ROLES:
                self.users[f"{side}.{role}"] = clinics.make_member(
                    role, organization=self.organizations[side]
                )
        asker = self.users["receiver.manager"]
        self._keep(change=records.make_change(self.sites["receiver"], asker))
        self._training()
        self._land()
        self.headers: dict[str, dict[str, str]] = {}
        for side in r.SIDES:
            self.headers[f"{side}.client"] = self._token(side, scopes.ALL)
        self.headers[r.NARROW] = self._token("sender", frozenset())
        self.browsers = {role: self._browser(role) for role in r.ROLES}
        webhook = make_webhook(self.ids["receiver_program"])
        self._keep(webhook=webhook, delivery=make_delivery(webhook))
        reader = self.users["sender.referrer"]
        self._keep(
            # Of a report that the portal no longer has: everything but the file is there.
            job=Job.objects.create(
                kind="report",
                params={"report": "tests.gone", "parameters": {}, "format": "csv"},
                user=reader,
                organization_id=self.organizations["sender"].pk,
            ),
            report_schedule=Schedule.objects.create(
                report="tests.gone",
                file_format="csv",
                user=reader,
                organization_id=self.organizations["sender"].pk,
                frequency="daily",
                time_zone="Asia/Sakhalin",
                next_at=timezone.now() + timedelta(hours=1),
            ),
            feed=CalendarFeed.objects.create(
                user=reader, clinic=self.sites["sender"], language="ru", token_hash=digest(r.CALENDAR)
            ),
            notice=Notice.objects.create(user=reader, kind="referral.accepted", url="/referrals/", key="k"),
        )
        self._keep(
            **{
                "import": ImportRun.objects.create(
                    code="patients.patients", state="applied", user=reader, file_name="Пациенты.xlsx", size=1,
                    organization_id=self.organizations["sender"].pk, file_until=timezone.now() + timedelta(days=7),
                    head_line=1, headings=["ФИО"], expected=1, counts={"new": 1}, applied_at=timezone.now(),
                )
            }
        )  # fmt: skip
        self.ids["reader"] = reader.email

    def _training(self) -> None:
        """Somebody of the receiver's people who may be sent to learn, with an account."""
        specialist = training.make_specialist(
            self.organizations["receiver"], user=self.users[r.SPECIALIST], family="Учёнов"
        )
        paper = training.make_paper(specialist)
        receiver = frozenset({"receiver", r.SPECIALIST, r.TRAINING, r.OFFICE})
        self.secrets += [(receiver, specialist.family), (receiver, paper.number)]
        self._keep(specialist=specialist, paper=paper)
        intake = training.make_intake()
        self._keep(
            programme=intake.programme,
            draft_programme=training.make_programme(state="draft"),
            intake=intake,
            planned_intake=training.make_intake(state="planned"),
            session=training.make_session(intake),
        )
        offered = training.make_nomination(specialist, intake, "offered")
        there = training.make_nomination(
            specialist, training.make_intake(intake.programme, begins=-1), "confirmed"
        )
        self.secrets += [(receiver, offered.number), (receiver, there.number)]
        certificate = training.make_certificate(there)
        TrainingFeed.objects.create(
            user=self.users[r.SPECIALIST], language="ru", token_hash=digest("learner")
        )
        self.receipt = training.make_receipt(training.make_expense(intake))
        self._keep(
            nomination=offered, there=there, certificate=certificate, day=training.make_day(there),
            expense=self.receipt.expense, receipt=self.receipt,
        )  # fmt: skip
        self.ids |= {
            "person_code": codes.person_code(there.pk),
            "certificate_number": certificate.number,
            "training_feed": "learner",
        }
        room = training.make_teaching_room(self.sites["receiver"])
        feed = RoomFeed.objects.create(
            user=self.users[r.TRAINING], room=room, language="ru", token_hash=digest(r.ROOM_CALENDAR)
        )
        booking = training.make_room_booking(
            room, organization=self.organizations["receiver"], state="pending"
        )
        self._keep(teaching_room=room, room_feed=feed, room_booking=booking, target=training.make_target())

    def _token(self, side: str, granted: frozenset[str]) -> dict[str, str]:
        client = clinics.make_client(self.organizations[side], allowed_scopes=sorted(granted))
        self._keep(**{f"{side}_program": client})
        return {"Authorization": f"Bearer {make_token(client, granted)}"}

    def _browser(self, role: str) -> Client:
        browser = Client(raise_request_exception=False)
        if user := self.users.get(role):
            browser.force_login(user)
            if organization := self.organizations.get(r.side_of(role) or role):
                session = browser.session
                session[ORGANIZATION_KEY] = str(organization.pk)
                session.save()
        return browser

    def named(self, values: Mapping[str, Any], role: str) -> dict[str, Any]:
        """The values with the rows that they name; `@own` is the organisation that the role acts for."""
        own = self.organizations.get(r.side_of(role) or role)
        # A session's code is good for two and a half minutes: the one of now.
        code = codes.session_code(uuid.UUID(self.ids["session"]))
        ids = {**self.ids, "session_code": code, "own": str(own.pk) if own else ""}

        def row(value: Any) -> Any:
            if isinstance(value, list):
                return [row(one) for one in value]
            if isinstance(value, dict):
                return {name: row(one) for name, one in value.items()}
            if isinstance(value, str) and "/@" in value:
                kind, _slash, name = value.partition("/@")
                return f"{kind}/{ids[name]}"
            return ids[value[1:]] if isinstance(value, str) and value.startswith("@") else value

        return {key: row(value) for key, value in values.items()}

    def ask(self, line: r.Line, role: str) -> HttpResponse:
        """The answer that this role gets."""
        # Each test has a storage of its own.
        for attachment in self.attachments:
            patients.put_content(attachment)
        patients.put_content(self.receipt)
        records.put_photo(self.photo)
        for document in (
            self.plot_document, self.tender_document, self.company_document, self.agreement_document,
        ):  # fmt: skip
            investors.put_document(document)
        investors.put_document(self.bid_file, self.bid_content)
        address = reverse(line.name, kwargs=self.named(line.at, role))
        if line.query:
            address += f"?{urlencode(self.named(line.query, role))}"
        kind = "application/json" if line.name.startswith(("api-", "fhir-")) else None
        send = getattr(self.browsers[role], line.method.lower())
        if line.multipart:
            kind = MULTIPART_CONTENT
        arguments: dict[str, Any] = {"headers": self.headers.get(role, {})}
        if line.method != "GET":
            arguments["data"] = self.named(line.body, role)
            if line.name.startswith("fhir-") and line.name.endswith("-search"):
                arguments["data"], kind = urlencode(arguments["data"]), "application/x-www-form-urlencoded"
            arguments |= {"content_type": kind} if kind else {}
        return send(address, **arguments)

    def hidden_from(self, role: str) -> list[str]:
        """What must stand in no answer to this role."""
        side = "" if role == r.NARROW else r.side_of(role)
        return [text for known_to, text in self.secrets if not {side, role} & known_to]
