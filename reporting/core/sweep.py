"""Sweeps: results over a grid or a sample of assumption values, in chunks, into one Parquet file.

A sweep file has ``results`` (a list of keys, ``closed`` or ``all``), optionally a ``title`` and a ``scenario`` to start
from, and either ``grid``, a mapping from assumption id to a list of values or to ``{low, high, points, scale}``, of
which every combination is evaluated; or ``sample``, ``{draws, seed}``, drawn as everywhere in the report.

A finished chunk is a file beside the output until all are there, so that a sweep that was killed goes on where it
stopped. A chunk is computed by one function of the plan and its number, in this process or on a Dask cluster.
"""

import hashlib
import json
import math
import os
import re
import shutil
import socket
from collections.abc import Mapping
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from analysis.errors import InputError
from reporting import DATA
from reporting.core import outputs, results, scenarios, uncertainty
from reporting.core.report import Report, digest
from reporting.inputs import assumptions, yaml_file

#: Rows of a chunk: closed results alone; and with numeric ones, which loop over the rows.
CHUNK = {"closed": 65_536, "numeric": 1_024}
MOST_ROWS = 10**9
#: How long a scheduler may take to answer.
TIMEOUT_S = 10
_METADATA = b"reporting.core.sweep"


class Axis(BaseModel):
    """Evenly spaced values of an assumption, on a linear or a logarithmic scale, both ends included."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    low: float
    high: float
    points: int = Field(ge=2, le=1_000_000)
    scale: Literal["linear", "log"] = "linear"

    @model_validator(mode="after")
    def _ordered(self):
        if not self.low < self.high:
            raise ValueError("needs low < high")
        if self.scale == "log" and self.low <= 0:
            raise ValueError("a logarithmic scale needs low > 0")
        return self

    def values(self):
        """Return the values as a list of float."""
        space = np.geomspace if self.scale == "log" else np.linspace
        values = space(self.low, self.high, self.points).tolist()
        return [self.low, *values[1:-1], self.high]  # rounding may not leave what is allowed


class Sample(BaseModel):
    """Draws of every assumption under the results."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    draws: int = Field(ge=1, le=MOST_ROWS)
    seed: int = Field(default=uncertainty.SEED, ge=0)


@dataclass(frozen=True)
class Plan:
    """A sweep with everything spelt out: what a worker needs to compute a chunk.

    Attributes
    ----------
    title : str
    overrides : dict
        Assumptions that are not swept and differ from the register.
    results : tuple of str
    axes : dict of str to list of float
        For a grid.
    draws, seed : int
        For a sample; 0 draws for a grid.
    chunk : int
        Rows of a chunk.
    """

    title: str
    overrides: dict
    results: tuple
    axes: dict
    draws: int
    seed: int
    chunk: int

    @property
    def rows(self):
        return self.draws or math.prod(len(values) for values in self.axes.values())

    @property
    def chunks(self):
        return -(-self.rows // self.chunk)

    @property
    def fingerprint(self):
        """Sixteen hexadecimal digits over the plan, the code, the data and the versions of the libraries."""
        return digest([asdict(self), state()], 16)

    def bounds(self, index):
        """Return first row and row after the last of a chunk."""
        return index * self.chunk, min((index + 1) * self.chunk, self.rows)


@cache
def state():
    """Return a hash over both packages, their data and the libraries that calculate."""
    import pyarrow
    import scipy

    import analysis

    content = hashlib.sha256(f"{np.__version__} {scipy.__version__} {pyarrow.__version__}".encode())
    packages = Path(analysis.__file__).parent, Path(__file__).parents[1]
    code = [path for package in packages for path in package.rglob("*.py")]
    for path in sorted([*code, *(path for path in DATA.rglob("*") if path.is_file())]):
        content.update(path.name.encode() + b"\0" + path.read_bytes())
    return content.hexdigest()


def read(path, settings=()):
    """Read and validate a sweep file.

    Parameters
    ----------
    path : pathlib.Path
    settings : sequence of str, optional
        ``ID=VALUE`` for assumptions that are not swept.

    Returns
    -------
    Plan

    Raises
    ------
    InputError
        If the file is malformed, a name is unknown or a value is not allowed. Names file, line and id.
    """
    where = yaml_file.place(path)
    raw = yaml_file.load(path, where)
    if not isinstance(raw, Mapping):
        raise InputError(f"{where}: must be a mapping with results, and grid or sample")

    def at(mapping, name):
        return f"{where}, line {yaml_file.line_of(mapping, name)}"

    for name in raw:
        if name not in ("title", "results", "scenario", "grid", "sample"):
            raise InputError(f"{at(raw, name)}: '{name}' is none of title, results, scenario, grid, sample")
    if ("grid" in raw) == ("sample" in raw):
        raise InputError(f"{where}: needs either 'grid' or 'sample'")
    if not isinstance(raw.get("title", ""), str):
        raise InputError(f"{at(raw, 'title')}: 'title' is a text")
    if "results" not in raw:
        raise InputError(f"{where}: needs 'results', a list of keys, 'closed' or 'all'")

    def attempt(mapping, name, function, *arguments):
        try:
            return function(*arguments)
        except (InputError, ValidationError, TypeError) as error:
            raise InputError(f"{at(mapping, name)}: {yaml_file.first_problem(error)}") from None

    keys = attempt(raw, "results", _keys, raw["results"])
    overrides = assumptions.parse_settings(settings)
    if "scenario" in raw:
        overrides = attempt(raw, "scenario", scenarios.find, str(raw["scenario"]))[1] | overrides
    axes, sample = {}, Sample(draws=1)
    if "grid" in raw:
        grid = raw["grid"]
        if not isinstance(grid, Mapping) or not grid:
            raise InputError(f"{at(raw, 'grid')}: 'grid' is a mapping from assumption id to values")
        for name in grid:
            axes[str(name)] = attempt(grid, name, _axis, str(name), grid[name])
            rows = math.prod(map(len, axes.values()))
            if rows > MOST_ROWS:  # before the values of all axes fill the memory
                raise InputError(f"{at(grid, name)}: the grid has {rows:,} rows or more; at most {MOST_ROWS:,}")
        for name in assumptions.parse_settings(settings).keys() & axes.keys():
            raise InputError(f"--set {name}: the grid of {where} sweeps it")
        overrides = {name: value for name, value in overrides.items() if name not in axes}
    else:
        if not isinstance(raw["sample"], Mapping):
            raise InputError(f"{at(raw, 'sample')}: 'sample' is a mapping with draws and, if you like, a seed")
        sample = attempt(raw, "sample", lambda: Sample(**raw["sample"]))
    looped = any(results.find(key).kind == "numeric" for key in keys)
    return Plan(
        title=raw.get("title", path.stem),
        overrides=dict(overrides),
        results=tuple(keys),
        axes=axes,
        draws=0 if axes else sample.draws,
        seed=sample.seed,
        chunk=CHUNK["numeric" if looped else "closed"],
    )


def _keys(given):
    if given == "all":
        return list(results.registry())
    if given == "closed":
        return [key for key, declared in results.registry().items() if declared.kind == "closed"]
    if not isinstance(given, list) or not given:
        raise InputError("'results' is a list of keys, 'closed' or 'all'")
    keys = [results.find(str(key)).key for key in given]
    if len(set(keys)) < len(keys):
        raise InputError("'results' names a key twice")
    return keys


def _axis(identifier, given):
    if isinstance(given, Mapping):
        ends = {**given, **{end: assumptions.check(identifier, given[end]) for end in ("low", "high") if end in given}}
        return Axis(**ends).values()
    values = given if isinstance(given, list) else [given]
    if not values:
        raise InputError(f"assumption '{identifier}': no value")
    return [assumptions.check(identifier, value) for value in values]


@cache
def _report(overrides):
    return Report(json.loads(overrides))


def columns(plan, index):
    """Return the assumption values of a chunk's rows: a dict of str to numpy.ndarray.

    In a grid the last assumption changes fastest.
    """
    start, stop = plan.bounds(index)
    report = _report(json.dumps(plan.overrides, sort_keys=True))
    if plan.draws:
        used = sorted({name for key in plan.results for name in report.moved(key)})
        return uncertainty.draws(used, stop - start, plan.seed, register=report.register, start=start)
    sizes = [len(values) for values in plan.axes.values()]
    places = np.unravel_index(np.arange(start, stop), sizes)
    return {name: np.array(values)[place] for (name, values), place in zip(plan.axes.items(), places, strict=True)}


def evaluate_chunk(plan, index):
    """Return a chunk as a pyarrow.Table: the swept assumptions, then the results."""
    import pyarrow

    report = _report(json.dumps(plan.overrides, sort_keys=True))
    swept = columns(plan, index)
    start, stop = plan.bounds(index)
    with np.errstate(all="ignore"):  # the corner of a grid may divide by nothing; the row then says NaN or infinity
        evaluated = uncertainty.evaluate(report, plan.results, swept, stop - start)
    return pyarrow.table(swept | evaluated)


def _evaluate_on_worker(plan, index, expected):
    if state() != expected:
        raise InputError("a worker of the cluster has another version of the package, its data or its libraries")
    return evaluate_chunk(plan, index)


def _check_scheduler(address):
    """Refuse an address where nobody listens, before a client of Dask tries in vain and reports on it at length."""
    try:
        found = urlsplit(address)
        scheme, host, port = found.scheme, found.hostname, found.port
    except ValueError:
        scheme = host = port = None
    if scheme not in ("tcp", "tls") or not host or not port:
        raise InputError(f"--dask {address}: write tcp://HOST:PORT, such as tcp://127.0.0.1:8786")
    try:
        socket.create_connection((host, port), TIMEOUT_S).close()
    except (OSError, UnicodeError) as error:
        raise InputError(f"--dask {address}: no scheduler answers there ({error})") from None


@contextmanager
def _pool(plan, address):
    """Give a function that submits a chunk, and how many may wait."""
    if not address:
        first = {name: values[:1] for name, values in columns(plan, 0).items()}
        uncertainty.evaluate(Report(plan.overrides), plan.results, first, 1)  # loads every module before threads do
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            try:
                yield lambda index: pool.submit(evaluate_chunk, plan, index), 2 * os.cpu_count()
            finally:
                pool.shutdown(cancel_futures=True)
        return
    from distributed import Client

    try:
        client = Client(address, timeout=TIMEOUT_S, set_as_default=False)
    except (OSError, ValueError) as error:
        raise InputError(f"--dask {address}: no scheduler answers there ({error})") from None
    with client:
        cores = sum(client.ncores().values())
        if not cores:
            raise InputError(f"--dask {address}: the cluster has no worker")
        pool = client.get_executor(pure=False)
        expected = state()
        yield lambda index: pool.submit(_evaluate_on_worker, plan, index, expected), 3 * cores


def run(plan, out, address=""):
    """Evaluate a plan into a Parquet file, or go on with it.

    Parameters
    ----------
    plan : Plan
    out : pathlib.Path
    address : str, optional
        Of the scheduler of a Dask cluster, e.g. ``"tcp://127.0.0.1:8786"``; this process calculates if empty.

    Returns
    -------
    int
        Chunks computed; the others were there.

    Raises
    ------
    InputError
        If the cluster cannot be reached or cannot run the package, or the output cannot be written.
    """
    from tqdm import tqdm

    with outputs.writing(f"--out {out}"):
        outputs.check_file(out, "a sweep", about)
        if finished(plan, out):
            return 0
        if address:
            _check_scheduler(address)
        parts = out.with_name(f".{out.name}-parts-{plan.fingerprint}")
        parts.mkdir(parents=True, exist_ok=True)
        for left in _parts_of(out):
            if left != parts:
                shutil.rmtree(left)
    todo = [index for index in range(plan.chunks) if not _complete(plan, parts, index)]
    done = plan.rows - sum(stop - start for start, stop in map(plan.bounds, todo))
    with tqdm(total=plan.rows, initial=done, unit="row", unit_scale=True, desc="sweep") as bar:
        if todo:
            with _pool(plan, address) as (submit, most):
                for index, table in _as_completed(submit, todo, most):
                    with outputs.writing(f"--out {out}"):
                        _write(table, _part(parts, index))
                    bar.update(table.num_rows)
    with outputs.writing(f"--out {out}"):
        outputs.check_file(out, "a sweep", about)  # again: it may have taken hours
        _assemble(plan, parts, out)
        shutil.rmtree(parts)
    return len(todo)


def _parts_of(out):
    """Return the folders of finished chunks of an output, of any plan, and no other's."""
    name = re.compile(re.escape(f".{out.name}-parts-") + "[0-9a-f]{16}")
    return [path for path in out.parent.iterdir() if name.fullmatch(path.name) and not path.is_symlink()]


def _as_completed(submit, todo, most):
    """Yield ``(index, table)`` as chunks are done, with at most `most` on their way."""
    waiting, left = {}, iter(todo)
    while True:
        for index in left:
            waiting[submit(index)] = index
            if len(waiting) >= most:
                break
        if not waiting:
            return
        for future in wait(waiting, return_when=FIRST_COMPLETED).done:
            try:
                table = future.result()
            except ModuleNotFoundError as error:
                raise InputError(f"the cluster's workers lack a module: {error}") from None
            yield waiting.pop(future), table


def _part(parts, index):
    return parts / f"{index:07}.arrow"


def _complete(plan, parts, index):
    """Tell whether a chunk's file is there and whole."""
    import pyarrow

    start, stop = plan.bounds(index)
    try:
        return _read(_part(parts, index)).num_rows == stop - start
    except (OSError, pyarrow.ArrowInvalid):
        return False


def _read(path):
    import pyarrow

    with pyarrow.memory_map(str(path)) as source:
        return pyarrow.ipc.open_file(source).read_all()


def _write(table, path):
    import pyarrow

    partial = path.with_suffix(f".{os.getpid()}")
    try:
        with pyarrow.OSFile(str(partial), "wb") as sink, pyarrow.ipc.new_file(sink, table.schema) as writer:
            writer.write_table(table)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _assemble(plan, parts, out):
    """Write the chunks' files as the row groups of one, and put it in place when it is whole."""
    import pyarrow.parquet

    units = {name: entry.unit for name, entry in assumptions.register().items()}
    units |= {key: results.find(key).unit for key in plan.results}
    schema = _read(_part(parts, 0)).schema
    said = {
        "fingerprint": plan.fingerprint,
        "title": plan.title,
        "rows": plan.rows,
        "overrides": plan.overrides,
        "units": {name: units[name] for name in schema.names},
    }
    schema = schema.with_metadata({_METADATA: json.dumps(said, sort_keys=True)})
    partial = out.with_name(f".{out.name}.{os.getpid()}")
    try:
        repeats = list(plan.axes)  # a grid's values come again and again, drawn ones do not
        with pyarrow.parquet.ParquetWriter(partial, schema, compression="zstd", use_dictionary=repeats) as writer:
            for index in range(plan.chunks):
                table = _read(_part(parts, index)).replace_schema_metadata(schema.metadata)
                writer.write_table(table, row_group_size=plan.chunk)
        partial.replace(out)
    finally:
        partial.unlink(missing_ok=True)


def about(out):
    """Return what a sweep says of itself; an empty dict of any other file, and of none."""
    import pyarrow
    import pyarrow.parquet

    try:
        return json.loads((pyarrow.parquet.read_schema(out).metadata or {})[_METADATA])
    except (OSError, KeyError, pyarrow.ArrowInvalid):
        return {}


def finished(plan, out):
    """Tell whether a file is the complete output of a plan."""
    return about(out).get("fingerprint") == plan.fingerprint
