"""What tests of signing in share."""

from typing import Any

import pytest


@pytest.fixture(autouse=True)
def light_desk(settings: Any) -> None:
    """After signing in one arrives at something that costs nothing to draw."""
    settings.LOGIN_REDIRECT_URL = "/api/v1/me/"
