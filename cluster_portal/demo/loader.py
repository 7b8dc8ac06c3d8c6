"""Loading a demo cluster: the order of things, one transaction, and the figures of what was made."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from functools import partial
from math import log
from statistics import median
from time import monotonic
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from clinics.models import (
    Accreditation,
    BedCount,
    ChangeRequest,
    Clinic,
    ClinicLink,
    Cluster,
    ClusterTarget,
    Downtime,
    Equipment,
    EquipmentMove,
    Licence,
    Membership,
    Organization,
    Practitioner,
    Qualification,
    Quota,
    Room,
    Schedule,
    ScheduleException,
    ScheduleHours,
    Service,
    Slot,
    Upkeep,
)
from clinics.services.words import learn_words
from cluster_portal.accounts.models import User
from cluster_portal.audit.triggers import without_triggers
from cluster_portal.common.actor import SYSTEM
from cluster_portal.common.numbering import numbers
from cluster_portal.demo.advice import fill_advice
from cluster_portal.demo.agreements import fill_agreements
from cluster_portal.demo.bulk import Courier, Table, bare
from cluster_portal.demo.chance import Chance, Wheel
from cluster_portal.demo.changes import fill_changes
from cluster_portal.demo.credentials import accredit, plan_quotas
from cluster_portal.demo.demand import Demand
from cluster_portal.demo.equipment import fill_equipment
from cluster_portal.demo.facts import Facts
from cluster_portal.demo.files import attach_files, attach_to_questions
from cluster_portal.demo.groups import fill_groups
from cluster_portal.demo.histories import Histories
from cluster_portal.demo.investors import fill_investors
from cluster_portal.demo.land import fill_land
from cluster_portal.demo.learning import fill_learning
from cluster_portal.demo.nominations import fill_nominations
from cluster_portal.demo.norms import Norms
from cluster_portal.demo.notices import tell_news
from cluster_portal.demo.outflow import fill_outflow
from cluster_portal.demo.patients import Population
from cluster_portal.demo.premises import fill_premises
from cluster_portal.demo.programmes import fill_programmes
from cluster_portal.demo.projects import fill_projects
from cluster_portal.demo.regime import admit
from cluster_portal.demo.registry import Registry
from cluster_portal.demo.roadmap import fill_roadmap
from cluster_portal.demo.roadshow import fill_roadshow
from cluster_portal.demo.rooms import fill_rooms
from cluster_portal.demo.runs import Recipe
from cluster_portal.demo.sandbox import fill_webhooks, make_sandbox
from cluster_portal.demo.setbacks import call_the_missing, fall_ill
from cluster_portal.demo.specialists import fill_specialists
from cluster_portal.demo.staff import Staff
from cluster_portal.demo.story import Story
from cluster_portal.demo.targets import set_targets
from cluster_portal.demo.tenders import fill_tenders
from cluster_portal.demo.timetable import SLOT_COLUMNS, Timetable
from cluster_portal.demo.twins import make_twins
from cluster_portal.demo.waiting import fill_waiting_list
from investors.models import (
    Bid,
    Criterion,
    Envelope,
    KeyPart,
    Plot,
    Site,
    Tender,
    TenderPlot,
    TenderVersion,
    Utility,
)
from patients.models import (
    Advice,
    AdviceFile,
    AdvicePost,
    Attachment,
    Booking,
    Conclusion,
    Consent,
    Diagnosis,
    DuplicatePair,
    MergeProposal,
    Outflow,
    Patient,
    PatientLink,
    PatientNumber,
    Referral,
    ReferralStep,
    WaitingNorm,
    WaitlistEntry,
    WaitlistOffer,
)
from patients.services.dictionaries import load_dictionaries
from training.models import (
    Assessment,
    Attendance,
    Certificate,
    Expense,
    Intake,
    IntakeSession,
    JournalEntry,
    Nomination,
    NominationStep,
    Programme,
    RoomBooking,
    RoomSeries,
    Specialist,
    SpecialistPaper,
    TeachingRoom,
    TrainingTarget,
)

if TYPE_CHECKING:
    from collections.abc import Callable

#: How much is generated unless it is said otherwise: patients, referrals.
SIZES = {"sakhalin": (20_000, 30_000), "skolkovo": (1_500, 2_200), "aktobe": (1_500, 2_200)}
SEED = 2026
#: The year's referrals grow towards today as clinics join; the last day has so many times those of the first.
GROWTH = 24.0
#: From so many referrals on the story is told whole.
ROOMY = 10_000
JOURNALLED = [
    Cluster, ClusterTarget, Organization, Clinic, Licence, Accreditation, Quota, Service, Practitioner, Qualification,
    Schedule, ScheduleHours, ScheduleException, Slot, Membership, User, Patient, PatientLink, PatientNumber, Consent,
    Referral, ReferralStep, Booking, Conclusion, WaitlistEntry, WaitlistOffer, Outflow, DuplicatePair, MergeProposal,
    Attachment, Advice, AdviceFile, AdvicePost, Equipment, EquipmentMove, Downtime, Upkeep, Room, BedCount, ClinicLink,
    ChangeRequest, Specialist, SpecialistPaper, Programme, Intake,
    IntakeSession, Nomination, NominationStep, TeachingRoom, RoomSeries, RoomBooking,
    Attendance, JournalEntry, Assessment, Expense, Certificate,
    Site, Plot, Utility, Tender, TenderPlot, Criterion, TenderVersion, KeyPart, Bid, Envelope,
    TrainingTarget,
]  # fmt: skip


class AlreadyLoaded(Exception):
    """The database holds a cluster; `slug` says which."""

    def __init__(self, slug: str) -> None:
        self.slug = slug
        super().__init__(slug)


class Loader:
    """Loads one cluster into an empty database. The same arguments on the same minute make the same rows."""

    def __init__(
        self,
        cluster: str,
        *,
        now: datetime,
        patients: int | None = None,
        referrals: int | None = None,
        seed: int = SEED,
        say: Callable[[str], Any] = lambda text: None,
    ) -> None:
        self.facts = Facts(cluster)
        self.now = now.replace(second=0, microsecond=0)
        self.patients = patients if patients is not None else SIZES[cluster][0]
        self.referrals = referrals if referrals is not None else SIZES[cluster][1]
        self.seed, self.say = seed, say
        self._begun = monotonic()

    def load(self) -> dict[str, int]:
        """Everything in one transaction; the number of rows by kind. Raises AlreadyLoaded."""
        standing = Cluster.objects.first()
        if standing is not None:
            raise AlreadyLoaded(standing.slug)
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL synchronous_commit = off")
            with without_triggers(JOURNALLED):
                return self._load()

    def _chance(self, part: str) -> Chance:
        return Chance(self.seed, self.facts.cluster, part)

    def _said(self, text: str) -> None:
        self.say(f"{monotonic() - self._begun:5.1f} s  {text}")

    def _load(self) -> dict[str, int]:
        load_dictionaries(SYSTEM)
        self._norms()
        registry = Registry(self.facts, self._chance("registry"), self.now)
        registry.build()
        population = Population(registry, self._chance("patients"))
        population.generate(self.patients)
        self._said(f"{population.table.count} patients")

        timetable = Timetable(self._chance("timetable"), self.now)
        load = Demand(registry, population, self._chance("sample")).load(self.now, self._a_week())
        staff = Staff(registry, timetable, self._chance("staff"), load)
        staff.build()
        timetable.read_days_off()
        rooms = fill_premises(self._chance("premises"), self.now, registry.today)
        self._said(
            f"{len(registry.sites)} clinics, {rooms} rooms, {len(registry.offers)} services,"
            f" {len(timetable.plans)} schedules"
        )

        demand = Demand(registry, population, self._chance("demand"))
        histories = Histories(
            now=self.now, chance=self._chance("histories"), timetable=timetable, population=population,
            demand=demand, staff=staff, norms=Norms(registry.today),
            diagnoses=dict(Diagnosis.objects.values_list("pk", "name_ru")),
        )  # fmt: skip
        share = min(1.0, self.referrals / ROOMY)
        story = Story(registry, demand, staff, self._chance("story"), self.now, share)
        slots = Table(Slot, SLOT_COLUMNS)
        known = [
            population.table, population.words(), population.numbers(self.facts.about["story"]["referring"]),
        ]  # fmt: skip
        growing = [
            population.links, population.consents,
            histories.referrals, histories.steps, histories.bookings, histories.conclusions,
        ]  # fmt: skip
        tables = [*known, *growing, slots]
        with bare(table.model for table in tables) as again:
            with Courier() as courier:

                def close(table: Table) -> None:
                    table.send(courier)
                    courier.carry(partial(again.index, table.model))

                for table in known:
                    close(table)
                for table in growing:
                    table.by(courier)
                states, last = self._tell(histories, story)
                for table in growing:
                    close(table)
                timetable.write(slots.by(courier))
                close(slots)
            for table in tables:
                self._said(f"{table.model._meta.label}: {table.count} loaded")
        learn_words()
        with connection.cursor() as cursor:
            # What follows asks as the portal does; without statistics its plans read whole tables.
            cursor.execute("ANALYZE")
            cursor.execute("SELECT setval('referral_number_seq', %s)", [max(last, 1)])
        self._said("keys checked, indexes made, statistics taken")
        self._waits(histories.waits)
        about = self.facts.about["story"]
        own = {UUID(registry.members[key].id) for key in (about["referring"], about["receiving"])}
        ill = fall_ill(self.now, UUID(registry.members[about["receiving"]].id))
        missing = call_the_missing(self._chance("calls"), self.now)
        self._said(f"{fill_changes(self._chance('changes'), self.now, own)} changes of records")
        self._said(f"{ill} patients of an ill practitioner, {missing} who did not come")
        self._said(f"{fill_waiting_list(self._chance('waiting'), self.now, own)} wait for a time")
        self._said(f"{accredit(self._chance('accreditations'), self.now)} accreditations")
        self._said(f"{admit(registry, self._chance('regimes'), self.now)} permits and unregistered methods")
        self._said(f"{plan_quotas(self._chance('quotas'), self.now)} quotas")
        self._said(f"{attach_files(self._chance('files'), self.now, own)} files of referrals")
        units = fill_equipment(self._chance("equipment"), self.facts, self.now)
        self._said(f"{units} units of equipment")
        self._said(f"{fill_outflow(self._chance('outflow'), self.facts, self.now)} sent outside the cluster")
        self._said(f"{fill_advice(self._chance('advice'), self.now, own)} questions to specialists")
        self._said(f"{attach_to_questions(self._chance('question files'), own)} files of questions")
        self._said(f"{fill_specialists(self._chance('specialists'), self.facts, self.now)} specialists")
        self._said(f"{fill_programmes(self._chance('programmes'), registry, self.now)} intakes of programmes")
        self._said(f"{fill_nominations(self._chance('nominations'), self.now)} seats for learning")
        self._said(f"{fill_rooms(self._chance('rooms'), self.now)} bookings of rooms")
        self._said(f"{fill_learning(self._chance('learning'), self.now)} certificates")
        self._said(f"{fill_land(self._chance('land'), self.facts, self.now)} plots of land")
        self._said(f"{fill_investors(self._chance('investors'), self.facts, self.now)} investors")
        self._said(f"{fill_tenders(self._chance('tenders'), self.facts, self.now)} tenders")
        held = fill_agreements(self._chance("agreements"), self.facts, self.now, registry.members)
        self._said(f"{held} agreements on land")
        self._said(f"{fill_projects(self._chance('projects'), self.facts, self.now)} projects")
        self._said(f"{fill_roadmap(self._chance('roadmap'), self.facts, self.now)} items of the roadmap")
        self._said(f"{fill_groups(self._chance('groups'), self.facts, self.now)} tasks of working groups")
        self._said(f"{fill_roadshow(self._chance('roadshow'), self.facts, self.now)} events of the roadshow")
        self._said(f"{set_targets(self._chance('targets'), self.now)} targets of training")
        program = make_sandbox(UUID(registry.members[about["referring"]].id))
        self._said(f"{fill_webhooks(program, self.now)} messages of webhooks")
        twins = make_twins(self._chance("twins"))
        self._said(f"{twins} patients on record twice")
        self._said(f"{tell_news(self.now)} notices")
        counts = {table.model._meta.model_name: table.count for table in tables}
        counts[Patient._meta.model_name] += twins
        return counts | {"clinic": len(registry.sites), "service": len(registry.offers)} | states

    def _norms(self) -> None:
        """Countries whose norms no migration brings: a row each, from the facts."""
        for priority, suspicion, days in self.facts.about.get("norms", []):
            WaitingNorm.objects.get_or_create(
                country=self.facts.country, priority=priority, suspicion=suspicion, specialty_code="",
                defaults={
                    "days": days, "valid_from": datetime(2020, 1, 1).date(), "source": self.facts.about["norms_source"]
                },
            )  # fmt: skip

    def _a_week(self) -> float:
        """How many referrals are drafted in the last week of the year, when there are most."""
        return self.referrals / 52 * log(GROWTH) / (1 - 1 / GROWTH)

    def _moments(self) -> list[datetime]:
        """When the year's referrals are drafted: more and more, by day, on working days, in the daytime."""
        chance, zone = self._chance("moments"), ZoneInfo(self.facts.time_zone)
        today = self.now.astimezone(zone)
        days, weights = [], []
        for ago in range(365, -1, -1):
            day = today - timedelta(days=ago)
            week = (1.1, 1.0, 1.0, 1.0, 0.9, 0.16, 0.06)[day.weekday()]
            days.append(day)
            weights.append(week * GROWTH ** (1 - ago / 365))
        wheel = Wheel(days, weights)
        moments = []
        while len(moments) < self.referrals:
            hour = min(max(chance.gauss(12.3, 2.4), 7.6), 19.5)
            moment = wheel.turn(chance).replace(hour=0, minute=0) + timedelta(seconds=int(hour * 3600))
            if moment < self.now:
                moments.append(moment.astimezone(self.now.tzinfo))
            elif today.hour < 9:
                moments.append((moment - timedelta(days=1)).astimezone(self.now.tzinfo))
        return moments

    def _tell(self, histories: Histories, story: Story) -> tuple[dict[str, int], int]:
        """Tell the year and the story in the order of time.

        How many referrals stand in each state, and the serial of the last number. Asks the database nothing.
        """
        told = story.recipes()[: self.referrals]
        plenty = self._moments()[len(told) :]
        drafts = sorted([*((at, Recipe()) for at in plenty), *told], key=lambda pair: pair[0])
        code, zone = self.facts.about["cluster"]["code"], ZoneInfo(self.facts.time_zone)
        states: Counter[str] = Counter()
        serial = 0
        for at, recipe in drafts:
            serial, number = next(numbers(code, at.astimezone(zone).year, first=serial + 1))
            states[histories.tell(at, number, recipe).state] += 1
        return dict(states), serial

    @staticmethod
    def _waits(waits: dict[str, list[int]]) -> None:
        """The usual wait of each service that had visits enough."""
        known = [
            Service(pk=key, median_wait_days=int(median(days)))
            for key, days in waits.items()
            if len(days) >= 5
        ]
        Service.objects.bulk_update(known, ["median_wait_days"], batch_size=500)
