"""A start outside the demo refuses what only a demo may have."""

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.checks import run_checks
from django.core.management import CommandError, call_command


def found(**options: Any) -> set[str]:
    return {message.id for message in run_checks(**options)}


def test_any_host_is_refused(settings: Any) -> None:
    assert "portal.E001" not in found()
    settings.ALLOWED_HOSTS = ["*"]
    assert "portal.E001" in found()


@pytest.mark.django_db
def test_people_of_the_demo_are_refused_outside_of_it(settings: Any) -> None:
    settings.DEMO = False
    assert "portal.E002" not in found(databases=["default"])
    get_user_model().objects.create_user("demo@example.org", name="Демо", is_demo=True)
    assert "portal.E002" in found(databases=["default"])
    with pytest.raises(CommandError, match="holds people of the demo"):
        call_command("check", databases=["default"])
    settings.DEMO = True
    assert "portal.E002" not in found(databases=["default"])
