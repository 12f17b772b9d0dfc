#!/usr/bin/env bats
# The promise: tva list shows all there is to choose from, from the same tables that the parser uses; and the
# cells it lists are what tva cell takes.

bats_require_minimum_version 1.5.0
load helper

@test "help, version and the list of commands" {
  run bounded "$TVA" --help
  [ "$status" -eq 0 ]
  for command in run report compare plot demo list serve cell; do
    [ "$(grep -c "^  $command " <<<"$output")" -eq 1 ]
    bounded "$TVA" "$command" --help | grep -q '^Usage: '
  done
  run bounded "$TVA" --version
  [ "$status" -eq 0 ]
  [[ $output == "tva "[0-9]*" (commit "*"built with libuv "[0-9]*", libcurl "[0-9]*"runs on libuv "[0-9]* ]]
}

# What is beside a name goes on beside it, and argp knows nothing of that.
@test "no line of help is wider than 80 columns, and each of the commands has one entry" {
  unset ARGP_HELP_FMT
  bounded "$TVA" --help >help
  commands=$(sed -n '/^Commands:$/,/^$/s/^  \([a-z]\+\) .*/\1/p' help)
  [ "$(wc -w <<<"$commands")" -ge 14 ]
  [ "$(sed -n '/^Commands:$/,/^$/p' help | grep -Evc '^Commands:$|^$|^  [a-z]+ +[a-z]|^            [a-z]')" -eq 0 ]
  for command in $commands; do
    bounded "$TVA" "$command" --help >>help
  done
  [ "$(grep -c '^Usage: tva' help)" -gt "$(wc -w <<<"$commands")" ]
  run grep -nE '^.{81}|[[:space:]]$' help
  [ -z "$output" ]
  for list in Metrics Charts 'Axes \(--over\)'; do
    [ "$(grep -Ec "^$list:\$" help)" -eq 1 ]
    sed -nE "/^$list:\$/,/^(\$|Usage)/p" help | grep -Ev "^$list:\$|^\$|^Usage" >entries
    [ "$(wc -l <entries)" -ge 8 ]
    run grep -vE '^  [a-zA-Z0-9_.-]+ +[^ ]|^ {10,20}[^ ]' entries
    [ -z "$output" ]
  done
}

@test "an option stands once in the help of its command, under its heading" {
  for command in run sweep advise pair check baseline compare cell; do
    bounded "$TVA" "$command" --help >help
    [ -z "$(grep -oE '^ +(-[a-z], )?--[a-z-]+' help | sort | uniq -d)" ]
    # A heading with nothing below it
    run grep -A 1 -E '^ [A-Z].*[a-z:]$' help
    [[ $output != *$'\n\n'* ]]
  done
}

# It is for those who test tva: below everything that users need.
@test "--inject stands in a section of its own, the last one" {
  for command in run sweep pair list cell; do
    bounded "$TVA" "$command" --help >help
    [ "$(grep -c -- --inject help)" -eq 1 ]
    [ "$(grep -E '^ [A-Z].*:$' help | tail -n 1)" = ' Faults, for testing tva itself:' ]
    [ "$(sed -n '/^ Faults, /,/--help/p' help | grep -oE '^ +(-[a-z?], )?--[a-z-]+' | xargs)" = '--inject -h, --help' ]
  done
}

@test "each job is listed with parameters, units, defaults and ranges" {
  run bounded "$TVA" list jobs
  [ "$status" -eq 0 ]
  for job in sleep file tcp cpu mixed null; do
    [ "$(grep -c "^$job: " <<<"$output")" -eq 1 ]
  done
  grep -Eq '^ +delay +duration +default 0 +0 to [0-9]+s' <<<"$output"
  grep -Eq '^ +op +read\|write +default read' <<<"$output"
  grep -Eq '^ +block +bytes +default 4k' <<<"$output"
  [[ $(tr -s ' \n' ' ' <<<"$output") == *"A job of your own is a plugin, named by its path, as in './mine.so:delay=5ms'"* ]]
}

@test "each model is listed with its theory" {
  run bounded "$TVA" list models
  [ "$status" -eq 0 ]
  grep -Eq '^sequential +io_async +N\*d +M/G/1 ' <<<"$output"
  grep -Eq '^tasks +io_async +d +M/G/inf ' <<<"$output"
  grep -Eq '^pool +io_blocking +ceil\(N/P\)\*d +M/G/c ' <<<"$output"
  grep -Eq '^blocking +io_blocking +N\*d +M/G/1 ' <<<"$output"
  grep -Eq '^threads +io_blocking +d +M/G/inf ' <<<"$output"
  grep -Eq '^offload +io_blocking +ceil\(N/P\)\*d +M/G/c ' <<<"$output"
  grep -Eq '^loops +io_async +d +M/G/inf ' <<<"$output"
  grep -Eq '^uring +io_ring +d +M/G/inf ' <<<"$output"
  grep -Eq '^loops-uring +io_ring +d +M/G/inf ' <<<"$output"
}

@test "without options the cells are the default job under every model" {
  run --separate-stderr bounded "$TVA" list cells
  [ "$status" -eq 0 ]
  [ "$(sed -E 's/^--model ([a-z]+) --job sleep:duration=10ms --jobs 100( --threads [0-9]+)?$/\1/' <<<"$output")" = "$(models_here)" ]
}

@test "every combination is a cell, each once" {
  run bounded "$TVA" list cells --model pool,tasks --threads 2,4 --jobs 1,2,2 --job null --job cpu:rounds=9
  [ "$status" -eq 0 ]
  [ "${#lines[@]}" -eq 12 ]
  [ "$(sort -u <<<"$output" | wc -l)" -eq 12 ]
}

@test "each cell listed is one that tva cell takes, options and all" {
  bounded "$TVA" list cells --job sleep:duration=1ms --jobs 3 --stack-size 32k --warmup 2 --timer-slack 5us >cells
  [ "$(wc -l <cells)" -ge 7 ]
  while read -ra options; do
    run bounded "$TVA" cell "${options[@]}"
    [ "$status" -eq 0 ]
    [[ $output == *" sleep:duration=1ms x 3: "*", ideal "* ]]
    [ "$(bounded "$TVA" list cells "${options[@]}")" = "${options[*]}" ]
  done <cells
}

@test "of a suite's cells only those marked for it are hyperfine's" {
  printf '%s\n' '[p]' '--model tasks --job null --hyperfine' '--model pool --job null' >suite
  [ "$(bounded "$TVA" list cells --suite suite --profile p | wc -l)" -eq 2 ]
  run bounded "$TVA" list cells --suite suite --profile p --hyperfine
  [ "$status" -eq 0 ]
  [ "$output" = "--model tasks --job null --jobs 100" ]
}

@test "the suite that comes with the program has both profiles, with the five jobs under all models" {
  for profile in quick full; do
    bounded "$TVA" list cells --profile "$profile" >cells
    for job in sleep tcp http file cpu; do
      for model in $(models_here); do
        grep -Eq -- "--model $model --job $job(:| )" cells
      done
    done
    [ "$(bounded "$TVA" list cells --profile "$profile" --hyperfine | wc -l)" -ge 4 ]
  done
}

@test "a fault in a suite is named by file and line, also in a profile that is not asked for" {
  printf '%s\n' '[a]' '--job null' '[b]' '# fine' '--job nul' >suite
  run --separate-stderr bounded "$TVA" list cells --suite suite --profile a
  [ "$status" -eq 2 ]
  [[ $stderr == 'tva list: suite:5: unknown job "nul"'*'"null"'* ]]
  for line in '--jobs' '--jbos 3' 'word' '--output x' '[b' '--rounds 0'; do
    printf '%s\n' '[a]' "$line" >suite
    run --separate-stderr bounded "$TVA" list cells --suite suite --profile a
    [ "$status" -eq 2 ]
    [ -z "$output" ]
    [[ $stderr == 'tva list: suite:2: '* ]]
    [ "$(wc -l <<<"$stderr")" -eq 1 ]
  done
}

@test "an unknown profile names those there are, and the nearest" {
  printf '%s\n' '[quick]' '--job null' '[full]' '--job null' >suite
  run --separate-stderr bounded "$TVA" list cells --suite suite --profile quikc
  [ "$status" -eq 2 ]
  [[ $stderr == *'"quikc"'*'"quick"'*'quick, full'* ]]
}
