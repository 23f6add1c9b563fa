"""Runs the commands of `hf` against a hub and checks their output and files. Prints one JSON object, like hub_calls.py.

Argument: an empty folder for local files. The commands run as the program `hf` runs them, in one process: each start of
Python costs a second.
"""

import contextlib
import io
import os
import sys
from pathlib import Path

from calls import call, report
from huggingface_hub.cli.hf import main

work = Path(sys.argv[1])
REPO = "me/cli"
WEIGHTS = os.urandom(100_000)
(work / "up" / "sub").mkdir(parents=True)
(work / "up" / "README.md").write_text("---\nlicense: mit\n---\n# tiny\n")
(work / "up" / "sub" / "a.bin").write_bytes(WEIGHTS)
os.chdir(work)


def hf(*args):
    out, err = io.StringIO(), io.StringIO()
    sys.argv = ["hf", *args]
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main()
        except SystemExit as end:
            if end.code not in (None, 0):
                raise RuntimeError(f"exit {end.code}: {err.getvalue()[-300:]}") from end
    return out.getvalue()


@call("hf auth whoami")
def _():
    assert "token-holder" in hf("auth", "whoami")


@call("hf upload")
def _():
    hf("upload", REPO, "up", ".", "--private", "--commit-message", "from hf")
    hf("upload", REPO, "up/README.md", "docs/copy.md")


@call("hf upload --create-pr")
def _():
    hf("upload", REPO, "up/README.md", "pr.md", "--create-pr")


@call("hf repos create")
def _():
    hf("repos", "create", REPO, "--exist-ok")
    hf("repos", "create", "me/data", "--type", "dataset")


@call("hf repos branch create, hf upload --revision")
def _():
    hf("repos", "branch", "create", REPO, "dev")
    hf("upload", REPO, "up/README.md", "dev.md", "--revision", "dev")


@call("hf repos tag create, list")
def _():
    hf("repos", "tag", "create", REPO, "v1", "-m", "first")
    assert "refs/tags/v1" in hf("repos", "tag", "list", REPO)


@call("hf models ls")
def _():
    assert REPO in hf("models", "ls", "--author", "me", "--format", "json")
    assert "sub/a.bin" in hf("models", "ls", REPO, "-R")


@call("hf models info, hf models card, hf datasets info")
def _():
    assert "docs/copy.md" in hf("models", "info", REPO)
    assert "# tiny" in hf("models", "card", REPO)
    assert "me/data" in hf("datasets", "info", "me/data")


@call("hf cp")
def _():
    hf("cp", f"hf://{REPO}/docs/copy.md", "local.md")
    assert "# tiny" in Path("local.md").read_text()
    hf("cp", "local.md", f"hf://{REPO}/up.md")
    hf("cp", f"hf://{REPO}/sub/a.bin", f"hf://{REPO}/sub/b.bin")


@call("hf repos delete-files")
def _():
    hf("repos", "delete-files", REPO, "docs/*")
    assert "docs/copy.md" not in hf("models", "ls", REPO, "-R")


@call("hf download")
def _():
    revisions = {"main": "sub/b.bin", "v1": "docs/copy.md", "dev": "dev.md", "refs/pr/1": "pr.md"}
    for revision, path in revisions.items():
        hf("download", REPO, "--revision", revision, "--local-dir", f"got/{revision}")
        assert (work / "got" / revision / path).exists(), revision
    assert (work / "got" / "main" / "sub" / "b.bin").read_bytes() == WEIGHTS


@call("hf cache verify")
def _():
    hf("cache", "verify", REPO, "--local-dir", "got/main")


@call("hf repos tag delete, hf repos branch delete")
def _():
    hf("repos", "tag", "delete", REPO, "v1", "--yes")
    hf("repos", "branch", "delete", REPO, "dev")
    assert "v1" not in hf("repos", "tag", "list", REPO)


@call("hf repos settings")
def _():
    hf("repos", "settings", REPO, "--gated", "auto")
    assert '"gated": "auto"' in hf("models", "info", REPO)


@call("hf repos move, hf repos delete")
def _():
    hf("repos", "move", REPO, "me/moved")
    assert "me/moved" in hf("models", "ls", "--author", "me", "--format", "json")
    hf("repos", "delete", "me/moved", "--yes")
    assert "me/moved" not in hf("models", "ls", "--author", "me", "--format", "json")


report()
