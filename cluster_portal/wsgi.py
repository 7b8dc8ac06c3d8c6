"""The WSGI application: ``gunicorn cluster_portal.wsgi:application``."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cluster_portal.settings")

import cluster_portal.celery  # makes current_app ours before the first task is sent

application = get_wsgi_application()


def _read_ahead() -> None:
    """What the first request of each process would take seconds to read, once before they are copied: the addresses
    with the views behind them, and the words of every language.
    """
    from django.conf import settings
    from django.urls import reverse
    from django.utils import translation

    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            reverse("pages:home")


_read_ahead()
# All this stays: it is neither looked through nor, for that, copied in each process. What is left is little, and is
# looked through as a whole more often: else a row that was in use at a wrong moment lies about for hours.
gc.freeze()
gc.set_threshold(50_000, 20, 5)
