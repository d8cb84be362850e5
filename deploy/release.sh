#!/usr/bin/env bash
# Brings a checkout on a production host up to date: run it as the portal's user.
#     deploy/release.sh
# It reads /etc/portal/portal.env, or what ENV_FILE names, as systemd does: nothing needs to be sourced. Then, on every host:
#     systemctl reload portal-web && systemctl restart portal-worker portal-beat
set -euo pipefail
cd "$(dirname "$0")/.."
export READ_DOT_ENV=0
if [ -z "${ENV_FILE:-}" ] && [ -r /etc/portal/portal.env ]; then
  export ENV_FILE=/etc/portal/portal.env
fi

python3 tools/setup.py
.venv/bin/python manage.py check --deploy
.venv/bin/python manage.py collectstatic --noinput --verbosity 0
# One host migrates; the others find nothing to do.
.venv/bin/python manage.py migrate --noinput
