"""``manage.py load_dictionaries``: what every portal needs before anything can be referred."""

from __future__ import annotations

from typing import Any

from django.core.management import BaseCommand, CommandParser

from clinics.models import ServiceType, Specialty
from cluster_portal.common.actor import SYSTEM
from patients.models import Diagnosis
from patients.services.dictionaries import load_dictionaries


class Command(BaseCommand):
    """Run at every start; writes only what is missing, unless it is told to refresh."""

    help = "Load specialties, service types and the working list of ICD-10 where they are missing."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--refresh", action="store_true", help="also give rows that are there the texts of this release"
        )

    def handle(self, *args: Any, refresh: bool = False, **options: Any) -> None:
        load_dictionaries(SYSTEM, refresh=refresh)
        if options["verbosity"] > 0:
            self.stdout.write(
                f"{Specialty.objects.count()} specialties, {ServiceType.objects.count()} service types, "
                f"{Diagnosis.objects.count()} diagnoses."
            )
