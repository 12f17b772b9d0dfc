#!/usr/bin/env bats
# The promise: network.py runs a command on one of several hosts that a wire joins, each with a name, an address and, if asked, a
# clock of its own. The wire delays, loses and holds back frames as asked. However it ends, nothing of it is left.
bats_require_minimum_version 1.5.0
load helper

setup() {
  begin
  [[ $EUID -eq 0 ]] || skip "only root makes network namespaces"
  command -v ip nsenter >/dev/null || skip "iproute2 or util-linux is missing"
  unshare --net true 2>/dev/null || skip "this machine makes no network namespaces"
  network=(timeout --kill-after=5 60 python3 -B "$TVA_SOURCE/bench/scripts/network.py")
}

# On host 2 a server that echoes, or swallows and then answers; on host 1 a client, which prints figures.
exchange() {
  cat >peer.py <<'PYTHON'
import socket, sys, time
def sent_again():
    names, values = [line.split() for line in open("/proc/net/snmp") if line.startswith("Tcp:")]
    return int(values[names.index("RetransSegs")])
if sys.argv[1] == "serve":
    with socket.create_server(("10.99.0.2", 9000)) as server:
        open("ready", "w").close()
        connection, _ = server.accept()
        for wanted in (1, 1, 1, 1, 1, int(sys.argv[2])):
            while wanted > 0:
                wanted -= len(connection.recv(min(wanted, 65536)))
            connection.sendall(b"x")
else:
    with socket.create_connection(("10.99.0.2", 9000)) as s:
        times = []
        for n in (1, 1, 1, 1, 1, int(sys.argv[2])):
            began = time.monotonic()
            s.sendall(b"x" * n)
            s.recv(1)
            times.append(time.monotonic() - began)
        print(min(times[:5]), max(times[:5]), times[5], sent_again())
PYTHON
  rm -f ready
  "${network[@]}" "$@" sh -c '"$TVA_ON" host2 "timeout 50 python3 -S peer.py serve '"$bytes"'" &
    while [ ! -e ready ]; do sleep 0.02; done; python3 -S peer.py ask '"$bytes"
}

@test "each host has a name, an address and a clock of its own; the status is the command's" {
  cat >ask.sh <<'SH'
echo "$(hostname) $(ip -o -4 address show eth0 | awk '{ print $4 }') $(awk '{ print int($1 / 900) }' /proc/uptime)"
SH
  # shellcheck disable=SC2016 # the inner shell expands
  run --separate-stderr "${network[@]}" --hosts 3 --clocks sh -c 'sh ask.sh; for host in 10.99.0.2 host3; do "$TVA_ON" $host sh ask.sh; done
    echo "$TVA_HOSTS"; "$TVA_ON" host4 true; exit 3'
  echo "$output$stderr"
  [ "$status" -eq 3 ]
  [[ ${lines[0]} == "host1 10.99.0.1/24 "* && ${lines[1]} == "host2 10.99.0.2/24 "* && ${lines[2]} == "host3 10.99.0.3/24 "* ]]
  [ "${lines[3]}" = "10.99.0.1 10.99.0.2 10.99.0.3" ]
  ((${lines[0]##* } < ${lines[1]##* } && ${lines[1]##* } < ${lines[2]##* }))
  [[ $stderr == *"there is no host host4"* ]]
}

# Bounds from below alone: a slow machine is late besides.
@test "a wire delays, in one direction too; it loses and holds back" {
  bytes=1
  for options in "delay=30ms 0.06" "delay=30ms@jitter=5ms@only=to 0.025" "delay=30ms@only=from 0.03"; do
    run --separate-stderr exchange --wire "$(tr @ ' ' <<<"${options% *}")"
    echo "$options: $output$stderr"
    [ "$status" -eq 0 ]
    awk -v least="${options#* }" '{ exit !($1 >= least) }' <<<"$output"
  done
  bytes=125000
  run --separate-stderr exchange --wire "rate=1mbit"
  echo "rate: $output$stderr"
  awk '{ exit !($3 >= 0.9) }' <<<"$output"
  bytes=1000000
  run --separate-stderr exchange --wire "loss=5%"
  echo "loss: $output$stderr"
  awk '{ exit !($4 > 0) }' <<<"$output"
}

# Processes that this test has started and that still run: they have its mark, which grep has not.
left() {
  env -u TVA_TEST_MARK grep -lszxF "TVA_TEST_MARK=$TVA_TEST_MARK" /proc/[0-9]*/environ
}

none_left() {
  [[ -z $(left) ]]
}

@test "nothing is left at the end, after a signal, and after its death" {
  ip link >links
  for signal in none TERM INT KILL; do
    env --default-signal=INT python3 -B "$TVA_SOURCE/bench/scripts/network.py" --wire delay=1ms sh -c 'touch up; while [ ! -e end ]; do sleep 0.05; done' 3>&- &
    process=$!
    eventually test -e up
    if [[ $signal == none ]]; then touch end; else kill -s "$signal" "$process"; fi
    wait "$process" || true
    eventually none_left
    rm -f up end
  done
  ip link | diff links -
}

@test "what it does not take, it says in a sentence" {
  run "${network[@]}" --hosts 3
  [ "$status" -eq 2 ]
  [[ $output == *"it takes a command"* ]]
  run "${network[@]}" --hosts 251 true
  [ "$status" -eq 2 ]
}
