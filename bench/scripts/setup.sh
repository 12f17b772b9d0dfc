#!/usr/bin/env bash
# Checks the tools and libraries that tva is built and measured with, and installs missing ones with
# apt when it may (as root, or through sudo without a password). Otherwise prints the one command to
# run, and exits with 1. Never asks a question; silent and quick when nothing is missing.
set -euo pipefail
export LC_ALL=C.UTF-8

usage() {
  cat <<'TEXT'
Usage: bench/scripts/setup.sh [--test] [--page] [--counts] [--lint] [--coverage]
           [--wrk] [--services] [--package] [--cluster]
           [--check]

  --test     also what the tests need
  --page     also the browser that opens pages in make test-page
  --counts   also what counting instructions needs
  --lint     also what make lint and make format need
  --coverage also what the report of make coverage needs
  --wrk      also what the comparison with wrk needs
  --services also PostgreSQL, Redis and their clients' libraries
  --package  also what finds the libraries that a package depends on
  --cluster  also Open MPI and what makes networks for make bench-cluster
  --check    install nothing; only say what is missing
TEXT
}

# One need a line: group, kind, what is looked for, Debian package.
needs() {
  cat <<'TABLE'
build command  cc                    gcc
build linkable crt1.o                libc6-dev
build command  cmake                 cmake
build command  ninja                 ninja-build
build command  pkg-config            pkg-config
build command  git                   git
build module   libuv                 libuv1-dev
build module   jansson               libjansson-dev
build module   liburing              liburing-dev
build linkable libboost_context.so   libboost-context-dev
build module   libcurl               libcurl4-openssl-dev
build linkable libhttp_parser.so     libhttp-parser-dev
build command  hyperfine             hyperfine
build command  gnuplot               gnuplot-nox
build font     DejaVuSans.ttf        fonts-dejavu-core
test  module   cmocka                libcmocka-dev
test  command  bats                  bats
test  command  junitparser           junitparser
test  file     /usr/share/benchmark/compare.py libbenchmark-tools
test  command  python3               python3
test  python   jsonschema            python3-jsonschema
test  python   yaml                  python3-yaml
test  command  valgrind              valgrind
test  command  strace                strace
test  command  pgrep                 procps
test  command  curl                  curl
test  command  ip                    iproute2
test  daemon   nginx                 nginx-light
test  daemon   dnsmasq               dnsmasq-base
test  module   libpq                 libpq-dev
test  module   hiredis               libhiredis-dev
test  command  pg_virtualenv         postgresql-common
test  glob     /usr/lib/postgresql/*/bin/pg_ctl postgresql
test  daemon   redis-server          redis-server
test  command  mpirun                openmpi-bin
test  module   ompi-c                libopenmpi-dev
test  command  c++                   g++
page  command  chromium              chromium
services module libpq                libpq-dev
services module hiredis              libhiredis-dev
services command pg_virtualenv       postgresql-common
services glob  /usr/lib/postgresql/*/bin/pg_ctl postgresql
services daemon redis-server         redis-server
services command python3             python3
cluster command mpirun               openmpi-bin
cluster module  ompi-c               libopenmpi-dev
cluster command ip                   iproute2
cluster command nsenter              util-linux
cluster command python3              python3
counts command valgrind              valgrind
lint  command  clang-format-14       clang-format-14
lint  command  clang-tidy-14         clang-tidy-14
lint  command  shellcheck            shellcheck
lint  command  pyflakes3             pyflakes3
lint  command  python3               python3
coverage command gcovr               gcovr
wrk   command  wrk                   wrk
wrk   command  python3               python3
package command dpkg-shlibdeps       dpkg-dev
package command file                 file
TABLE
}

have_command() { command -v "$1" >/dev/null; }
have_daemon() { command -v "$1" >/dev/null || [[ -x /usr/sbin/$1 ]]; }
have_module() { pkg-config --exists "$1" 2>/dev/null; }
have_file() { [[ -e $1 ]]; }
have_glob() { compgen -G "$1" >/dev/null; }
# The compiler answers with a path where it finds the file, else with the bare name.
have_linkable() { [[ $("${CC:-cc}" -print-file-name="$1" 2>/dev/null) == /* ]]; }
have_font() { compgen -G "/usr/share/fonts/*/*/$1" >/dev/null || compgen -G "/usr/share/fonts/*/$1" >/dev/null; }
have_python() {
  python3 -c "import importlib.util, sys; sys.exit(not importlib.util.find_spec('$1'))" 2>/dev/null
}

# Prints the packages of what is missing in the groups given.
missing() {
  local group kind what package
  while read -r group kind what package; do
    if [[ " $* " == *" $group "* ]] && ! "have_$kind" "$what"; then
      printf '%s\n' "$package"
    fi
  done < <(needs)
}

# Without package lists (a fresh container) nothing can be found, so they are fetched first; else
# only when a package cannot be had with the lists there are.
install() {
  local apt=("${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=120)
  local get=(install -y --no-install-recommends "$@")

  if compgen -G '/var/lib/apt/lists/*_Packages*' >/dev/null && "${apt[@]}" "${get[@]}" </dev/null; then
    return 0
  fi
  "${apt[@]}" update </dev/null && "${apt[@]}" "${get[@]}" </dev/null
}

# Tests and benchmarks start servers of their own; those that the packages have brought up as services are not needed.
stop_services() {
  local pair

  for pair in nginx-light=nginx postgresql=postgresql redis-server=redis-server; do
    [[ " ${packages[*]} " == *" ${pair%=*} "* ]] || continue
    if [[ -d /run/systemd/system ]]; then
      "${root[@]}" systemctl --quiet disable --now "${pair#*=}" || true
    else
      "${root[@]}" service "${pair#*=}" stop >/dev/null 2>&1 || true
    fi
  done
}

# A system may have a CMake that is too old, which no package of its mends. CMakeLists.txt says what it takes.
check_cmake() {
  local here=${BASH_SOURCE[0]%/*} lists least=0.0 have=0.0

  [[ $here != "${BASH_SOURCE[0]}" ]] || here=.
  lists=$(<"$here/../../CMakeLists.txt")
  [[ ! $lists =~ cmake_minimum_required\(VERSION\ ([0-9]+\.[0-9]+) ]] || least=${BASH_REMATCH[1]}
  [[ ! $(cmake --version) =~ ([0-9]+\.[0-9]+[0-9.]*) ]] || have=${BASH_REMATCH[1]}
  if ((${have%%.*} * 1000 + $(minor "$have") < ${least%%.*} * 1000 + $(minor "$least"))); then
    echo "setup: CMake $have is too old: building takes $least or later, which Debian 12 and Ubuntu 24.04 have; elsewhere" \
      "put one from cmake.org ahead in PATH" >&2
    exit 1
  fi
}

# Of "3.22.1" the 22.
minor() {
  local rest=${1#*.}

  echo "${rest%%.*}"
}

groups=(build)
check_only=false
for arg in "$@"; do
  case $arg in
    --test | --page | --counts | --lint | --coverage | --wrk | --services | --package | --cluster) groups+=("${arg#--}") ;;
    --check) check_only=true ;;
    --help) usage; exit 0 ;;
    *) usage >&2; exit 2 ;;
  esac
done

mapfile -t packages < <(missing "${groups[@]}")
if ((${#packages[@]} == 0)); then
  check_cmake
  exit 0
fi

command="apt-get update && apt-get install -y --no-install-recommends ${packages[*]}"
if ! have_command apt-get; then
  echo "setup: missing, and there is no apt-get here to install them: ${packages[*]} (names of Debian packages)" >&2
  exit 1
fi

root=()
if ((EUID != 0)); then
  command="sudo sh -c '$command'"
  root=(sudo -n)
  if ! have_command sudo || ! sudo -n true 2>/dev/null; then
    check_only=true
  fi
fi
if $check_only; then
  printf 'setup: missing: %s. Install them with:\n\n  %s\n\n' "${packages[*]}" "$command" >&2
  exit 1
fi

# Nobody wants to read what apt-get says, unless it fails.
echo "setup: installing ${packages[*]}" >&2
if ! said=$(install "${packages[@]}" 2>&1); then
  printf '%s\n' "$said" >&2
  printf 'setup: apt-get could not install them; the reason is above. To try by hand:\n\n  %s\n\n' "$command" >&2
  exit 1
fi

stop_services

mapfile -t still < <(missing "${groups[@]}")
if ((${#still[@]} > 0)); then
  echo "setup: installed, yet not found: ${still[*]}. Is another cc, pkg-config or python3 ahead in PATH?" >&2
  exit 1
fi
check_cmake
