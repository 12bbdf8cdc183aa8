"""The schemas that editors complete from are those of the models that read the files."""

import json
import re

import jsonschema
import pytest
from ruamel.yaml import YAML
from ruamel.yaml.constructor import SafeConstructor

from reporting import ROOT
from reporting.publishing import schemas

FILES = {
    "assumptions": ["data/assumptions.yml"],
    "correlations": ["data/correlations.yml"],
    "claims": sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "data/claims").glob("*.yml")),
    "scenario": sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "scenarios").glob("*.yml")),
    "texts": sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "reporting/chapters").glob("*/texts.yml")),
}


class WithoutDates(SafeConstructor):
    """Reads a date as the text it is, as an editor does. A class of its own: constructors belong to the class."""


WithoutDates.add_constructor("tag:yaml.org,2002:timestamp", lambda loader, node: node.value)


@pytest.mark.parametrize("name", schemas.KINDS)
def test_a_schema_is_written_out(name):
    kept = (schemas.FOLDER / f"{name}.json").read_text("utf-8")
    assert kept == schemas.content(name), "run `python -m analysis schemas`"


@pytest.mark.parametrize(("name", "file"), [(name, file) for name, files in FILES.items() for file in files])
def test_a_file_names_its_schema_and_fits_it(name, file):
    text = (ROOT / file).read_text("utf-8")
    place = re.match(r"# yaml-language-server: \$schema=(\S+)\n", text)[1]
    found = (ROOT / file).parent / place
    assert found.resolve() == (schemas.FOLDER / f"{name}.json").resolve()
    reader = YAML(typ="safe", pure=True)
    reader.Constructor = WithoutDates
    content = json.loads(json.dumps(reader.load(text)))
    jsonschema.Draft202012Validator(json.loads(found.read_text("utf-8"))).validate(content)


def test_a_field_that_nobody_knows_is_found():
    schema = json.loads(schemas.content("texts"))
    words = dict.fromkeys(("title", "holds", "subtitle", "caption", "alt"), "x")
    jsonschema.Draft202012Validator(schema).validate({"fig-cost-a": words})
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(schema).validate({"fig-cost-a": words | {"headline": "x"}})
