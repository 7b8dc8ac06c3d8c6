"""Consents to sign: a paper for each kind, filled in with what the record knows.

What a written consent must say: in Russia article 9 part 4 of Federal Law 152-FZ of 27 July 2006 (and article 12 for
another country, article 13 of 323-FZ for medical secrecy); in Kazakhstan article 8 of Law 94-V of 21 May 2013 and
article 273 of the Health Code of 7 July 2020.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from babel import Locale
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from clinics.selectors.cluster import current_cluster
from clinics.selectors.organizations import own_organization
from cluster_portal.common import identifiers
from cluster_portal.common.errors import NotFound
from cluster_portal.documents import rendering
from cluster_portal.web import wording
from patients.papers.common import PURPOSE, document_of
from patients.papers.slip import chosen_language
from patients.selectors.addresses import address_line
from patients.selectors.patients import open_patient
from patients.states import ConsentKind

if TYPE_CHECKING:
    import uuid

    from clinics.models import Organization
    from cluster_portal.common.actor import Actor
    from patients.models import Patient

K = ConsentKind
TITLES = {
    K.PROCESSING: gettext_lazy("Consent to the processing of personal data"),
    K.TRANSFER: gettext_lazy("Consent to the transfer of medical data to another clinic"),
    K.ABROAD: gettext_lazy("Consent to the transfer of medical data to another country"),
}
#: What is agreed to and what for; `organization` and `cluster` are names.
PURPOSES = {
    K.PROCESSING: gettext_lazy(
        "I agree that %(organization)s processes my personal data, those on my health included, in order to give me "
        "medical care, to make appointments, to keep medical records and to settle who pays for the care."
    ),
    K.TRANSFER: gettext_lazy(
        "I agree that %(organization)s passes data from my medical records, which are under medical secrecy, through "
        "the portal “%(cluster)s” to the clinic named below, so that this clinic can give me an appointment, examine "
        "and treat me, and send its conclusion back to my doctor."
    ),
    K.ABROAD: gettext_lazy(
        "I agree that %(organization)s passes data from my medical records, which are under medical secrecy, to the "
        "clinic named below in another country, so that this clinic can advise on my treatment, give me an "
        "appointment, treat me, and send its conclusion back to my doctor. I have been told that the law of that "
        "country may protect personal data in another way than the law here."
    ),
}
LAWS = {
    "RU": {
        K.PROCESSING: gettext_lazy("Articles 9 and 10 of Federal Law No. 152-FZ of 27 July 2006 “On personal data”."),
        K.TRANSFER: gettext_lazy(
            "Articles 9 and 10 of Federal Law No. 152-FZ of 27 July 2006 “On personal data”; article 13 of Federal "
            "Law No. 323-FZ of 21 November 2011 on the protection of citizens’ health (medical secrecy)."
        ),
        K.ABROAD: gettext_lazy(
            "Articles 9, 10 and 12 of Federal Law No. 152-FZ of 27 July 2006 “On personal data”; article 13 of "
            "Federal Law No. 323-FZ of 21 November 2011 on the protection of citizens’ health (medical secrecy)."
        ),
    },
    "KZ": dict.fromkeys(
        K,
        gettext_lazy(
            "Law of the Republic of Kazakhstan No. 94-V of 21 May 2013 “On personal data and their protection”; "
            "article 273 of the Code “On public health and the healthcare system” of 7 July 2020."
        ),
    ),
}  # fmt: skip


def consent_form(actor: Actor, patient_id: uuid.UUID, *, kind: str, language: str = "") -> tuple[bytes, str]:
    """The paper to sign (PDF) and a name for its file; opening the record is journalled with the purpose `print`.

    Raises NotFound for a stranger and for a kind that there is not, Invalid for a language without papers.
    """
    patient = open_patient(actor, patient_id, purpose=PURPOSE)
    if kind not in ConsentKind.values:
        raise NotFound
    language = chosen_language(language, patient)
    with override(language):
        data = _data(ConsentKind(kind), patient, own_organization(actor), language)
        return rendering.pdf("consent", data), f"consent-{kind}-{language}"


def _data(kind: ConsentKind, patient: Patient, organization: Organization, language: str) -> dict[str, Any]:
    names = {"organization": organization.name, "cluster": current_cluster().name}
    law = LAWS.get(organization.country, {}).get(kind, "")
    return {
        "language": language,
        "title": TITLES[kind],
        "about": [{"label": label, "value": value} for label, value in _about(patient)],
        "operator": ", ".join(filter(None, (organization.name, organization.address))),
        "words": {
            "operator": _("To whom the consent is given"),
            "recipient": _("Clinic that receives the data"),
            "country": _("Country"),
            "data": _("What data"),
            "actions": _("What may be done with them"),
            "term": _("How long"),
            "law": _("Law"),
            "representative": _("Representative (for a child or an incapacitated person): name, document"),
            "signature": _("Signature"),
            "name": _("Name in full"),
            "date": _("Date"),
            "empty": _("What is empty is filled in by hand."),
        },
        "purpose": PURPOSES[kind] % names,
        "recipient": kind != K.PROCESSING,
        "abroad": kind == K.ABROAD,
        "data": _scope(kind),
        "actions": _actions(kind),
        "term": _(
            "The consent is valid until I withdraw it. I may withdraw it at any time by a written statement to the "
            "organisation; what the law obliges it to keep, it goes on keeping."
        ),
        "law": law,
    }


def _about(patient: Patient) -> list[tuple[str, str]]:
    numbers = [("СНИЛС", identifiers.format_snils(patient.snils)), ("ИИН", patient.iin)]
    document = document_of(patient)
    if patient.document_country:
        country = Locale(wording.language()).territories.get(patient.document_country, "")
        document = document.replace(f"({patient.document_country})", f"({country})")
    return [
        (_("Surname, given name, patronymic"), patient.full_name),
        (_("Birth date"), wording.date_short(patient.birth_date)),
        (_("Address"), address_line(patient.residence or patient.stay)),
        (_("Identity document: kind, number, by whom and when issued"), document),
        *((label, value) for label, value in numbers if value),
    ]


def _scope(kind: ConsentKind) -> str:
    if kind == K.PROCESSING:
        return _(
            "Surname, given name and patronymic, birth date, sex, addresses, phone, e-mail, identity document, "
            "insurance numbers and policies, data on my health, diagnoses, care given and its results."
        )
    return _(
        "Surname, given name and patronymic, birth date, sex, phone, insurance numbers and policies, diagnosis, reason "
        "for the referral, results of examinations, conclusions and recommendations."
    )


def _actions(kind: ConsentKind) -> str:
    if kind == K.PROCESSING:
        return _(
            "Collecting, recording, ordering, storing, correcting, retrieving, using, passing on as the law provides, "
            "blocking, erasing and destroying, with and without computers."
        )
    return _("Passing on to the clinic named here, which may record, store and use them for my care.")
