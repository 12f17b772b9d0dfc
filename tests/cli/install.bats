#!/usr/bin/env bats
# The promise: what is installed works by itself, wherever it was put: the program with its own data files, pages and completion;
# the library for a stranger's program that knows only find_package() or pkg-config, whatever names that program has.

bats_require_minimum_version 1.5.0
load helper

# One staged installation for all tests of this file; moved, so that no path in it can be relied on.
setup_file() {
  DESTDIR="$BATS_FILE_TMPDIR/a stage" cmake --install "$TVA_BUILD" --prefix '/opt/first place' >"$BATS_FILE_TMPDIR/install.log"
  mv "$BATS_FILE_TMPDIR/a stage/opt/first place" "$BATS_FILE_TMPDIR/moved here"
}

setup() {
  begin
  prefix="$BATS_FILE_TMPDIR/moved here"
}

# Sets `flags` to what pkg-config says.
flags_of() {
  eval "flags=($(PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name tva.pc)") pkg-config "$@"))"
}

# A sanitized library would ask for the same in its users.
plain() {
  [[ -z $TVA_SANITIZE ]] || skip "what it is about is not made of an instrumented program"
}

@test "program, data and documents are installed" {
  [ -x "$prefix/bin/tva" ]
  [ -f "$prefix/share/tva/results/schema.json" ]
  [ -f "$prefix/share/tva/results/pair.schema.json" ]
  [ -f "$prefix/share/tva/bench/page/page.css" ]
  [ -f "$prefix/share/tva/bench/page/page.js" ]
  [ -f "$prefix/share/doc/tva/LICENSE" ]
  [ -f "$prefix/share/doc/tva/README.md" ]
  for script in "$TVA_SOURCE"/plots/*.gp; do
    cmp "$script" "$prefix/share/tva/plots/$(basename "$script")"
  done
  [ -z "$(find "$prefix" -name '*_internal.h')" ]
}

@test "every link in the installed pages leads somewhere" {
  run python '
import pathlib, re
pages = list(pathlib.Path(sys.argv[1]).rglob("*.md"))
links = [(p, link) for p in pages for link in re.findall(r"\]\(([^)#: ]+)[)#]", p.read_text())]
print(len(links), [str(p) + ": " + link for p, link in links if not (p.parent / link).exists()])' "$prefix/share/doc/tva"
  echo "$output"
  [[ $output == [1-9]?*" []" ]]
}

@test "the installed program uses the installed suite, from any folder" {
  printf '[quick]\n--model tasks --job null --jobs 17\n' >"$prefix/share/tva/bench/plan/suite.conf"
  cd / || return
  run "$prefix/bin/tva" list cells --profile quick
  [ "$status" -eq 0 ]
  [ "$output" = "--model tasks --job null --jobs 17" ]
}

@test "man has a page for each command, with every option that its --help has" {
  plain
  local command page

  for command in '' $("$TVA" --help | sed -nE '/^Commands:$/,/^$/s/^  ([a-z]+) .*/\1/p'); do
    page=$prefix/share/man/man1/tva${command:+-$command}.1
    "$TVA" ${command:+"$command"} --help | grep -oE '^  (-.,|   ) --[a-z-]+' | sed 's/^ *//; s/^-., //' | sort >options
    [ "$(wc -l <options)" -ge 3 ]
    sed -n '/^\.SH OPTIONS/,/^\.SH [^O]/s/\\-/-/gp' "$page" | grep '^\\fB' | grep -oE -- '--[a-z-]+' | sort | diff options -
    [ -z "$(command -v man)" ] || [ -z "$(man --warnings -l "$page" 2>&1 >/dev/null)" ]
  done
}

@test "bash completes commands, the options of each, and their values" {
  plain
  touch 'my run.json'
  # A shell that bats does not trace.
  bounded bash -eus -- "$prefix" <<'BASH'
source "$1/share/bash-completion/completions/tva"
PATH=$1/bin:$PATH

completes() { # TO WORD...: the last word is completed
  COMP_WORDS=(tva "${@:2}") COMP_CWORD=$(($# - 1)) COMPREPLY=()
  _tva || true # it asks for more than a shell that completes nothing has
  [[ ${COMPREPLY[*]} == "$1" ]] || { echo "${*:2}: ${COMPREPLY[*]}, not $1" >&2; exit 1; }
}

[[ $(complete -p tva) == "complete -F _tva tva" ]]
commands=$(tva --help | sed -nE '/^Commands:$/,/^$/s/^  ([a-z]+) .*/\1/p' | xargs)
[[ $commands == *run*cell* ]]
completes "$commands" ''
for command in $commands; do
  completes "$(tva "$command" --help | grep -oE '^  (-.,|   ) --[a-z-]+=?' | sed 's/.* //' | xargs)" "$command" -
done
completes report re
completes --model= run --mod
completes tasks run --model = ta
completes pool,tasks sweep --model = pool,ta
completes tcp run --job tc
completes "libuv uring" run --io =
completes only run --counts =
completes blocked-loop demo blo
completes csv export -f cs
completes 'my run.json' report my
BASH
}

# Types into a shell on a terminal: a line of `keys` each, Tab, and C-], which writes the line that the shell then has to `lines`.
typed_in() {
  while IFS= read -r line; do
    printf '%s\t\x1d' "$line"
  done <keys >typed
  printf 'exit 0\n' >>typed
  PATH=$prefix/bin:$PATH TERM=xterm bounded script -qec "$*" /dev/null <typed >screen
  diff expected lines || { cat -v screen; false; }
}

keys_and_lines() {
  printf '%s\n' 'tva swe' 'tva run --roun' 'tva run --job tc' 'tva run --job=fi' 'tva demo blo' 'tva report my' >keys
  : >'my run.json'
}

@test "an interactive bash completes a command, an option, a job, a demo and a file" {
  plain
  keys_and_lines
  cat >rc <<'BASH'
source "$PREFIX/share/bash-completion/completions/tva"
show() { printf '%s\n' "$READLINE_LINE" >>lines; READLINE_LINE=; }
bind -x '"\C-]": show'
BASH
  printf '%s\n' 'tva sweep ' 'tva run --rounds=' 'tva run --job tcp ' 'tva run --job=file ' 'tva demo blocked-loop ' 'tva report my\ run.json ' >expected
  PREFIX=$prefix typed_in "bash --rcfile rc -i"
}

@test "an interactive zsh completes a command, an option, a job, a demo and a file" {
  plain
  [ -n "$(command -v zsh)" ] || skip "needs zsh"
  keys_and_lines
  cat >.zshrc <<'ZSH'
fpath=("$PREFIX/share/zsh/site-functions" $fpath)
autoload -Uz compinit && compinit -D -u
show() { print -r -- "$BUFFER" >>lines; BUFFER=; }
zle -N show
bindkey '^]' show
ZSH
  printf '%s\n' 'tva sweep ' 'tva run --rounds ' 'tva run --job tcp ' 'tva run --job=file ' 'tva demo blocked-loop ' 'tva report my\ run.json ' >expected
  PREFIX=$prefix ZDOTDIR=$PWD typed_in "zsh -d -i"
}

@test "every name of the library begins with tva_" {
  plain
  for library in "$prefix"/lib*/libtva*.a "$prefix"/lib/*/libtva*.a; do
    [[ -e $library ]] || continue
    nm -gP --defined-only "$library" | awk 'NF > 2 { print $1 }' >>names
  done
  [ "$(wc -l <names)" -ge 300 ]
  [ "$(grep -vc '^tva_' names)" -eq 0 ]
  grep -qx tva_loop_run names
  [ "$(grep -c fiber names)" -eq 0 ]
}

# All headers, in C++ and in C, from both ends, so that none leans on one before it; and names of the program's own that the
# library has, too.
strangers_sources() {
  (cd "$prefix/include/tva" && ls [a-z]*/*.h) | sed 's/.*/#include "&"/' >all.h
  [ "$(wc -l <all.h)" -ge 40 ]
  tac all.h >all_reversed.h
  cat >short.cc <<'C'
#include "all.h"

extern "C" int long_names(void);

static int add(void *arg)
{
    return *static_cast<int *>(arg) + 1;
}

int main()
{
    int number = 41;
    struct { int loop_run; } mine = {41}; // the names are no macros
    struct loop *loop;
    struct job job;
    struct err err;

    if (loop_create(NULL, &loop) != 0 || job_parse("sleep:ms=1 + null", &job, &err) != 0)
        return 1;
    number = loop_run(loop, coro_create(add, &number));
    loop_destroy(loop);
    return number == 42 && mine.loop_run == 41 ? long_names() : 2;
}
C
  cat >long.c <<'C'
#define TVA_PREFIX
#include "all_reversed.h"

struct task { int number; };
enum { NO_DEADLINE = 5 };

int loop_run(struct task *task);
int loop_run(struct task *task)
{
    return task->number - NO_DEADLINE;
}

static int nap(void *arg)
{
    struct task mine = {5};
    struct tva_task *other = tva_task_current();

    (void)arg;
    return tva_task_sleep(TVA_NS_PER_MS) + loop_run(&mine) + (other == NULL);
}

int long_names(void);
int long_names(void)
{
    struct tva_loop *loop;
    int r = tva_loop_create(NULL, &loop);

    if (r == 0) {
        r = tva_loop_run(loop, tva_coro_create(nap, NULL));
        tva_loop_destroy(loop);
    }
    return r;
}
C
}

@test "find_package() has the targets, for C and C++, with short names and with long ones" {
  plain
  strangers_sources
  cat >CMakeLists.txt <<'CMAKE'
cmake_minimum_required(VERSION 3.24)
project(stranger LANGUAGES C CXX)
find_package(tva 0.2 REQUIRED)
add_subdirectory(examples)
add_compile_options(-Wall -Wextra -Werror)
add_executable(stranger short.cc long.c)
target_link_libraries(stranger PRIVATE tva::tva)
CMAKE
  cp -r "$prefix/share/doc/tva/examples" examples
  LIMIT=120 bounded cmake -G Ninja -B 'b d' -DCMAKE_PREFIX_PATH="$prefix" >log || { cat log; false; }
  LIMIT=120 bounded cmake --build 'b d' >log || { cat log; false; }
  './b d/stranger'
  works 'b d/examples'
}

# The examples that were built in this folder do what they are for.
works() {
  [ "$("./$1/gather")" = "b
c
a
slow: timeout" ]
  run --separate-stderr bounded "$prefix/bin/tva" run --job "$1/lookup.so:delay=1ms" --model tasks,pool --jobs 20 --rounds 1 -q
  [ "$status" -eq 0 ]
}

@test "the examples build by pkg-config" {
  plain
  cp -r "$prefix/share/doc/tva/examples" examples
  bounded make -C examples PKG_CONFIG_PATH="$(dirname "$(find "$prefix" -name tva.pc)")" CFLAGS='-Wall -Wextra -Werror' >log
  works examples
}

@test "a project can have tva in a folder of its own" {
  plain
  cat >CMakeLists.txt <<'CMAKE'
cmake_minimum_required(VERSION 3.24)
project(stranger LANGUAGES C)
add_subdirectory("$ENV{TVA_SOURCE}" tva EXCLUDE_FROM_ALL)
add_subdirectory("$ENV{TVA_SOURCE}/examples" examples)
CMAKE
  LIMIT=120 bounded cmake -G Ninja -B build >log || { cat log; false; }
  ninja -C build -t commands gather lookup >commands
  grep -q 'libtva_async' commands
  [ "$(grep -c 'bench/' commands)" -eq 0 ]
  bounded cmake --install build --prefix nowhere
  [ ! -e nowhere/bin/tva ]
}

@test "a package of Debian holds all that is installed, and its program runs" {
  plain
  [ -n "$(command -v dpkg-deb)" ] || skip "needs dpkg"
  # Looking for the libraries that it depends on takes as long as the rest of this file.
  grep -qx 'set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS "ON")' "$TVA_BUILD/CPackConfig.cmake"
  LIMIT=120 bounded cpack --config "$TVA_BUILD/CPackConfig.cmake" -B . -D CPACK_DEBIAN_COMPRESSION_TYPE=gzip \
    -D CPACK_DEBIAN_PACKAGE_SHLIBDEPS=OFF >log || { cat log; false; }
  dpkg-deb --field tva_*.deb >fields
  grep -qx 'Section: utils' fields
  grep -qx 'Version: 0\.2\.0' fields
  dpkg-deb --contents tva_*.deb | awk '{ print $2, $6 }' >contents
  grep -qx 'root/root ./usr/bin/tva' contents
  grep -q 'root/root ./usr/share/man/man1/tva-run.1' contents
  grep -qx 'root/root ./usr/share/zsh/vendor-completions/_tva' contents
  dpkg-deb --extract tva_*.deb extracted
  run --separate-stderr bounded extracted/usr/bin/tva run --job null --rounds 1
  [ "$status" -eq 0 ]
}

@test "a program that makes requests gets the module from where the library is installed" {
  plain
  cat >"$BATS_TEST_TMPDIR/user.c" <<'C'
#include "io/io_blocking.h"

#include <stdio.h>

int main(void)
{
    struct io_http_request request = {.url = "http://127.0.0.1:1/"};
    struct io_http_response response;
    struct io *io = io_blocking_create();
    struct err err;
    int r = io_http_open(io, &err);

    if (r == 0)
        r = io_http_get(io, &request, &response, NO_DEADLINE);
    else
        puts(err.text);
    io_destroy(io);
    return -r;
}
C
  flags_of --cflags --libs tva-async
  "${CC:-cc}" -o "$BATS_TEST_TMPDIR/user" "$BATS_TEST_TMPDIR/user.c" "${flags[@]}"
  run "$BATS_TEST_TMPDIR/user"
  [ "$status" -eq 111 ] # ECONNREFUSED: nobody listens there, and libcurl says so
  [ -z "$output" ]
  mv "$prefix" "$prefix.away"
  run "$BATS_TEST_TMPDIR/user"
  mv "$prefix.away" "$prefix"
  [ "$status" -eq 2 ]
  [[ $output == "libtva_http.so is missing: "*"; build or install tva anew" ]]
}

# A request by the installed program, with this source as its module. It fails, and tells why in one line.
with_module() {
  local module=$1

  bin=$(mktemp -d "$BATS_TEST_TMPDIR/XXXX")
  cp "$prefix/bin/tva" "$bin"
  [[ -z $module ]] || "${CC:-cc}" -shared -fPIC -o "$bin/libtva_http.so" "${@:2}" -x c - <<<"$module"
  run "$bin/tva" cell --model tasks --job http:url=http://127.0.0.1:1/ --jobs 1
  [ "$status" -eq 1 ]
  [ "${#lines[@]}" -eq 1 ]
}

@test "a module that is missing, broken or of another build gets a sentence" {
  with_module ""
  [[ $output == "tva cell: libtva_http.so is missing: it is neither beside the program, nor in ../"*"/tva as seen from there, nor "* ]]
  with_module "const struct { unsigned abi; const char *name; } tva_module = {99, \"http\"};"
  [[ $output == "tva cell: $bin/./libtva_http.so is of another build of tva: its interface is number 99, the program's is "* ]]
  with_module "int something;"
  [[ $output == *" is of another build of tva: "* ]]
  with_module "int missing(void); int (*needed)(void) = missing;"
  [[ $output == "tva cell: cannot load $bin/./libtva_http.so: "*"missing"*"; Debian has what it needs in libcurl4" ]]
}

@test "the installed program counts allocations by the library that is installed with it" {
  [ -z "$TVA_SANITIZE" ] || skip "allocations are not counted under sanitizers"
  cd "$BATS_TEST_TMPDIR" || return
  run timeout 100 "$prefix/bin/tva" run --quiet --counts=only --model blocking --job null -o run.json
  [ "$status" -eq 0 ]
  grep -q '"allocations_per_job"' run.json
}
