#!/usr/bin/env bats
# The promise: a process loads the libraries that its work needs and no others. libcurl and what it brings come with a
# module, and only a process that makes requests by libcurl loads it. (install.bats: modules that are missing.)

bats_require_minimum_version 1.5.0
load helper

# The shared objects that a command of the program loads, each by its name.
loaded() {
  LD_DEBUG=files LD_DEBUG_OUTPUT=loads bounded "$TVA" "$@" >out
  cat loads.* | sed -n 's/.*calling init: .*\///p' | sort -u
  rm -f loads.*
}

@test "without requests there are libuv, jansson, http_parser and the C library" {
  loaded --version >libraries
  grep -q '^libuv\.' libraries
  if [[ -z $TVA_SANITIZE ]]; then
    [ "$(wc -l <libraries)" -le 7 ]
  fi
  run ! grep -q -e curl -e libtva_http libraries
  loaded cell --job sleep:duration=1us --jobs 1 --model tasks >libraries
  run ! grep -q -e curl -e libtva_http libraries
}

@test "who asks by libcurl loads it, who asks by hand does not" {
  start_target --port 0
  loaded cell --job "http:url=$url/,client=direct" --jobs 1 --model pool >libraries
  run ! grep -q -e curl -e libtva_http libraries
  loaded cell --job "http:url=$url/,client=curl" --jobs 1 --model pool >libraries
  grep -q '^libtva_http.so$' libraries
  grep -q '^libcurl\.' libraries
}

@test "the context names the libcurl that jobs used, and none where they used none" {
  bounded "$TVA" run -q --model tasks --job null --jobs 1 --rounds 1 -o run.json >out
  [ "$(of_result run.json '"libcurl" in r["context"]')" = False ]
  bounded "$TVA" run -q --model tasks,pool --job http --jobs 1 --rounds 1 -o run.json >out
  valid_result run.json
  python3 -c 'import ctypes
curl = ctypes.CDLL("libcurl.so.4")
curl.curl_version.restype = ctypes.c_char_p
print(curl.curl_version().decode())' >version
  [[ $(<version) == "libcurl/$(of_result run.json 'r["context"]["libcurl"]') "* ]]
}
