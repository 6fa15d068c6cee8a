#!/usr/bin/env bash
# The command line client: zkCli.sh [-server host:port[,...][/chroot]] [-timeout ms] [-r]
# [-waitforconnection] [-client-configuration file] [command [argument...]]
set -eu

script="${BASH_SOURCE[0]}"
while [ -L "$script" ]; do
  target="$(readlink "$script")"
  case "$target" in
    /*) script="$target" ;;
    *) script="$(dirname "$script")/$target" ;;
  esac
done
root="$(cd -P "$(dirname "$script")/.." && pwd)"

if [ ! -f "$root/dist/bin/cli.js" ]; then
  node "$root/bin/bootstrap.mjs" build >&2
fi
exec node "$root/dist/bin/cli.js" "$@"
