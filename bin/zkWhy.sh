#!/usr/bin/env bash
# Tells what went wrong, and why: zkWhy.sh [--since 1h] [--all host:port,...] [--dir dataLogDir] [host:port]
# The ports are those of the admin servers; with --dir a server is asked that need not be running.
root="$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")"
# shellcheck source=bin/zkEnv.sh
. "$root/bin/zkEnv.sh"
build
exec "$NODE" "$root/dist/bin/why.js" "$@"
