"""The store, the ledger and the words, each by itself."""

import hashlib
import os
import stat
import sys
import threading
import time
from types import SimpleNamespace

import pytest
import snakemake_executor_plugin_cutoff as plugin
from snakemake.scheduling.job_scheduler import JobScheduler
from snakemake_executor_plugin_cutoff.describe import Description, Record, canonical, differences
from snakemake_executor_plugin_cutoff.ledger import Ledger
from snakemake_executor_plugin_cutoff.store import Store


def file(folder, name, content):
    path = folder / name
    path.write_bytes(content)
    return str(path), hashlib.sha256(content).hexdigest()


# --- store ----------------------------------------------------------------------------------------


def test_what_is_kept_comes_back(tmp_path):
    store = Store(tmp_path / "store")
    kept = [file(tmp_path, "a", b"one"), file(tmp_path, "b", b"")]
    store.keep("key", kept)
    for path, _ in kept:
        os.unlink(path)
    assert store.give_back("key") == kept
    assert (tmp_path / "a").read_bytes() == b"one"
    assert store.give_back("another") == []


def test_a_damaged_entry_is_a_miss_and_leaves_nothing_half_written(tmp_path):
    store = Store(tmp_path / "store")
    kept = [file(tmp_path, "a", b"one"), file(tmp_path, "b", b"two")]
    store.keep("key", kept)
    blob = tmp_path / "store/blobs" / kept[1][1][:2] / kept[1][1]
    blob.write_bytes(b"tw")
    (tmp_path / "a").write_bytes(b"other")
    assert store.give_back("key") == []
    assert (tmp_path / "a").read_bytes() == b"other"
    assert not blob.exists()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a", "b", "store"]


def test_a_file_that_is_no_longer_what_its_digest_says_is_not_kept(tmp_path):
    store = Store(tmp_path / "store")
    path, digest = file(tmp_path, "a", b"one")
    (tmp_path / "a").write_bytes(b"two")
    store.keep("key", [(path, digest)])
    assert store.give_back("key") == []


def test_the_store_is_bounded_and_drops_what_is_longest_unused(tmp_path):
    store = Store(tmp_path / "store", limit=100_000)
    for n in range(30):
        store.keep(f"key{n}", [file(tmp_path, f"f{n}", os.urandom(10_000))])
        for path in (tmp_path / "store").rglob("*"):
            if path.is_file() and time.time() - path.stat().st_mtime < 1:
                os.utime(path, (time.time() - 100 + n,) * 2)  # one after the other
    taken = sum(p.stat().st_size for p in (tmp_path / "store").rglob("*") if p.is_file())
    assert taken <= 100_000
    assert store.give_back("key29") != []
    assert store.give_back("key0") == []


def test_a_job_larger_than_a_quarter_of_the_store_is_not_kept(tmp_path):
    store = Store(tmp_path / "store", limit=1000)
    store.keep("key", [file(tmp_path, "a", b"x" * 251)])
    assert store.give_back("key") == []
    store.keep("key", [file(tmp_path, "a", b"x" * 250)])
    assert store.give_back("key") != []


def test_the_store_is_private_and_refuses_one_that_others_can_write(tmp_path):
    store = Store(tmp_path / "store")
    store.keep("key", [file(tmp_path, "a", b"one")])
    for path in [tmp_path / "store", *(tmp_path / "store").rglob("*")]:
        assert not stat.S_IMODE(path.stat().st_mode) & 0o077, path
    (tmp_path / "store").chmod(0o777)
    assert store.give_back("key") == []


def test_no_store_keeps_and_gives_nothing(tmp_path):
    store = Store(tmp_path / "store", limit=0)
    store.keep("key", [file(tmp_path, "a", b"one")])
    assert store.give_back("key") == []
    assert not (tmp_path / "store").exists()


def test_two_writers_at_once(tmp_path):
    kept = [file(tmp_path, f"f{n}", bytes([n]) * 5000) for n in range(40)]
    bad = []

    def write(seed):
        store = Store(tmp_path / "store")
        for n in range(40):
            at = (n * seed) % 40
            store.keep(f"key{at}", [kept[at]])
            for other in range(0, 40, 7):
                back = store.give_back(f"key{other}")
                if back not in ([], [kept[other]]):
                    bad.append(back)

    threads = [threading.Thread(target=write, args=(seed,)) for seed in (1, 3, 7)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert bad == []
    assert all(Store(tmp_path / "store").give_back(f"key{n}") == [kept[n]] for n in range(40))
    assert not list(tmp_path.rglob(".part-*"))


# --- ledger ---------------------------------------------------------------------------------------


def test_a_digest_is_read_again_only_when_the_stat_differs(tmp_path, monkeypatch):
    path, digest = file(tmp_path, "a", b"one")
    os.utime(path, (1e9, 1e9))
    time.sleep(0.1)
    ledger = Ledger(tmp_path / "ledger")
    assert ledger.digest(path) == digest
    monkeypatch.setattr("builtins.open", None)
    assert ledger.digest(path) == digest


def test_a_change_that_keeps_size_and_date_is_seen(tmp_path):
    path, _ = file(tmp_path, "a", b"one")
    os.utime(path, (1e9, 1e9))
    time.sleep(0.1)
    ledger = Ledger(tmp_path / "ledger")
    ledger.digest(path)
    (tmp_path / "a").write_bytes(b"two")
    os.utime(path, (1e9, 1e9))
    assert ledger.digest(path) == hashlib.sha256(b"two").hexdigest()


def test_a_file_that_has_just_changed_is_not_remembered(tmp_path):
    ledger = Ledger(tmp_path / "ledger")
    for n in range(50):  # faster than the clock of the file system ticks
        path, digest = file(tmp_path, "a", b"%02d" % n)
        assert ledger.digest(path) == digest


# --- words ----------------------------------------------------------------------------------------


def told(old, new, inputs=([], [])):
    def described(params, files):
        texts = {canonical(v): canonical(v) for v in params.values()}
        named = [[k, canonical(v)] for k, v in params.items()]
        depends = {"params": canonical(named), "inputs": canonical(files)}
        return Description(depends, files, named, ["out"], texts=texts)

    import json

    then = described(old, inputs[0])
    record = Record(then.depends, [], then.inputs, then.params, [])
    return differences(described(new, inputs[1]), record, json.loads, lambda path: "")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ({"n": 3}, {"n": 3}, []),
        ({"n": 3}, {"n": 4}, ["n changed (3 -> 4)"]),
        ({"n": 1}, {"n": True}, ["n changed (1 -> True)"]),
        ({"n": 1}, {"n": 1.0}, ["n changed (1 -> 1.0)"]),
        ({"s": {"a": 1, "b": 2}}, {"s": {"a": 2, "b": 1}},
         ["s.a changed (1 -> 2)", "s.b changed (2 -> 1)"]),
        ({"s": {"a": 1, "b": 2}}, {"s": {"b": 2, "a": 1}}, ["order of s changed"]),
        ({"s": [1, 2]}, {"s": [2, 1]}, ["s[0] changed (1 -> 2)", "s[1] changed (2 -> 1)"]),
        ({"s": {}}, {"s": {"a": None}}, ["s is gone", "s.a is new"]),
        ({"code": {"function a.b": "0" * 12}}, {"code": {"function a.b": "1" * 12}},
         ["function a.b changed"]),
        ({"code": {"function a.b": "0" * 12}}, {"code": {"function a.c": "0" * 12}},
         ["function a.b is gone", "function a.c is new"]),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, ["order of the parameters changed"]),
        ({"t": "x" * 50}, {"t": ""}, [f"t changed ({'x' * 37}... -> '')"]),
    ],
)  # fmt: skip
def test_a_changed_parameter_is_told_in_words(old, new, words):
    assert told(old, new) == words


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ([["a", "x", "1"]], [["a", "x", "2"]], ["input a changed"]),
        ([["a", "x", "1"], ["b", "y", "2"]], [["a", "y", "1"], ["b", "x", "2"]],
         ["inputs changed their places (x, y)"]),
        ([["a", "x", "1"]], [["b", "x", "1"]], ["input b is new", "input a is gone"]),
    ],
)  # fmt: skip
def test_a_changed_input_is_told_in_words(old, new, words):
    assert told({}, {}, (old, new)) == words


def test_a_value_has_one_text_in_every_process():
    assert canonical({"b", "a"}) == canonical({"a", "b"}) == '["\\"a\\"", "\\"b\\""]'
    assert canonical({"b": 1, "a": 2}) != canonical({"a": 2, "b": 1})
    assert canonical([1]) != canonical([1.0]) != canonical([True])
    assert " at 0x" not in canonical(object())


def test_a_module_that_is_only_named_is_not_imported(tmp_path, monkeypatch):
    package = tmp_path / "heavy_load"
    package.mkdir()
    (package / "__init__.py").write_text("import builtins\nbuiltins.heavy_load_ran = True\nN = 3\n")
    (package / "part.py").write_text("M = 4\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr("builtins.heavy_load_ran", False, raising=False)
    import builtins

    plugin._later("heavy_load")
    for _ in range(2):
        named: dict = {}
        exec("import heavy_load", named)
        assert not builtins.heavy_load_ran
    assert named["heavy_load"].N == 3
    assert builtins.heavy_load_ran
    exec("import heavy_load.part\nfound = heavy_load.N, heavy_load.part.M", named)
    assert named["found"] == (3, 4)
    for name in ("heavy_load", "heavy_load.part"):
        sys.modules.pop(name)


def test_a_module_that_is_not_there_is_not_promised():
    plugin._later("no_such_module_anywhere")
    assert "no_such_module_anywhere" not in sys.modules


def test_timers_of_the_scheduler_do_not_hold_the_end():
    looked = threading.Semaphore(0)
    other = threading.Timer(30, looked.release)
    other.start()
    before = set(threading.enumerate())
    JobScheduler._schedule_reevalutation(SimpleNamespace(_open_jobs=looked), 30)
    (timer,) = set(threading.enumerate()) - before
    plugin._end_looks()
    timer.join(5)
    assert not timer.is_alive()
    assert other.is_alive()
    assert not looked.acquire(blocking=False)
    other.cancel()
