"""JSON Schemas of the files that people write, so that an editor completes and checks while they type.

Each file names its schema in its first line (``# yaml-language-server: $schema=...``). `write` makes them from the
models that read the files, so the two cannot part.
"""

import json

from pydantic import TypeAdapter

from reporting import ROOT
from reporting.core.claims import Claim
from reporting.core.scenarios import Scenario
from reporting.drawing.figures import Words
from reporting.inputs.assumptions import Assumption, Correlation

FOLDER = ROOT / "schemas"
#: Name of a schema to its title, and the type that reads such a file.
KINDS = {
    "assumptions": ("Assumptions: id to what a reader may change", dict[str, Assumption]),
    "correlations": ("Pairs of assumptions that are not drawn independently", list[Correlation]),
    "claims": ("The essay's claims: id to claim, its parts and the rules that judge them", dict[str, Claim]),
    "scenario": ("A scenario: new values of assumptions", Scenario),
    "texts": ("The words of a chapter's figures: key to words", dict[str, Words]),
}


def content(name):
    """Return a schema as text."""
    title, kind = KINDS[name]
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": title}
    schema |= {field: value for field, value in TypeAdapter(kind).json_schema().items() if field != "title"}
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def write():
    """Write every schema; return their paths."""
    FOLDER.mkdir(exist_ok=True)
    paths = [FOLDER / f"{name}.json" for name in KINDS]
    for path in paths:
        path.write_text(content(path.stem), "utf-8")
    return paths
