#!/usr/bin/env bash
# The command line client: zkCli.sh [-server host:port[,...][/chroot]] [-timeout ms] [-r]
# [-waitforconnection] [-client-configuration file] [command [argument...]]
#
# zkEnv.sh says which variables count.
root="$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")"
# shellcheck source=bin/zkEnv.sh
. "$root/bin/zkEnv.sh"
build
exec "$NODE" "$root/dist/bin/cli.js" "$@"
