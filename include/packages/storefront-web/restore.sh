#!/bin/sh
# Puts the previous release, which is still on the node, back in service.
set -eu

release="$HOME/storefront/releases/$DEPLOYPLAN_PREVIOUS"
if [ ! -d "$release" ]; then
    echo "restore: release $DEPLOYPLAN_PREVIOUS is not on this node; there are: $(ls "$HOME/storefront/releases")" >&2
    exit 1
fi
echo "restore: storefront $DEPLOYPLAN_PREVIOUS on ${DEPLOYPLAN_NODE:-this node}"
sh "$release/switch.sh" "$release"
