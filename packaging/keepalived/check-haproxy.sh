#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Ends with 0 when the HAProxy of this host answers and reaches a collector (the frontend "alive" of
# haproxy.cfg), else with 1. The port may be given.
set -u
exec 3<>"/dev/tcp/127.0.0.1/${1:-8404}" || exit 1
printf 'GET /alive HTTP/1.0\r\n\r\n' >&3 || exit 1
# A frozen HAProxy accepts and says nothing.
IFS= read -r -t 2 answer <&3 || exit 1
[[ $answer == *" 200 "* ]] || exit 1
