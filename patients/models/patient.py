"""Patients, their consents, and which organisation may see whom."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clinics.models import Clinic, Organization
from cluster_portal.audit.triggers import Journal
from cluster_portal.common import identifiers
from cluster_portal.common.models import TimeStamped, UUIDModel
from cluster_portal.common.people import Named
from patients.states import ConsentKind, Employment, LinkKind, LocalityKind, Sex


class OfLivingRecord(pgtrigger.Trigger):
    """For tables of which each row is a patient's: none is written for a record that was merged into another one.

    It waits for a merge that is under way, as the foreign key's own look at the patient does; so whoever began before
    the merge and writes after it is refused, instead of leaving the row with a record that nobody reads.
    """

    name = "of_living_record"
    when = pgtrigger.Before
    operation = pgtrigger.Insert | pgtrigger.UpdateOf("patient_id")
    body = """
        PERFORM 1 FROM patients_patient WHERE id = NEW.patient_id AND merged_into_id IS NULL FOR KEY SHARE;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'the record was merged into another one'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'patient_not_merged';
        END IF;
        RETURN NEW;
    """

    def __init__(self, **kwargs) -> None:
        super().__init__(func=self.body, **kwargs)


class Patient(Named, UUIDModel, TimeStamped):
    """A person whom clinics treat (FHIR Patient).

    Identifiers are stored as digits. Addresses are structured as form 057/у asks: keys subject, district, locality,
    street, house, building, flat. `name_words` and `sort_name` are written by the database for search and order.
    `merged_into` is the record that took this one's place: lists leave this one out, its address leads there.
    """

    family = models.CharField(_("surname"), max_length=100)
    given = models.CharField(_("given name"), max_length=100)
    patronymic = models.CharField(_("patronymic"), max_length=100, blank=True)
    birth_date = models.DateField(_("birth date"))
    sex = models.CharField(_("sex"), max_length=1, choices=Sex)
    snils = models.CharField("СНИЛС", max_length=11, blank=True, validators=[identifiers.validate_snils])
    enp = models.CharField(_("OMS policy"), max_length=16, blank=True, validators=[identifiers.validate_enp])
    policy_insurer = models.CharField(_("insurer"), max_length=200, blank=True)
    policy_issued_on = models.DateField(_("policy issued on"), null=True, blank=True)
    dms_policy = models.CharField(_("voluntary policy"), max_length=60, blank=True)
    iin = models.CharField("ИИН", max_length=12, blank=True, validators=[identifiers.validate_iin])
    document_type = models.CharField(_("document"), max_length=60, blank=True)
    document_number = models.CharField(_("number of the document"), max_length=60, blank=True)
    document_country = models.CharField(_("country of the document"), max_length=2, blank=True)
    phone = models.CharField(
        _("phone"), max_length=20, blank=True,
        validators=[RegexValidator(r"^\+?[\d\s()\-]{5,20}$", _("A phone number has digits, spaces and dashes."))],
    )  # fmt: skip
    email = models.EmailField(_("e-mail"), blank=True)
    residence = models.JSONField(_("residence"), default=dict, blank=True)
    stay = models.JSONField(_("place of stay"), default=dict, blank=True)
    locality_kind = models.CharField(_("locality"), max_length=1, choices=LocalityKind, blank=True)
    employment = models.CharField(_("employment"), max_length=1, choices=Employment, blank=True)
    benefit_code = models.CharField(_("benefit code"), max_length=10, blank=True)
    language = models.CharField(_("preferred language"), max_length=3, default="ru")
    allergies = models.CharField(_("allergies"), max_length=300, blank=True)
    home_clinic = models.ForeignKey(
        Clinic, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("home clinic")
    )
    registered_by = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")
    is_generated = models.BooleanField(_("generated for the demo"), default=False)
    sort_name = models.GeneratedField(
        expression=models.Func(
            models.F("family"), models.F("given"), models.F("patronymic"),
            template="translate(lower(%(expressions)s), 'ё', 'е')",
            arg_joiner=" || ' ' || ",
            output_field=models.TextField(),
        ),
        output_field=models.TextField(db_collation="C"),
        db_persist=True,
    )  # fmt: skip
    name_words = models.GeneratedField(
        expression=models.Func(
            models.F("family"), models.F("given"), models.F("patronymic"),
            template="string_to_array(translate(lower(%(expressions)s), 'ё-', 'е '), ' ')",
            arg_joiner=" || ' ' || ",
            output_field=ArrayField(models.TextField()),
        ),
        output_field=ArrayField(models.TextField()),
        db_persist=True,
    )  # fmt: skip

    class Meta:
        verbose_name = _("patient")
        verbose_name_plural = _("patients")
        constraints = [
            models.UniqueConstraint(fields=["snils"], condition=~Q(snils=""), name="patient_snils_unique"),
            models.UniqueConstraint(fields=["enp"], condition=~Q(enp=""), name="patient_enp_unique"),
            models.UniqueConstraint(fields=["iin"], condition=~Q(iin=""), name="patient_iin_unique"),
        ]
        indexes = [
            GinIndex(fields=["name_words"], name="patient_words"),
            models.Index(OpClass("sort_name", name="text_ops"), "id", name="patient_sort"),
            models.Index(fields=["birth_date"], name="patient_birth"),
        ]
        triggers = [
            Journal(),
            pgtrigger.Trigger(
                name="name_words",
                when=pgtrigger.After,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("family", "given", "patronymic"),
                func="""
                    INSERT INTO patients_nameword (word)
                    SELECT unnest(NEW.name_words) ON CONFLICT DO NOTHING;
                    RETURN NULL;
                """,
            ),
        ]

    def __str__(self) -> str:
        return self.full_name


class NameWord(models.Model):
    """Every distinct word of a patient's name: typing errors are corrected here, not among a million patients.

    Written by a trigger of the patients' table; words are never taken back.
    """

    word = models.TextField(primary_key=True, db_collation="C")

    class Meta:
        indexes = [GinIndex(OpClass("word", name="gin_trgm_ops"), name="nameword_trigrams")]

    def __str__(self) -> str:
        return self.word


class PatientLink(models.Model):
    """An organisation may see a patient, and why; `until` bounds an emergency access."""

    id = models.BigAutoField(primary_key=True)
    patient = models.ForeignKey(Patient, models.CASCADE, related_name="links")
    organization = models.ForeignKey(Organization, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=10, choices=LinkKind)
    since = models.DateTimeField(auto_now_add=True)
    until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "patient", "kind"], name="patient_link_unique")
        ]
        triggers = [Journal()]

    def __str__(self) -> str:
        return f"{self.organization_id} {self.kind} {self.patient_id}"


class PatientNumber(models.Model):
    """The number under which an organisation's own system knows a patient."""

    id = models.BigAutoField(primary_key=True)
    patient = models.ForeignKey(Patient, models.CASCADE, related_name="numbers")
    organization = models.ForeignKey(Organization, models.CASCADE, related_name="+")
    number = models.CharField(_("own number"), max_length=60)

    class Meta:
        verbose_name = _("own number of a patient")
        verbose_name_plural = _("own numbers of patients")
        constraints = [
            models.UniqueConstraint(fields=["organization", "number"], name="patient_number_unique")
        ]
        triggers = [Journal(), OfLivingRecord()]

    def __str__(self) -> str:
        return self.number


class Consent(UUIDModel, TimeStamped):
    """What a patient agreed to, when, and on what paper."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="consents")
    kind = models.CharField(_("consent to"), max_length=12, choices=ConsentKind)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    country = models.CharField(_("country of the recipient"), max_length=2, blank=True)
    given_on = models.DateField(_("given on"))
    paper = models.CharField(_("paper"), max_length=200, blank=True)
    withdrawn_on = models.DateField(_("withdrawn on"), null=True, blank=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        indexes = [models.Index(fields=["patient", "kind"], name="consent_patient")]
        triggers = [Journal(), OfLivingRecord()]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.given_on}"
