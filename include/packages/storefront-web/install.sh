#!/bin/sh
# Installs this release beside the others on the node and puts it in service.
set -eu

root="$HOME/storefront"
release="$root/releases/$DEPLOYPLAN_VERSION"

echo "install: storefront $DEPLOYPLAN_VERSION on ${DEPLOYPLAN_NODE:-this node}"
mkdir -p "$root/releases"
rm -rf "$release.new"
cp -R . "$release.new"
rm -rf "$release"
mv "$release.new" "$release"
sh "$release/switch.sh" "$release"
