#!/usr/bin/env bash
# Prints a snapshot: zkSnapShotToolkit.sh [-d|-json] <snapshot>
root="$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")"
# shellcheck source=bin/zkEnv.sh
. "$root/bin/zkEnv.sh"
build
exec "$NODE" "$root/dist/bin/tool.js" zkSnapShotToolkit "$@"
