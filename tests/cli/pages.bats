#!/usr/bin/env bats
# The promise: what the pages say is there. Paths and links lead somewhere, and the workflows for CI, the project's own and
# the one to copy, run as they stand: with targets, scripts and options that there are, and the right end for each status.

bats_require_minimum_version 1.5.0
load helper

@test "every path and link in a page leads somewhere" {
  run bounded python3 -S "$TVA_SOURCE/tests/cli/pages.py" "$TVA_SOURCE"
  echo "$output"
  [ "$status" -eq 0 ]
}

@test "the figures of README and docs are those of the stored results" {
  run bounded python3 -S "$TVA_SOURCE/tests/cli/page_figures.py" "$TVA" "$TVA_SOURCE"
  echo "$output"
  [ "$status" -eq 0 ]
}

@test "a figure that is not that of the stored results is found, and put right" {
  mkdir tree
  cp -r "$TVA_SOURCE"/{README.md,docs,results} tree
  sed -i 's/as tasks, [0-9]* times less/as tasks, 7 times less/' tree/README.md
  sed -i 's/^| tasks | M/| taskz | M/' tree/docs/theory.md
  run bounded python3 -S "$TVA_SOURCE/tests/cli/page_figures.py" "$TVA" tree
  [ "$status" -eq 1 ]
  [[ $output == *"README.md: it has: "*"7 times less"* && $output == *"docs/theory.md: it has: | taskz"* ]]
  bounded python3 -S "$TVA_SOURCE/tests/cli/page_figures.py" "$TVA" tree --write
  cmp tree/README.md "$TVA_SOURCE/README.md"
  cmp tree/docs/theory.md "$TVA_SOURCE/docs/theory.md"
}

@test "a path and a link that lead nowhere are found" {
  mkdir -p lib/base
  touch lib/base/err.c
  printf '# A page\n\n`lib/base/err.c` `lib/*/err.*` `lib/base/NAME.c` [here](#a-page) [up](lib/base)\n' >page.md
  run bounded python3 -S "$TVA_SOURCE/tests/cli/pages.py" .
  [ "$status" -eq 0 ]
  printf '`lib/base/gone.c` [a](gone.md) [b](page.md#gone)\n' >>page.md
  run bounded python3 -S "$TVA_SOURCE/tests/cli/pages.py" .
  [ "$status" -eq 1 ]
  [ "$output" = "page.md: there is no lib/base/gone.c
page.md: there is no gone.md
page.md: page.md has no heading #gone" ]
}

# A tree whose make writes down what it would do in the real one, and whose scripts do the same and end as $STATUS says.
fake_tree() {
  python3 -c 'import yaml' 2>/dev/null || skip "needs python3-yaml"
  mkdir -p bin bench/scripts
  cat >bin/make <<SCRIPT
#!$BASH
echo "make \$*" >>"$PWD/ran"
unset MAKEFLAGS
exec $(command -v make) --no-print-directory --dry-run -C "$TVA_SOURCE" "\$@" >/dev/null
SCRIPT
  cat >bench/scripts/regress.sh <<SCRIPT
#!$BASH
echo "regress.sh \$*" >>"$PWD/ran"
exit "\$STATUS"
SCRIPT
  printf '#!%s\necho "setup.sh $*" >>"%s"\n' "$BASH" "$PWD/ran" >bench/scripts/setup.sh
  printf '#!%s\nexit 0\n' "$BASH" >bin/apt-get
  printf '#!%s\necho "${CC-} cmake $*" >>"%s"\n' "$BASH" "$PWD/ran" >bin/cmake
  chmod +x bin/* bench/scripts/*
  export PATH=$PWD/bin:$PATH GIT_CONFIG_GLOBAL=$PWD/gitconfig GIT_CONFIG_NOSYSTEM=1
  export GITHUB_STEP_SUMMARY=$PWD/summary.md GITHUB_WORKSPACE=$PWD
  git init --quiet
  for subject in base change; do
    git -c user.name=a -c user.email=a@example.org commit --quiet --allow-empty -m "$subject"
  done
  base=$(git rev-parse HEAD^1)
}

# Run a job of a workflow; `ran` has what it did.
job() { # FILE JOB STATUS-OF-THE-GATE
  : >ran
  python3 "$TVA_SOURCE/tests/cli/workflow.py" "$TVA_SOURCE/$1" "$2" >job.sh
  STATUS=$3 run bounded bash job.sh
  echo "$output"
}

did() {
  diff <(printf '%s\n' "$@") ran
}

@test "the project's workflow makes targets that there are, and fails with the gate but for status 4" {
  fake_tree
  workflow=.github/workflows/ci.yml
  job $workflow test 0
  [ "$status" -eq 0 ]
  did "make test"
  job $workflow clang 0
  [ "$status" -eq 0 ]
  did "setup.sh --test" "clang cmake --preset dev" " cmake --build --preset dev"
  job $workflow lint 0
  [ "$status" -eq 0 ]
  did "make lint"
  workflow=.github/workflows/gate.yml
  mkdir -p build/release
  printf '#!%s\necho "tva $*" >>"%s"\n' "$BASH" "$PWD/ran" >build/release/tva
  chmod +x build/release/tva
  job $workflow counts 0
  [ "$status" -eq 0 ]
  did "make build" "setup.sh --counts" "tva run --profile gate --counts=only --quiet -o run.json" "action run=run.json tva=build/release/tva"
  for gate in 0:0 4:0 3:3 2:2 1:1; do
    job $workflow times "${gate%:*}"
    [ "$status" -eq "${gate#*:}" ]
    did "make build" "regress.sh --base $base --markdown $PWD/summary.md"
  done
}

@test "the workflow in docs/ci.md does what it says" {
  fake_tree
  job docs/ci.md counts 3
  [ "$status" -eq 3 ]
  did "make build" "setup.sh --counts" "regress.sh --counts-only --markdown $PWD/summary.md"
  for gate in 0:0 4:0 3:3; do
    job docs/ci.md times "${gate%:*}"
    [ "$status" -eq "${gate#*:}" ]
    did "make build" "regress.sh --base $base --markdown $PWD/summary.md"
  done
  [[ $output != *::warning::* ]]
  job docs/ci.md times 4
  [[ $output == *"::warning::"* ]]
}

@test "the options that the workflows give the scripts are ones that they have" {
  for option in --counts-only --markdown --base; do
    "$TVA_SOURCE/bench/scripts/regress.sh" --help | grep -q -- "$option"
  done
  "$TVA_SOURCE/bench/scripts/setup.sh" --help | grep -q -- --counts
}
