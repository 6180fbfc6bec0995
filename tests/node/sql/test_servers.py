"""Which servers the tests beside this one have met."""

import pytest

from node.sql.conftest import SERVERS, open_lab


@pytest.mark.parametrize("name", [name for name, variable in SERVERS.items() if variable])
def test_a_server_is_there(name, tmp_path):
    for lab in open_lab(name, tmp_path):
        assert lab.execute("SELECT 1") == [(1,)]
