"""Makes an API client for an organisation, or gives a client another secret."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from clinics.models import Organization
from clinics.selectors.organizations import find_organizations
from clinics.services.clients import create_api_client
from cluster_portal.accounts.selectors import find_client
from cluster_portal.accounts.services.clients import OVERLAP, rotate_secret, set_client_active
from cluster_portal.api import scopes
from cluster_portal.common.actor import SYSTEM


class Command(BaseCommand):
    """Prints JSON with client_id and client_secret; the secret is shown this once and stored hashed."""

    help = "Make an API client of an organisation (or --rotate, --disable one) and print it as JSON."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--organization", help="id, ИНН, ОГРН, БИН or name")
        parser.add_argument(
            "--scopes", nargs="+", default=["all"], help="such as referrals:read,slots:read; or all"
        )
        parser.add_argument("--name", default="", help="what the program is called")
        parser.add_argument("--rotate", metavar="CLIENT_ID", help="give this client another secret instead")
        parser.add_argument(
            "--overlap", type=int, default=int(OVERLAP.total_seconds() // 3600),
            help="hours for which the secret before stays good (default %(default)s)",
        )  # fmt: skip
        parser.add_argument("--disable", metavar="CLIENT_ID", help="switch this client off at once instead")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["disable"]:
            client = set_client_active(SYSTEM, client_id=self._client(options["disable"]).pk, active=False)
            self._print(client_id=client.client_id, is_active=client.is_active)
        elif options["rotate"]:
            client, secret = rotate_secret(
                SYSTEM,
                client_id=self._client(options["rotate"]).pk,
                overlap=timedelta(hours=options["overlap"]),
            )
            self._print(
                client_id=client.client_id, client_secret=secret,
                previous_secret_until=client.previous_secret_until.isoformat(),
            )  # fmt: skip
        else:
            self._create(options)

    def _create(self, options: dict[str, Any]) -> None:
        try:
            wanted = scopes.parse(" ".join(options["scopes"]))
        except ValueError as exc:
            raise CommandError(f"Unknown scopes: {exc}. There are: {', '.join(sorted(scopes.ALL))}") from exc
        organization = self._organization(options["organization"] or "")
        client, secret = create_api_client(
            SYSTEM, organization_id=organization.pk, scopes=wanted, name=options["name"]
        )
        self._print(
            client_id=client.client_id,
            client_secret=secret,
            name=client.name,
            organization={"id": str(organization.pk), "name": organization.name_ru},
            scopes=client.allowed_scopes,
            token_url="/oauth/token/",  # noqa: S106 - an address
        )

    def _organization(self, text: str) -> Organization:
        found = find_organizations(text) if text else []
        if len(found) == 1:
            return found[0]
        if not found:
            raise CommandError(f"No organisation fits {text!r}." if text else "Say --organization.")
        listed = "\n".join(f"  {row.pk}  {row.name_ru}" for row in found[:20])
        raise CommandError(f"{len(found)} organisations fit {text!r}; name one by its id:\n{listed}")

    def _client(self, client_id: str) -> Any:
        client = find_client(client_id)
        if client is None:
            raise CommandError(f"No client has the id {client_id!r}.")
        return client

    def _print(self, **members: Any) -> None:
        self.stdout.write(json.dumps(members, ensure_ascii=False, indent=2))
