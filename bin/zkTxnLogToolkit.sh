#!/usr/bin/env bash
# Prints a transaction log: zkTxnLogToolkit.sh [-d] <log file>
root="$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")"
# shellcheck source=bin/zkEnv.sh
. "$root/bin/zkEnv.sh"
build
exec "$NODE" "$root/dist/bin/log-dump.js" "$@"
