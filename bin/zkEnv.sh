# Read by the other scripts, not run: where things are, and the environment that ZooKeeper's scripts
# know. Its variables, and what each means here:
#
#   ZOOCFGDIR ZOOCFG                     where the configuration is
#   JVMFLAGS SERVER_JVMFLAGS             properties of the server, and flags for Java, which it names
#   CLIENT_JVMFLAGS                      the same for zkCli.sh, besides JVMFLAGS
#   ZK_SERVER_HEAP                       a flag for Java: -Xmx
#   ZOO_LOG4J_PROP                       LEVEL,appender: the level of the server's log
#   ZOO_LOG_DIR ZOOPIDFILE ZOO_DATADIR_AUTOCREATE_DISABLE ZOO_NOEXEC    see zkServer.sh
#   ZOO_LOG_FILE JMXPORT CLASSPATH       have no effect; where one asks for something, that is said
#   JAVA_HOME JAVA ZK_CLIENT_HEAP, JMX without a port                   ask for nothing here
#
# The configuration folder's zookeeper-env.sh and java.env are read as ZooKeeper's scripts read them:
# unset variables are empty, and what they set counts whether exported or not. So is Debian's
# `environment`.
#
# Whoever reads this has set `root`, the project's folder; and `config`, before value_of.

ZOOBINDIR="$root/bin"
ZOOBIN="$ZOOBINDIR"
ZOOKEEPER_PREFIX="$root"
NODE="${NODE:-node}"

if [ "${1:-}" = --config ] && [ $# -ge 2 ]; then
  ZOOCFGDIR="$2"
  shift 2
fi
if [ -z "${ZOOCFGDIR:-}" ]; then
  if [ -d "$root/conf" ]; then
    ZOOCFGDIR="$root/conf"
  elif [ -d /etc/zookeeper/conf ] && [ ! -f "$root/config/zoo.cfg" ]; then
    ZOOCFGDIR=/etc/zookeeper/conf
  else
    ZOOCFGDIR="$root/config"
  fi
fi

java_classes="${CLASSPATH:-}"
if [ -f "$ZOOCFGDIR/environment" ]; then
  # It is Debian's zkEnv.sh, and says where Debian has it and its classes.
  found=("$ZOOCFGDIR" "${ZOOCFG:-}")
  . "$ZOOCFGDIR/environment"
  ZOOCFGDIR="${found[0]}"
  ZOOCFG="${found[1]}"
  CLASSPATH="$java_classes"
fi
for file in zookeeper-env.sh java.env; do
  [ ! -f "$ZOOCFGDIR/$file" ] || . "$ZOOCFGDIR/$file"
done
# Whatever those have set.
set +eu

[ -z "${ZK_SERVER_HEAP:-}" ] || SERVER_JVMFLAGS="-Xmx${ZK_SERVER_HEAP}m ${SERVER_JVMFLAGS:-}"
export JVMFLAGS SERVER_JVMFLAGS CLIENT_JVMFLAGS ZOO_LOG4J_PROP

# A package is compiled already, and has no bootstrap.mjs. Where there is something compiled, it is taken as
# it is; `npm start` compiles what was changed.
build() {
  [ -f "$root/bin/bootstrap.mjs" ] || return 0
  if [ -f "$root/dist/bin/server.js" ] && [ ! -f "$root/dist/.unfinished" ]; then return 0; fi
  "$NODE" "$root/bin/bootstrap.mjs" build >&2 || exit 1
}

# What `key` is set to in the configuration, or nothing. The server reads the file properly; this
# needs two keys of it, written the usual way.
value_of() {
  [ -f "$config" ] || return 0
  sed -n "s/^[[:space:]]*$1[[:space:]]*[=:][[:space:]]*\(.*[^[:space:]]\)[[:space:]]*\$/\1/p" \
    "$config" | tail -n 1
}

# For whoever starts a server: what was asked for and is not there.
say_without_effect() {
  if [ -n "${JMXPORT:-}" ] && [ "${JMXDISABLE:-false}" = false ]; then
    echo "JMXPORT=$JMXPORT has no effect: there is no JMX; the four-letter word mntr has the metrics" >&2
  fi
  if [ -n "${ZOO_LOG_FILE:-}" ]; then
    echo "ZOO_LOG_FILE=$ZOO_LOG_FILE has no effect: the log goes to standard output" >&2
  fi
  if [ "${CLASSPATH:-}" != "$java_classes" ]; then
    echo "CLASSPATH, set in $ZOOCFGDIR, has no effect: Java classes cannot be loaded" >&2
  fi
}
