#!/usr/bin/env bash
# Makes the folders of a new server:
#
#   zkServer-initialize.sh [--force] [--configfile=F] [--myid=N]
#
# It refuses folders that hold something, unless --force is given: then it removes what they hold. The empty
# file `initialize` says that this server is new; ZooKeeper's zookeeper.db.autocreate=false asks for it.
root="$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")"
# shellcheck source=bin/zkEnv.sh
. "$root/bin/zkEnv.sh"
set -u

usage() {
  echo "usage: $0 <parameters>
  Optional parameters are:
      -h                                                  Display this message
      --help                                              Display this message
      --configfile=%dir%/zoo.cfg                          ZooKeeper config file
      --myid=#                                            Set the myid to be used, if any (1-255)
      --force                                             Force creation of the data/txnlog dir"
  exit "$1"
}

force=
myid=
name="${ZOOCFG:-zoo.cfg}"
while [ $# -gt 0 ]; do
  case "$1" in
    --force) force=1 ;;
    --configfile=*) name="${1#*=}" ;;
    --myid=*) myid="${1#*=}" ;;
    --configfile | --myid)
      [ $# -ge 2 ] || usage 1
      if [ "$1" = --myid ]; then myid="$2"; else name="$2"; fi
      shift
      ;;
    -h | --help) usage 0 ;;
    *)
      echo "Unknown option: $1" >&2
      usage 1
      ;;
  esac
  shift
done
case "$name" in
  */*) config="$name" ;;
  *) config="$ZOOCFGDIR/$name" ;;
esac
if [ -n "$myid" ]; then
  case "$myid" in *[!0-9]*) usage 1 ;; esac
fi
if [ ! -f "$config" ]; then
  echo "Couldn't find configuration file: $config" >&2
  exit 1
fi
dataDir="$(value_of dataDir)"
dataLogDir="$(value_of dataLogDir)"
if [ -z "$dataDir" ]; then
  echo "Unable to determine dataDir from $config" >&2
  exit 1
fi
if [ -n "$myid" ] && ! grep -q "^[[:space:]]*server\.0*$myid[[:space:]]*[=:]" "$config"; then
  echo "No server.$myid in $config, so that myid would belong to nobody" >&2
fi

initialize() {
  local what="$1" folder="$2/version-2"
  if [ -d "$folder" ] && [ -z "$force" ]; then
    echo "ZooKeeper $what directory already exists at $2 (or use --force to force re-initialization)" >&2
    exit 1
  fi
  rm -rf "$folder" || exit 1
  mkdir -p "$folder" || exit 1
}
initialize data "$dataDir"
[ -z "$dataLogDir" ] || [ "$dataLogDir" = "$dataDir" ] || initialize txnlog "$dataLogDir"

if [ -n "$myid" ]; then
  if [ -f "$dataDir/myid" ] && [ -z "$force" ]; then
    echo "The file $dataDir/myid exists already (or use --force to force re-initialization)" >&2
    exit 1
  fi
  echo "$myid" >"$dataDir/myid" || exit 1
else
  echo "No myid provided, be sure to specify it in $dataDir/myid if using non-standalone"
fi
: >"$dataDir/initialize" || exit 1
