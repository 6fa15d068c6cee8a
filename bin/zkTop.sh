#!/usr/bin/env bash
# Shows what a server is busy with, again and again: zkTop.sh [--once] [--rows 10] [host:port]
# The port is that of its admin server.
root="$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")"
# shellcheck source=bin/zkEnv.sh
. "$root/bin/zkEnv.sh"
build
exec "$NODE" "$root/dist/bin/top.js" "$@"
