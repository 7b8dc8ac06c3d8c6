"""The portal's settings with this app."""

from cluster_portal.settings import *  # noqa: F403
from cluster_portal.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.embedded.slow.apps.SlowConfig"]
