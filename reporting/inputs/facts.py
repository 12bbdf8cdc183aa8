"""Facts: sourced numbers that no scenario changes.

Each table is a CSV file in ``data/``, described in ``data/datapackage.json``. Every row has an ``id``,
a source, a locator, dates and an evidence grade.

Every number has the bounds that its meaning gives, with the reason in words: in the ``constraints`` of its column, or,
where a column holds several quantities, in the package's ``bounds``, under the value that another column of the row
has (``boundsBy``: the id before the unit; a pattern such as ``pue_*`` stands for several). They do not come from the
numbers in the table, so a wrong power of ten or a wrong sign falls outside.
"""

import csv
import json
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache

from analysis.errors import InputError, unknown
from reporting import DATA
from reporting.inputs.evidence import note_fact

PACKAGE = DATA / "datapackage.json"
_NUMERIC = {"number", "integer"}


@cache
def _package():
    return json.loads(PACKAGE.read_text("utf-8"))


@cache
def _resources():
    return {resource["name"]: resource for resource in _package()["resources"]}


@cache
def schemas():
    """Return the table schemas: table name to a mapping of field name to field type."""
    return {
        name: {field["name"]: field["type"] for field in resource["schema"]["fields"]}
        for name, resource in _resources().items()
    }


@cache
def _load(table):
    if table not in schemas():
        raise unknown("table", table, schemas(), "data/datapackage.json")
    types = schemas()[table]
    rows = {}
    with (DATA / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        for row in reader:
            where = f"data/{table}.csv, line {reader.line_num}"
            if None in row or None in row.values():
                raise InputError(f"{where}: does not have one value for each column")
            if row["id"] in rows:
                raise InputError(f"{where}: the id '{row['id']}' comes twice")
            typed = {name: _typed(text, types.get(name), where) for name, text in row.items()}
            for column in numeric(table):
                check(table, typed, column, where)
            rows[row["id"]] = typed
    return rows


def _typed(text, kind, where):
    if kind not in _NUMERIC:
        return text
    if text == "":
        return None
    try:
        return float(text)
    except ValueError:
        raise InputError(f"{where}: '{text}' is not a number") from None


@dataclass(frozen=True)
class Bounds:
    """What a number may be at all.

    Attributes
    ----------
    minimum, maximum : float
        Both allowed.
    why : str
        What gives them.
    """

    minimum: float
    maximum: float
    why: str


@cache
def numeric(table):
    """Return the names of the columns of a table that hold numbers."""
    return [name for name, kind in schemas()[table].items() if kind in _NUMERIC]


@cache
def _declared(table, column):
    return next(field for field in _resources()[table]["schema"]["fields"] if field["name"] == column)


def bounds(table, row, column):
    """Return the `Bounds` of a number.

    Parameters
    ----------
    table, column : str
    row : dict
        The row that holds the number, since the bounds can depend on its id or unit.

    Raises
    ------
    InputError
        If none are declared.
    """
    declared = _declared(table, column)
    for key in declared.get("boundsBy", ()):
        for pattern, found in _package()["bounds"][key].items():
            if fnmatchcase(row[key], pattern):
                return Bounds(**found)
    limits = declared.get("constraints", {})
    if not {"minimum", "maximum"} <= set(limits):
        by = "".join(f", {key} '{row[key]}'" for key in declared.get("boundsBy", ()) if key != "id")
        raise InputError(f"data/datapackage.json: no bounds for {column} of '{row['id']}' in data/{table}.csv{by}")
    return Bounds(limits["minimum"], limits["maximum"], declared["why"])


def check(table, row, column, where=""):
    """Refuse a number outside of its bounds; see `bounds`.

    Parameters
    ----------
    table, column : str
    row : dict
    where : str, optional
        File and line, for the message.

    Raises
    ------
    InputError
        Names the file, the row, the column, the value and what is allowed.
    """
    number = row[column]
    if number is None:
        return
    allowed = bounds(table, row, column)
    if not allowed.minimum <= number <= allowed.maximum:  # not a number fails too
        raise InputError(
            f"{where or f'data/{table}.csv'}: {column} of '{row['id']}' is {number:g}; "
            f"allowed are {allowed.minimum:g} to {allowed.maximum:g} ({allowed.why})"
        )


def row(table, identifier):
    """Return one fact as a mapping of column to value; a blank number is None."""
    known = _load(table)
    if identifier not in known:
        raise unknown("fact", identifier, known, f"data/{table}.csv")
    found = known[identifier]
    note_fact(table, identifier, found)
    return found


def has(table, identifier):
    """Tell whether a table has a fact of this id."""
    return identifier in _load(table)


def value(identifier):
    """Return the value of a scalar fact in ``data/facts.csv`` as a float."""
    return row("facts", identifier)["value"]


@cache
def model_configs():
    """Return every model configuration with its source: name to a mapping like the row of a table."""
    found = {}
    for path in sorted((DATA / "model_configs").glob("*.json")):
        content = json.loads(path.read_text("utf-8"))
        place = ", ".join(part for part in (content.get("path"), content.get("commit")) if part)
        found[path.stem] = {
            "id": path.stem,
            "config": content["config"],
            "as_of": content["accessed"],
            "source": content["source"],
            "locator": place,
            "grade": "secondary",
            "note": content["note"],
        }
    return found


def model_config(model):
    """Return the configuration of a model, as `analysis.architecture.Architecture.from_hf_config` takes it.

    Parameters
    ----------
    model : str
        Name of a file in ``data/model_configs``, e.g. ``"deepseek-v3"``.
    """
    known = model_configs()
    if model not in known:
        raise unknown("model", model, known, "data/model_configs")
    note_fact("model_configs", model, known[model])
    return known[model]["config"]


def measure(table):
    """Return the columns of a table that hold its measure: the number, and its unit where that varies."""
    declared = _resources()[table]["measure"]
    return [declared[name] for name in ("field", "unitField") if name in declared]


def title(table):
    """Return the title of a table."""
    return _resources()[table]["title"]


def half_lives():
    """Return the half-lives, in years, of the tables whose numbers go on changing."""
    return {name: declared["halfLifeYears"] for name, declared in _resources().items() if "halfLifeYears" in declared}


def quantity(table, identifier):
    """Return the number a fact states and its unit.

    Parameters
    ----------
    table, identifier : str
        ``data/datapackage.json`` says which column of the table is its measure.

    Returns
    -------
    (float, str)
    """
    found = row(table, identifier)
    declared = _resources()[table]["measure"]
    return found[declared["field"]], declared.get("unit") or found[declared["unitField"]]


def rows(table, **equal):
    """Return the facts of a table whose columns equal the given values, in file order.

    Parameters
    ----------
    table : str
        A table named in ``data/datapackage.json``.
    **equal
        Column name to the value it must have.
    """
    return [
        row(table, identifier)
        for identifier, found in _load(table).items()
        if all(found[column] == wanted for column, wanted in equal.items())
    ]


def only(table, **equal):
    """Return the one fact of a table that matches; see `rows`.

    Raises
    ------
    InputError
        If no row matches, or more than one.
    """
    found = rows(table, **equal)
    if len(found) != 1:
        raise InputError(f"data/{table}.csv: {len(found)} rows match {equal}, one was expected")
    return found[0]
