"""Members, sites, licences, services and people of a demo cluster, from its facts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from clinics.models import Clinic, Cluster, ClusterTarget, Licence, Organization, Service, ServiceType
from clinics.states import BookingMode, ClinicStatus, Jurisdiction, LicenceStatus, Payment, ServiceMode
from cluster_portal.demo import identifiers
from cluster_portal.demo.dictionaries import care_types
from cluster_portal.demo.wording import address, in_three

if TYPE_CHECKING:
    from cluster_portal.demo.chance import Chance
    from cluster_portal.demo.facts import Facts, Town

LANGUAGES = ("ru", "en", "kk")
HOURS = {
    "day": dict.fromkeys(range(1, 6), ("08:00", "18:00")),
    "ext": dict.fromkeys(range(1, 6), ("08:00", "20:00")) | {6: ("09:00", "15:00")},
    "shop": dict.fromkeys(range(1, 7), ("08:00", "21:00")) | {7: ("09:00", "18:00")},
    "round": dict.fromkeys(range(1, 8), ("00:00", "23:59")),
}
ZONES = {
    "KR": "Asia/Seoul",
    "JP": "Asia/Tokyo",
    "IL": "Asia/Jerusalem",
    "TR": "Europe/Istanbul",
    "NL": "Europe/Amsterdam",
}
DIALLING = {"KR": "+82 2", "JP": "+81 11", "IL": "+972 3", "TR": "+90 212"}
AUTHORITIES = {
    "KR": "Ministry of Health and Welfare, Republic of Korea",
    "JP": "Ministry of Health, Labour and Welfare, Japan",
    "IL": "Ministry of Health, Israel",
    "TR": "Ministry of Health, Türkiye",
    "DE": "Land Nordrhein-Westfalen, Deutschland",
}
PRICES = {"specialist": 2400, "diagnostic": 2100, "tomography": 6800, "inpatient": 46000, "high_tech": 265000}
WOMEN = frozenset(
    ["gynaecologist", "mammography", "ultrasound-pregnancy", "antenatal-classes", "pregnancy-admission"]
)  # fmt: skip
CHILDREN = frozenset(
    ["paediatrician", "paediatric-cardiologist", "paediatric-surgeon", "paediatric-rehabilitation"]
)
MODES = {"t": ServiceMode.TELEMEDICINE, "i": ServiceMode.INPATIENT, "s": ServiceMode.SANATORIUM}


@dataclass(slots=True, eq=False)
class Member:
    """An organisation, as far as the generators need it."""

    id: str
    key: str
    name: str
    ownership: str
    country: str


@dataclass(slots=True, eq=False)
class Site:
    """A clinic, as far as the generators need it. `licences` maps a specialty to its first and last valid day."""

    id: str
    key: str
    member: Member
    name: str
    type: str
    level: int
    country: str
    zone: ZoneInfo
    town: Town
    is_open: bool
    hours: str
    languages: list[str]
    licences: dict[str, tuple[date, date | None]] = field(default_factory=dict)
    offers: list[Offer] = field(default_factory=list)

    @property
    def is_far(self) -> bool:
        """Whether the site is abroad: patients reach it by video only."""
        return self.country != self.member.country or self.country not in ("RU", "KZ")


@dataclass(slots=True, eq=False)
class Offer:
    """A service of a site, as far as the generators need it. `plans` are the schedules behind it."""

    id: str
    site: Site
    type: str
    specialty: str
    care_type: str
    mode: str
    triage: bool
    minutes: int
    payments: list[str]
    ages: tuple[int, int]
    sex: str
    plans: list[Any] = field(default_factory=list)

    def fits(self, age: int, sex: str) -> bool:
        return self.ages[0] <= age <= self.ages[1] and self.sex in ("", sex)

    def licensed(self, day: date) -> bool:
        """Whether a licence of the site covers the service that day."""
        first, last = self.site.licences.get(self.specialty, (None, None))
        return first is not None and first <= day and (last is None or day <= last)


class Registry:
    """Writes the registry and keeps what the other generators ask of it."""

    def __init__(self, facts: Facts, chance: Chance, now: datetime) -> None:
        self.facts, self.chance, self.now = facts, chance, now
        self.today = now.astimezone(ZoneInfo(facts.time_zone)).date()
        self.members: dict[str, Member] = {}
        self.sites: dict[str, Site] = {}
        self.offers: list[Offer] = []
        self._moment = now - timedelta(days=420)

    def key(self) -> str:
        """A key in the order of its making."""
        self._moment += timedelta(milliseconds=10)
        return self.chance.key(self._moment)

    def build(self) -> None:
        """Write cluster, targets, members, sites, licences and services."""
        self._cluster()
        self._members()
        self._sites()
        self._services()

    def _cluster(self) -> None:
        Cluster(pk=1, is_demo=True, **self.facts.about["cluster"]).save(force_insert=True)
        ClusterTarget.objects.bulk_create(
            ClusterTarget(position=position, **target)
            for position, target in enumerate(self.facts.about["targets"])
        )

    def _members(self) -> None:
        rows = []
        region = self.facts.about["enp_region"] or "00"
        for serial, row in enumerate(self.facts.organizations):
            member = Member(self.key(), row["key"], row["short_ru"], row["ownership"], row["country"])
            self.members[member.key] = member
            numbers: dict[str, str] = {}
            if member.country == "RU":
                numbers = {"inn": identifiers.inn(serial, region), "ogrn": identifiers.ogrn(serial, region)}
            elif member.country == "KZ":
                numbers = {
                    "bin": identifiers.kazakh_bin(serial + 17, date(1996 + serial % 25, 1 + serial % 12, 1))
                }
            else:
                numbers = {"foreign_number": f"{member.country}-{2010 + serial % 12}-{31000 + serial * 37}"}
            candidate = row["role"] == "financial_partner"
            rows.append(
                Organization(
                    id=UUID(member.id),
                    **{f"name_{language}": row[f"name_{language}"] for language in LANGUAGES},
                    **{f"short_name_{language}": row[f"short_{language}"] for language in LANGUAGES},
                    ownership=member.ownership,
                    sector=row["sector"],
                    country=member.country,
                    cluster_role=row["role"],
                    status="candidate" if candidate else "member",
                    joined_on=None if candidate else self.today - timedelta(days=500 + 37 * serial % 700),
                    email=f"{member.key}@demo.example",
                    is_demo=row["demo"] == "1",
                    **numbers,
                )
            )
        Organization.objects.bulk_create(rows)

    def _sites(self) -> None:
        rows, licences = [], []
        for serial, row in enumerate(self.facts.clinics):
            member, town = self.members[row["org"]], self.facts.towns[row["town"]]
            abroad = not town.weight
            country = member.country if abroad else self.facts.country
            zone = ZONES[country] if abroad else self.facts.time_zone
            organization = next(o for o in self.facts.organizations if o["key"] == row["org"])
            site = Site(
                id=self.key(), key=row["key"], member=member, name=row["name_ru"] or organization["short_ru"],
                type=row["type"], level=int(row["level"]), country=country, zone=ZoneInfo(zone), town=town,
                is_open=row["status"] == ClinicStatus.OPEN, hours=row["hours"],
                languages=row["languages"].split(","),
            )  # fmt: skip
            self.sites[site.key] = site
            rows.append(self._clinic(row, organization, site, serial))
            licences += self._licences(site, self._specs(row), serial)
        Clinic.objects.bulk_create(rows)
        Licence.objects.bulk_create(licences)

    def _clinic(self, row: dict[str, str], organization: dict[str, str], site: Site, serial: int) -> Clinic:
        names = {f"name_{lang}": row[f"name_{lang}"] or organization[f"name_{lang}"] for lang in LANGUAGES}
        short = {
            f"short_name_{lang}": row[f"name_{lang}"] or organization[f"short_{lang}"] for lang in LANGUAGES
        }
        code = self.facts.about["phone_code"]
        phone = DIALLING.get(site.country, f"+7 {code}")
        number = 10 + serial
        where = address(row["address"], site.town.names)
        return Clinic(
            id=UUID(site.id), organization_id=UUID(site.member.id), **names, **short, type=site.type, level=site.level,
            **self._description(row, site),
            **{f"address_{lang}": where[lang][:300] for lang in LANGUAGES},
            **{f"city_{lang}": site.town.names[lang] for lang in LANGUAGES},
            country=site.country, lat=float(row["lat"]), lon=float(row["lon"]), time_zone=site.zone.key,
            opening_hours={str(day): list(times) for day, times in HOURS[row["hours"]].items()},
            languages=site.languages, interpreters=[i for i in row["interpreters"].split(",") if i],
            phone=f"{phone} {'0' * (7 - len(code))}-{number % 100:02}-{(number * 7) % 100:02}" if not site.is_far
            else f"{phone} 000 {1000 + number}",
            email=f"{site.key}@demo.example",
            wheelchair=row["wheelchair"] == "1", beds=int(row["beds"]), status=row["status"],
            opened_on=self._opened(row, serial) if site.is_open else None,
            planned_for=row["planned"], is_programme=row["programme"] == "1", is_demo=row["demo"] == "1",
        )  # fmt: skip

    def _opened(self, row: dict[str, str], serial: int) -> date:
        """An invented day; what the programme built opened after it was promised."""
        promised = [one for one in self.facts.about["targets"] if one["code"] == "facilities"]
        if row["programme"] != "1" or not promised:
            return self.today - timedelta(days=900 + 53 * serial % 9000)
        begin = date.fromisoformat(promised[0]["source_date"]) + timedelta(days=150)
        return begin + timedelta(days=(self.today - begin).days * (serial * 37 % 100) // 104)

    def _description(self, row: dict[str, str], site: Site) -> dict[str, str]:
        if row["description_ru"]:
            return {f"description_{lang}": row[f"description_{lang}"] for lang in LANGUAGES}
        texts = self.facts.texts["descriptions"]
        kind = site.type if site.type in texts else "other"
        if "@crb" in row["services"] or "@small" in row["services"]:
            kind = "crb" if site.level == 2 and site.type == "hospital" else kind
        town = site.town
        return in_three(
            texts[kind], "description", of_ru=town.of_ru, city_en=town.names["en"], city_kk=town.names["kk"]
        )

    def _specs(self, row: dict[str, str]) -> list[str]:
        """The site's services as written, `code` or `code:mode`, with profiles put in."""
        specs: dict[str, None] = {}
        for word in row["services"].split():
            specs |= dict.fromkeys(self.facts.profiles[word[1:]] if word.startswith("@") else [word])
        return list(specs)

    def _licences(self, site: Site, specs: list[str], serial: int) -> list[Licence]:
        """One licence for everything, and those that `cluster.json` singles out: lapsing, lapsed, suspended."""
        of_type = self._types
        activities = sorted({of_type[spec.split(":")[0]].specialty_id for spec in specs})
        apart = {special: when for key, special, when in self.facts.about["licences"] if key == site.key}
        since = self.today - timedelta(days=800 + 41 * serial % 1500)
        made = []

        def grant(
            number: int, covered: list[str], last: date | None, status: str = LicenceStatus.ACTIVE
        ) -> None:
            abroad = site.member.ownership == "foreign"
            prefix = self.facts.about["licence_prefix"]
            made.append(
                Licence(
                    id=UUID(self.key()), clinic_id=UUID(site.id),
                    number=f"{site.member.country}-{since.year}-{3100 + serial}/{number}" if abroad
                    else f"{prefix}/{350000 + serial * 10 + number:08}",
                    authority=AUTHORITIES[site.member.country] if abroad else self.facts.about["licence_authority"],
                    jurisdiction=Jurisdiction.FOREIGN if abroad else Jurisdiction.NATIONAL,
                    country=site.member.country, activities=covered, valid_from=since, valid_to=last, status=status,
                    suspended_from=self.today - timedelta(days=9) if status == LicenceStatus.SUSPENDED else None,
                )
            )  # fmt: skip
            if status == LicenceStatus.ACTIVE:
                site.licences |= dict.fromkeys(covered, (since, last))

        def ends(when: int | str) -> tuple[date | None, str]:
            if isinstance(when, str):
                return None, when
            return self.today + timedelta(days=when), LicenceStatus.ACTIVE

        if not activities:
            return made
        whole = [a for a in activities if a not in apart]
        if "" in apart:
            grant(1, whole, *ends(apart[""]))
        elif site.member.ownership == "state":
            grant(1, whole, None)
        else:
            grant(1, whole, self.today + timedelta(days=260 + 97 * serial % 1400))
        for number, (special, when) in enumerate(sorted((s, w) for s, w in apart.items() if s), start=2):
            grant(number, [special], *ends(when))
        return made

    @property
    def _types(self) -> dict[str, ServiceType]:
        if not hasattr(self, "_type_cache"):
            self._type_cache = {t.code: t for t in ServiceType.objects.all()}
        return self._type_cache

    def _services(self) -> None:
        kinds = care_types()
        rows = []
        for row in self.facts.clinics:
            site = self.sites[row["key"]]
            for spec in self._specs(row):
                code, _colon, mode = spec.partition(":")
                offer = self._offer(site, self._types[code], kinds[code], mode)
                site.offers.append(offer)
                self.offers.append(offer)
                rows.append(self._service(offer))
        Service.objects.bulk_create(rows)

    def _offer(self, site: Site, kind: ServiceType, care: str, mode: str) -> Offer:
        inpatient = care in ("inpatient", "high_tech") and kind.code not in ("chemotherapy", "haemodialysis")
        if not mode and kind.code == "sanatorium":
            mode = "s"
        foreign = site.member.ownership == "foreign"
        triage = inpatient or foreign or kind.direction == "scientific"
        triage = triage or (
            site.level == 3 and care in ("specialist", "tomography") and kind.direction == "clinical"
        )
        if foreign:
            payments = [Payment.PAID, Payment.DMS, Payment.INTERGOVERNMENTAL]
        elif site.member.ownership == "private":
            payments = [
                Payment.PAID,
                Payment.DMS,
                *([Payment.OMS] if care in ("tomography", "rehabilitation") else []),
            ]
            payments += [Payment.OMS] if kind.code in ("haemodialysis", "cataract-surgery") else []
        else:
            payments = [Payment.OMS, *([Payment.VMP] if care == "high_tech" else [])]
            payments += [Payment.PAID] if site.level > 1 and mode != "t" else []
        return Offer(
            id=self.key(), site=site, type=kind.code, specialty=kind.specialty_id, care_type=care,
            mode=MODES.get(mode) or (ServiceMode.INPATIENT if inpatient else ServiceMode.VISIT), triage=triage,
            minutes=kind.duration_minutes, payments=payments, ages=_ages(site, kind),
            sex="f" if kind.code in WOMEN else "",
        )  # fmt: skip

    def _service(self, offer: Offer) -> Service:
        texts = self.facts.texts
        mode = offer.mode if offer.mode in texts["documents"] else "visit"
        preparation = texts["preparation"].get(offer.type)
        return Service(
            id=UUID(offer.id), clinic_id=UUID(offer.site.id), service_type_id=offer.type, payments=offer.payments,
            mode=offer.mode, booking_mode=BookingMode.TRIAGE if offer.triage else BookingMode.DIRECT,
            age_min=offer.ages[0], age_max=offer.ages[1], sex=offer.sex, price=self._price(offer),
            **in_three(texts["documents"][mode], "documents"),
            **(in_three(preparation, "preparation") if preparation else {}),
        )  # fmt: skip

    def _price(self, offer: Offer) -> int | None:
        if Payment.PAID not in offer.payments:
            return None
        base = PRICES.get(offer.care_type, 3200)
        factor = {"foreign": 2.4, "private": 1.25}.get(offer.site.member.ownership, 1.0)
        factor *= 6 if self.facts.country == "KZ" else 1
        return round(base * factor * self.chance.uniform(0.8, 1.3) / 50) * 50


def _ages(site: Site, kind: ServiceType) -> tuple[int, int]:
    """Whom a service is for: big hospitals and town clinics leave children to the children's ones."""
    if site.type == "children" or kind.code in CHILDREN:
        return 0, 17
    for_all = site.type in ("dispensary", "maternity", "laboratory") and kind.specialty_id != "oncology"
    adults = not for_all and (site.level == 3 or site.type == "polyclinic")
    return (18 if adults else 14 if kind.code in WOMEN else 0), 130
