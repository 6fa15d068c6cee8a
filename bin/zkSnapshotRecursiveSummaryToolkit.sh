#!/usr/bin/env bash
# Sums up the subtrees of a snapshot: zkSnapshotRecursiveSummaryToolkit.sh <snapshot> <node> <depth>
root="$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")"
# shellcheck source=bin/zkEnv.sh
. "$root/bin/zkEnv.sh"
build
exec "$NODE" "$root/dist/bin/tool.js" zkSnapshotRecursiveSummaryToolkit "$@"
