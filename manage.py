#!/usr/bin/env python
import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sajad_portal.settings")
    from django.core.management import execute_from_command_line

    from sajad_portal.start import settings_or_end

    settings_or_end()
    execute_from_command_line(sys.argv)
