# shellcheck shell=bash
# Loaded by the scripts here that draw charts of load models and sweeps; they set out, the folder.
load helper

# A document as a sweep would write it, in $out/run.json.
document() { # KIND [OPTION...]
  python '
import contextlib
sys.path.insert(0, sys.argv[1] + "/tests/fixtures")
import load
with open(sys.argv[2], "w") as file, contextlib.redirect_stdout(file):
    sys.argv[1:] = sys.argv[3:]
    load.main()' "$TVA_SOURCE" "${out:?}/run.json" "$@"
}

plot() {
  timeout 120 "$TVA" plot "$out/run.json" --format svg "$@"
}
