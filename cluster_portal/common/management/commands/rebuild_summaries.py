"""``manage.py rebuild_summaries``: count the screens' sums anew, from every row."""

from __future__ import annotations

from typing import Any

from django.core.management import BaseCommand, CommandParser

from cluster_portal.common import summaries


class Command(BaseCommand):
    """For rows that came past the triggers, and when a time zone was corrected. The screens stay readable."""

    help = (
        "Count the daily sums behind the dashboards anew. Safe at any time; may be broken off and run again."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "names", nargs="*", help=f"which (default: all of {', '.join(summaries.names())})"
        )

    def handle(self, *args: Any, names: list[str], **options: Any) -> None:
        wanted = names or summaries.names()
        if unknown := sorted(set(wanted) - set(summaries.names())):
            self.stderr.write(f"There is no summary named {', '.join(unknown)}.")
            raise SystemExit(2)
        for name in wanted:
            say = self.stdout.write if options["verbosity"] > 1 else lambda text: None
            days = summaries.rebuild(name, say=say)
            self.stdout.write(f"{name}: {days} days counted.")
