"""Records the result of each call: `ok`, `501` with a message, or the error."""

import json
import traceback

from huggingface_hub.errors import HfHubHTTPError

results = {}


def call(name):
    """Runs a check immediately and records its result."""

    def run(check):
        try:
            check()
            results[name] = "ok"
        except HfHubHTTPError as error:
            status = error.response.status_code
            sentence = error.server_message or ""
            clear = status == 501 and sentence.endswith(".")
            results[name] = "501" if clear else f"failed: {status} {error}"
        except Exception as error:
            at = traceback.extract_tb(error.__traceback__)[1]
            results[name] = f"failed: {type(error).__name__} {error} at line {at.lineno}: {at.line}"
        return check

    return run


def raises(kind, make):
    try:
        make()
    except kind:
        return
    raise AssertionError(f"{kind.__name__} expected")


def report():
    """Prints all results as one line of JSON."""
    print(json.dumps(results))
