"""Makes the public calls of huggingface_hub against a hub and checks what each returns. Prints one JSON object: the result
of each call, `ok`, `501`, or the error.

Argument: an empty folder for local files. The hub's address comes from HF_ENDPOINT, the token from HF_TOKEN.
"""

import json
import os
import sys
from datetime import datetime, timezone
from pathlib import Path

from calls import call, raises, report
from huggingface_hub import (
    CommitOperationAdd,
    CommitOperationCopy,
    CommitOperationDelete,
    HfApi,
    HfFileSystem,
    ModelCard,
    ModelCardData,
    hf_hub_download,
    metadata_update,
    snapshot_download,
)
from huggingface_hub.errors import (
    EntryNotFoundError,
    HfHubHTTPError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

api = HfApi()
work = Path(sys.argv[1])
REPO, OTHER, DATA, SPACE, SECRET = "me/model", "me/other", "me/data", "me/space", "me/secret"
WEIGHTS = os.urandom(300_000)


def files(repo=REPO, **more):
    return sorted(api.list_repo_files(repo, **more))


def text(path, repo=REPO, **more):
    more.setdefault("cache_dir", work / "cache")
    return Path(hf_hub_download(repo, path, **more)).read_text()


@call("whoami")
def _():
    assert api.whoami()["type"] == "user"


@call("create_repo")
def _():
    url = api.create_repo(REPO)
    assert (url.repo_id, url.repo_type) == (REPO, "model")
    raises(HfHubHTTPError, lambda: api.create_repo(REPO))
    assert api.create_repo(REPO, exist_ok=True).repo_id == REPO
    api.create_repo(DATA, repo_type="dataset")
    api.create_repo(SPACE, repo_type="space", space_sdk="static")
    api.create_repo(SECRET, private=True)
    raises(HfHubHTTPError, lambda: HfApi(token=False).model_info(SECRET))


@call("main of an empty repository")
def _():
    assert files() == []
    assert len(api.model_info(REPO).sha) == 40
    assert [item.title for item in api.list_repo_commits(REPO)] == ["initial commit"]


@call("repo_exists")
def _():
    assert api.repo_exists(REPO) and api.repo_exists(DATA, repo_type="dataset")
    assert not api.repo_exists("me/none")


@call("auth_check")
def _():
    api.auth_check(REPO)
    api.auth_check(REPO, write=True)
    raises(RepositoryNotFoundError, lambda: api.auth_check("me/none"))


@call("upload_file")
def _():
    done = api.upload_file(
        path_or_fileobj=b"one",
        path_in_repo="a.txt",
        repo_id=REPO,
        commit_message="first",
        commit_description="why",
    )
    assert len(done.oid) == 40 and files() == ["a.txt"]
    api.upload_file(path_or_fileobj=WEIGHTS, path_in_repo="w/model.bin", repo_id=REPO)
    before = api.model_info(REPO).sha
    same = api.upload_file(path_or_fileobj=WEIGHTS, path_in_repo="w/model.bin", repo_id=REPO)
    assert same.oid == before, "an unchanged file makes no commit"


@call("upload_folder")
def _():
    folder = work / "folder"
    (folder / "sub" / "deep").mkdir(parents=True)
    (folder / "README.md").write_text("---\nlicense: mit\n---\n# A card\n")
    (folder / "sub" / "b.txt").write_text("b")
    (folder / "sub" / "deep" / "c.bin").write_bytes(os.urandom(2000))
    api.upload_folder(folder_path=folder, repo_id=REPO)
    assert "sub/deep/c.bin" in files()
    (folder / "sub" / "b.txt").write_text("b2")
    api.upload_folder(folder_path=folder / "sub", path_in_repo="sub", repo_id=REPO, delete_patterns="*.bin")
    assert "sub/deep/c.bin" in files(), "a file that is uploaded again is not deleted"
    assert text("sub/b.txt") == "b2"


@call("upload_folder: .gitignore")
def _():
    folder = work / "ignoring"
    folder.mkdir()
    for name, content in ((".gitignore", ".env\n*.pem\n"), (".env", "SECRET=1"), ("key.pem", "k"), ("e.txt", "e")):
        (folder / name).write_text(content)
    api.create_repo("me/ignoring")
    api.upload_folder(folder_path=folder, repo_id="me/ignoring")
    assert files("me/ignoring") == [".gitignore", "e.txt"]
    api.delete_repo("me/ignoring")


@call("create_commit: copy, add and delete")
def _():
    api.create_commit(
        REPO,
        [
            CommitOperationCopy(src_path_in_repo="w/model.bin", path_in_repo="w/copy.bin"),
            CommitOperationCopy(src_path_in_repo="a.txt", path_in_repo="w/copy.txt"),
            CommitOperationDelete("sub/deep/", is_folder=True),
            CommitOperationAdd("d.txt", b"d"),
        ],
        commit_message="several",
    )
    assert not any(path.startswith("sub/deep") for path in files())
    assert text("w/copy.txt") == "one" and text("d.txt") == "d"
    local = hf_hub_download(REPO, "w/copy.bin", cache_dir=work / "cache")
    assert Path(local).read_bytes() == WEIGHTS


@call("create_commit: copy from another repository")
def _():
    api.create_commit(
        DATA,
        [
            CommitOperationCopy("w/model.bin", "data.bin", src_repo_id=REPO, src_repo_type="model"),
            CommitOperationCopy("a.txt", "a.txt", src_repo_id=REPO, src_repo_type="model"),
        ],
        repo_type="dataset",
        commit_message="from a model",
    )
    assert files(DATA, repo_type="dataset") == ["a.txt", "data.bin"]


@call("create_commit: parent_commit")
def _():
    head = api.model_info(REPO).sha
    add = [CommitOperationAdd("p.txt", b"p")]
    api.create_commit(REPO, add, commit_message="p", parent_commit=head[:7])
    add = [CommitOperationAdd("p.txt", b"q")]
    raises(
        HfHubHTTPError,
        lambda: api.create_commit(REPO, add, commit_message="q", parent_commit=head),
    )


@call("create_commit: a branch that does not exist")
def _():
    add = [CommitOperationAdd("p.txt", b"r")]
    raises(
        RevisionNotFoundError,
        lambda: api.create_commit(REPO, add, commit_message="r", revision="nowhere"),
    )


@call("preupload_lfs_files")
def _():
    addition = CommitOperationAdd("w/pre.bin", os.urandom(50_000))
    api.preupload_lfs_files(REPO, [addition])
    api.create_commit(REPO, [addition], commit_message="uploaded before")
    assert "w/pre.bin" in files()


@call("delete_file")
def _():
    api.delete_file("w/pre.bin", REPO)
    assert "w/pre.bin" not in files()
    raises(EntryNotFoundError, lambda: api.delete_file("none.txt", REPO))


@call("delete_files")
def _():
    api.delete_files(REPO, ["p*.txt", "d.txt"])
    assert not {"p.txt", "d.txt"} & set(files())


@call("delete_folder")
def _():
    api.delete_folder("sub", REPO)
    assert not any(path.startswith("sub/") for path in files())


@call("file_exists")
def _():
    assert api.file_exists(REPO, "a.txt") and not api.file_exists(REPO, "none.txt")
    assert api.file_exists(DATA, "a.txt", repo_type="dataset")


@call("get_paths_info")
def _():
    found = api.get_paths_info(REPO, ["a.txt", "w/copy.txt", "w", "none"], expand=True)
    assert [item.path for item in found] == ["a.txt", "w/copy.txt", "w"]
    titles = [item.last_commit.title for item in found]
    assert titles[:2] == ["first", "several"] and titles[2].startswith("Delete w/pre.bin"), titles
    assert found[0].size == 3 and len(found[2].tree_id) == 40


@call("list_repo_tree")
def _():
    tree = {item.path: item for item in api.list_repo_tree(REPO, recursive=True, expand=True)}
    assert tree["w/copy.txt"].last_commit.title == "several" and tree["w/model.bin"].lfs.size == len(WEIGHTS)
    assert [item.path for item in api.list_repo_tree(REPO, "w")] == ["w/copy.bin", "w/copy.txt", "w/model.bin"]
    raises(EntryNotFoundError, lambda: list(api.list_repo_tree(REPO, "none")))


@call("get_hf_file_metadata")
def _():
    meta = api.get_hf_file_metadata(url=f"{api.endpoint}/{REPO}/resolve/main/w/model.bin")
    assert meta.size == len(WEIGHTS) and len(meta.etag) == 64 and meta.xet_file_data is not None


@call("hf_hub_download, snapshot_download")
def _():
    head = api.model_info(REPO).sha
    for revision in (None, "main", head, head[:8], "HEAD"):
        assert text("a.txt", revision=revision) == "one", revision
    folder = snapshot_download(REPO, local_dir=work / "snapshot", cache_dir=work / "cache")
    assert (Path(folder) / "w" / "model.bin").read_bytes() == WEIGHTS
    raises(RevisionNotFoundError, lambda: text("a.txt", revision="nowhere"))


@call("resolve_revision")
def _():
    found = api.resolve_revision(REPO, cache_dir=work / "cache")
    assert found.resolved == api.model_info(REPO).sha


@call("verify_repo_checksums")
def _():
    assert not api.verify_repo_checksums(REPO, local_dir=work / "snapshot").mismatches


@call("model_info")
def _():
    info = api.model_info(REPO, files_metadata=True)
    sizes = {item.rfilename: item.size for item in info.siblings}
    assert sizes["a.txt"] == 3 and sizes["w/model.bin"] == len(WEIGHTS)
    assert info.author == "me" and info.created_at <= info.last_modified
    assert api.model_info(REPO, revision=info.sha[:7]).sha == info.sha
    assert api.model_info(REPO, expand=["lastModified", "sha"]).sha == info.sha
    raises(RevisionNotFoundError, lambda: api.model_info(REPO, revision="nowhere"))


@call("dataset_info, space_info, repo_info")
def _():
    assert api.dataset_info(DATA).id == DATA
    assert (api.space_info(SPACE).id, api.space_info(SPACE).sdk) == (SPACE, "static")
    assert api.repo_info(DATA, repo_type="dataset").sha == api.dataset_info(DATA, revision="main").sha


@call("list_models, list_datasets, list_spaces")
def _():
    assert {item.id for item in api.list_models(author="me")} == {REPO, SECRET}
    assert {item.id for item in HfApi(token=False).list_models(author="me")} == {REPO}
    assert [item.id for item in api.list_datasets(author="me")] == [DATA]
    assert [item.id for item in api.list_spaces(author="me")] == [SPACE]
    assert list(api.list_models(author="you")) == []
    assert [item.id for item in api.list_models(search="MODEL", full=True)] == [REPO]
    assert next(api.list_models(sort="last_modified", limit=1)).id == REPO


@call("create_branch, revision_exists")
def _():
    api.create_branch(REPO, branch="dev/one")
    raises(HfHubHTTPError, lambda: api.create_branch(REPO, branch="dev/one"))
    api.create_branch(REPO, branch="dev/one", exist_ok=True)
    first = api.list_repo_commits(REPO)[-1].commit_id
    api.create_branch(REPO, branch="old", revision=first)
    assert api.revision_exists(REPO, "dev/one") and not api.revision_exists(REPO, "none")
    assert files(revision="old") == []
    api.upload_file(path_or_fileobj=b"x", path_in_repo="x.txt", repo_id=REPO, revision="dev/one")
    assert "x.txt" in files(revision="dev/one") and "x.txt" not in files()
    assert text("x.txt", revision="dev/one") == "x"


@call("delete_branch")
def _():
    api.delete_branch(REPO, branch="old")
    raises(RevisionNotFoundError, lambda: api.delete_branch(REPO, branch="old"))
    raises(HfHubHTTPError, lambda: api.delete_branch(REPO, branch="main"))


@call("create_tag, delete_tag")
def _():
    api.create_tag(REPO, tag="v1.0", tag_message="a message")
    api.create_tag(REPO, tag="gone", revision="dev/one")
    raises(HfHubHTTPError, lambda: api.create_tag(REPO, tag="v1.0"))
    api.create_tag(REPO, tag="v1.0", exist_ok=True)
    assert text("a.txt", revision="v1.0") == "one"
    api.delete_tag(REPO, tag="gone")
    raises(RevisionNotFoundError, lambda: api.delete_tag(REPO, tag="gone"))


@call("create_commit: create_pr")
def _():
    head = api.model_info(REPO).sha
    opened = api.upload_file(
        path_or_fileobj=b"pr", path_in_repo="a.txt", repo_id=REPO, create_pr=True
    )
    assert (opened.pr_num, opened.pr_revision) == (1, "refs/pr/1")
    large = os.urandom(40_000)
    second = api.upload_file(
        path_or_fileobj=large, path_in_repo="w/pr.bin", repo_id=REPO, create_pr=True
    )
    assert second.pr_num == 2 and "w/pr.bin" in files(revision="refs/pr/2")
    api.upload_file(
        path_or_fileobj=b"more", path_in_repo="m.txt", repo_id=REPO, revision="refs/pr/1"
    )
    assert text("a.txt", revision="refs/pr/1") == "pr" and "m.txt" in files(revision="refs/pr/1")
    assert api.model_info(REPO).sha == head


@call("list_repo_refs")
def _():
    refs = api.list_repo_refs(REPO, include_pull_requests=True)
    assert {(item.name, item.ref) for item in refs.branches} == {
        ("main", "refs/heads/main"),
        ("dev/one", "refs/heads/dev/one"),
    }
    assert [(item.name, item.ref) for item in refs.tags] == [("v1.0", "refs/tags/v1.0")]
    assert {item.ref for item in refs.pull_requests} == {"refs/pr/1", "refs/pr/2"}
    assert api.list_repo_refs(REPO).pull_requests is None


@call("list_repo_commits")
def _():
    commits = api.list_repo_commits(REPO, formatted=True)
    assert commits[0].commit_id == api.model_info(REPO).sha
    [first] = [item for item in commits if item.title == "first"]
    assert (first.message, first.formatted_title) == ("why", "first")


@call("list_lfs_files")
def _():
    found = {item.filename: item for item in api.list_lfs_files(REPO)}
    assert found["w/model.bin"].size == len(WEIGHTS) and "w/pre.bin" in found


@call("permanently_delete_lfs_files")
def _():
    api.permanently_delete_lfs_files(REPO, api.list_lfs_files(REPO))


@call("super_squash_history")
def _():
    api.super_squash_history(REPO, commit_message="squashed")
    assert [item.title for item in api.list_repo_commits(REPO)] == ["squashed"]
    assert text("a.txt", revision="v1.0") == "one"


@call("ModelCard, metadata_update")
def _():
    ModelCard(f"---\n{ModelCardData(license='mit').to_yaml()}\n---\n# tiny").push_to_hub(REPO)
    metadata_update(REPO, {"tags": ["one"]})
    assert ModelCard.load(REPO).data.tags == ["one"]


@call("get_safetensors_metadata")
def _():
    header = json.dumps({"t": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}).encode()
    content = len(header).to_bytes(8, "little") + header + b"\0\0\0\0"
    api.upload_file(path_or_fileobj=content, path_in_repo="model.safetensors", repo_id=REPO)
    assert api.get_safetensors_metadata(REPO).parameter_count == {"F32": 1}


@call("update_repo_settings")
def _():
    api.update_repo_settings(SECRET, private=False, gated="auto")
    info = api.model_info(SECRET)
    assert (info.private, info.gated) == (False, "auto")
    api.update_repo_settings(SECRET, visibility="private", gated=False)
    raises(HfHubHTTPError, lambda: HfApi(token=False).model_info(SECRET))


@call("move_repo")
def _():
    api.move_repo(SECRET, OTHER)
    assert api.repo_exists(OTHER) and not api.repo_exists(SECRET)
    raises(HfHubHTTPError, lambda: HfApi(token=False).model_info(OTHER))
    raises(HfHubHTTPError, lambda: api.move_repo(OTHER, REPO))


@call("duplicate_repo")
def _():
    url = api.duplicate_repo(REPO, to_id="me/duplicate", private=True)
    assert url.repo_id == "me/duplicate" and files("me/duplicate") == files()
    raises(HfHubHTTPError, lambda: HfApi(token=False).model_info("me/duplicate"))
    raises(HfHubHTTPError, lambda: api.duplicate_repo(REPO, to_id="me/duplicate"))
    local = hf_hub_download("me/duplicate", "w/model.bin", cache_dir=work / "cache")
    assert Path(local).read_bytes() == WEIGHTS


@call("delete_repo")
def _():
    api.delete_repo(OTHER)
    assert not api.repo_exists(OTHER)
    raises(RepositoryNotFoundError, lambda: api.delete_repo(OTHER))
    api.delete_repo(OTHER, missing_ok=True)
    api.delete_repo(SPACE, repo_type="space")


fs = HfFileSystem(skip_instance_cache=True)


@call("HfFileSystem: ls, glob, find, walk, info, exists")
def _():
    assert f"{REPO}/w" in fs.ls(REPO, detail=False)
    assert fs.glob(f"{REPO}/w/*.bin") == [f"{REPO}/w/copy.bin", f"{REPO}/w/model.bin"]
    assert f"{REPO}/w/copy.txt" in fs.glob(f"{REPO}/**/*.txt")
    assert f"{REPO}/w/model.bin" in fs.find(REPO)
    assert f"{REPO}/w" in [path for path, _, _ in fs.walk(REPO)]
    assert fs.info(f"{REPO}/w/model.bin")["size"] == len(WEIGHTS)
    assert fs.isdir(f"{REPO}/w") and fs.isfile(f"{REPO}/a.txt") and not fs.exists(f"{REPO}/none")
    assert fs.exists(f"{REPO}@refs/pr/1/m.txt") and fs.exists(f"datasets/{DATA}@main/a.txt")
    assert fs.du(f"{REPO}/w") > len(WEIGHTS)


@call("HfFileSystem: modified")
def _():
    for path in (f"{REPO}/a.txt", f"{REPO}/w", REPO):
        age = datetime.now(timezone.utc) - fs.modified(path)
        assert 0 <= age.total_seconds() < 300, path


@call("HfFileSystem: open")
def _():
    with fs.open(f"{REPO}/fs/new.txt", "w") as file:
        file.write("written")
    assert fs.read_text(f"{REPO}/fs/new.txt") == "written"
    with fs.open(f"{REPO}/w/model.bin", block_size=4096) as file:
        file.seek(100_000)
        assert file.read(50) == WEIGHTS[100_000:100_050]
    fs.get(f"{REPO}/w/model.bin", str(work / "got.bin"))
    assert (work / "got.bin").read_bytes() == WEIGHTS
    fs.put(str(work / "got.bin"), f"{REPO}/fs/put.bin")
    assert fs.cat_file(f"{REPO}/fs/put.bin", start=5, end=9) == WEIGHTS[5:9]


@call("HfFileSystem: cp, mv, rm")
def _():
    fs.cp(f"{REPO}/fs/put.bin", f"{REPO}/fs/copied.bin")
    fs.cp(f"{REPO}/fs/new.txt", f"datasets/{DATA}/from-model.txt")
    fs.mv(f"{REPO}/fs/copied.bin", f"{REPO}/fs/moved.bin")
    assert sorted(fs.ls(f"{REPO}/fs", detail=False, refresh=True)) == [
        f"{REPO}/fs/{name}" for name in ("moved.bin", "new.txt", "put.bin")
    ]
    assert fs.read_text(f"datasets/{DATA}/from-model.txt") == "written"
    fs.rm(f"{REPO}/fs", recursive=True)
    assert not fs.exists(f"{REPO}/fs", refresh=True)


absent = {
    "create_discussion": lambda: api.create_discussion(REPO, title="a title"),
    "create_pull_request": lambda: api.create_pull_request(REPO, title="a title"),
    "get_repo_discussions": lambda: list(api.get_repo_discussions(REPO)),
    "get_discussion_details": lambda: api.get_discussion_details(REPO, 1),
    "merge_pull_request": lambda: api.merge_pull_request(REPO, 1),
    "list_collections": lambda: list(api.list_collections(owner="me")),
    "create_collection": lambda: api.create_collection("a title", namespace="me"),
    "get_space_runtime": lambda: api.get_space_runtime(SPACE),
    "get_space_variables": lambda: api.get_space_variables(SPACE),
    "add_space_secret": lambda: api.add_space_secret(SPACE, "A", "b"),
    "request_space_hardware": lambda: api.request_space_hardware(SPACE, "cpu-basic"),
    "pause_space": lambda: api.pause_space(SPACE),
    "restart_space": lambda: api.restart_space(SPACE),
    "list_spaces_hardware": lambda: api.list_spaces_hardware(),
    "list_space_templates": lambda: api.list_space_templates(),
    "search_spaces": lambda: list(api.search_spaces("a text")),
    "list_user_repos": lambda: list(api.list_user_repos()),
    "list_models by tag": lambda: list(api.list_models(filter="onnx")),
    "get_model_tags": lambda: api.get_model_tags(),
    "list_repo_likers": lambda: list(api.list_repo_likers(REPO)),
    "list_liked_repos": lambda: api.list_liked_repos("me"),
    "list_pending_access_requests": lambda: list(api.list_pending_access_requests(REPO)),
    "grant_access": lambda: api.grant_access(REPO, "you"),
    "list_webhooks": lambda: api.list_webhooks(),
    "get_user_overview": lambda: api.get_user_overview("me"),
    "get_organization_overview": lambda: api.get_organization_overview("me"),
    "list_papers": lambda: list(api.list_papers(query="a text")),
    "list_daily_papers": lambda: list(api.list_daily_papers()),
    "list_jobs": lambda: list(api.list_jobs(namespace="me")),
    "list_scheduled_jobs": lambda: list(api.list_scheduled_jobs(namespace="me")),
    "list_buckets": lambda: list(api.list_buckets("me")),
    "create_bucket": lambda: api.create_bucket("me/bucket"),
    "kernel_info": lambda: api.kernel_info("me/kernel"),
    "get_dataset_leaderboard": lambda: api.get_dataset_leaderboard(DATA),
    "get_sharded_safetensors_metadata": lambda: api.get_sharded_safetensors_metadata(REPO),
}
for name, make in absent.items():
    call(name)(make)

report()
