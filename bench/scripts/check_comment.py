#!/usr/bin/env python3
"""What action.yml does: runs tva check, and says what it says in the summary and in a comment of the pull request.

Of the environment: TVA, RUN, BASELINE, TOKEN, and what GitHub Actions sets. A later run for the same pull request edits
the comment of the first. A comment that cannot be made is a warning: a fork's token may not write. The exit status is that of
tva check, and 0 with a warning where it could judge nothing (4).
"""

import http.client
import json
import os
import subprocess
import sys
import urllib.request

MARK = "<!-- tva check -->"
LENGTH_MAX = 60000  # of a comment; GitHub takes 65,536 characters
HEADS = {
    0: "pass: no count a job rose",
    2: "the run and the baseline cannot be compared",
    3: "regression: a count a job rose",
    4: "inconclusive: no count could be judged",
}


def annotate(kind, text):
    print(f"::{kind}::" + text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A"))


def append(variable, text):
    if os.environ.get(variable):
        with open(os.environ[variable], "a", encoding="utf-8") as f:
            f.write(text + "\n")


def call(method, path, body=None):
    """The answer of GitHub's API to a request."""
    request = urllib.request.Request(
        os.environ.get("GITHUB_API_URL", "https://api.github.com") + path,
        data=None if body is None else json.dumps(body).encode(),
        method=method,
        headers={
            "Authorization": "Bearer " + os.environ["TOKEN"],
            "Accept": "application/vnd.github+json",
            "Content-Type": "application/json",
        },
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def pull_request():
    """The number of the pull request that the event is about, or None."""
    try:
        with open(os.environ.get("GITHUB_EVENT_PATH", ""), encoding="utf-8") as f:
            return int(json.load(f)["pull_request"]["number"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def is_ours(comment):
    """Anybody can write a comment that begins so, and edit it after us: ours is of a bot, or of somebody who may write here."""
    return (comment.get("body") or "").startswith(MARK) and (
        (comment.get("user") or {}).get("type") == "Bot"
        or comment.get("author_association") in ("OWNER", "MEMBER", "COLLABORATOR")
    )


def earlier(path):
    """The comment that an earlier run has left, or None."""
    page = 1
    while True:
        comments = call("GET", f"{path}?per_page=100&page={page}")
        for comment in comments:
            if is_ours(comment):
                return comment["id"]
        if len(comments) < 100:
            return None
        page += 1


def comment(number, text):
    repository = "/repos/" + os.environ["GITHUB_REPOSITORY"]
    path = f"{repository}/issues/{number}/comments"
    body = {"body": f"{MARK}\n{text}"}
    found = earlier(path)
    if found is None:
        call("POST", path, body)
    else:
        call("PATCH", f"{repository}/issues/comments/{found}", body)


def main():
    try:
        check = subprocess.run(
            [os.environ["TVA"], "check", "--markdown", "--baseline", os.environ["BASELINE"], os.environ["RUN"]],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
            env={name: value for name, value in os.environ.items() if name != "TOKEN"},
            check=False,
        )
    except OSError as error:
        annotate("error", f"tva check: {error}")
        return 1
    status = check.returncode
    said = (check.stdout + check.stderr).strip()
    text = f"### tva check: {HEADS.get(status, 'it failed')}\n\n{said}"
    if len(text) > LENGTH_MAX:
        text = text[:LENGTH_MAX] + "\n\nThe rest is in the log."
    print(said)
    append("GITHUB_STEP_SUMMARY", text)
    append("GITHUB_OUTPUT", f"status={status}")
    number = pull_request()
    if number is not None and os.environ.get("TOKEN"):
        try:
            comment(number, text)
        except (OSError, ValueError, KeyError, TypeError, AttributeError, http.client.HTTPException) as error:
            annotate("warning", f"tva check: no comment on pull request {number}: {error}")
    if status == 4:
        annotate("warning", "tva check: " + HEADS[4])
        return 0
    return status if status >= 0 else 1


if __name__ == "__main__":
    sys.exit(main())
