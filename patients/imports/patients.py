"""Patients from a table: a clinic brings the people whom its own system knows.

A row is somebody on record where an identifier or the clinic's own number says so, and never because a name looks
alike: then it is asked.
"""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cluster_portal.audit.services import record_accesses
from cluster_portal.common import identifiers
from cluster_portal.common.errors import Invalid
from cluster_portal.imports.base import Answers, Import, Session, register
from cluster_portal.imports.reading.cells import shown
from cluster_portal.imports.states import Answer, Verdict
from patients.errors import PatientExists
from patients.imports.columns import ADDRESS, COLUMNS, title
from patients.imports.plans import Plan, Seen
from patients.imports.words import address
from patients.models import Patient, PatientNumber
from patients.policies import STAFF, patient_policy
from patients.selectors.dictionaries import clinics_by_words
from patients.selectors.matches import (
    PERSONAL,
    OnRecord,
    likeness,
    look_alikes,
    numbers_of,
    patients_on_record,
    trigrams,
)
from patients.selectors.patients import SIMILAR
from patients.selectors.search import fold
from patients.services.intake import register_many, update_many
from patients.services.patients import fill_record, today_of

if TYPE_CHECKING:
    import uuid
    from collections.abc import Sequence

    from cluster_portal.common.actor import Actor
    from cluster_portal.imports.base import Row

#: What recognises a person: the identifiers, and the number in the organisation's own system.
KEYS = (*PERSONAL, "number")
#: A person keeps these for life: another one is another person, or a mistake.
LIFELONG = ("snils", "iin")
#: With so many people born on one day in a file, names are compared: beyond it the day is a stand-in for none.
MOST_BORN = 200


@register
class Patients(Import):
    """Those whom a clinic treats."""

    code = "patients.patients"
    title = gettext_lazy("Patients")
    description = gettext_lazy(
        "Patients from your own system: new ones are registered for your organisation, known ones brought up to date."
    )
    notes = (
        gettext_lazy(
            "Patients are recognised by СНИЛС, the OMS policy, ИИН or the number in your system, never by name alone."
        ),
        gettext_lazy("Empty cells change nothing: what is on record stays."),
        gettext_lazy(
            "Somebody with a similar name who was born on the same day is shown to you, and you decide."
        ),
        gettext_lazy("The same file taken in twice changes nothing the second time."),
    )
    roles = STAFF
    scope = "patients"
    back = "patients:list"
    columns = COLUMNS

    def session(self, actor: Actor, *, writes: bool, answers: Answers) -> Session:
        return _Session(actor, writes=writes, answers=answers)

    def lacking(self, mapped: set[str]) -> list[str]:
        lacks = super().lacking(mapped)
        if "full_name" not in mapped and not {"family", "given"} <= mapped:
            lacks.insert(0, _("The name is needed: surname and given name, or the full name in one column."))
        return lacks


class _Session(Session):
    def __init__(self, actor: Actor, *, writes: bool, answers: Answers) -> None:
        super().__init__(actor, writes=writes, answers=answers)
        self.today = today_of(actor)
        self.seen = Seen()
        self.clinics = clinics_by_words()
        #: Records made by this very file: they are not asked about.
        self.made: set[uuid.UUID] = set()

    def plan(self, rows: Sequence[Row]) -> None:
        for row in rows:
            row.plan = self._understand(row)
        judged = [row for row in rows if row.verdict is None]
        wanted = {key: {row.plan.keys[key] for row in judged if key in row.plan.keys} for key in KEYS}
        found = patients_on_record(self.actor, wanted, lock=self.writes)
        on_record = found.patients
        open_ones = set(
            patient_policy.queryset(self.actor, "update").filter(pk__in=on_record).values_list("pk", flat=True)
        ) if on_record else set()  # fmt: skip
        numbers = numbers_of(self.actor.organization_id, open_ones) if open_ones else {}
        met = []
        for row in judged:
            key, twin = self._recognise(row, found)
            if row.verdict is None and twin is not None:
                self._compare(
                    row, key, twin, is_open=twin.pk in open_ones, numbers=numbers.get(twin.pk, set())
                )
                met.append(twin.pk)
            elif row.verdict is None:
                self._register(row)
        self._ask_about_look_alikes([row for row in judged if row.verdict == Verdict.NEW])
        if met and not self.writes:
            self._journal(set(met) & open_ones)

    def write(self, rows: Sequence[Row]) -> None:
        new = [row.plan for row in rows if row.verdict == Verdict.NEW]
        changed = [row.plan for row in rows if row.verdict == Verdict.CHANGED]
        register_many(self.actor, patients=[plan.patient for plan in new], numbers=self._numbers(new))
        update_many(self.actor, patients=[plan.patient for plan in changed], numbers=self._numbers(changed))
        self.made.update(plan.patient.pk for plan in new)

    def _numbers(self, plans: Sequence[Plan]) -> list[PatientNumber]:
        return [
            PatientNumber(
                patient_id=plan.patient.pk, organization_id=self.actor.organization_id, number=plan.number
            )
            for plan in plans
            if plan.number
        ]

    def _understand(self, row: Row) -> Plan:
        """The row in the words of the record; what cannot be is refused at its column."""
        data = dict(row.values)
        keys = {key: data[key] for key in KEYS if key in data}
        data.pop("number", None)
        for name in PERSONAL:
            if name in keys:
                keys[name] = identifiers.normalize(keys[name])
        if full := data.pop("full_name", ""):
            data = dict(zip(("family", "given", "patronymic"), full.split(maxsplit=2), strict=False)) | data
        for name in ("family", "given"):
            if name not in data and not any(found.column in (name, "full_name") for found in row.findings):
                whole = _("Write the surname and the given name.") if full else _("This has to be filled in.")
                row.refuse(whole, "full_name" if full else name, full)
        if "home_clinic" in data:
            self._find_clinic(row, data)
        line = data.pop("residence", None)
        parts = {key: data.pop(f"residence_{key}") for key in ADDRESS if f"residence_{key}" in data}
        if line is not None or parts:
            data["residence"] = (address(line) if line else {}, parts)
        self._refuse_repeated(row, keys)
        return Plan(data, {key: value for key, value in keys.items() if value})

    def _find_clinic(self, row: Row, data: dict[str, Any]) -> None:
        written = data.pop("home_clinic")
        clinic = self.clinics.get(fold(written))
        if clinic is None:
            row.refuse(_("No clinic of the cluster is called so."), "home_clinic", written)
        else:
            data["home_clinic"] = clinic

    def _refuse_repeated(self, row: Row, keys: dict[str, str]) -> None:
        """Two rows with one identifier: the second is refused, whatever it says."""
        for name, value in keys.items():
            if not value:
                continue
            line = self.seen.keys.setdefault((name, value), row.line)
            if line != row.line:
                row.refuse(
                    _("The same stands in line %(line)s of the file.") % {"line": line},
                    name,
                    row.values[name],
                )

    def _recognise(self, row: Row, found: OnRecord) -> tuple[str, Patient | None]:
        """Whoever the row's identifiers name, and by which of them; refused where they name several people."""
        named = {key: found.find(key, value) for key, value in row.plan.keys.items()}
        columns = [key for key, patient in named.items() if patient is not None]
        if len({named[key].pk for key in columns}) > 1:
            text = _("These belong to different people on record: %(columns)s.") % {
                "columns": ", ".join(title(column) for column in columns)
            }
            row.refuse(text, columns[0], row.values[columns[0]])
            return columns[0], None
        return (columns[0], named[columns[0]]) if columns else ("", None)

    def _compare(self, row: Row, key: str, twin: Patient, *, is_open: bool, numbers: set[str]) -> None:
        """Bring somebody on record up to date, or say why not."""
        if not is_open:
            row.refuse(PatientExists.title, key, row.values[key])
            return
        line = self.seen.patients.setdefault(twin.pk, row.line)
        if line != row.line:
            row.refuse(
                _("Line %(line)s of the file is the same patient.") % {"line": line}, key, row.values[key]
            )
            return
        if self._is_somebody_else(row, twin):
            row.refuse(
                _("On record this belongs to somebody with another name and birth date."),
                key,
                row.values[key],
            )
            return
        for name in LIFELONG:
            known, says = getattr(twin, name), row.plan.keys.get(name)
            if known and says and known != says:
                row.refuse(_("On record this patient has another number."), name, row.values[name])
                return
        self._fill(row, twin, numbers)

    @staticmethod
    def _is_somebody_else(row: Row, twin: Patient) -> bool:
        data = row.plan.data
        if data.get("birth_date") == twin.birth_date or fold(data["family"]) == fold(twin.family):
            return False
        says = " ".join(data.get(name, "") for name in ("family", "given", "patronymic"))
        return likeness(trigrams(fold(says)), trigrams(fold(twin.full_name))) < SIMILAR

    def _fill(self, row: Row, twin: Patient, numbers: set[str]) -> None:
        """Write the row onto a copy of the record; its verdict is whether that changes anything."""
        patient = copy(twin)
        if not self._write_onto(row, patient):
            return
        number = row.plan.keys.get("number", "")
        row.plan.patient, row.plan.number = patient, "" if number in numbers else number
        changed = any(getattr(patient, name) != getattr(twin, name) for name in row.plan.data)
        row.verdict = Verdict.CHANGED if changed or row.plan.number else Verdict.UNCHANGED
        patient.updated_at = timezone.now()

    def _register(self, row: Row) -> None:
        patient = Patient(registered_by_id=self.actor.organization_id)
        if self._write_onto(row, patient):
            row.plan.patient, row.plan.number = patient, row.plan.keys.get("number", "")
            row.plan.name = fold(patient.full_name)
            row.verdict = Verdict.NEW

    def _write_onto(self, row: Row, patient: Patient) -> bool:
        """Fill the record by the rules of the form; False where they refuse."""
        data = dict(row.plan.data)
        if "residence" in data:
            whole, parts = data["residence"]
            data["residence"] = (whole or patient.residence or {}) | parts
        try:
            fill_record(patient, data, self.today, trusted=("home_clinic",))
        except Invalid as error:
            for name, texts in error.errors.items():
                row.refuse(" ".join(str(text) for text in texts), name, row.values.get(name, ""))
            return False
        return True

    def _ask_about_look_alikes(self, rows: Sequence[Row]) -> None:
        """Rows that would make a new record of somebody who may be there: on record, or above in the file."""
        alike = look_alikes([row.plan.patient for row in rows])
        ids = {pk for found in alike.values() for pk in found} - self.made
        known = Patient.objects.in_bulk(ids) if ids else {}
        open_ones = set(
            patient_policy.queryset(self.actor, "update").filter(pk__in=ids).values_list("pk", flat=True)
        ) if ids else set()  # fmt: skip
        numbers = numbers_of(self.actor.organization_id, open_ones) if open_ones else {}
        looked_at: set[uuid.UUID] = set()
        for n, row in enumerate(rows):
            twins = [
                known[pk]
                for pk in alike.get(n, ())
                if pk in known and self._may_be(row.plan.patient, known[pk])
            ]
            visible = [twin for twin in twins if twin.pk in open_ones]
            above = self._above(row)
            if twins and self._says_nothing_new(row, visible, numbers):
                continue
            if twins or above:
                self._ask(row, visible, len(twins) - len(visible), above, numbers)
                looked_at.update(twin.pk for twin in visible)
        if looked_at and not self.writes:
            self._journal(looked_at)

    def _journal(self, looked_at: set[uuid.UUID]) -> None:
        record_accesses(self.actor, [("patient", pk) for pk in sorted(looked_at)], purpose="import")

    @staticmethod
    def _may_be(patient: Patient, twin: Patient) -> bool:
        """Not where both have numbers for life that differ: those are two people, however alike."""
        return not any(
            getattr(patient, name) and getattr(twin, name) and getattr(patient, name) != getattr(twin, name)
            for name in LIFELONG
        )

    def _above(self, row: Row) -> list[int]:
        """Lines above of people with nearly this name, born on this day."""
        plan = row.plan
        born = self.seen.born.setdefault(plan.patient.birth_date, [])
        own = plan.patient.snils
        lines = [
            line
            for name, line, snils in born
            if not (own and snils and own != snils)
            and likeness(trigrams(name), trigrams(plan.name)) >= SIMILAR
        ]
        if len(born) < MOST_BORN:
            born.append((plan.name, row.line, own))
        return lines

    def _says_nothing_new(
        self, row: Row, visible: Sequence[Patient], numbers: dict[uuid.UUID, set[str]]
    ) -> bool:
        """Whether the row says word for word what a record says: then there is nothing to take in, nor to ask."""
        for twin in visible:
            if fold(twin.full_name) != fold(row.plan.patient.full_name) or twin.pk in self.seen.patients:
                continue
            probe = copy(row)
            probe.plan, probe.verdict, probe.findings = copy(row.plan), None, []
            self._fill(probe, twin, numbers.get(twin.pk, set()))
            if probe.verdict == Verdict.UNCHANGED:
                row.verdict = Verdict.UNCHANGED
                self.seen.patients[twin.pk] = row.line
                return True
        return False

    def _ask(
        self,
        row: Row,
        visible: Sequence[Patient],
        hidden: int,
        above: list[int],
        numbers: dict[uuid.UUID, set[str]],
    ) -> None:
        """Ask, or do what was answered."""
        answer = self.answers.of(row.line)
        if answer == Answer.SKIP:
            row.verdict = Verdict.SKIPPED
            return
        if answer == Answer.NEW:
            return
        chosen = next((twin for twin in visible if str(twin.pk) == answer), None)
        if chosen is not None:
            row.verdict = None
            line = self.seen.patients.setdefault(chosen.pk, row.line)
            if line != row.line:
                row.refuse(_("Line %(line)s of the file is the same patient.") % {"line": line})
            else:
                self._fill(row, chosen, numbers.get(chosen.pk, set()))
            return
        texts = []
        if visible or hidden:
            texts.append(_("Somebody with a similar name who was born on this day is registered."))
        if hidden and not visible:
            texts.append(_("The record is not open to your organisation."))
        if above:
            lines = ", ".join(str(line) for line in above[:5])
            texts.append(_("Similar lines of the file: %(lines)s.") % {"lines": lines})
        choices = [(str(twin.pk), _("The same person: %(who)s") % {"who": _who(twin)}) for twin in visible]
        person = row.plan.patient
        row.ask(" ".join(texts), choices, value=f"{person.full_name[:80]}, {shown(person.birth_date)}")


def _who(patient: Patient) -> str:
    """As a list names somebody."""
    masked = identifiers.mask(patient.snils)
    return f"{patient.full_name}, СНИЛС {masked}" if masked else patient.full_name
