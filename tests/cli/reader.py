"""Runs statements in Python for the command line tests, all of one file's in one process: to start Python takes longer than most
tests do otherwise. Usage: reader.py FOLDER, where helper.bash has made the pipes `ask` and `answer`.

A request is a number of words, then that many: the folder to work in, the statements, and what they find in sys.argv[1:]; the answer is
the exit status, the output and the errors. Each word ends with a NUL. It ends when its folder is gone."""

import contextlib
import io
import json
import os
import select
import sys
import traceback

EVERY_S = 1 # how often it looks whether its folder is there
folder = sys.argv[1]


def load(path):
    with open(path) as file:
        return json.load(file)


def spoil(value, evil):
    """The same with `evil` behind each text."""
    if isinstance(value, dict):
        return {key: spoil(v, evil) for key, v in value.items()}
    if isinstance(value, list):
        return [spoil(v, evil) for v in value]
    return value + evil if isinstance(value, str) else value


validators = {}


def validate(document, schema, root=None):
    """Hold a document to the schema of a file, or to a part of it."""
    import jsonschema

    if (schema, root) not in validators:
        whole = load(schema)
        part = {"$ref": "#/$defs/" + root, "$defs": whole["$defs"]} if root else whole
        kind = jsonschema.validators.validator_for(whole)
        kind.check_schema(whole)
        validators[schema, root] = kind(part)
    error = jsonschema.exceptions.best_match(validators[schema, root].iter_errors(document))
    if error is not None:
        raise error


def perform(where, statements, *words):
    out, err, status = io.StringIO(), io.StringIO(), 0

    sys.argv = ["-c", *words]
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            os.chdir(where)
            exec(statements, {"json": json, "sys": sys, "load": load, "spoil": spoil, "validate": validate})
        except SystemExit as end:
            status = int(end.code or 0)
        except BaseException:
            status = 1
            traceback.print_exc()
    return [str(status), out.getvalue(), err.getvalue()]


def requests(pipe):
    unread = b""
    while True:
        if not select.select([pipe], [], [], EVERY_S)[0]:
            if not os.path.isdir(folder):
                return
            continue
        unread += os.read(pipe, 1 << 16)
        while True:
            words = unread.split(b"\0")
            if len(words) < 2 or len(words) < int(words[0]) + 2:
                break
            end = int(words[0]) + 1
            yield [word.decode() for word in words[1:end]]
            unread = b"\0".join(words[end:])


# Opened for both directions, neither waits for the other side, nor ends when a request or an answer does.
ask, answer = (os.open(os.path.join(folder, name), os.O_RDWR) for name in ("ask", "answer"))
for request in requests(ask):
    said = "".join(word.replace("\0", "") + "\0" for word in perform(*request)).encode()
    while said:
        said = said[os.write(answer, said) :]
