# SPDX-License-Identifier: Apache-2.0
#
# Runs a command in a session of its own and ends all of it when standard input does: the agent
# holds the other end, so that the command never outlives it, however it ends.
exec 3<&0
setsid "$@" </dev/null 3<&- &
command=$!
{
  # Until it has its session, a signal to that reaches nobody.
  until kill -0 "-$command" || ! kill -0 "$command"; do sleep 0.01; done
  while read -r _; do :; done
  kill -TERM "-$command" || exit
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    sleep 0.1
    kill -0 "-$command" || exit
  done
  kill -KILL "-$command"
} <&3 >/dev/null 2>&1 &
guard=$!
exec 3<&-
wait "$command"
status=$?
# What the command left in the background stays guarded.
kill -0 "-$command" 2>/dev/null || kill "$guard" 2>/dev/null
exit "$status"
