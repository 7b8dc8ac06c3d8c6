"""``manage.py demo_logins``: who may sign in to the demo, and with which password."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError

from clinics.models import Cluster
from cluster_portal.demo.facts import Facts
from cluster_portal.demo.staff import PASSWORD


class Command(BaseCommand):
    """Print the demo users of the loaded cluster."""

    requires_system_checks = ()
    help = "Print the demo users and their password. Only where PORTAL_DEMO is set."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("There are no demo users where PORTAL_DEMO is not set.")
        cluster = Cluster.objects.filter(is_demo=True).first()
        if cluster is None:
            raise CommandError("No demo cluster is loaded.")
        logins = Facts(cluster.slug).about["logins"]
        width = max(len(login["email"]) for login in logins)
        for login in logins:
            self.stdout.write(f"{login['email']:<{width}}  {login['name']}, {login['label_ru']}")
        self.stdout.write(f"{'password':<{width}}  {PASSWORD}")
