#!/bin/sh
# Migrates the orders database and replaces its service: `migrate.sh up` to this release, `migrate.sh down` from it.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
home="$HOME/database"
mkdir -p "$home"

case "$1" in
    up) version=$DEPLOYPLAN_VERSION ;;
    down) version=$DEPLOYPLAN_PREVIOUS ;;
    *) echo "'$1' is not a direction; directions are up, down" >&2; exit 2 ;;
esac

python3 "$here/service.py" stop "$home"
python3 "$here/migrate.py" "$1" "$home/orders.db" "$DEPLOYPLAN_VERSION"
echo "$version" > "$home/VERSION"
echo orders.db > "$home/NEEDS"
cp "$here/service.py" "$home/service.py"
python3 "$home/service.py" start "$home" "$DEPLOYPLAN_VAR_HTTP_PORT"
echo "database: $version is in service on port $DEPLOYPLAN_VAR_HTTP_PORT"
