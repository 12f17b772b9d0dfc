#!/usr/bin/env bats
# The promise: the action ends as tva check does, says in the summary what it says, and leaves one comment on a pull request,
# which later runs edit; and a comment that cannot be made fails nothing.

bats_require_minimum_version 1.5.0
load helper

# GitHub's API on loopback: keeps comments in comments.json, writes down each request, and refuses to write where `refuse` is.
api() {
  cat >api.py <<'PYTHON'
import http.server, json, os, pathlib
comments = [{"id": 7, "body": "<!-- tva check --> a person's", "user": {"type": "User"}, "author_association": "NONE"}]
class Api(http.server.BaseHTTPRequestHandler):
    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        refused = os.path.exists("refuse") and self.command != "GET"
        with open("requests", "a") as f:
            print(self.command, self.path, self.headers["Authorization"], file=f)
        if self.command == "POST" and not refused:
            comments.append({"id": 8, "user": {"type": "Bot"}, **json.loads(body)})
        if self.command == "PATCH" and not refused:
            comments[1].update(json.loads(body))
        pathlib.Path("comments.json").write_text(json.dumps(comments))
        answer = json.dumps(comments if self.command == "GET" else {}).encode()
        self.send_response(403 if refused else 200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)
    do_GET = do_POST = do_PATCH = answer
    def log_message(self, *args):
        pass
server = http.server.HTTPServer(("127.0.0.1", 0), Api)
print(server.server_port, flush=True)
server.serve_forever()
PYTHON
  timeout 100 python3 -S api.py >port 2>api.err 3>&- & server=$!
  eventually test -s port
  GITHUB_API_URL=http://127.0.0.1:$(<port)
  export GITHUB_API_URL GITHUB_REPOSITORY=owner/project GITHUB_EVENT_PATH=$PWD/event.json
  export GITHUB_STEP_SUMMARY=$PWD/summary.md GITHUB_OUTPUT=$PWD/output TOKEN=secret RUN='a run.json' BASELINE=base.json
  echo '{"action": "opened", "pull_request": {"number": 12}}' >event.json
}

setup() {
  begin
  api
}

teardown() {
  end_server
  end_processes
}

# The script as action.yml calls it.
act() {
  : >requests
  run --separate-stderr bounded python3 -S "$TVA_SOURCE/bench/scripts/check_comment.py"
}

# A tva whose check says a line and ends with this status.
checks() {
  printf '#!%s\n[ "$*" = "check --markdown --baseline base.json a run.json" ] || exit 99\necho "| %s |"\nexit %d\n' "$BASH" "$2" "$1" >tva
  chmod +x tva
  TVA=$PWD/tva
}

comments() {
  python 'print([c["body"] for c in load("comments.json")][1:])'
}

@test "a comment is made once and edited then, and the status is that of check" {
  export TVA
  checks 3 rose
  act
  [ "$status" -eq 3 ]
  [ "$(cat requests)" = "GET /repos/owner/project/issues/12/comments?per_page=100&page=1 Bearer secret
POST /repos/owner/project/issues/12/comments Bearer secret" ]
  [[ $(comments) == "['<!-- tva check -->\\n### tva check: regression: a count a job rose\\n\\n| rose |']" ]]
  checks 0 fine
  act
  [ "$status" -eq 0 ]
  [ "$(tail -n 1 requests)" = "PATCH /repos/owner/project/issues/comments/8 Bearer secret" ]
  [[ $(comments) == *": pass: "*"| fine |']" ]]
  [ "$(cat output)" = "status=3
status=0" ]
  grep -q '| rose |' summary.md
}

@test "what cannot be judged or compared, and a program that is missing" {
  export TVA
  for check in 4:0 2:2 1:1; do
    checks "${check%:*}" "checked"
    act
    [ "$status" -eq "${check#*:}" ]
    [[ ${check%:*} -ne 4 || $output == *"::warning::tva check: inconclusive"* ]]
  done
  TVA=./gone
  act
  [ "$status" -eq 1 ]
  [[ $output == "::error::tva check: "*gone* ]]
}

@test "no comment without a pull request or a token, and a refused one is a warning" {
  export TVA
  checks 0 fine
  touch refuse
  act
  [ "$status" -eq 0 ]
  [[ $output == *"::warning::tva check: no comment on pull request 12: HTTP Error 403"* ]]
  kill "$server" && wait "$server" 2>/dev/null || true
  act
  [ "$status" -eq 0 ]
  [[ $output == *"::warning::tva check: no comment on pull request 12: "* ]]
  TOKEN='' act
  [[ $status -eq 0 && $output != *::warning::* ]]
  echo '{"action": "push", "pull_request": null}' >event.json
  act
  [[ $status -eq 0 && $output != *::warning::* ]]
}

@test "the action hands its inputs to the script, and has a result of tva's own judged" {
  python3 -c 'import yaml' 2>/dev/null || skip "needs python3-yaml"
  cp "$TVA_SOURCE/results/sample/run.json" 'a run.json'
  rm -f base.json
  bounded "$TVA" baseline --baseline base.json save 'a run.json' >/dev/null || true
  python3 - "$TVA_SOURCE/action.yml" >action.sh <<'PYTHON'
import sys, yaml
action = yaml.safe_load(open(sys.argv[1]))
step = action["runs"]["steps"][0]
assert {v for v in step["env"].values()} == {"${{ inputs.%s }}" % name for name in action["inputs"]}
print(step["run"])
PYTHON
  GITHUB_ACTION_PATH=$TVA_SOURCE run --separate-stderr bounded bash -e action.sh
  echo "$output"
  [[ $status -eq 0 || $status -eq 2 ]]
  [[ $(comments) == *"### tva check: "* ]]
}
