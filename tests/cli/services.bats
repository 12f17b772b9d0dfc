#!/usr/bin/env bats
# The promise: jobs pg and redis do the same work under every model, over K connections that all jobs share; whatever is wrong
# with a server is one sentence, and other cells go on.

bats_require_minimum_version 1.5.0
load helper

setup() {
  begin
  PATH=$PATH:/usr/sbin
}

teardown() {
  end_server
  end_processes
}

# The job is known, or the test has no use.
needs_job() {
  ! "$TVA" list jobs | grep -q "^$1: cannot run here" || skip "tva was built without the library of $1"
}

start_redis() {
  needs_job redis
  command -v redis-server >/dev/null || skip "there is no redis-server"
  timeout 170 redis-server --port 0 --unixsocket "$PWD/redis" --save '' --appendonly no "$@" >redis.log 3>&- & server=$!
  eventually redis-cli -s redis ping >/dev/null
}

@test "redis: every model gets the same replies, over as many connections as were asked for" {
  start_redis
  redis-cli -s redis set key "some value" >/dev/null
  redis-cli -s redis rpush list 1 two 3 >/dev/null
  run --separate-stderr bounded "$TVA" run --job "redis:command=GET+key,server=$PWD/redis,connections=3,requests=4" --job "redis:command=LRANGE+list+0+-1,server=$PWD/redis" --jobs 20 --rounds 2 -o run.json
  [ "$status" -eq 0 ]
  valid_result run.json
  [ "$(of_result run.json 'sorted({(c["valid"], c["ledger"]["operations"], c["ledger"]["bytes_in"]) for c in r["cells"]})')" = "[(True, 20, 100), (True, 80, 800)]" ]
  [ "$(of_result run.json 'len({(c["spec"], c["ledger"]["checksum"]) for c in r["cells"]})')" -eq 2 ]
  before=$(redis-cli -s redis info stats | sed -n 's/^total_connections_received:\([0-9]*\).*/\1/p')
  bounded "$TVA" cell --model loops --job "redis:server=$PWD/redis,connections=5" --jobs 200 --warmup 0 >/dev/null
  after=$(redis-cli -s redis info stats | sed -n 's/^total_connections_received:\([0-9]*\).*/\1/p')
  [ $((after - before)) -eq 6 ] # one asks for the number
}

@test "redis: what is wrong is one sentence, and other cells go on" {
  start_redis --maxclients 40
  redis-cli -s redis set word hello >/dev/null
  run --separate-stderr bounded "$TVA" run --job "redis:command=INCR+word,server=$PWD/redis" --job "redis:server=$PWD/redis,connections=100" --job "redis:server=127.0.0.1:1" --job null --model tasks,pool --jobs 3 --rounds 1 -o run.json
  [ "$status" -eq 1 ]
  [ "$(of_result run.json '{x for c in r["cells"] for x in c["reasons"] if "INCR" in c["spec"]}')" = \
    "{'3 of 3 jobs failed: server answered with an error 3 (the first: \"ERR value is not an integer or out of range\")'}" ]
  [[ $(of_result run.json '{x for c in r["cells"] for x in c["reasons"]}') == *"no connection to 127.0.0.1: Connection refused"* ]]
  [[ $(of_result run.json '{x for c in r["cells"] for x in c["reasons"]}') == *"redis answers no command: ERR max number of clients reached"* ]]
  [ "$(of_result run.json '[c["valid"] for c in r["cells"] if c["spec"] == "null"]')" = "[True, True]" ]
  for wrong in 'command=+|*has no word*' 'command=%zz|*hexadecimal*' 'server=here|*no HOST:PORT*' 'server=192.0.2.1:6379|*not on this machine; remote=on*'; do
    refused "tva run: job redis: ${wrong#*|}" run --job "redis:${wrong%%|*}"
  done
}

@test "redis: a password comes from REDISCLI_AUTH, and no result holds it" {
  start_redis
  redis-cli -s redis config set requirepass "open sesame" >/dev/null
  job="redis:server=$PWD/redis,connections=2"
  run --separate-stderr bounded "$TVA" cell --model tasks --job "$job" --jobs 4
  [ "$status" -eq 1 ]
  [[ $stderr == *"redis answers no command: NOAUTH Authentication required. REDISCLI_AUTH gives the password." ]]
  export REDISCLI_AUTH="close sesame"
  run --separate-stderr bounded "$TVA" cell --model tasks --job "$job" --jobs 4
  [ "$status" -eq 1 ]
  [[ $stderr == *"redis answers no command: WRONGPASS"* ]]
  export REDISCLI_AUTH="open sesame"
  bounded "$TVA" run --job "$job" --model tasks,pool --jobs 4 --rounds 1 -o run.json
  [ "$(grep -c sesame run.json)" -eq 0 ]
  # As with redis-cli, a server that has no password serves all the same.
  redis-cli -s redis config set requirepass "" >/dev/null
  bounded "$TVA" cell --model tasks --job "$job" --jobs 4
}

@test "redis: a server that dies in the middle fails the jobs that are left" {
  start_redis
  bounded "$TVA" run --job "redis:server=$PWD/redis,requests=1000000" --job null --model tasks,pool --jobs 8 --rounds 1 --warmup 0 -q -o run.json >/dev/null 2>&1 & guard=$!
  calls() { (($(redis-cli -s redis info commandstats | sed -n 's/^cmdstat_ping:calls=\([0-9]*\).*/\1/p') > 100)); }
  eventually calls
  kill -KILL "$(pgrep -P "$server")"
  status=0
  wait "$guard" || status=$?
  [ "$status" -eq 1 ]
  [[ $(of_result run.json '[x for c in r["cells"] for x in c["reasons"]]') == *"jobs failed: server closed the connection"* ]]
  [ "$(of_result run.json '[c["valid"] for c in r["cells"] if c["spec"] == "null"]')" = "[True, True]" ]
}

@test "redis: a connection that breaks fails its job alone, and is not used again" {
  start_redis
  bounded "$TVA" cell --model tasks --job "redis:command=BLPOP+list+0,server=$PWD/redis,connections=4,ledger=status" --jobs 8 --warmup 0 >cell.txt 2>said & guard=$!
  kill_one() { id=$(redis-cli -s redis client list | sed -n 's/^id=\([0-9]*\) .* cmd=blpop .*/\1/p' | head -n 1) && [ -n "$id" ] && redis-cli -s redis client kill id "$id" >/dev/null; }
  eventually kill_one
  redis-cli -s redis rpush list 1 2 3 4 5 6 7 8 >/dev/null
  wait "$guard" || true
  [ "$(<said)" = "tva cell: 1 of 8 jobs failed, the first with: server closed the connection" ]
}

# A server of bytes: redis-cli would escape what this one says.
@test "redis: what a server says is shown in one line, and a terminal obeys none of it" {
  needs_job redis
  cat >says.py <<'PYTHON'
import socket
s = socket.create_server(("127.0.0.1", 0))
print(s.getsockname()[1], flush=True)
while True:
    c, _ = s.accept()
    while data := c.recv(4096):
        c.sendall(b"+PONG\r\n" if b"PING" in data else b"-ERR \x1b[31mred \xe9 " + b"x" * 300 + b"\r\n")
PYTHON
  timeout 100 python3 -S says.py >port 2>/dev/null 3>&- & server=$!
  eventually test -s port
  run --separate-stderr bounded "$TVA" run --job "redis:command=GET+x,server=127.0.0.1:$(<port),connections=1" --model tasks --jobs 2 --rounds 1 -o run.json
  [ "$status" -eq 1 ]
  valid_result run.json
  [[ $(of_result run.json 'r["cells"][0]["reasons"]') == *'2 of 2 jobs failed: server answered with an error 2 (the first: "ERR '*' ? xxx'* ]]
  [ "$(of_result run.json 'max(len(x) for x in r["cells"][0]["reasons"]) < 300')" = True ]
  [[ "$output$stderr" == *"ERR ?[31mred"* && "$output$stderr" != *$'\x1b'* ]]
  run --separate-stderr bounded "$TVA" cell --model tasks --job "redis:command=GET+x,server=127.0.0.1:$(<port),connections=1" --jobs 2 --warmup 0
  [[ "$stderr" == *"server answered with an error: ERR ?[31mred"* && "$stderr" != *$'\x1b'* ]]
}

# One server for all of it, since it takes seconds to start.
@test "pg: every model gets the same rows; a wrong password, a wrong query and a dying server are named" {
  needs_job pg
  command -v pg_virtualenv >/dev/null || skip "there is no pg_virtualenv"
  cat >script <<'SCRIPT'
set -eu
psql -qc 'create table t as select n, repeat($$x$$, 20) as text from generate_series(1, 50) as n'
timeout 60 "$TVA" run --job 'pg:query=select+*+from+t+order+by+n,connections=3,requests=2' --job pg --jobs 12 --rounds 1 -q -o run.json >/dev/null
for job in 'pg:query=selekt+1' 'pg:db=postgresql://postgres:wrong@localhost/postgres'; do
  status=0
  timeout 60 "$TVA" cell --model tasks --job "$job" --jobs 1 2>>said || status=$?
  [ "$status" -eq 1 ]
done
timeout 60 "$TVA" run --job 'pg:query=copy+t+to+stdout' --model tasks,pool --jobs 4 --rounds 1 -q -o copy.json >/dev/null 2>&1 || true
[ "$("$TVA" cell --model tasks --job pg:query=begin --jobs 20 2>&1 | grep -c WARNING)" -eq 0 ]
timeout 60 "$TVA" run --job 'pg:query=select+1/(random()*2)::int' --job null --model tasks,pool --jobs 100 --rounds 1 -q -o some.json >/dev/null 2>&1 || true
timeout 60 "$TVA" run --job pg:requests=1000000 --job null --model tasks,pool --jobs 8 --rounds 1 --warmup 0 -q -o dies.json >/dev/null 2>&1 & run=$!
until [ "$(psql -Atc "select count(*) from pg_stat_activity where query = 'select 1'")" -ge 8 ]; do sleep 0.05; done
pg_ctlcluster "$PGVERSION" regress stop -m immediate
status=0
wait "$run" || status=$?
[ "$status" -eq 1 ]
SCRIPT
  LIMIT=110 run --separate-stderr bounded pg_virtualenv -t bash script
  [ "$status" -eq 0 ]
  valid_result run.json
  [ "$(of_result run.json 'sorted({(c["valid"], c["ledger"]["operations"], c["ledger"]["bytes_in"]) for c in r["cells"]})')" = "[(True, 12, 12), (True, 24, 26184)]" ]
  [ "$(of_result run.json 'len({(c["spec"], c["ledger"]["checksum"]) for c in r["cells"]})')" -eq 2 ]
  grep -q 'job pg: the server refuses the query: ERROR:  *syntax error' said
  grep -q 'job pg: no connection: .*password authentication failed' said
  [ "$(of_result copy.json '{x for c in r["cells"] for x in c["reasons"]}')" = "{'4 of 4 jobs failed: query is a COPY 4'}" ]
  [[ $(of_result some.json '[x for c in r["cells"] for x in c["reasons"]]') == *"of 100 jobs failed: server answered with an error"*'(the first: "ERROR:  division by zero")'* ]]
  [ "$(of_result some.json '[c["valid"] for c in r["cells"] if c["spec"] == "null"]')" = "[True, True]" ]
  [[ $(of_result dies.json '[x for c in r["cells"] for x in c["reasons"]]') == *"jobs failed: server closed the connection"* ]]
  [ "$(of_result dies.json '[c["valid"] for c in r["cells"] if c["spec"] == "null"]')" = "[True, True]" ]
  refused 'tva run: job pg: host 192.0.2.1 is not on this machine; remote=on*' run --job pg:db=postgresql://192.0.2.1/x
  refused 'tva run: job pg: a service may be on another machine; remote=on*' run --job pg:db=service=x
  PGHOSTADDR=192.0.2.1 refused 'tva run: job pg: host 192.0.2.1 is not on this machine; remote=on*' run --job pg:db=postgresql://localhost/x
  PGHOST=192.0.2.1 refused 'tva list: part 2: job pg: host 192.0.2.1 is not on this machine; remote=on*' list cells --job 'null + pg'
  # The environment says where jobs run, and nothing of results: their notes are the same.
  bounded "$TVA" report run.json >here.txt
  PGHOST=192.0.2.1 bounded "$TVA" report run.json >there.txt
  cmp here.txt there.txt
}
