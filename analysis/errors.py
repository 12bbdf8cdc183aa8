"""The one kind of error a reader should ever see."""

import difflib


class InputError(ValueError):
    """Something the reader supplied cannot be used.

    Parameters
    ----------
    message : str
        One plain line.
    """


def shown(value, most=60):
    """Return a value as one short line for a message, whatever a reader handed in.

    Parameters
    ----------
    value : object
    most : int
        Characters at most.

    Returns
    -------
    str
    """
    try:
        words = " ".join(str(value).split())
    except (ValueError, RecursionError):  # an integer of 5,000 digits, a list of lists of lists
        words = f"a {type(value).__name__} that is too long to show"
    return words if len(words) <= most else f"{words[: most - 1]}…"


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

    Returns
    -------
    InputError
        To be raised by the caller.
    """
    name = shown(name)
    near = [f"'{one}'" for one in difflib.get_close_matches(name, sorted(valid), n=most, cutoff=0.5)]
    hint = f"did you mean {' or '.join(near)}?" if near else "no similar name exists"
    return InputError(f"unknown {kind} '{name}'{f' ({where} lists them)' if where else ''}: {hint}")
