"""The lock, what was asked for, the conda file and the package describe one environment."""

import re
import tomllib

import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from sclerotrial.environment import fingerprint
from sclerotrial.files import sha256


def locked(root):
    """Name -> versions in the lock."""
    found = {}
    for line in (root / "requirements.lock").read_text().splitlines():
        match = re.match(r"([A-Za-z0-9._-]+)==([^ ;\\]+)", line)
        if match:
            found.setdefault(canonicalize_name(match[1]), []).append(match[2])
    return found


def asked(root):
    lines = (root / "requirements.in").read_text().splitlines()
    return [Requirement(line) for line in lines if line and not line.startswith("#")]


def test_everything_asked_for_is_locked_in_a_fitting_version(root):
    lock = locked(root)
    wrong = [
        str(r)
        for r in asked(root)
        if not all(r.specifier.contains(v) for v in lock.get(canonicalize_name(r.name), ["0"]))
    ]
    assert wrong == []


def test_the_package_needs_nothing_beyond_the_lock(root):
    project = tomllib.loads((root / "pyproject.toml").read_text())
    needs = [*project["project"]["dependencies"], *project["build-system"]["requires"]]
    assert {canonicalize_name(Requirement(n).name) for n in needs} <= set(locked(root))


def test_every_locked_package_has_hashes_and_no_address(root):
    text = (root / "requirements.lock").read_text()
    blocks = re.split(r"\n(?=[A-Za-z0-9])", text)
    pinned = [b for b in blocks if "==" in b.splitlines()[0]]
    assert len(pinned) > 100
    assert [b.splitlines()[0] for b in pinned if "--hash=sha256:" not in b] == []
    assert "://" not in text
    assert "index" not in " ".join(line for line in text.splitlines() if line.startswith("-"))


def test_conda_gives_python_and_pip_and_the_lock_the_rest(root):
    environment = yaml.safe_load((root / "environment.yml").read_text())
    python, pip, rest = environment["dependencies"]
    project = tomllib.loads((root / "pyproject.toml").read_text())
    wanted = SpecifierSet(project["project"]["requires-python"])
    offered = SpecifierSet(python.removeprefix("python "))
    versions = [f"3.{minor}" for minor in range(9, 18)]
    assert list(wanted.filter(versions)) == list(offered.filter(versions)) == versions[2:5]
    assert pip == "pip"
    assert rest == {"pip": ["--requirement requirements.lock"]}


def test_the_client_s_tools_are_asked_for(root):
    names = {canonicalize_name(r.name) for r in asked(root)}
    assert {"snakemake", "pandas", "scipy", "pingouin", "plotnine", "jupyter", "pytest"} <= names


def test_the_running_environment_is_the_locked_one(root):
    from importlib.metadata import version

    lock = locked(root)
    checked = ["pandas", "numpy", "scipy", "pingouin", "plotnine", "snakemake", "pydantic"]
    assert {n: version(n) for n in checked if version(n) not in lock[n]} == {}


def test_the_fingerprint_names_what_is_locked_and_installed(root, tmp_path, monkeypatch):
    lock = tmp_path / "requirements.lock"
    lock.write_text("Pandas==9.9\n    --hash=sha256:00\nsome_thing==1.0\n")
    site = tmp_path / "site"
    for name in ("pandas-3.0.3", "some.thing-1.0", "not_locked-2.0"):
        (site / f"{name}.dist-info").mkdir(parents=True)
    monkeypatch.setattr("sysconfig.get_path", lambda kind: str(site))
    found = fingerprint(lock)
    assert found.pop("locked environment") == sha256(lock)[:12]
    assert found.pop("version of Python").startswith("3.")
    assert found == {"version of pandas": "3.0.3", "version of some-thing": "1.0"}
    (site / "pandas-3.0.3.dist-info").rename(site / "pandas-3.0.4.dist-info")
    assert fingerprint(lock)["version of pandas"] == "3.0.4"
    assert set(fingerprint(tmp_path / "none")) == {"version of Python"}
