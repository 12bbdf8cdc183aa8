"""Writing to any console: signs that its encoding lacks become the nearest that it has."""

import codecs
import unicodedata

#: The handler's name, as `str.encode` takes it.
HANDLER = "analysis.plain"
#: Signs of the report that have no plain letter under them.
PLAIN = {
    "−": "-",
    "–": "-",
    "—": "-",
    "‑": "-",
    "×": "x",
    "·": "-",
    "→": "->",
    "…": "...",
    "≤": "<=",
    "≥": ">=",
    "≈": "~",
    "“": '"',
    "”": '"',
    "‘": "'",
    "’": "'",
    "€": "EUR",
    "\u00a0": " ",
    "\u202f": " ",
    "\u2009": " ",
}


def _plain(error):
    """Return what stands for the signs that could not be encoded, and where to go on: a handler for `codecs`."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(map(_nearest, error.object[error.start : error.end])), error.end


def _nearest(sign):
    letters = unicodedata.normalize("NFKD", sign).encode("ascii", "ignore").decode()
    return PLAIN.get(sign) or letters or sign.encode("ascii", "backslashreplace").decode()


codecs.register_error(HANDLER, _plain)


def write_anywhere(*streams):
    """Let streams write what their encoding lacks in plain signs, where they would fail."""
    for stream in streams:
        if hasattr(stream, "reconfigure"):  # not what a notebook or a test puts in its place
            stream.reconfigure(errors=HANDLER)
