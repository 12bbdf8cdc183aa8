"""Scenarios: named sets of new assumption values.

``scenarios/*.yml`` holds the shipped ones. A file has a ``title``, a ``reason`` and ``overrides``: a mapping from
assumption id to a number, which counts as certain, or to ``{low, value, high}``, which replaces the range.
"""

import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from analysis.errors import InputError, unknown
from reporting import ROOT
from reporting.core.report import Report
from reporting.inputs import assumptions, yaml_file

FOLDER = ROOT / "scenarios"
BASE = "base"


class Scenario(BaseModel):
    """One scenario.

    Attributes
    ----------
    title : str
    reason : str
        Who argues so, and on what ground.
    overrides : dict
        As in `reporting.inputs.assumptions.Overrides`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str = Field(min_length=1)
    reason: str = Field(min_length=1)
    overrides: dict[str, float | dict[str, float]]


def read(path):
    """Read and validate a scenario file.

    Parameters
    ----------
    path : pathlib.Path

    Returns
    -------
    (Scenario, reporting.inputs.assumptions.Overrides)
        The overrides carry the file's name.

    Raises
    ------
    InputError
        If the file is missing or malformed, or the register refuses an override. Names file, line, id and what is
        allowed.
    """
    where = yaml_file.place(path)
    raw = yaml_file.load(path, where)
    if not isinstance(raw, Mapping):
        raise InputError(f"{where}: must be a mapping with title, reason and overrides")
    given = raw.get("overrides")
    if not isinstance(given, Mapping):
        line = f", line {yaml_file.line_of(raw, 'overrides')}" if "overrides" in raw else ""
        raise InputError(f"{where}{line}: 'overrides' must be a mapping from assumption id to value; {{}} for none")
    checked = {}
    for identifier, value in given.items():
        try:
            checked[str(identifier)] = assumptions.check_override(str(identifier), value)
        except InputError as error:
            raise InputError(f"{where}, line {yaml_file.line_of(given, identifier)}: {error}") from None
    try:
        scenario = Scenario.model_validate({**{str(name): raw[name] for name in raw}, "overrides": checked})
    except ValidationError as error:
        name = str(error.errors()[0]["loc"][0])
        line = f", line {yaml_file.line_of(raw, name)}" if name in raw else ""
        raise InputError(f"{where}{line}: {yaml_file.first_problem(error)}") from None
    return scenario, assumptions.Overrides(checked, path.stem)


@cache
def shipped():
    """Return the shipped scenarios, a mapping from name to ``(Scenario, Overrides)``, the base first."""
    paths = sorted(FOLDER.glob("*.yml"), key=lambda path: (path.stem != BASE, path.stem))
    return {path.stem: read(path) for path in paths}


def find(name):
    """Return ``(Scenario, Overrides)`` of a shipped scenario by its name, or of any file by its path."""
    path = Path(name)
    if os.path.isfile(path):  # unlike the method of Path, false for what no file system takes
        return read(path)
    if path.suffix in (".yml", ".yaml"):
        raise unknown("scenario file", name, [f"scenarios/{known}.yml" for known in shipped()])
    if name not in shipped():
        raise unknown("scenario", name, shipped(), "scenarios/")
    return shipped()[name]


def overrides_of(name, settings=()):
    """Return a scenario's overrides, with ``["ID=VALUE", ...]`` on top; see `find`."""
    overrides = find(name)[1]
    own = assumptions.parse_settings(settings)
    return assumptions.Overrides(overrides | own, f"{overrides.name}-and-own") if own else overrides


@cache
def report_of(name):
    """Return the `Report` of a scenario, by name or path, evaluated once."""
    return Report(find(name)[1])
