#!/usr/bin/env bash
# Brings a checkout on a production host up to date: run it as the portal's user, with the environment of the units.
#     set -a; . /etc/portal/portal.env; set +a; deploy/release.sh
# Then, on every host: systemctl reload portal-web && systemctl restart portal-worker portal-beat
set -euo pipefail
cd "$(dirname "$0")/.."
export READ_DOT_ENV=0

python3 tools/setup.py
.venv/bin/python manage.py check --deploy
.venv/bin/python manage.py collectstatic --noinput --verbosity 0
# One host migrates; the others find nothing to do.
.venv/bin/python manage.py migrate --noinput
