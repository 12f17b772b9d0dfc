# shellcheck shell=bash
# Loaded by the scripts here that draw charts of load models and sweeps; they set out, the folder.

# A document as a sweep would write it, in $out/run.json.
document() { # KIND [OPTION...]
  python3 "$TVA_SOURCE/tests/fixtures/load.py" "$@" >"${out:?}/run.json"
}

plot() {
  timeout 120 "$TVA" plot "$out/run.json" --format svg "$@"
}
