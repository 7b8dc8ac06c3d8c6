"""The WSGI application: ``gunicorn cluster_portal.wsgi:application``."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cluster_portal.settings")

import cluster_portal.celery  # makes current_app ours before the first task is sent

application = get_wsgi_application()
