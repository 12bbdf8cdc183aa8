"""Where commands write: nothing is replaced that the same command did not make, and what fails is named."""

import contextlib
import os

from analysis.errors import InputError
from reporting import ROOT


def check_file(out, what, ours):
    """Refuse to write a file where something else stands.

    Parameters
    ----------
    out : pathlib.Path
    what : str
        What the command makes, such as ``"a sweep"``.
    ours : callable
        Tells of the path of a regular file whether the same command made it; what it stumbles over is not ours.

    Raises
    ------
    InputError
        If a link, a folder, a device, a pipe or another file stands there.
    """
    found = _kind(out)
    if found == "nothing" or (found == "a file" and _holds(ours, out)):
        return
    raise _refusal(out, found, what, "a new file")


def check_folder(out, mark, what):
    """Refuse to replace a folder by a new one where something else stands.

    Parameters
    ----------
    out : pathlib.Path
    mark : str
        The file by which the command knows its own folders; an empty one may be replaced too, and what stands in
        ``_build``, where only builds write.
    what : str
        What the command makes, such as ``"a built report"``.

    Raises
    ------
    InputError
        If a link, a file or a folder without the mark stands there.
    """
    found = _kind(out)
    built = (out / mark).is_file() or out.resolve().parent == ROOT / "_build"
    if found == "nothing" or (found == "a folder" and (built or not any(out.iterdir()))):
        return
    raise _refusal(out, found, what, "a new or an empty folder")


def _kind(out):
    if out.is_symlink():
        return "a link"
    if out.is_file():
        return "a file"
    if out.is_dir():
        return "a folder"
    return "a device or a pipe" if out.exists() else "nothing"


def _refusal(out, found, what, name):
    advice = f"remove it, or name {name}" if found in ("a file", "a folder") else f"name {name}"
    return InputError(f"--out {out}: {found} that is not {what} stands there; {advice}")


def _holds(ours, out):
    try:
        return ours(out)
    except Exception:  # readers of foreign files fail in their own ways
        return False


@contextlib.contextmanager
def writing(out):
    """Turn a system's error inside the block, such as a full disk, into one line that names what was to be written."""
    try:
        yield
    except OSError as error:
        raise InputError(f"{out}: cannot be written ({reason(error)})") from error


def reason(error):
    """Return what the system says of an error, and of which file, unless it is a temporary one."""
    words = os.strerror(error.errno) if error.errno else str(error)
    named = str(error.filename or "")
    return words if not named or "/." in named.replace(os.sep, "/") else f"{words}: {named}"
