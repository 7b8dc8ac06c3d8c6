"""The tables of patients and referrals, a file for each aggregate: fields, constraints and indexes, no verbs."""

from patients.models.advice import Advice, AdviceFile, AdvicePost
from patients.models.attachment import Attachment
from patients.models.booking import Booking
from patients.models.merge import DuplicatePair, MergeProposal, PatientMerge
from patients.models.message import Message
from patients.models.norm import WaitingNorm
from patients.models.outflow import Outflow
from patients.models.patient import Consent, NameWord, Patient, PatientLink, PatientNumber
from patients.models.reason import Reason
from patients.models.referral import Conclusion, Diagnosis, Referral, ReferralStep
from patients.models.summary import DecisionDay, FlowDay, SentDay, VisitDay, WaitDay
from patients.models.waitlist import WaitlistEntry, WaitlistOffer

__all__ = [
    "Advice", "AdviceFile", "AdvicePost", "Attachment", "Booking", "Conclusion", "Consent", "DecisionDay", "Diagnosis",
    "DuplicatePair", "FlowDay", "MergeProposal", "Message", "NameWord", "Outflow", "Patient", "PatientLink",
    "PatientMerge", "PatientNumber", "Reason", "Referral", "ReferralStep", "SentDay", "VisitDay", "WaitDay",
    "WaitingNorm", "WaitlistEntry", "WaitlistOffer",
]  # fmt: skip
