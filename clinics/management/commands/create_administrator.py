"""Makes an administrator of the cluster office, and the cluster itself when it is the first one."""

from __future__ import annotations

import getpass
import re
import sys
import zoneinfo
from collections.abc import Callable
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email

from clinics.models import Cluster
from clinics.services.founding import Founding, create_administrator, found_cluster
from cluster_portal.accounts.models import User
from cluster_portal.common.actor import SYSTEM


class Command(BaseCommand):
    """Asks for what the options leave out; the password is never an option, only typed or read from a pipe."""

    help = "Make an administrator of the cluster office; with the first one, the cluster."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--if-none", action="store_true", help="do nothing when there is one already")
        parser.add_argument("--email")
        parser.add_argument("--name", help="the person's name")
        parser.add_argument("--cluster-name")
        parser.add_argument("--region", help="the region it serves")
        parser.add_argument("--cluster-code", help="three Latin letters that begin the numbers of referrals")
        parser.add_argument("--country", help="RU or KZ")
        parser.add_argument("--time-zone", help="such as Asia/Sakhalin")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["if_none"] and User.objects.filter(is_superuser=True, is_active=True).exists():
            return
        if not Cluster.objects.exists():
            self.stdout.write("The portal is empty. First the cluster:")
            found_cluster(SYSTEM, founding=self._founding(options))
        self.stdout.write("The administrator:")
        email = self._ask("E-mail", options["email"], _email)
        name = self._ask("Name", options["name"], _text)
        user = create_administrator(SYSTEM, email=email, name=name, password=self._password(email, name))
        self.stdout.write(f"{user.email} may sign in now.")

    def _founding(self, options: dict[str, Any]) -> Founding:
        return Founding(
            name=self._ask("Name of the cluster", options["cluster_name"], _text),
            region=self._ask("Region it serves", options["region"], _text),
            code=self._ask("Code, three Latin letters", options["cluster_code"], _code),
            country=self._ask("Country (RU or KZ)", options["country"], _country),
            time_zone=self._ask("Time zone, such as Asia/Sakhalin", options["time_zone"], _zone),
        )

    def _ask(self, question: str, given: str | None, check: Callable[[str], str]) -> str:
        """A checked answer: the option's, or typed until it is right."""
        if given is not None or not sys.stdin.isatty():
            try:
                return check(given or "")
            except ValueError as problem:
                raise CommandError(f"{question}: {problem}") from None
        while True:
            try:
                return check(input(f"  {question}: "))
            except ValueError as problem:
                self.stdout.write(f"  {problem}")

    def _password(self, email: str, name: str) -> str:
        person = User(email=email, name=name)
        if not sys.stdin.isatty():
            password = sys.stdin.readline().rstrip("\n")
            try:
                validate_password(password, person)
            except ValidationError as problem:
                raise CommandError(f"Password (from the pipe): {' '.join(problem.messages)}") from None
            return password
        while True:
            password = getpass.getpass("  Password: ")
            try:
                validate_password(password, person)
            except ValidationError as problem:
                self.stdout.write(f"  {' '.join(problem.messages)}")
                continue
            if getpass.getpass("  Once more: ") == password:
                return password
            self.stdout.write("  The two are not the same.")


def _text(answer: str) -> str:
    if not answer.strip():
        raise ValueError("Say something.")
    return " ".join(answer.split())


def _email(answer: str) -> str:
    try:
        validate_email(answer.strip())
    except ValidationError:
        raise ValueError("This is not an e-mail address.") from None
    if User.objects.filter(email__iexact=answer.strip()).exists():
        raise ValueError("Somebody has this address already.")
    return answer.strip().lower()


def _code(answer: str) -> str:
    if not re.fullmatch(r"[A-Za-z]{3}", answer.strip()):
        raise ValueError("Three Latin letters, please.")
    return answer.strip().upper()


def _country(answer: str) -> str:
    if answer.strip().upper() not in {"RU", "KZ"}:
        raise ValueError("RU or KZ, please.")
    return answer.strip().upper()


def _zone(answer: str) -> str:
    if answer.strip() not in zoneinfo.available_timezones():
        raise ValueError("There is no such time zone.")
    return answer.strip()
