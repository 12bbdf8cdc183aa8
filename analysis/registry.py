"""A registry: items by key, declared in the modules of one package, which are loaded on first use."""

import importlib
import pkgutil

from analysis.errors import unknown


class Registry:
    """Items by key, in the order they are declared.

    Parameters
    ----------
    kind : str
        What the items are, for messages.
    package : str
        The package whose modules declare them, e.g. ``"analysis.results"``.
    """

    def __init__(self, kind, package):
        self.kind, self.package = kind, package
        self._items, self._loaded = {}, False

    def add(self, key, item):
        """Register an item; a key that exists is a programmer's error."""
        if key in self._items:
            raise ValueError(f"{self.kind} {key} is registered twice")
        self._items[key] = item

    def all(self):
        """Return every item, a mapping from key to item."""
        if not self._loaded:
            self._loaded = True
            package = importlib.import_module(self.package)
            for module in pkgutil.iter_modules(package.__path__):
                importlib.import_module(f"{self.package}.{module.name}")
        return self._items

    def find(self, key):
        """Return the item with this key; an unknown one is an `InputError` that names the nearest."""
        known = self.all()
        if key not in known:
            raise unknown(self.kind, key, known)
        return known[key]
