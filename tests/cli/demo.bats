#!/usr/bin/env bats
# The promise: tva demo shows each lesson as it happens, in the order that the lesson says, and checks
# it; charts are drawn where that was asked for and nowhere else; a wrong word is answered with the
# right one.

bats_require_minimum_version 1.5.0
load helper

# Run a demo without charts; it must hold.
demo() {
  run --separate-stderr bounded "$TVA" demo --no-chart --scale "${SCALE:-0.05}" "$@"
  echo "$output"
  echo "stderr: $stderr"
  [ "$status" -eq 0 ]
  [ -z "$stderr" ]
  [[ $output == *"  verdict   as expected"* ]]
  [[ $output != *FAILS* ]]
}

# These patterns occur in the output in this order, each in a line of its own.
in_order() ( # a subshell, whose loops bats does not trace
  trap - DEBUG
  at=0
  for pattern; do
    while ((at < ${#lines[@]})) && ! [[ ${lines[at]} =~ $pattern ]]; do
      at=$((at + 1))
    done
    if ((at++ == ${#lines[@]})); then
      echo "missing, or out of order: $pattern" >&2
      exit 1
    fi
  done
)

how_often() {
  grep -Ec -- "$1" <<<"$output"
}

@test "every demo is listed, with what it does" {
  run bounded "$TVA" demo --list
  [ "$status" -eq 0 ]
  [ "$(how_often '^[a-z-]+ +[a-z]')" -eq 16 ]
  for name in sequential-await lazy-coroutines create-task blocked-loop offloaded async-http call-vs-await \
    await-blocks-caller sleep-zero await-may-not-yield own-awaitable future task-is-future preemption cancel-and-timeout \
    producer-consumers; do
    [ "$(how_often "^$name +[a-z]")" -eq 1 ]
  done
}

@test "sequential-await: a request starts when the one before it is done" {
  demo sequential-await
  in_order 'number of tasks: 1' 'request 1 +starts' 'request 1 +done' 'request 2 +starts' 'request 2 +done' \
    'request 3 +starts' 'request 3 +done' 'request 4 +starts' 'request 4 +done' 'request 5 +starts' \
    'request 5 +done' 'results: 1 2 3 4 5' 'measured +[0-9]+\.[0-9]+ s' 'expected +0\.250 s' 'article +5\.007 s'
}

@test "lazy-coroutines: nothing starts before it is gathered" {
  demo lazy-coroutines
  in_order 'number of tasks: 1$' 'main +sleeps' 'main +woke up: 0 ' 'request 1 +starts' 'request 5 +starts' \
    'request 1 +done' 'request 5 +done' 'results: 1 2 3 4 5' 'expected +0\.150 s, 1 task'
  [ "$(how_often ' starts$')" -eq 5 ]
}

@test "create-task: all is done while main sleeps" {
  demo create-task
  in_order 'number of tasks: 6$' 'main +sleeps' 'request 1 +starts' 'request 5 +starts' 'request 1 +done' \
    'request 5 +done' 'main +woke up: 5 ' 'results: 1 2 3 4 5' 'expected +0\.100 s, 6 tasks'
}

@test "blocked-loop: no beat before the answer, and the warning of debug mode" {
  SCALE=0.2 demo blocked-loop
  in_order 'makes a synchronous request' 'status 200' 'number 1 took' 'number 2 took' 'number 10 took' \
    "stderr +tva: task 'main' held the loop for" 'first beat took as long as the request'
  if [[ ${TVA_SANITIZE:-} != *thread* ]]; then
    in_order "stderr +tva: task 'main' held the loop for .* in [a-z0-9_]+, called by .*curl_easy_perform,.* main_coro$" \
      'holds +and the function that blocked it: [a-z0-9_]+$'
  fi
  [ "$(how_often 'counter +sleep.* took ')" -eq 10 ]
  none_running
}

@test "offloaded and async-http: the beats come before the answer" {
  SCALE=0.2 demo offloaded
  in_order 'number 1 took' 'main +status 200'
  [ "$(how_often 'counter +sleep.* took ')" -eq 10 ]
  SCALE=0.2 demo async-http
  in_order 'number 1 took' 'main +status 200'
  [ "$(how_often 'counter +sleep.* took ')" -eq 10 ]
  none_running
}

@test "call-vs-await: the call runs nothing, await runs it in the same task, dropping it is warned about" {
  demo call-vs-await
  in_order 'called greet.* run 0 times' 'slept; .* run 0 times' 'awaits the object' \
    "greet +runs, in the task 'main'" 'run 1 time$' 'awaits it again: refused' \
    "stderr +tva: coroutine 'greet' was never awaited"
  [ "$(how_often 'greet +runs')" -eq 1 ]
}

@test "await-may-not-yield: no switch for a finished future" {
  demo await-may-not-yield
  in_order 'finished future: result 1, 0 task switches' 'other +starts' 'callback +is called' 'other +finishes' \
    'pending future: result 2, 3 task switches'
}

@test "own-awaitable: awaited alone, then two at the same time" {
  demo own-awaitable
  in_order 'first +2' 'first +0' 'returned 42$' 'second +2' 'third +0' 'second +0' 'returned 42 and 42'
}

@test "future: not there, set, there" {
  demo future
  in_order 'waiter +awaits' 'done\(\) is 0, .*EINPROGRESS' 'set_result\(42\)' 'done\(\) is 1, result\(\) is 42' \
    'callback +is called; result\(\) is 42' 'waiter +got 42'
  [ "$(how_often 'callback +is called')" -eq 1 ]
}

@test "await-blocks-caller: main waits for all of the request, and the ticker ticks meanwhile" {
  demo await-blocks-caller
  in_order 'awaits a request' 'request 1 +starts' 'tick 1$' 'has the answer: 1; meanwhile the ticker ticked [1-9]'
}

@test "sleep-zero: no turn without, one turn for each with it" {
  demo sleep-zero
  in_order 'works in 5 steps' 'had 0 turns' 'had 5 turns' 'measured +[0-9.]+ s, 0 and 5 turns'
}

@test "task-is-future: done, result and callback; a wait in the callback is refused" {
  demo task-is-future
  in_order 'made a task; done\(\) is 0' 'result\(\) is 42; tries to await' 'stderr +tva: a wait outside of a task' \
    'awaited it: 42; done\(\) is 1, result\(\) is 42' 'awaited it again: 42'
}

@test "the Python of each demo, as --source prints it, runs and shows the same" {
  python3 -c 'import asyncio; asyncio.Runner' 2>/dev/null || skip "needs Python 3.11"
  start_target
  run bounded python3 -S "$TVA_SOURCE/tests/cli/demo_python.py" "$TVA" "$url/?size=64&delay=50ms"
  echo "$output"
  [ "$status" -eq 0 ]
}

@test "a server of one's own is asked as it is; what does not fit is refused" {
  start_target
  for name in blocked-loop offloaded async-http; do
    SCALE=1 demo "$name" --url "$url/?size=8&delay=200ms"
    in_order 'status 200'
    [[ $output != *"s, beats"* ]] # nobody knows how long it should take
  done
  run --separate-stderr bounded "$TVA" demo --no-chart async-http --url "$url/?size=8"
  # A slow machine takes long enough.
  [[ $status -eq 0 || ($output == *"too soon to show anything"* && $stderr == *"could not be carried out"*) ]]
  refused 'tva demo: --url: only blocked-loop, *' demo --no-chart future --url "$url/"
  refused 'tva demo: --url *' demo --no-chart async-http --url nonsense
}

@test "preemption: tasks lose nothing between awaits, half across one; threads lose some" {
  demo preemption
  in_order 'await between updates: [0-9,]+ updates, 0 lost' 'two threads .* updates, [1-9][0-9,]* lost' \
    'read and write: 20,000 updates, 10,000 lost' 'lock meanwhile: 20,000 updates, 0 lost'
}

@test "cancel-and-timeout: they clean up; wait and shield leave the task alone" {
  demo cancel-and-timeout
  in_order 'worker 1 +sleeps' 'main +cancels it: asked' 'worker 1 +is canceled in its sleep' \
    'main +awaited it: canceled' 'worker 2 +sleeps' 'worker 2 +is canceled in its sleep' 'wait_for: timed out' \
    'worker 3 +sleeps' 'wait and a shielded wait_for timed out' 'worker 3 +is canceled in its sleep'
}

@test "producer-consumers: the queue makes the producer wait; a group cancels the others, gather does not" {
  demo producer-consumers
  in_order 'has put item 2' 'consumer 1 +works on item 1' 'has put item 4' 'works on item 3' 'works on item 6' \
    'main +all is done; number of tasks: 1$' 'works on item 3' 'fails' 'is canceled' 'got the error; number of tasks: 1$' \
    'works on item 3' 'fails' 'is canceled' 'got the error; number of tasks: 3$'
  [ "$(how_often 'fails \(-EBADMSG\)')" -eq 2 ]
}

@test "texts name the durations of their scale" {
  demo lazy-coroutines
  in_order 'main sleeps 100 ms, then' 'expected .* the sleep of 100 ms, and .* at once, 50 ms' 'article .*Python, at scale 1'
  run bounded "$TVA" demo --list --scale 0.5
  in_order '^lazy-coroutines .* main sleeps 1 s, then'
}

@test "the story is shown as it happens" {
  # Ten seconds lie between the beginning and the end, which the tests above have.
  "$TVA" demo --no-chart --scale 10 future >told 3>&- &
  eventually grep -q 'made a future' told
  run ! grep verdict told
}

@test "of several a table is shown at the end, with the article's figures" {
  COLUMNS=120 demo create-task await-may-not-yield
  in_order '^demo +measured +expected +article' '^create-task .* 6 tasks .*0\.100 s, 6 tasks.*2\.002 s' \
    '^await-may-not-yield '
}

@test "charts go where they are asked to, in both formats, with their data" {
  run --separate-stderr bounded "$TVA" demo --scale 0.02 -o charts sequential-await create-task blocked-loop
  echo "$output $stderr"
  [ "$status" -eq 0 ]
  [ -z "$stderr" ]
  for name in sequential-await create-task blocked-loop lessons; do
    grep -q '</svg>' "charts/$name.svg"
    [ "$(head -c 4 "charts/$name.png" | tail -c 3)" = PNG ]
    [ -s "charts/data/$name-spans.dat" ]
    [[ $output == *"charts/$name.svg"* ]]
  done
  [ "$(grep -c '^panels = 3$' charts/data/lessons.gp)" -eq 1 ]
  grep -q 'request 5' charts/create-task.svg
  grep -q 'late<' charts/blocked-loop.svg # the beat that the request held up
  [ "$(ls)" = charts ]
}

@test "a sleeping task looks the same in every row, and preemption draws what was lost" {
  run bounded "$TVA" demo all --scale 0.01 -o charts
  cat charts/data/*-spans.dat >spans
  grep -q 'sleep(' spans
  run awk '/sleep/ && $3 != 1' spans # SPAN_WAITING
  [ -z "$output" ]
  for lost in '>0 of [0-9,]* lost<' '>10,000 of 20,000 lost<' '>0 of 20,000 lost<' '>[1-9][0-9,]* of [0-9,]* lost<'; do
    grep -q "$lost" charts/preemption.svg
  done
}

@test "in a tree of tva charts go to results/latest/demo, elsewhere nowhere" {
  run --separate-stderr bounded "$TVA" demo --scale 0.02 future
  [ "$status" -eq 0 ]
  [[ $stderr == *"-o DIR"* ]]
  [ -z "$(ls)" ]
  mkdir results
  cp "$TVA_SOURCE/results/schema.json" results/
  run --separate-stderr bounded "$TVA" demo --scale 0.02 future
  [ "$status" -eq 0 ]
  [ -s results/latest/demo/future.svg ]
}

@test "without gnuplot the demo still runs, and says that there is no chart" {
  mkdir bin
  run --separate-stderr bounded env PATH="$PWD/bin" "$TVA" demo --scale 0.02 -o charts future
  [ "$status" -eq 0 ]
  [[ $stderr == "tva demo: no chart: "*gnuplot* ]]
  [[ $output == *"verdict   as expected"* ]]
}

@test "a folder that cannot be made is named before anything runs" {
  touch file
  for dir in file/charts missing/charts file; do
    run --separate-stderr bounded "$TVA" demo --scale 0.02 -o "$dir" future
    [ "$status" -eq 1 ]
    [ -z "$output" ]
    [[ $stderr == "tva demo: cannot make the folder $dir: "* ]]
  done
}

@test "a wrong name is answered with the nearest one, a wrong scale with the range" {
  run --separate-stderr bounded "$TVA" demo create-taks
  [ "$status" -eq 2 ]
  [ -z "$output" ]
  [[ $stderr == *'"create-taks"'*'"create-task"'* ]]
  for scale in 0 -1 x 1x '' nan inf 1000; do
    run --separate-stderr bounded "$TVA" demo --scale "$scale" future
    [ "$status" -eq 2 ]
    [ -z "$output" ]
    [[ $stderr == *--scale*0.01*10* ]]
  done
  run --separate-stderr bounded "$TVA" demo
  [ "$status" -eq 2 ]
  [[ $stderr == *--list* ]]
}
