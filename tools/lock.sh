#!/usr/bin/env bash
# Pins what the .in files name, with hashes. Pins that still fit are kept; `tools/lock.sh --upgrade` moves them.
set -euo pipefail
cd "$(dirname "$0")/.."
for name in requirements requirements-dev requirements-node; do
  .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
    --no-emit-find-links --no-header "$@" "$name.in" -o "$name.txt"
done
