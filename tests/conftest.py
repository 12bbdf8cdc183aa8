"""How `make test` shares the tests out between its processes."""

import pytest
from hypothesis import settings

# The clock runs on while another process has the core; no test of laws is one of speed.
settings.register_profile("shared", settings(), deadline=None)
settings.load_profile("shared")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Keep the tests of a file together, with their fixtures or their notebook's kernel; and all that open the site."""
    from xdist.scheduler import LoadFileScheduling

    class Scheduling(LoadFileScheduling):
        def _split_scope(self, nodeid):
            return "tests/site" if nodeid.startswith("tests/site/") else super()._split_scope(nodeid)

    return Scheduling(config, log)
