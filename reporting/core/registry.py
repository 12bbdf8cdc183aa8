"""A registry: items by key, declared in the modules of the chapters, which are loaded on first use."""

import contextvars
import importlib
import itertools
import sys
import threading

from analysis.errors import unknown


class Registry:
    """Items by key, in the order in which the modules are listed and each declares its own.

    Parameters
    ----------
    kind : str
        What the items are, for messages.
    listing : str
        The name of the list in the package of the modules that declare them, by their names in it. The chapters stand
        above the registry, so it takes the list when it is asked first. No module asks while it is imported.
    package : str
    """

    def __init__(self, kind, listing, package="reporting.chapters"):
        self.kind, self.listing, self.package = kind, listing, package
        self._items, self._places, self._numbers = {}, {}, itertools.count()
        self._loading, self._loaded = threading.Lock(), False

    def place(self):
        """Return a number that is larger the later it is asked for, for `add`."""
        return next(self._numbers)

    def add(self, key, item, module, place=()):
        """Register an item; a key that exists is a programmer's error.

        Parameters
        ----------
        key : str
        item : object
        module : str
            The full name of the module that declares it.
        place : tuple of int
            Where it stands among the items of its module; the last otherwise. The first is a number from `place`.
        """
        # No lock: a thread may hold it that waits for this very module to be imported.
        if self._items.setdefault(key, item) is not item:
            raise ValueError(f"{self.kind} {key} is registered twice")
        self._places[key] = (module, (*place, self.place()))

    def all(self):
        """Return every item, a mapping from key to item.

        It is whole, whichever thread asks. After an import that failed the next call tries again.
        """
        if not self._loaded:
            with self._loading:
                if not self._loaded:
                    self._load()
        return self._items

    def _load(self):
        listed = [f"{self.package}.{name}" for name in getattr(importlib.import_module(self.package), self.listing)]
        try:
            for module in listed:
                # Whoever asks first, what the modules read as they are imported is not among its inputs.
                contextvars.Context().run(importlib.import_module, module)
        except BaseException:
            # A module that failed declares its items anew when it is imported again.
            for key, (module, _) in list(self._places.items()):
                if module not in sys.modules:
                    del self._items[key], self._places[key]
            raise

        def order(key):
            module, place = self._places[key]
            return listed.index(module) if module in listed else len(listed), place

        self._items = {key: self._items[key] for key in sorted(self._items, key=order)}
        self._loaded = True

    def find(self, key):
        """Return the item with this key; an unknown one is an `InputError` that names the nearest."""
        known = self.all()
        if key not in known:
            raise unknown(self.kind, key, known)
        return known[key]
