"""Reading YAML: every file of the project, and every file a reader hands in, comes through `load`.

What nobody writes by hand is refused before it costs anything: huge files, deep nesting, anchors (which make recursive
values and bombs), merge keys, tags and numbers of hundreds of digits.
"""

from functools import cache

from analysis.errors import InputError

#: Five times the largest file of the project; the worst text of this size takes two or three seconds.
MOST_BYTES = 256 * 1024
#: Keys, entries and scalars; a file of the project has some thousand.
MOST_VALUES = 10_000
MOST_DEPTH = 16
#: More digits than a float can hold.
MOST_DIGITS = 309


def load(path, where):
    """Return the content of a YAML file, its mappings and lists with line numbers (``lc``).

    Parameters
    ----------
    path : pathlib.Path
    where : str
        The file's name in messages.

    Returns
    -------
    object
        Mappings whose keys are text, numbers, dates or nothing; lists; scalars.

    Raises
    ------
    InputError
        If the file cannot be read, is too large, is not YAML, or uses what no file here needs. Names file and line.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError

    text = _text(path, where)
    yaml = YAML(typ="rt", pure=True)
    yaml.Composer, yaml.Constructor = _strict()
    try:
        return yaml.load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark
        line = f", line {mark.line + 1}" if mark else ""
        raise InputError(f"{where}{line}: not valid YAML ({_one_line(error.problem)})") from None
    except InputError as error:
        raise InputError(f"{where}, {error}") from None
    except Exception as error:  # the parser stumbles over odd directives and escapes with errors of any kind
        raise InputError(f"{where}: not valid YAML ({_one_line(error)})") from None


def line_of(mapping, name):
    """Return the line of a key in a mapping from `load`, from 1."""
    return mapping.lc.key(name)[0] + 1


def place(path):
    """Return a file's folder and name, for messages: ``scenarios/sceptic.yml``."""
    return "/".join(part for part in (path.parent.name, path.name) if part)


def first_problem(error):
    """Return the first problem of a pydantic `ValidationError` as ``field NAME: what``; of another error its words."""
    from pydantic import ValidationError

    if not isinstance(error, ValidationError):
        return str(error)
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"])
    message = first["msg"].removeprefix("Value error, ")
    return f"field {place}: {message}" if place else message


def _text(path, where):
    try:
        if path.exists() and not path.is_file():
            raise InputError(f"{where}: is no regular file")
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise InputError(f"{where}: cannot be read ({error.strerror})") from error
    if len(data) > MOST_BYTES:
        raise InputError(f"{where}: is larger than {MOST_BYTES // 1024} KB")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise InputError(f"{where}: not a text in UTF-8") from None


def _one_line(problem):
    words = " ".join(str(problem).split())
    return words if len(words) <= 120 else f"{words[:119]}…"


@cache
def _strict():
    """Return a composer and a constructor for ruamel.yaml that refuse while they read, so that nothing piles up."""
    from ruamel.yaml.composer import Composer
    from ruamel.yaml.constructor import RoundTripConstructor
    from ruamel.yaml.events import AliasEvent, CollectionStartEvent, ScalarEvent
    from ruamel.yaml.nodes import MappingNode

    class StrictComposer(Composer):
        here, values = 0, 0

        def compose_node(self, parent, index):
            event = self.parser.peek_event()
            line = f"line {event.start_mark.line + 1}"
            if isinstance(event, AliasEvent) or event.anchor is not None:
                raise InputError(f"{line}: anchors and aliases (& and *) are not read here; write the value out")
            if isinstance(event, (ScalarEvent, CollectionStartEvent)) and event.tag is not None:
                raise InputError(f"{line}: tags (!) are not read here; write the plain value")
            if isinstance(parent, MappingNode) and index is None:  # a key
                if isinstance(event, CollectionStartEvent):
                    raise InputError(f"{line}: a key is a name, not a list or a mapping")
                if event.value == "<<":
                    raise InputError(f"{line}: merge keys (<<) are not read here; write the entries out")
            if isinstance(event, ScalarEvent) and not event.style and _is_long_number(event.value):
                raise InputError(f"{line}: a number of {len(event.value):,} characters; at most {MOST_DIGITS}")
            self.values += 1
            if self.values > MOST_VALUES:
                raise InputError(f"{line}: more than {MOST_VALUES:,} values")
            self.here += 1
            if self.here > MOST_DEPTH:
                raise InputError(f"{line}: nested more than {MOST_DEPTH} deep")
            node = super().compose_node(parent, index)
            self.here -= 1
            return node

    class StrictConstructor(RoundTripConstructor):
        def construct_object(self, node, deep=False):
            try:
                return super().construct_object(node, deep)
            except (ValueError, OverflowError) as error:  # a 13th month, a number that is none
                if isinstance(error, InputError):
                    raise
                raise InputError(f"line {node.start_mark.line + 1}: {_one_line(error)}") from None

    return StrictComposer, StrictConstructor


def _is_long_number(text):
    return len(text) > MOST_DIGITS and text.lstrip("+-.")[:1].isdigit()
