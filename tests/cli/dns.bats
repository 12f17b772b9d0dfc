#!/usr/bin/env bats
# The promise: names are looked up as the system does, alike under every model; the resolver of others is asked on request
# alone; what goes wrong is said.

bats_require_minimum_version 1.5.0
load helper

@test "every model finds the addresses of localhost, which the system knows by itself" {
  run --separate-stderr bounded "$TVA" run --job dns:requests=2 --jobs 5 --rounds 1 -o run.json
  [ "$status" -eq 0 ]
  valid_result run.json
  [ "$(of_result run.json '{(c["valid"], c["ledger"]["operations"]) for c in r["cells"]}')" = "{(True, 10)}" ]
  [ "$(of_result run.json 'len({c["ledger"]["checksum"] for c in r["cells"]})')" -eq 1 ]
}

# Run a script with a network, and a resolver there, of its own.
with_resolver() {
  unshare --net --mount true 2>/dev/null || skip "needs a network of its own"
  PATH=$PATH:/usr/sbin
  command -v dnsmasq >/dev/null || skip "there is no dnsmasq"
  echo "nameserver 127.0.0.1" >resolv.conf
  {
    echo "ip link set lo up && mount --bind $PWD/resolv.conf /etc/resolv.conf || exit 9"
    echo 'timeout 60 dnsmasq --keep-in-foreground --no-resolv --no-hosts --user= --pid-file= --listen-address=127.0.0.1 --bind-interfaces \
      --local=/invalid/ --address=/one.test/192.0.2.7 --host-record=two.test,192.0.2.8 --host-record=two.test,192.0.2.9 2>dnsmasq.log & server=$!'
    echo 'for _ in $(seq 200); do getent ahosts one.test >/dev/null && break; sleep 0.05; done'
    echo "$1"
    echo 'status=$?; kill $server; exit $status'
  } >script
  run --separate-stderr bounded unshare --net --mount bash script
}

@test "a resolver of this machine is asked, and its addresses count in any order" {
  with_resolver 'timeout 50 "$TVA" run --job dns:name=one.test --job dns:name=two.test,requests=3 --model tasks,pool,uring --jobs 8 --rounds 2 -q -o run.json'
  [ "$status" -eq 0 ]
  [ "$(of_result run.json 'sorted({(c["valid"], c["params"]["name"], c["ledger"]["operations"]) for c in r["cells"]})')" = "[(True, 'one.test', 8), (True, 'two.test', 24)]" ]
  [ "$(of_result run.json 'len({(c["spec"], c["ledger"]["checksum"]) for c in r["cells"]})')" -eq 2 ]
}

@test "a name that nobody knows makes the cell invalid" {
  with_resolver 'timeout 50 "$TVA" run --job dns:name=nobody.invalid --model tasks,pool --jobs 3 --rounds 1 -q -o run.json'
  [ "$status" -eq 1 ]
  [ "$(of_result run.json '{x for c in r["cells"] for x in c["reasons"]}')" = "{'3 of 3 jobs failed: nobody knows the name 3'}" ]
}

@test "a resolver on another machine is asked with remote=on alone" {
  unshare --mount true 2>/dev/null || skip "needs mounts of its own"
  echo "nameserver 192.0.2.53" >resolv.conf
  echo "mount --bind $PWD/resolv.conf /etc/resolv.conf && exec \"\$TVA\" run --job dns:name=one.test" >script
  run --separate-stderr bounded unshare --mount bash script
  [ "$status" -eq 2 ]
  [[ $stderr == "tva run: job dns: /etc/resolv.conf: resolver 192.0.2.53 "*"remote=on"* ]]
}
