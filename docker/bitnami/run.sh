#!/usr/bin/env bash
# What entrypoint.sh starts: the server, with the process id of this script.
base="${ZOO_BASE_DIR:-/opt/bitnami/zookeeper}"
exec "$base/bin/zkServer.sh" start-foreground "${ZOO_CONF_DIR:-$base/conf}/zoo.cfg"
