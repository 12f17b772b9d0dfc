# shellcheck shell=bash
# Sourced by the scripts here: one child at a time, which signals can reach, and waited for to its end.

child= # the running child's process, empty when there is none

# Run a command and return its status, also when signals arrive meanwhile. A shell makes its
# background children ignore SIGINT, which a benchmark must be able to catch; env undoes that.
run_child() {
  local status=0

  env --default-signal=INT,QUIT "$@" &
  child=$!
  wait "$child" || status=$?
  # A trapped signal ends the wait, not the child.
  while kill -0 "$child" 2>/dev/null; do
    status=0
    wait "$child" || status=$?
  done
  child=
  return "$status"
}

# Pass a signal on to the child: to its process group where it leads one, else to itself.
signal_child() {
  if [[ -n $child ]]; then
    kill -s "$1" -- "-$child" 2>/dev/null || kill -s "$1" "$child" 2>/dev/null || true
  fi
}

# shellcheck disable=SC2034 # those that source this read it
interrupted= # the exit status that a signal asks for, after note_signals

# Let signals not end this script, but be noted, and reach the child. From a terminal SIGINT has reached the child too;
# the others come to this process alone.
note_signals() {
  trap 'interrupted=130' INT
  trap 'interrupted=143; signal_child TERM' TERM
  trap 'interrupted=129; signal_child HUP' HUP
}
