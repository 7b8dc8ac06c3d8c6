from collections import OrderedDict

import pytest
from django.db import transaction
from django.urls import get_resolver, reverse

from tests.permissions.world import SECRETS, World

HTML = [
    "anonymous",
    "nobody",
    "source.referrer",
    "source.manager",
    "target.referrer",
    "target.coordinator",
    "target.manager",
    "office",
    "stranger",
]
API = ["api.source", "api.target", "api.stranger", "api.noscope", "api.badtoken"]


def walk(r, ns=()):
    for p in r.url_patterns:
        if hasattr(p, "url_patterns"):
            yield from walk(p, ns + ((p.namespace,) if getattr(p, "namespace", None) else ()))
        else:
            yield ":".join(ns + (p.name or "?",)), p.callback


def kwargs_for(name, w):
    R = w.referrals
    ref = {
        "api-referrals-accept": "submitted",
        "api-referrals-arrive": "booked",
        "api-referrals-book": "accepted",
        "api-referrals-complete": "in_care",
        "api-referrals-cancel-booking": "booked",
        "api-referrals-no-show": "booked",
        "api-referrals-redirect": "submitted",
        "api-referrals-reject": "submitted",
        "api-referrals-reschedule": "booked",
        "api-referrals-return-for-info": "submitted",
        "api-referrals-submit": "draft",
        "api-referrals-conclusion": "completed",
    }
    if name.startswith("api-referrals-") and name != "api-referrals-list":
        return dict(pk=R[ref.get(name, "submitted")].pk)
    m = {
        "api-organizations-detail": dict(pk=w.target.organization.pk),
        "api-clinics-detail": dict(pk=w.target.pk),
        "api-service-types-detail": dict(code="cardiologist"),
        "api-services-detail": dict(pk=w.service.pk),
        "api-practitioners-detail": dict(pk=w.practitioner.pk),
        "api-licences-detail": dict(pk=w.licence.pk),
        "api-schedules-detail": dict(pk=w.schedule.pk),
        "api-slots-detail": dict(pk=w.slot.pk),
        "api-patients-detail": dict(pk=w.patient.pk),
        "api-patients-consents": dict(pk=w.patient.pk),
        "api-bookings-detail": dict(pk=w.booking.pk),
        "api-holds-detail": dict(pk=w.hold.pk),
        "notifications:open": dict(pk=w.notice.pk),
        "clinics:detail": dict(pk=w.target.pk),
        "clinics:schedule_pattern": dict(pk=w.schedule.pk),
        "clinics:schedule_pattern_publish": dict(pk=w.schedule.pk),
        "clinics:schedule_pattern_end": dict(pk=w.schedule.pk),
        "clinics:schedule_leave_remove": dict(pk=w.schedule.pk),
        "clinics:own_edit": dict(pk=w.target.pk),
        "patients:triage_item": dict(pk=R["submitted"].pk),
        "patients:worklist": dict(side="in", queue="triage"),
        "patients:referral": dict(pk=R["submitted"].pk),
        "patients:referral_edit": dict(pk=R["draft"].pk),
        "patients:referral_save": dict(pk=R["draft"].pk),
        "patients:referral_time": dict(pk=R["accepted"].pk),
        "patients:referral_confirm": dict(pk=R["accepted"].pk),
        "patients:referral_read": dict(pk=R["completed"].pk),
        "patients:referral_action": dict(pk=R["submitted"].pk, action="accept"),
        "patients:arrival_mark": dict(pk=R["booked"].pk, action="arrive"),
        "patients:detail": dict(pk=w.patient.pk),
        "patients:edit": dict(pk=w.patient.pk),
        "patients:consent": dict(pk=w.patient.pk),
        "patients:consent_withdraw": dict(pk=w.patient.pk, consent=w.consent.pk),
        "account_confirm_email": dict(key="abc"),
        "account_reset_password_from_key": dict(uidb36="1", key="a-b"),
    }
    return m.get(name, {})


@pytest.mark.django_db
def test_discover():
    w = World()
    seen = set()
    for name, cb in walk(get_resolver()):
        if name.startswith("admin:") or name in seen:
            continue
        seen.add(name)
        try:
            url = reverse(name, kwargs=kwargs_for(name, w))
        except Exception as e:
            print("NOREVERSE", name, e)
            continue
        api = url.startswith("/api/") or url.startswith("/oauth")
        for method in ("get", "post", "patch", "delete"):
            out = OrderedDict()
            for p in HTML + (API if api else []):
                with transaction.atomic():
                    c = w.client(p)
                    c.raise_request_exception = False
                    kw = {"content_type": "application/json", "data": {}} if api and method != "get" else {}
                    r = getattr(c, method)(url, **kw)
                    st = r.status_code
                    if st in (301, 302, 303):
                        st = f"{st}>{r['Location'][:28]}"
                    body = (b"".join(r.streaming_content) if r.streaming else r.content).decode(
                        "utf8", "replace"
                    )
                    leak = [s for s in SECRETS if s in body]
                    out.setdefault(str(st) + ("!" if leak else ""), []).append(p)
                    transaction.set_rollback(True)
            if list(out) == ["405"]:
                continue
            print(name, method.upper(), "|", "; ".join(f"{k}: {' '.join(v)}" for k, v in out.items()))
