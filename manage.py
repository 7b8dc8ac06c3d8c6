#!/usr/bin/env python
"""Django's command line. `./portal manage …` runs it in the right environment."""

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cluster_portal.settings")
    import cluster_portal.celery  # makes current_app ours before a command sends its first task

    execute_from_command_line(sys.argv)
