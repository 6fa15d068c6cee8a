#!/usr/bin/env bash
# Prints, mends or cuts a transaction log: zkTxnLogToolkit.sh [-d|-r [-v] [-y]|-c -z zxid] <log file>
root="$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")"
# shellcheck source=bin/zkEnv.sh
. "$root/bin/zkEnv.sh"
build
exec "$NODE" "$root/dist/bin/tool.js" zkTxnLogToolkit "$@"
