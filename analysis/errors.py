"""The one kind of error a reader should ever see."""

import difflib


class InputError(ValueError):
    """Something the reader supplied cannot be used. The message is one plain line."""


def unknown(kind, name, valid, where="", most=1):
    """Return the `InputError` for a name that does not exist, with the nearest that do.

    Parameters
    ----------
    kind : str
        What was looked up, e.g. ``"assumption"``.
    name : str
        What the reader wrote.
    valid : iterable of str
        The names that exist.
    where : str, optional
        The file that lists them.
    most : int
        Names that are suggested at most.
    """
    near = [f"'{one}'" for one in difflib.get_close_matches(name, sorted(valid), n=most, cutoff=0.5)]
    hint = f"did you mean {' or '.join(near)}?" if near else "no similar name exists"
    return InputError(f"unknown {kind} '{name}'{f' ({where} lists them)' if where else ''}: {hint}")
