#!/usr/bin/env bash
# Compares the sizes of two snapshots: zkSnapshotComparer.sh -l left -r right -b bytes -n nodes [-d] [-i]
root="$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")"
# shellcheck source=bin/zkEnv.sh
. "$root/bin/zkEnv.sh"
build
exec "$NODE" "$root/dist/bin/tool.js" zkSnapshotComparer "$@"
