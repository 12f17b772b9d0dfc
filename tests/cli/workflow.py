"""Prints what a job of a workflow for GitHub Actions runs, step by step, each step by a subshell as there.

workflow.py FILE JOB     FILE: YAML, or a Markdown page whose first block of YAML is meant
"""

import re
import shlex
import sys

import yaml


def main():
    with open(sys.argv[1], encoding="utf-8") as f:
        text = f.read()
    if sys.argv[1].endswith(".md"):
        text = re.search(r"^```yaml\n(.*?)^```", text, re.MULTILINE | re.DOTALL)[1]
    workflow = yaml.safe_load(text)
    job = workflow["jobs"][sys.argv[2]]
    permissions = {(name, may) for name, may in workflow["permissions"].items()}
    assert job["runs-on"] and job["timeout-minutes"] and permissions <= {("contents", "read"), ("pull-requests", "write")}
    print("set -e")
    for step in job["steps"]:
        if "run" in step:
            print("bash -e -c", shlex.quote(step["run"]))
        elif step["uses"] == "./":
            print("echo action", shlex.quote(" ".join(f"{k}={v}" for k, v in sorted(step["with"].items()))), ">>ran")
        else:
            assert re.fullmatch(r"actions/(checkout|upload-artifact)@[0-9a-f]{40}", step["uses"]), step  # a tag may move


if __name__ == "__main__":
    main()
