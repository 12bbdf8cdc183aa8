"""The repository's own consistency: dependencies, versions, and what may not stand in it."""

import os
import re
import subprocess
import sys
import tomllib

import pytest
from ruamel.yaml import YAML

import analysis
from reporting import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def tracked():
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def test_environment_yml_lists_what_pyproject_lists():
    conda = YAML(typ="safe").load((ROOT / "environment.yml").read_text("utf-8"))
    python, pip, packages = conda["dependencies"]
    assert pip == "pip"
    assert python.split()[1] == PROJECT["requires-python"]
    assert packages["pip"] == PROJECT["dependencies"] + PROJECT["optional-dependencies"]["test"]


def test_every_dependency_is_locked_with_hashes_and_without_addresses():
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    assert "://" not in lock
    requirements = re.findall(r"^([A-Za-z0-9_.-]+)==.*?\\\n((?:    --hash=.*\n)+)", lock, re.MULTILINE)
    names = {name.lower().replace("_", "-") for name, _ in requirements}
    assert len(requirements) == len(re.findall(r"^[A-Za-z0-9_.-]+==", lock, re.MULTILINE))
    for wanted in PROJECT["dependencies"] + PROJECT["optional-dependencies"]["test"]:
        name = re.match(r"[A-Za-z0-9_.-]+", wanted)[0].lower().replace("_", "-").replace("ruamel-yaml", "ruamel.yaml")
        assert name in names | {"ruamel.yaml"}, name


def test_one_version():
    citation = YAML(typ="safe").load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert PROJECT["version"] == analysis.__version__ == citation["version"]


def test_the_code_runs_from_this_checkout():
    assert (ROOT / "tests" / "test_project.py").samefile(__file__)


def test_code_of_another_checkout_is_noticed_and_named(tmp_path):
    for name in ("analysis/__init__.py", "data/assumptions.yml", "_toc.yml", "book/chapter.ipynb"):
        (tmp_path / "copy" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "copy" / name).touch()
    command = [sys.executable, "-c", "from reporting import Report; Report()"]
    for folder, code in ((tmp_path / "copy" / "book", 1), (tmp_path, 0), (ROOT / "book", 0)):
        done = subprocess.run(
            command, cwd=folder, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False
        )
        assert done.returncode == code, done.stderr
        if code:
            told = done.stderr.splitlines()[-1]
            assert f"belongs to the report in {tmp_path / 'copy'}" in told
            assert f"from {ROOT}; set PYTHONPATH=" in told


def test_no_file_names_a_path_of_a_machine():
    pattern = re.compile(r"(?:^|[\s\"'(=])/(?:work|root|home|tmp)/[A-Za-z0-9_.]", re.MULTILINE)
    for path in tracked():
        if path.suffix in {".ipynb", ".md", ".yml", ".csv", ".json", ".bib", ".cff"}:
            assert not pattern.search(path.read_text("utf-8")), path.name


def test_every_page_of_the_contents_exists_and_every_chapter_is_in_it():
    contents = YAML(typ="safe").load((ROOT / "_toc.yml").read_text("utf-8"))
    pages = {contents["root"], *(chapter["file"] for chapter in contents["chapters"])}
    for page in pages:
        assert any((ROOT / f"{page}{suffix}").exists() for suffix in (".md", ".ipynb")), page
    assert {f"book/{path.stem}" for path in (ROOT / "book").glob("*.ipynb")} <= pages
