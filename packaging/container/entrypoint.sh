#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Runs the millrace command as process 1 of a container: it replaces this script (exec), so that a
# stop of the container reaches the agent, which then stops in order within 10 s. An agent starts no
# processes, so that there is nothing to reap.
#
# Without arguments it runs the agent of the environment:
#   MILLRACE_AGENT            its name; default a1
#   MILLRACE_CONF             its configuration file; default /etc/millrace/flume.conf
#   MILLRACE_MONITORING_PORT  of metrics and health; default 41414
#   MILLRACE_MONITORING_BIND  where that listens; default 127.0.0.1, in the container alone
#   MILLRACE_SUPERVISE        1: under `millrace supervise`, which kills an agent that hangs
#   MILLRACE_MAX_RAM_PERCENT  share of the container's memory for the heap; default 60. The rest is
#                             for what the JVM keeps beside it: buffers of the disk and the network
#   JAVA_OPTS                 more options of the JVM; -Xmx wins over the share
# With arguments that begin with a command or an option of millrace it runs these; anything else
# runs as it stands, such as sh.
set -eu

home=${MILLRACE_HOME:-/opt/millrace}

if [ $# -eq 0 ]; then
  agent=${MILLRACE_AGENT:-a1}
  file=${MILLRACE_CONF:-/etc/millrace/flume.conf}
  if [ ! -r "$file" ]; then
    echo "millrace: $file cannot be read. Mount a configuration there, or name another with MILLRACE_CONF" >&2
    exit 1
  fi
  set -- agent --name "$agent" --conf-file "$file" \
    -Dflume.monitoring.type=http \
    "-Dflume.monitoring.port=${MILLRACE_MONITORING_PORT:-41414}" \
    "-Dflume.monitoring.bind=${MILLRACE_MONITORING_BIND:-127.0.0.1}"
  [ "${MILLRACE_SUPERVISE:-0}" != 1 ] || set -- supervise --crash-dir /var/lib/millrace/crashes -- "$@"
fi

case $1 in
  agent | node | supervise | check | describe | channel | avro-client | replay | plan | demo | version | help | -*) ;;
  *) exec "$@" ;;
esac

# The launcher's own -Xmx is for a host that is shared; here the container is the limit.
case " ${JAVA_OPTS:-} $* " in
  *" -Xmx"* | *RAMPercentage=*) ;;
  *) JAVA_OPTS="-XX:MaxRAMPercentage=${MILLRACE_MAX_RAM_PERCENT:-60} ${JAVA_OPTS:-}" ;;
esac
export JAVA_OPTS

exec "$home/bin/millrace" "$@"
