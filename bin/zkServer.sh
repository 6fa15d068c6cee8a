#!/usr/bin/env bash
# Starts, stops and asks after one server:
#
#   zkServer.sh [--config folder] {start|start-foreground|stop|restart|status|print-cmd|
#               print-classpath|version} [-Dname=value ...] [zoo.cfg]
#
# start-foreground replaces the shell, unless ZOO_NOEXEC is set: its process id is the server's, and a
# supervisor's signals reach it. The others write and read the process id in ZOOPIDFILE, or in
# <dataDir>/zookeeper_server.pid; `start` writes what the server says to a file in ZOO_LOG_DIR.
# ZOO_DATADIR_AUTOCREATE_DISABLE keeps it from making folders. zkEnv.sh has the other variables.

root="$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")"
# shellcheck source=bin/zkEnv.sh
. "$root/bin/zkEnv.sh"
# From here on the code is ours alone.
set -u
# Huge pages, one heap: bin/launcher/environment.ts says why.
export GLIBC_TUNABLES="${GLIBC_TUNABLES:-glibc.malloc.hugetlb=1:glibc.malloc.arena_max=1}"

usage() {
  echo "Usage: $0 [--config <conf-dir>] {start|start-foreground|stop|version|restart|status|print-cmd|print-classpath} [-Dname=value ...] [zoo.cfg]" >&2
  exit 2
}

verb="${1:-}"
[ $# -gt 0 ] && shift

properties=()
while [ $# -gt 0 ]; do
  case "$1" in
    -D*) properties+=("$1") ;;
    *) break ;;
  esac
  shift
done
[ $# -le 1 ] || echo "Ignored, as ZooKeeper does: ${*:2}" >&2

name="${1:-${ZOOCFG:-zoo.cfg}}"
case "$name" in
  */*) config="$name" ;;
  *) config="$ZOOCFGDIR/$name" ;;
esac

command_line() {
  if [ -n "${ZOO_DATADIR_AUTOCREATE_DISABLE:-}" ]; then
    properties+=(-Dzookeeper.datadir.autocreate=false)
  fi
  # The class is found by scripts that look for a ZooKeeper (bin/process-title.ts).
  command=("$NODE" "$root/dist/bin/server.js" ${properties[@]+"${properties[@]}"}
    org.apache.zookeeper.server.quorum.QuorumPeerMain "$config")
}

require_config() {
  if [ ! -f "$config" ]; then
    echo "There is no configuration $config" >&2
    exit 2
  fi
  echo "Using config: $config" >&2
}

pid_file() {
  if [ -n "${ZOOPIDFILE:-}" ]; then
    echo "$ZOOPIDFILE"
    return
  fi
  local folder
  folder="$(value_of dataDir)"
  if [ -z "$folder" ]; then
    echo "$config does not set dataDir" >&2
    exit 2
  fi
  echo "$folder/zookeeper_server.pid"
}

# The process that the file names, if it still runs and is a server: its id may be somebody else's
# by now.
running_pid() {
  local pid
  pid="$(cat "$1" 2>/dev/null)" || return 1
  [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null || return 1
  if [ -r "/proc/$pid/cmdline" ] &&
    ! grep -q -e 'dist/bin/server.js' -e QuorumPeerMain "/proc/$pid/cmdline"; then
    return 1
  fi
  echo "$pid"
}

start() {
  require_config
  build
  command_line
  say_without_effect
  local file pid log_dir log
  file="$(pid_file)" || exit $?
  if pid="$(running_pid "$file")"; then
    echo "Starting zookeeper ... already running as process $pid."
    exit 1
  fi
  log_dir="${ZOO_LOG_DIR:-$root/logs}"
  log="$log_dir/zookeeper-${USER:-$(id -un 2>/dev/null)}-server-${HOSTNAME:-localhost}.out"
  if [ -n "${ZOOPIDFILE:-}" ] || [ -z "${ZOO_DATADIR_AUTOCREATE_DISABLE:-}" ]; then
    mkdir -p "$(dirname "$file")" || exit 1
  elif [ ! -d "$(dirname "$file")" ]; then
    echo "ZooKeeper data directory is missing at $(dirname "$file") fix the path or run initialize" >&2
    exit 3
  fi
  mkdir -p "$log_dir" || exit 1
  echo -n "Starting zookeeper ... "
  # Emptied here, not by the process that starts: the words of the last start must not count below.
  : >"$log" || exit 1
  # Not among the terminal's processes: neither its end nor a Ctrl-C there is the server's.
  local apart=nohup
  if command -v setsid >/dev/null; then apart=setsid; fi
  "$apart" "${command[@]}" >>"$log" 2>&1 </dev/null &
  pid=$!
  if ! echo -n "$pid" >"$file"; then
    kill "$pid"
    echo FAILED TO WRITE PID
    exit 1
  fi
  # It serves clients, or has ended and said why. A member listens for them: for a leader it may need
  # others that are started after it.
  local tries=0
  while [ $tries -lt 600 ] && kill -0 "$pid" 2>/dev/null && ! grep -q -e 'serving clients' -e 'listening for clients' "$log"; do
    sleep 0.1
    tries=$((tries + 1))
  done
  if kill -0 "$pid" 2>/dev/null; then
    echo STARTED
    return
  fi
  local code=0
  wait "$pid" || code=$?
  rm -f "$file"
  echo FAILED TO START
  tail -n 5 "$log" >&2
  exit "$code"
}

stop() {
  require_config
  local file pid
  file="$(pid_file)" || exit $?
  echo -n "Stopping zookeeper ... "
  if [ ! -f "$file" ]; then
    echo "no zookeeper to stop (could not find file $file)"
    return
  fi
  if pid="$(running_pid "$file")"; then
    kill "$pid"
    while kill -0 "$pid" 2>/dev/null; do sleep 0.1; done
  fi
  rm -f "$file"
  echo STOPPED
}

# Where clients connect, as the line of this server says behind its semicolon: `2181`, `host:2181` or
# `[::1]:2181`; nothing if it does not. Its number is in <dataDir>/myid; a single line needs none.
client_of_line() {
  local id file
  id="$(head -n 1 "$(value_of dataDir)/myid" 2>/dev/null | tr -d '[:space:]')"
  case "$id" in *[!0-9]*) return 0 ;; esac
  file="$(value_of dynamicConfigFile)"
  [ -n "$file" ] || file="$config"
  if [ -z "$id" ]; then
    [ "$(grep -c '^[[:space:]]*server\.[0-9]*[[:space:]]*[=:]' "$file" 2>/dev/null)" = 1 ] || return 0
    id='[0-9]*'
  fi
  sed -n "s/^[[:space:]]*server\.0*$id[[:space:]]*[=:][^;]*;[[:space:]]*\([^;[:space:]]*\).*\$/\1/p" \
    "$file" 2>/dev/null | tail -n 1
}

# Asks with the word srvr. The server's own line counts, else clientPort and clientPortAddress; where
# neither is set, secureClientPort, by TLS and with the certificates of CLIENT_JVMFLAGS.
status() {
  require_config
  local client address port answer mode secure=false
  port="$(value_of clientPort)"
  address="$(value_of clientPortAddress)"
  client="$(client_of_line)"
  if [ -n "$client" ]; then
    port="${client##*:}"
    address=
    case "$client" in *:*) address="${client%:*}" ;; esac
    address="${address#[}"
    address="${address%]}"
  fi
  if [ -z "$port" ]; then
    secure=true
    port="$(value_of secureClientPort)"
    address="$(value_of secureClientPortAddress)"
  fi
  case "$port" in
    '' | *[!0-9]*)
      echo "Client port not found in the server configs"
      exit 1
      ;;
  esac
  case "$address" in '' | 0.0.0.0 | ::) address=localhost ;; esac
  echo "Client port found: $port. Client address: $address. Client SSL: $secure."
  if [ "$secure" = true ]; then
    build
    answer="$("$NODE" "$root/dist/bin/word.js" "$address" "$port" srvr)"
  else
    answer="$(exec 2>/dev/null; exec 3<>"/dev/tcp/$address/$port" && printf srvr >&3 && timeout 10 cat <&3)"
  fi
  mode="$(printf '%s\n' "$answer" | grep '^Mode')"
  if [ -z "$mode" ]; then
    echo "Error contacting service. It is probably not running."
    exit 1
  fi
  echo "$mode"
}

case "$verb" in
  start) start ;;
  start-foreground)
    require_config
    build
    command_line
    say_without_effect
    [ -n "${ZOO_NOEXEC:-}" ] || exec "${command[@]}"
    "${command[@]}"
    ;;
  stop) stop ;;
  restart)
    stop
    start
    ;;
  status) status ;;
  print-cmd)
    command_line
    printf '"%s" ' "${command[@]}"
    echo
    ;;
  print-classpath) echo "CLASSPATH=${CLASSPATH:-}" ;;
  version)
    build
    exec "$NODE" "$root/dist/bin/server.js" --version
    ;;
  *) usage ;;
esac
