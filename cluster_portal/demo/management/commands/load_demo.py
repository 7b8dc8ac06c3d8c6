"""``manage.py load_demo <cluster>``: facts and generated people into an empty database."""

from __future__ import annotations

from io import StringIO
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, CommandParser, call_command
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from cluster_portal.common.actor import SYSTEM
from cluster_portal.demo.facts import CLUSTERS
from cluster_portal.demo.loader import SEED, AlreadyLoaded, Loader
from training.services.figures import count_figures


class Command(BaseCommand):
    """Load a demo cluster, dated relative to today. Run again, it says that it is loaded."""

    requires_system_checks = ()
    help = "Load a demo cluster: its facts, generated patients, referrals and slots. Only where PORTAL_DEMO is set."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("cluster", choices=CLUSTERS)
        parser.add_argument("--patients", type=int, help="how many patients (default: by the cluster)")
        parser.add_argument("--referrals", type=int, help="how many referrals over the past year")
        parser.add_argument("--seed", type=int, default=SEED)
        parser.add_argument("--now", help="the moment that the data end at, ISO 8601 (default: now)")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError(
                "The demo is loaded only where PORTAL_DEMO=1 is set, and never beside real data."
            )
        now = parse_datetime(options["now"]) if options["now"] else timezone.now()
        if now is None or timezone.is_naive(now):
            raise CommandError("--now should look like 2026-11-22T09:00:00+11:00.")
        for name in ("patients", "referrals"):
            if options[name] is not None and options[name] < 0:
                raise CommandError(f"--{name} cannot be negative.")
        loader = Loader(
            options["cluster"], now=now, patients=options["patients"], referrals=options["referrals"],
            seed=options["seed"], say=self._say if options["verbosity"] > 1 else lambda text: None,
        )  # fmt: skip
        try:
            counts = loader.load()
        except AlreadyLoaded as loaded:
            if loaded.slug != options["cluster"]:
                raise CommandError(f"This database holds the cluster {loaded.slug} already.") from None
            self.stdout.write(f"The cluster {loaded.slug} is already loaded.")
            return
        # The rows came past the triggers.
        call_command("rebuild_summaries", stdout=StringIO())
        count_figures(SYSTEM)
        self.stdout.write(
            f"Loaded {options['cluster']}: {counts['clinic']} clinics, {counts['service']} services, "
            f"{counts['slot']} slots, {counts['patient']} patients, {counts['referral']} referrals."
        )

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()
