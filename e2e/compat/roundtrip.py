"""Uploads the named files or downloads a repository, with the hub's own client. Prints one line of JSON.

Arguments: the command (`up` or `down`), a repository, and for `up` pairs of a path in it and a local file.
The hub's address comes from HF_ENDPOINT.
"""

import hashlib
import json
import os
import sys

from huggingface_hub import HfApi, snapshot_download

TOKEN = "hf_tester"


def up(repo, *pairs):
    api = HfApi(token=TOKEN)
    api.create_repo(repo, exist_ok=True)
    commit = None
    for path, local in zip(pairs[::2], pairs[1::2]):
        done = api.upload_file(path_or_fileobj=local, path_in_repo=path, repo_id=repo)
        commit = done.oid
    return {"commit": commit, "files": sorted(api.list_repo_files(repo))}


def down(repo):
    folder = snapshot_download(repo, token=TOKEN)
    found = {}
    for root, _, names in os.walk(folder):
        for name in names:
            full = os.path.join(root, name)
            with open(full, "rb") as file:
                found[os.path.relpath(full, folder)] = hashlib.sha256(file.read()).hexdigest()
    return found


if __name__ == "__main__":
    print(json.dumps({"up": up, "down": down}[sys.argv[1]](*sys.argv[2:])))
