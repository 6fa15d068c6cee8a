#!/bin/sh
# Prints a transaction log: zkTxnLogToolkit.sh [-d] <log file>
exec node "$(dirname "$(readlink -f "$0")")/../dist/bin/log-dump.js" "$@"
