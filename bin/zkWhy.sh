#!/usr/bin/env bash
# Tells what went wrong, and the cause: zkWhy.sh [--since 1h] [--all host:port,...] [--dir dataLogDir] [host:port]
# The ports are those of the admin servers; with --dir the server need not run.
root="$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")"
# shellcheck source=bin/zkEnv.sh
. "$root/bin/zkEnv.sh"
build
exec "$NODE" "$root/dist/bin/why.js" "$@"
