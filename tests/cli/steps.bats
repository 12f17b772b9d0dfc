#!/usr/bin/env bats
# The promise: a job of several parts is measured as any other job, under every model and in every command; jobs of a file are
# used by their names; what makes no sense gets one sentence that names the part or the line, and status 2.

bats_require_minimum_version 1.5.0
load helper

service='tcp:delay=2ms + cpu:time=50us + file:block=16k,size=1M'
shown='tcp:bytes=64,delay=2ms + cpu:time=50us + file:op=read,block=16k,size=1M'

@test "every model does the same work for a job of several parts, and theory knows it" {
  run --separate-stderr bounded "$TVA" run --model sequential,tasks,pool,blocking,threads,offload,loops --threads 2 --job "$service" --jobs 20 --rounds 1 --seed 3 -q -o run.json
  [ "$status" -eq 0 ]
  valid_result run.json
  [ "$(of_result run.json 'sorted({(c["group"], c["job"], c["spec"]) for c in r["cells"]})')" = \
    "[('$shown x 20', 'tcp + cpu + file', '$shown')]" ]
  [ "$(of_result run.json 'len({str(c["ledger"]) for c in r["cells"]}), all(c["valid"] for c in r["cells"])')" = "(1, True)" ]
  [ "$(of_result run.json '[r["cells"][0]["ledger"][k] for k in ("operations", "bytes_in", "bytes_out")]')" = "[60, $((20 * (64 + 16384))), 1280]" ]
  [ "$(of_result run.json '[r["cells"][0]["params"][k] for k in ("1.delay", "2.time", "2.rounds", "3.block")]')" = "[2000000, 50000, 1000000, 16384]" ]
  [ "$(of_result run.json '{c["model"]: round(1e6 * c["summary"]["ideal_makespan_s"]) for c in r["cells"] if c["model"] in ("sequential", "tasks", "pool")}')" = \
    "{'sequential': 41000, 'tasks': 3000, 'pool': 20500}" ]
}

@test "http by both clients, a server of one's own, and loops: the parts of a sum do not disturb each other" {
  run --separate-stderr bounded "$TVA" run --model tasks,pool,loops --job 'http:delay=1ms + http:client=direct + tcp' --clients 3 --duration 100ms --poison 5% --rounds 1 -q -o run.json
  [ "$status" -eq 0 ]
  [ "$(of_result run.json 'all(c["valid"] and c["ledger"]["operations"] % 3 == 0 for c in r["cells"])')" = True ]
}

@test "uring and loops-uring do a sum as the others do" {
  [[ $(bounded "$TVA" list models) != *"uring cannot run here"* ]] || skip "the kernel refuses io_uring"
  run --separate-stderr bounded "$TVA" run --model tasks,uring,loops-uring --job "$service" --jobs 20 --rounds 1 -q -o run.json
  [ "$status" -eq 0 ]
  [ "$(of_result run.json 'len({str(c["ledger"]) for c in r["cells"]}), all(c["valid"] for c in r["cells"])')" = "(1, True)" ]
}

@test "the cells of a sum are options that tva, a shell and a suite take" {
  bounded "$TVA" list cells --model tasks --job "$service" --jobs 3 >cells
  [ "$(cat cells)" = "--model tasks --job '$shown' --jobs 3" ]
  run bounded bash -c '"$TVA" list cells '"$(cat cells)"
  [ "$output" = "$(cat cells)" ]
  { echo '[p]' && cat cells; } >suite
  [ "$(bounded "$TVA" list cells --suite suite --profile p)" = "$(cat cells)" ]
  printf '%s\n' '[p]' "--job 'sleep + cpu" >suite
  refused "tva list: suite:2: a quotation that begins with ' or \" does not end with it" list cells --suite suite --profile p
  printf '%s\n' '[p]' "--model tasks --job='null + null' # a sum" '--model tasks --job "null + cpu"' >suite
  [ "$(bounded "$TVA" list cells --suite suite --profile p)" = $'--model tasks --job \'null + null\' --jobs 100\n--model tasks --job \'null + cpu:rounds=1M\' --jobs 100' ]
  printf '%s\n' '[p]' '--model tasks --job tcp + cpu' >suite
  refused "tva list: suite:2: a + between two words is part of a job, and the job needs quotes*" list cells --suite suite --profile p
}

@test "what is in a cell's options runs nothing when they are pasted into a shell" {
  bounded "$TVA" list cells --model tasks --job 'http:path=/a&b;$(touch${IFS}ran)#c' --jobs 3 >cells
  run bounded bash -c '"$TVA" list cells '"$(cat cells)"
  [ "$output" = "$(cat cells)" ]
  [ "$(ls)" = cells ]
  { echo '[p]' && cat cells; } >suite
  [ "$(bounded "$TVA" list cells --suite suite --profile p)" = "$(cat cells)" ]
}

@test "an axis reaches a parameter of a part" {
  run --separate-stderr bounded "$TVA" sweep --over job.2.time=10us,40us --over duration=1ms,2ms --job 'sleep:dist=fixed + cpu:time=1us' --model tasks --jobs 4 --rounds 1 --search-time 0 -q -o sweep.json
  [ "$status" -eq 0 ]
  valid_result sweep.json
  [ "$(of_result sweep.json 'sorted((c["point"]["job.2.time"], c["point"]["duration"], c["spec"]) for c in r["cells"])')" = \
    "[(1e-05, 0.001, 'sleep:duration=1ms + cpu:time=10us'), (1e-05, 0.002, 'sleep:duration=2ms + cpu:time=10us'), (4e-05, 0.001, 'sleep:duration=1ms + cpu:time=40us'), (4e-05, 0.002, 'sleep:duration=2ms + cpu:time=40us')]" ]
  refused 'tva sweep: several parts of job sleep + sleep have a parameter "duration": write which, as in job.1.duration' sweep --over duration=1ms,2ms --job 'sleep + sleep'
  refused 'tva sweep: several parts of job sleep + sleep have a parameter "duration"*' sweep --over duration=1ms,2ms --job sleep --job 'sleep + sleep'
  refused 'tva sweep: --over job.1.duration is given twice; give all values once' sweep --over duration=1ms,2ms --over job.1.duration=1ms,2ms --job 'sleep + cpu'
  refused 'tva sweep: job cpu: rounds and time exclude each other; give one' sweep --over job.rounds=1M,2M --job cpu:time=1ms
  refused 'tva sweep: no part of job sleep + cpu has a parameter "3.time"*' sweep --over job.3.time=1ms,2ms --job 'sleep + cpu'
}

@test "mixed is a sum, under its own name and parameters" {
  run --separate-stderr bounded "$TVA" run --model tasks,pool --job mixed:total=2ms,cpu=10% --jobs 10 --rounds 1 -q -o run.json
  [ "$status" -eq 0 ]
  [ "$(of_result run.json '[(c["job"], c["spec"], c["ledger"]["operations"], c["summary"]["ideal_job_s"]) for c in r["cells"]]')" = \
    "[('mixed', 'mixed:total=2ms,cpu=10%', 30, 0.002), ('mixed', 'mixed:total=2ms,cpu=10%', 30, 0.002)]" ]
}

@test "a part that fails fails its job, and says how" {
  run --separate-stderr bounded "$TVA" run --model tasks,pool --job 'sleep:us=10 + http:status=500 + file' --jobs 5 --rounds 1 -o run.json
  [ "$status" -eq 1 ]
  [[ $(of_result run.json 'r["cells"][0]["reasons"]') == *"5 of 5 jobs failed: status not 2xx 5"* ]]
  run --separate-stderr env TMPDIR=/nonexistent "$TVA" cell --model tasks --job 'null + file'
  [ "$status" -eq 1 ]
  [[ $stderr == "tva cell: cannot create a temporary file in /nonexistent"* ]]
}

@test "what is no sum is refused with the part" {
  refused 'tva cell: part 2: unknown job "slep"; did you mean "sleep"*' cell --job 'null + slep'
  refused 'tva cell: part 2: a part is missing beside a +' cell --job 'null + '
  refused 'tva cell: unknown job "null+cpu"*blanks around it*' cell --job null+cpu
  refused 'tva cell: part 2: unknown job "cpu +file"*blanks around it*' cell --job 'null + cpu +file'
  refused "tva cell: a + between two words is part of a job, and the job needs quotes: --job 'tcp + cpu'" cell --job tcp + cpu
  refused 'tva run: "--job" lacks its value: write --job NAME:KEY=VALUE,...' run --job
  refused 'tva cell: job cpu: rounds and time exclude each other; give one' cell --job cpu:rounds=1M,time=2ms
  refused 'tva cell: part 1: job cpu: beside other parts its rounds cannot be drawn*' cell --job 'cpu:dist=exp + null'
  refused 'tva cell: part 2: job file: block is larger than size*' cell --job 'null + file:block=64k,size=32k'
  refused 'tva cell: job cpu: rounds and time exclude each other; give one' cell --job cpu:rounds=5,time=1ms
  refused 'tva cell: job sleep + tcp needs a target*' cell --model tasks --job 'sleep + tcp'
  refused 'tva run: --url is for http jobs*' run --url http://127.0.0.1:1/ --job 'sleep + tcp'
}

@test "jobs of a file are used by their names, listed, and told apart from what they are not" {
  printf '%s\n' '[checkout] # a customer pays' tcp:delay=2ms 'cpu:time=50us + file:block=16k,size=1M' '' '[twice]' 'checkout + checkout' >"my jobs"
  [ "$(bounded "$TVA" list cells --model tasks --jobs-file "my jobs" --job checkout)" = "--model tasks --job '$shown' --jobs 100" ]
  [ "$(bounded "$TVA" list cells --model tasks --job 'null + checkout' --jobs-file "my jobs" --jobs 1)" = "--model tasks --job 'null + $shown' --jobs 1" ]
  run bounded "$TVA" list jobs --jobs-file "my jobs"
  [ "$status" -eq 0 ]
  [[ $output == *"checkout: $shown"*"twice: $shown + $shown"* ]]
  run --separate-stderr bounded "$TVA" run --model tasks --jobs-file "my jobs" --job twice --jobs 2 --rounds 1 -q -o run.json
  [ "$status" -eq 0 ]
  [ "$(of_result run.json 'r["cells"][0]["spec"]')" = "$shown + $shown" ]
  run --separate-stderr bounded "$TVA" sweep --jobs-file "my jobs" --job checkout --over job.1.delay=1ms,2ms --model tasks --jobs 2 --rounds 1 --search-time 0 -q -o sweep.json
  [ "$status" -eq 0 ]
  printf '%s\n' '[p]' '--model tasks --job checkout' >suite
  [ "$(bounded "$TVA" list cells --suite suite --profile p --jobs-file "my jobs")" = "--model tasks --job '$shown' --jobs 100" ]
  refused 'tva list: suite:2: unknown job "checkout"*' list cells --suite suite --profile p
  refused 'tva run: unknown job "chekout"; did you mean "checkout"*null, checkout, twice' run --jobs-file "my jobs" --job chekout
  refused 'tva run: --jobs-file defines jobs, and no --job asks for one: add --job' run --jobs-file "my jobs"
  refused 'tva run: --jobs-file defines jobs, and no --job asks for one: add --job' run --jobs-file "my jobs" --job null
  refused 'tva run: --jobs-file defines jobs, and no --job asks for one: add --job' run --jobs-file "my jobs" --profile quick
  refused 'tva run: job checkout takes no parameters*' run --jobs-file "my jobs" --job checkout:delay=1ms
  COLUMNS=60 bounded "$TVA" list jobs --jobs-file "my jobs" >list
  [ "$(bounded "$TVA" list cells --model tasks --job "$(sed -n '/^checkout: /,/^twice: /p' list | sed 's/^checkout: //; /^twice: /d')" --jobs 1)" = "--model tasks --job '$shown' --jobs 1" ]
}

@test "a jobs file may be a pipe, and lines of a suite name it from the suite's folder on" {
  mkdir shop
  printf '%s\n' '[buy]' 'null + sleep:ms=1' >shop/jobs
  printf '%s\n' '[p]' '--model tasks --job buy --jobs-file jobs' '[q]' '--model tasks --job buy' '--model pool --threads 2 --job buy' >shop/suite
  [ "$(bounded "$TVA" list cells --suite shop/suite --profile p --jobs-file shop/jobs)" = "--model tasks --job 'null + sleep:duration=1ms' --jobs 100" ]
  sed -i '/^.q/,$d' shop/suite
  [ "$(bounded "$TVA" list cells --suite shop/suite --profile p)" = "--model tasks --job 'null + sleep:duration=1ms' --jobs 100" ]
  printf '%s\n' '[q]' '--model tasks --job buy' '--model pool --threads 2 --job buy' >shop/suite
  [ "$(bounded "$TVA" list cells --suite shop/suite --profile q --jobs-file <(cat shop/jobs) | wc -l)" -eq 2 ]
  run --separate-stderr bounded "$TVA" sweep --jobs-file <(cat shop/jobs) --job buy --over duration=1ms,2ms --model tasks --jobs 2 --rounds 1 --search-time 0 -q -o sweep.json
  [ "$status" -eq 0 ]
}

@test "a fault in a jobs file is named with its line" {
  fault() { # sentence, lines
    printf '%s\n' "${@:2}" >shop
    refused "tva run: $1" run --jobs-file shop --job x
  }
  fault 'shop:3: job x is defined twice' '[x]' null '[x]' null
  fault 'shop:1: tcp is the name of a job that tva has already' '[tcp]' null
  fault 'shop:2: job y is not defined yet: a job can use those above it, and not itself' '[x]' y '[y]' x
  fault 'shop:2: job x is not defined yet*' '[x]' x
  fault 'shop:1: job x has no parts' '[x]'
  fault 'shop:2: part 2: unknown job "slep"*' '[x]' 'null + slep'
  refused 'tva run: cannot read the jobs file nowhere: No such file or directory' run --jobs-file nowhere --job null
  refused 'tva run: cannot read the jobs file .: Is a directory' run --jobs-file . --job null
  # A line that is too long for the memory is not the end of the file; a sanitizer's memory is beyond the limit.
  if [ -z "$TVA_SANITIZE" ]; then
    echo '[x]' >shop && truncate -s 1G shop
    run --separate-stderr bash -c 'ulimit -v 300000 && exec "$TVA" run --jobs-file shop --job x'
    [ "$status" -eq 2 ]
    [ "$stderr" = "tva run: cannot read the jobs file shop: Cannot allocate memory" ]
  fi
}
