"""The package of models as one takes it home: it stands alone, and each function says what it takes and gives."""

import ast
import inspect
import pkgutil
import re
import subprocess
import sys
import textwrap
from importlib import import_module

import pytest

import analysis
from reporting import ROOT

MODULES = sorted(each.name for each in pkgutil.iter_modules(analysis.__path__) if each.name != "__main__")
PARAMETERS, RETURNS = "Parameters\n----------\n", "Returns\n-------\n"


def public(namespace, module):
    """Return the public functions and classes that are defined in a module, by name, methods included."""
    found = {}
    for name, each in vars(namespace).items():
        each = each.__func__ if isinstance(each, classmethod | staticmethod) else each
        if name.startswith("_") or getattr(each, "__module__", None) != module.__name__:
            continue
        if inspect.isclass(each):
            found[each.__qualname__] = each
            found |= public(each, module)
        elif inspect.isfunction(each):
            found[each.__qualname__] = each
    return found


EVERYTHING = {
    f"{name}.{key}": each
    for name in MODULES
    for key, each in public(import_module(f"analysis.{name}"), import_module(f"analysis.{name}")).items()
}
FUNCTIONS = {name: each for name, each in EVERYTHING.items() if inspect.isfunction(each)}
CLASSES = {name: each for name, each in EVERYTHING.items() if inspect.isclass(each)}


def section(doc, heading):
    """Return the text of one section of a docstring, empty where there is none."""
    _, _, rest = doc.partition(heading)
    return re.split(r"\n\w+\n-{3,}\n", rest)[0]


def named(text):
    """Return the names that a section describes: ``a, b : float`` or a bare list of names."""
    heads = [line.partition(" :")[0] for line in text.splitlines() if line and not line.startswith(" ")]
    return {name.strip(" *") for head in heads for name in head.split(",")}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_says_what_it_takes_and_gives(name):
    function = FUNCTIONS[name]
    doc = inspect.getdoc(function) or ""
    takes = set(inspect.signature(function).parameters) - {"self", "cls"}
    assert takes == (named(section(doc, PARAMETERS)) if takes else set()), "the section Parameters names others"
    assert section(doc, RETURNS).strip(), "no section Returns"
    body = ast.parse(textwrap.dedent(inspect.getsource(function)))
    raises = any(isinstance(node, ast.Raise) for node in ast.walk(body))
    assert not raises or section(doc, "Raises\n------\n").strip(), "no section Raises"


@pytest.mark.parametrize("name", CLASSES)
def test_a_class_says_what_it_holds(name):
    doc = inspect.getdoc(CLASSES[name]) or ""
    text = section(doc, PARAMETERS) or section(doc, "Attributes\n----------\n")
    fields = getattr(CLASSES[name], "_fields", None) or getattr(CLASSES[name], "__dataclass_fields__", None)
    assert text.strip()
    assert fields is None or set(fields) <= named(text)


@pytest.mark.parametrize("name", MODULES)
def test_a_module_says_what_its_topic_is(name):
    assert (import_module(f"analysis.{name}").__doc__ or "").strip()


def test_the_models_load_nothing_of_the_report():
    heavy = ("altair", "docutils", "pandas", "pydantic", "reporting", "ruamel", "sphinx", "scipy", "statsmodels")
    code = (
        "import sys, analysis\n"
        f"from analysis import {', '.join(MODULES)}\n"
        f"print(sorted({set(heavy)!r} & {{name.partition('.')[0] for name in sys.modules}}))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert run.stdout.strip() == "[]"
