#!/usr/bin/env bats
# The promise: the stack switch in assembler keeps what a fiber must keep, on this machine's CPU and on aarch64, which an emulator
# runs where it and a compiler are installed (Debian: gcc-aarch64-linux-gnu, libc6-dev-arm64-cross, qemu-user).

bats_require_minimum_version 1.5.0
load helper

setup() {
  begin
}

# holds COMPILER [RUNNER...]: compile the program in several ways, with and without a frame pointer, and run it.
holds() {
  local flags inline

  inline=$(printf '#include "async/fiber_switch.h"\ninline: FIBER_SWITCH_INLINE' | "$1" -E -P -I "$TVA_SOURCE/lib" -xc - | tail -1)
  [ "$inline" = "inline: 1" ] || skip "Boost.Context switches on this CPU, or where the compiler keeps a shadow stack"
  for flags in "-O2" "-O0" "-O2 -fno-omit-frame-pointer" "-O3 -fPIE"; do
    # shellcheck disable=SC2086 # words of a command
    "$1" -std=gnu11 -Wall -Wextra -Werror $flags -frounding-math -I "$TVA_SOURCE/lib" "$TVA_SOURCE/tests/fiber_switch.c" \
      -static -lm -o switch
    bounded "${@:2}" ./switch
  done
}

@test "fibers switch on this CPU" {
  command -v gcc >/dev/null || skip "gcc is not installed"
  holds gcc
}

@test "fibers switch on aarch64" {
  command -v aarch64-linux-gnu-gcc >/dev/null || skip "gcc-aarch64-linux-gnu is not installed"
  command -v qemu-aarch64 >/dev/null || skip "qemu-user is not installed"
  holds aarch64-linux-gnu-gcc qemu-aarch64
}
