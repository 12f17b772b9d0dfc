#!/usr/bin/env bats
# The promise: http jobs do the same work under every model, against the target and against a server that
# nobody here has written; whatever goes wrong is counted by kind, makes the cell invalid with a sentence,
# and hangs nothing.

bats_require_minimum_version 1.5.0
load helper

teardown() {
  end_server
  end_processes
}

# Write nginx's configuration for a port that is free now.
configure_nginx() {
  local port

  port=$(python 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])')
  url=http${tls:+s}://127.0.0.1:$port
  cat >nginx.conf <<CONF
daemon off;
master_process off;
pid $PWD/nginx.pid;
error_log $PWD/error.log;
events { worker_connections 1024; }
http {
  access_log $PWD/access.log;
  client_body_temp_path tmp; proxy_temp_path tmp; fastcgi_temp_path tmp; uwsgi_temp_path tmp; scgi_temp_path tmp;
  keepalive_requests 7;
  ${tls:+ssl_certificate $PWD/certificate.pem; ssl_certificate_key $PWD/key.pem;}
  server {
    listen 127.0.0.1:$port${tls:+ ssl};
    root $PWD/www;
    location /created { return 201 "made it\n"; }
    location /moved { return 301 /small; }
    location /chunked { ssi on; ssi_types *; alias $PWD/www/large; }
  }
}
CONF
}

nginx_is_up_or_gone() {
  [ -s nginx.pid ] || ! kill -0 "$server" 2>/dev/null
}

# Start nginx with a configuration of its own, in the test's folder, as a process of this test; $url is where. It has
# to get a port, which somebody else may take first: then another one.
start_nginx() {
  PATH=$PATH:/usr/sbin
  command -v nginx >/dev/null || skip "there is no nginx"
  mkdir www tmp
  seq 20000 | head -c 100000 >www/large # nginx's ssi drops a "<" at the end of a file
  echo hello >www/small
  : >www/empty
  for _ in 1 2 3 4 5; do
    configure_nginx
    timeout 170 nginx -p "$PWD" -c "$PWD/nginx.conf" -e "$PWD/error.log" 3>&- & server=$!
    eventually nginx_is_up_or_gone
    [ ! -s nginx.pid ] || break
  done
  eventually curl --silent --insecure --noproxy '*' -o /dev/null "$url/"
}

@test "all models do the same work against the target" {
  run --separate-stderr bounded "$TVA" run --job http:requests=3,size=5k,delay=1ms --job http:keep=off --job http:delay=1ms,dist=exponential --jobs 20 --rounds 2 --seed 5 -o run.json
  [ "$status" -eq 0 ]
  valid_result run.json
  [ "$(of_result run.json 'len(r["cells"]) % 3, all(c["valid"] for c in r["cells"])')" = "(0, True)" ]
  [ "$(of_result run.json '{(c["spec"], c["ledger"]["operations"], c["ledger"]["bytes_in"]) for c in r["cells"]} == {("http:requests=3,size=5k,delay=1ms", 60, 60 * 5120), ("http:requests=1,keep=off", 20, 20 * 64), ("http:requests=1,delay=1ms,dist=exp", 20, 20 * 64)}')" = True ]
  [ "$(of_result run.json 'len({(c["spec"], c["ledger"]["checksum"]) for c in r["cells"]})')" -eq 3 ]
  none_running
}

@test "both clients do the same work, under every model" {
  run --separate-stderr bounded "$TVA" run --job http:requests=3,size=5k --job http:requests=3,size=5k,client=direct --job http:keep=off,delay=1ms --job http:keep=off,delay=1ms,client=direct --jobs 20 --rounds 1 --seed 5 -o run.json
  [ "$status" -eq 0 ]
  valid_result run.json
  [ "$(of_result run.json 'all(c["valid"] for c in r["cells"])')" = True ]
  [ "$(of_result run.json 'len({(c["params"]["keep"], c["params"]["client"]) for c in r["cells"]})')" -eq 4 ]
  [ "$(of_result run.json 'len({(c["ledger"]["operations"], c["ledger"]["bytes_in"], c["ledger"]["checksum"]) for c in r["cells"]})')" -eq 2 ]
  none_running
}

@test "a job that a task runs by blocking calls gets the stack that these need, and the result shows it" {
  run bounded "$TVA" run --model tasks,blocking --job http --jobs 5 --rounds 1 -o run.json
  [ "$status" -eq 0 ]
  [ "$(of_result run.json '[c["stack_bytes"] for c in r["cells"]]')" = "[65536, 262144]" ]
}

@test "nginx: every model gets the same bytes, and they are those of the files" {
  start_nginx
  for path in small large empty created; do
    run --separate-stderr bounded "$TVA" run --url "$url/$path" --jobs 30 --rounds 1 -o "$path.json"
    [ "$status" -eq 0 ]
    [ "$(of_result "$path.json" 'all(c["valid"] for c in r["cells"]) and len({c["ledger"]["checksum"] for c in r["cells"]})')" -eq 1 ]
    [ "$(of_result "$path.json" '{c["params"]["url"] for c in r["cells"]}')" = "{'$url/$path'}" ]
  done
  valid_result large.json
  [ "$(of_result large.json '{c["ledger"]["bytes_in"] for c in r["cells"]}')" = "{$((30 * 100000))}" ]
  [ "$(of_result small.json '{c["ledger"]["bytes_in"] for c in r["cells"]}')" = "{$((30 * 6))}" ]
  [ "$(of_result empty.json '{c["ledger"]["bytes_in"] for c in r["cells"]}')" = "{0}" ]
  [ "$(of_result created.json '{c["ledger"]["bytes_in"] for c in r["cells"]}')" = "{$((30 * 8))}" ]
  [ -z "$(child_of $$ serve)" ]
}

@test "nginx: chunked bodies count as the bytes that are in them" {
  start_nginx
  curl --silent --noproxy '*' -D head -o body "$url/chunked"
  grep -qi '^Transfer-Encoding: chunked' head
  run bounded "$TVA" run --url "$url/chunked" --jobs 5 --rounds 1 -o chunked.json
  [ "$status" -eq 0 ]
  run bounded "$TVA" run --url "$url/large" --jobs 5 --rounds 1 -o whole.json
  [ "$status" -eq 0 ]
  [ "$(of_result chunked.json '{c["ledger"]["checksum"] for c in r["cells"]}')" = \
    "$(of_result whole.json '{c["ledger"]["checksum"] for c in r["cells"]}')" ]
}

@test "nginx: by hand the same bytes come in as through libcurl" {
  start_nginx
  for path in small large empty created chunked; do
    run --separate-stderr bounded "$TVA" run --model tasks,pool --job "http:requests=4,url=$url/$path" --job "http:requests=4,client=direct,url=$url/$path" --jobs 10 --rounds 1 -o run.json
    [ "$status" -eq 0 ]
    [ "$(of_result run.json '[c["valid"] for c in r["cells"]]')" = "[True, True, True, True]" ]
    [ "$(of_result run.json 'len({(c["ledger"]["bytes_in"], c["ledger"]["checksum"]) for c in r["cells"]})')" -eq 1 ]
  done
}

# A certificate for this address, which vouches for itself.
make_certificate() {
  command -v openssl >/dev/null || skip "there is no openssl"
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=test \
    -addext "subjectAltName=IP:$1" -keyout key.pem -out certificate.pem 2>/dev/null
}

@test "nginx: https gets the same bytes under every model, and what vouches for another is refused" {
  make_certificate 127.0.0.1
  tls=on
  start_nginx
  run --separate-stderr bounded "$TVA" run --url "$url/large" --ca "$PWD/certificate.pem" --jobs 4 --rounds 1 -o run.json
  [ "$status" -eq 0 ]
  valid_result run.json
  [ "$(of_result run.json '{(c["valid"], c["ledger"]["bytes_in"]) for c in r["cells"]}')" = "{(True, 400000)}" ]
  run --separate-stderr bounded "$TVA" run --url "$url/small" --model tasks,pool --jobs 2 --rounds 1 -o run.json
  [ "$status" -eq 1 ]
  [ "$(of_result run.json '{x for c in r["cells"] for x in c["reasons"]}')" = \
    "{'2 of 2 jobs failed: certificate is not trusted, or is for another name 2'}" ]
  run --separate-stderr bounded "$TVA" run --url "http${url#https}/small" --model tasks --jobs 2 --rounds 1
  [ "$status" -eq 1 ] # nginx says 400
  bounded "$TVA" cell --model tasks --job "http:url=$url/large,ca=$PWD/certificate.pem + http:url=$url/small" --jobs 2 2>said && false
  [ "$(<said)" = "tva cell: 2 of 2 jobs failed, the first with: certificate is not trusted, or is for another name" ]
  bounded "$TVA" cell --model pool --url "$url/small" --ca key.pem --jobs 2 >/dev/null 2>said && false
  [ "$(<said)" = "tva cell: 2 of 2 jobs failed, the first with: file of certificates has none" ]
  refused "tva run: job http: ca=nowhere: No such file*" run --url "$url/" --ca nowhere
  refused "tva run: job http: ca is for an https:// url" run --url http://127.0.0.1/ --ca "$PWD/certificate.pem"
  refused "tva run: --ca is for --url*" run --job http --ca "$PWD/certificate.pem"
  refused "tva run: job http: https needs libcurl*" run --url "$url/" --job http:client=direct
}

# The system's certificates are those in /etc/ssl/certs; in a mount of its own the test puts that of nginx there.
@test "nginx: where a file of certificates is given, none of the system vouches for a server" {
  unshare --user --map-root-user --mount mount -t tmpfs none /etc/ssl/certs 2>/dev/null || skip "needs a mount of its own"
  make_certificate 127.0.0.1
  tls=on
  start_nginx
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=other -keyout other.key -out other.pem 2>/dev/null
  cat >system <<'SCRIPT'
mount -t tmpfs none /etc/ssl/certs && cp certificate.pem /etc/ssl/certs && openssl rehash /etc/ssl/certs && cp other.pem /etc/ssl/certs/ca-certificates.crt || exit
timeout 50 "$TVA" cell --model tasks --url "$1/small" --jobs 2 || exit 77
timeout 50 "$TVA" cell --model tasks --url "$1/small" --ca "$PWD/other.pem" --jobs 2
SCRIPT
  run --separate-stderr bounded unshare --user --map-root-user --mount bash system "$url"
  [ "$status" -ne 77 ] || skip "the system's certificates are elsewhere"
  [ "$status" -eq 1 ]
  [[ $stderr == *"2 of 2 jobs failed, the first with: certificate is not trusted, or is for another name" ]]
}

@test "nginx: redirects are not followed, and a missing file is no success" {
  start_nginx
  for path in moved nowhere; do
    run --separate-stderr bounded "$TVA" run --url "$url/$path" --model tasks,pool --jobs 5 --rounds 1 -o run.json
    [ "$status" -eq 1 ]
    [ "$(of_result run.json '[c["reasons"] for c in r["cells"]]')" = \
      "[['5 of 5 jobs failed: status not 2xx 5'], ['5 of 5 jobs failed: status not 2xx 5']]" ]
  done
}

# Both clients fail at this path of the faulty server, with this errno and these words, under every model or, with further words,
# under those.
fails_with() {
  run --separate-stderr bounded "$TVA" run --job "http:url=$url$1,timeout=10s" --job "http:url=$url$1,timeout=10s,client=direct" --jobs 4 --rounds 1 --warmup 0 -o run.json "${@:4}"
  [ "$status" -eq 1 ]
  [ "$(of_result run.json '[c["valid"] for c in r["cells"] if c["valid"]]')" = "[]" ]
  [ "$(of_result run.json 'sorted({str(c["ledger"]["errors"]) for c in r["cells"]})')" = "[\"{'$2': 4}\"]" ]
  [ "$(of_result run.json '{x for c in r["cells"] for x in c["reasons"]}')" = "{'4 of 4 jobs failed: $3 4'}" ]
  none_running
}

@test "each fault is counted by its kind, a reset and a refused connection under every model" {
  start_faults
  fails_with /reset ECONNRESET "connection reset by peer"
  fails_with /short EBADMSG "body of the wrong length, or delay not held" --model tasks,pool
  fails_with /nothing ECONNRESET "connection reset by peer" --model tasks,pool
  fails_with /garbage EPROTO "answer is not HTTP" --model tasks,pool
  fails_with /status/500 EREMOTEIO "status not 2xx" --model tasks,pool
  fails_with /status/302 EREMOTEIO "status not 2xx" --model tasks,pool
  kill "$server"
  wait "$server" || true
  fails_with / ECONNREFUSED "connection refused"
}

# GET these paths of the faulty server through both clients: what the cells say, by path and client.
get_faults() {
  local timeout=$1 path client jobs=()

  shift
  for path in "$@"; do
    for client in curl direct; do
      jobs+=(--job "http:url=$url/$path,timeout=$timeout,client=$client")
    done
  done
  run --separate-stderr bounded "$TVA" run "${jobs[@]}" --model tasks,pool --jobs 3 --rounds 1 --warmup 0 -o run.json
  none_running
  python '
said = set()
for c in load("run.json")["cells"]:
    what = c["ledger"]["errors"] or {"bytes": c["ledger"]["bytes_in"]}
    path = c["params"]["url"].rsplit("/")[-1]
    said.add(" ".join([path, c["params"]["client"], *(f"{word} {n}" for word, n in what.items())]))
print("\n".join(sorted(said)))' >said
}

@test "an answer that breaks the rules is an error, though libcurl takes some; the answer by hand is refused" {
  start_faults
  get_faults 10s half cut chunk chunks headers negative lengths overflow version line
  [ "$status" -eq 1 ]
  sed -n '/ direct /p' said >by-hand
  diff by-hand - <<'SAID'
chunk direct EPROTO 3
chunks direct EPROTO 3
cut direct EBADMSG 3
half direct ECONNRESET 3
headers direct EMSGSIZE 3
lengths direct EPROTO 3
line direct EMSGSIZE 3
negative direct EPROTO 3
overflow direct EPROTO 3
version direct EPROTO 3
SAID
  sed -n 's/ curl / direct /p' said >by-libcurl
  diff <(grep -vE '^(lengths|line|overflow|version)' by-libcurl) <(grep -vE '^(lengths|line|overflow|version)' by-hand)
}

@test "a connection that the server has closed without a word is no fault: the request goes to another" {
  start_faults
  run --separate-stderr bounded "$TVA" run --job "http:requests=9,url=$url/closes" --job "http:requests=9,url=$url/closes,client=direct" --model tasks,uring,pool --jobs 5 --rounds 1 -o run.json
  [ "$status" -eq 0 ]
  [ "$(of_result run.json '{c["ledger"]["operations"] for c in r["cells"]}')" = "{45}" ]
}

@test "an answer in single bytes is whole, and what comes after an answer is no part of it" {
  start_faults
  get_faults 10s trickle longer
  [ "$status" -eq 0 ]
  diff said - <<'SAID'
longer curl bytes 30
longer direct bytes 30
trickle curl bytes 30
trickle direct bytes 30
SAID
}

@test "an answer without end is given up at the timeout" {
  start_faults
  get_faults 50ms body chunked
  [ "$status" -eq 1 ]
  diff said - <<'SAID'
body curl ETIMEDOUT 3
body direct ETIMEDOUT 3
chunked curl ETIMEDOUT 3
chunked direct ETIMEDOUT 3
SAID
  get_faults 50ms continue # libcurl takes only so many
  [ "$status" -eq 1 ]
  grep -qx 'continue direct ETIMEDOUT 3' said
  grep -qxE 'continue curl (ETIMEDOUT|EPROTO|EMSGSIZE) 3' said
}

@test "a server that never answers is given up at the timeout, under every model" {
  start_faults
  run --separate-stderr bounded "$TVA" run --job "http:url=$url/silent,timeout=50ms" --job "http:url=$url/silent,timeout=50ms,client=direct" --jobs 3 --rounds 1 --warmup 0 -o run.json
  [ "$status" -eq 1 ]
  [ "$(of_result run.json '{x for c in r["cells"] for x in c["reasons"]}')" = "{'3 of 3 jobs failed: no answer in time 3'}" ]
  [ "$(of_result run.json '{str(c["ledger"]["errors"]) for c in r["cells"]}')" = "{\"{'ETIMEDOUT': 3}\"}" ]
  [ "$(of_result run.json 'all(c["summary"]["service_ns"]["min"] >= 50e6 for c in r["cells"])')" = True ]
}

@test "without a timeout, the harness's own ends it" {
  start_faults
  run --separate-stderr bounded "$TVA" run --url "$url/silent" --model tasks,blocking --jobs 2 --rounds 1 --timeout 500ms
  [ "$status" -eq 1 ]
  [ "$(grep -c 'longer than 500 ms' <<<"$stderr")" -eq 2 ]
  none_running
}

@test "answers that differ from run to run make the cell invalid" {
  start_faults
  run --separate-stderr bounded "$TVA" run --url "$url/differs" --model tasks,pool --jobs 3 --rounds 2 -o run.json
  [ "$status" -eq 1 ]
  [[ $(of_result run.json 'r["cells"][0]["reasons"]') == *"did other work than run 1: checksum"*"the server gives other answers"*"--ledger status"* ]]
  run --separate-stderr bounded "$TVA" run --url "$url/differs" --ledger status --model tasks,pool --jobs 3 --rounds 2 -o run.json
  [ "$status" -eq 0 ]
  [ "$(of_result run.json '{(c["valid"], c["ledger"]["operations"], c["ledger"]["bytes_in"]) for c in r["cells"]}')" = "{(True, 3, 0)}" ]
}

@test "one run of one cell goes to a URL too, and says what failed" {
  start_faults
  run --separate-stderr bounded "$TVA" cell --model tasks --url "$url/" --jobs 5
  [ "$status" -eq 0 ]
  [[ $output == "tasks http:requests=1,url=$url/ x 5: "* ]]
  run --separate-stderr bounded "$TVA" cell --model pool --url "$url/status/404" --jobs 5
  [ "$status" -eq 1 ]
  [[ $stderr == "tva cell: 5 of 5 jobs failed, the first with: status not 2xx" ]]
}

# A URL is refused with one sentence that matches the pattern.
refused_url() {
  refused "$2" run --url "$1"
}

@test "only URLs on loopback are asked, others are refused with a sentence" {
  refused_url 'http://[2001:db8::1]/' 'tva run: --url *2001:db8::1* is not on this machine; *'
  for host in 192.0.2.1 10.0.0.1 example.invalid 0.0.0.0 127.0.0.1.example.invalid; do
    refused_url "http://$host/" "tva run: --url *host $host is not on this machine; only 127.0.0.0/8, \[::1\] and localhost*"
  done
  refused 'tva run: job http: host 192.0.2.1 is not on this machine; remote=on allows it*' run --job http:url=http://192.0.2.1/
  refused_url file:///etc/hostname 'tva run: --url *not an http:// or https:// URL'
  refused_url nonsense 'tva run: --url *not a URL*http://HOST:PORT/PATH'
  refused_url http://127.0.0.1:99999/ 'tva run: --url *not a URL*'
  refused_url http://me:secret@127.0.0.1/ 'tva run: --url *user name*'
  refused_url 'http://127.0.0.1/a,b' 'tva run: *comma*'
}

@test "another machine is asked with --remote alone, by name of the option" {
  alone=()
  set_alone
  ((${#alone[@]} > 0)) || skip "needs a network of its own"
  refused 'tva run: --target is for tcp jobs and http jobs without a url, and there is none: add --job tcp' run --job null --target 127.0.0.1:4000
  refused 'tva run: --target is for *http jobs without a url*' run --url http://127.0.0.1:1/ --target 127.0.0.1:4000
  refused 'tva run: --target is for *http jobs without a url*' run --job 'sleep + http:url=http://127.0.0.1:1/' --target 127.0.0.1:4000
  refused 'tva run: --target 192.0.2.1:4000 is not on this machine; --remote allows it*' run --job tcp --target 192.0.2.1:4000
  refused 'tva run: --remote is for --url and --target*' run --remote
  refused 'tva run: --target "here" is not an address*' run --target here
  refused 'tva serve: --listen*--remote*' serve --listen 0.0.0.0
  refused 'tva serve: --listen "all" is not an IPv4 address*' serve --listen all
  cat >elsewhere <<'SCRIPT'
ip addr add 192.0.2.1/32 dev lo
timeout 60 "$TVA" serve --listen 192.0.2.1 --remote >serve.out & server=$!
until [ -s serve.out ]; do sleep 0.05; done
address=$(sed -n 's/^listening on //p' serve.out)
timeout 50 "$TVA" run --remote --target "$address" --job tcp:requests=2 --job http --job http:client=direct --model tasks,pool --jobs 5 --rounds 1 -q -o run.json &&
  timeout 50 "$TVA" run --remote --url "http://$address/?size=1k" --job http --job http:client=direct --model tasks,pool --jobs 5 --rounds 1 -q -o url.json
status=$?
kill $server
exit $status
SCRIPT
  run --separate-stderr bounded "${alone[@]}" bash elsewhere
  [ "$status" -eq 0 ]
  valid_result run.json
  [ "$(of_result run.json 'sorted({(c["spec"], c["ledger"]["operations"]) for c in r["cells"]})')" = "[('http:requests=1', 5), ('http:requests=1,client=direct', 5), ('tcp:bytes=64,requests=2', 10)]" ]
  [ "$(of_result url.json '{c["params"]["remote"] for c in r["cells"]}, {c["ledger"]["bytes_in"] for c in r["cells"]}')" = "({True}, {5120})" ]
}

@test "a URL without an http job, or with what only the target does, is a usage error" {
  run --separate-stderr bounded "$TVA" run --url http://127.0.0.1:1/ --job sleep
  [ "$status" -eq 2 ]
  [[ $stderr == "tva run: --url is for http jobs, and there is none: add --job http" ]]
  run --separate-stderr bounded "$TVA" run --url http://127.0.0.1:1/ --job http:size=1k
  [ "$status" -eq 2 ]
  [[ $stderr == "tva run: job http: size is for the target; "* ]]
}

@test "the comparison with wrk prints all figures and their ratios, and holds tasks to a least one" {
  command -v wrk >/dev/null || skip "there is no wrk"
  run --separate-stderr bounded "$TVA_SOURCE/bench/scripts/wrk.sh" --rounds 1 --connections 5 --requests 200 --query size=1k
  [ "$status" -eq 0 ]
  [[ ${lines[0]} =~ ^\ +round\ +wrk\ +tasks\ direct\ +tasks\ curl\ +pool\ direct\ +pool\ curl$ ]]
  [[ ${lines[-2]} =~ ^\ +ratio\ +1\.00(\ +[0-9]+\.[0-9][0-9]){4}$ ]]
  [[ ${lines[-1]} =~ ^requests\ per\ CPU\ second\ of\ the\ client,\ 5\ connections:\ tasks\ makes\ [0-9.]+\ of\ wrk\'s, ]]
  run bounded "$TVA_SOURCE/bench/scripts/wrk.sh" --rounds 1 --connections 5 --requests 200 --least 1000
  [ "$status" -eq 1 ]
  run bounded "$TVA_SOURCE/bench/scripts/wrk.sh" --frobnicate
  [ "$status" -eq 2 ]
  none_running
}
