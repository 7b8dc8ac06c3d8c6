"""Papers about a referral and a patient: what stands on them, collected as plain data for a template."""

from patients.papers.conclusion import conclusion_paper
from patients.papers.consents import consent_form
from patients.papers.form_057u import form_057u
from patients.papers.slip import slip

__all__ = ["conclusion_paper", "consent_form", "form_057u", "slip"]
