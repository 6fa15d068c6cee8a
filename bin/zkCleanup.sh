#!/usr/bin/env bash
# Removes old snapshots and logs: zkCleanup.sh [--config folder] [dataLogDir [snapDir]] -n count
# Without folders, those of the configuration.
root="$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")"
# shellcheck source=bin/zkEnv.sh
. "$root/bin/zkEnv.sh"
build
folders=()
if [ "${1:-}" = -n ] || [ $# = 0 ]; then
  name="${ZOOCFG:-zoo.cfg}"
  case "$name" in
    */*) config="$name" ;;
    *) config="$ZOOCFGDIR/$name" ;;
  esac
  dataDir="$(value_of dataDir)"
  dataLogDir="$(value_of dataLogDir)"
  if [ -z "$dataDir" ]; then
    echo "$config does not set dataDir" >&2
    exit 2
  fi
  [ -z "$dataLogDir" ] || folders+=("$dataLogDir")
  folders+=("$dataDir")
fi
exec "$NODE" "$root/dist/bin/tool.js" zkCleanup ${folders[@]+"${folders[@]}"} "$@"
