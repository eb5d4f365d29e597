#!/bin/sh
# Stops what is in service, points `current` at the release and starts it.
set -eu

root="$HOME/storefront"
release="$1"

python3 "$release/service.py" stop "$root/current"
echo "switch: stopped what was in service"
ln -sfn "$release" "$root/current"
python3 "$release/service.py" start "$root/current" "$DEPLOYPLAN_VAR_HTTP_PORT"
echo "switch: $(cat "$release/VERSION") answers on port $DEPLOYPLAN_VAR_HTTP_PORT"
