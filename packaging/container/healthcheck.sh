#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Whether the agent in this container lives, for HEALTHCHECK and for probes that run a command.
# Needs bash's /dev/tcp and nothing else, so that the image needs no curl.
set -eu
bind=${MILLRACE_MONITORING_BIND:-127.0.0.1}
case $bind in
  0.0.0.0 | ::) bind=127.0.0.1 ;;
esac
exec bash -c '
  exec 3<>"/dev/tcp/$1/$2" || exit 1
  printf "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n" "$3" "$1" >&3
  read -r -t 5 protocol status rest <&3 || exit 1
  [ "$status" = 200 ]
' healthcheck "$bind" "${MILLRACE_MONITORING_PORT:-41414}" "${1:-/health/live}"
