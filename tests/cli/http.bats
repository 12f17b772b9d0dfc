#!/usr/bin/env bats
# The promise: the target speaks HTTP/1.1 to any client, on the port it speaks its own protocol on; it holds
# answers as asked and proves it; what is wrong gets the status that says so; slow clients do not hold it.

bats_require_minimum_version 1.5.0
load helper

client() {
  bounded python3 -S "$TVA_SOURCE/tests/cli/http_client.py" "$port" "$@"
}

get() {
  bounded curl --silent --show-error --noproxy '*' "$@"
}

@test "curl gets the body, status and size that it asked for" {
  start_target
  [ "$(get "$url/" | wc -c)" -eq 64 ]
  [ "$(get "$url/any/path?size=100k" | wc -c)" -eq 102400 ]
  [ "$(get -o body -w '%{http_code} %{size_download} %{content_type}' "$url/?status=503&size=10")" = "503 10 text/plain" ]
  [ "$(get -o body -w '%{http_code} %{size_download}' "$url/?status=204")" = "204 0" ]
  cmp <(get "$url/?size=1M" | head -c 1000) <(get "$url/?size=1000")
}

@test "a delay is held, and proven by a header" {
  start_target
  get -D head -o body -w '%{time_total}' "$url/?delay=50ms" >seconds
  held=$(sed -n 's/^X-Held-Ns: \([0-9]*\).*/\1/p' head)
  [ "$held" -ge 50000000 ]
  [ "$(python 'print(float(open("seconds").read()) >= 0.05)')" = True ]
}

@test "a drawn delay is the same for the same seed, and differs for another" {
  start_target
  for seed in 1 1 2 3 4 5; do
    get -D - -o body "$url/?delay=20ms&dist=exponential&seed=$seed" | sed -n 's/^X-Held-Ns: \([0-9]*\).*/\1/p'
  done >held
  python - <<'PYTHON'
h = [int(x) / 1e6 for x in open("held")]
assert max(h) > min(h) + 1, h
PYTHON
}

@test "HEAD has the head of GET and no body" {
  start_target
  get -D head --head "$url/?size=12345" >/dev/null
  grep -q '^HTTP/1.1 200 OK' head
  grep -q '^Content-Length: 12345' head
}

@test "connections are kept, or closed when asked" {
  start_target
  [ "$(get -o a -o b -o c -w '%{num_connects} ' "$url/?size=1" "$url/?size=2" "$url/?size=3")" = "1 0 0 " ]
  [ "$(get -H 'Connection: close' -o a -o b -w '%{num_connects} ' "$url/" "$url/")" = "1 1 " ]
  client version_1_0
}

@test "other methods get 405 with Allow, and bodies are refused" {
  start_target
  get -X POST -D head -o body "$url/"
  grep -q '^HTTP/1.1 405 ' head
  grep -q '^Allow: GET, HEAD' head
  [ "$(get -X OPTIONS -o body -w '%{http_code}' "$url/")" = 405 ]
  [ "$(get -X GET -d body -o body -w '%{http_code}' "$url/")" = 413 ]
  grep -q 'with a body' body
}

@test "a bad query gets 400 with a sentence" {
  start_target
  [ "$(get -o body -w '%{http_code}' "$url/?sise=1")" = 400 ]
  [ "$(cat body)" = 'query: unknown parameter "sise"; did you mean "size"? valid: size, delay, dist, seed, status' ]
}

@test "each bad request gets its status; good ones go on after those that leave no doubt" {
  start_target
  client bad
  kill -0 "$target"
}

@test "headers over 8 KiB get 431, however many there are" {
  start_target
  client large_head 9
  client large_head 200
  client large_head 10000
  kill -0 "$target"
}

@test "requests sent ahead are answered in turn, those in pieces when they are whole" {
  start_target
  client pipelined
  client in_pieces
}

@test "both protocols come to the same port" {
  start_target
  client both
}

@test "a slow client is given up: 408 for half a request, an end for an idle one" {
  start_target --idle-timeout 500ms --read-timeout 500ms
  client slow
  client never_reads
  [ "$(get "$url/" | wc -c)" -eq 64 ]
}

@test "10,000 connections are served at the same time" {
  [[ ${TVA_SANITIZE-} != *thread* ]] || skip "ThreadSanitizer takes a task for a thread, and at most 8,128"
  [ "$(ulimit -Hn)" = unlimited ] || [ "$(ulimit -Hn)" -ge 10100 ] ||
    skip "the hard limit on open files is $(ulimit -Hn)"
  start_target
  client many 10000
  kill -TERM "$target"
  wait "$target"
  [[ $(sed -n 2p serve.out) == "served 20000 requests on 10000 connections" ]]
}

@test "wrong time-outs are usage errors" {
  for option in --idle-timeout=0 --read-timeout=x; do
    run --separate-stderr bounded "$TVA" serve "$option"
    [ "$status" -eq 2 ]
    [[ $stderr == *"is not a duration"* ]]
  done
}
