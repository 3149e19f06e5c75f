"""The servers that these tests bring along: a failing start names its cause and leaves nothing."""

import gc
import socket

import pytest

from tests.fakes.mail import PostOffice


def test_a_mail_server_whose_port_is_taken_says_so_and_leaves_nothing_open() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        office = PostOffice()
        office.imap.port = taken.getsockname()[1]
        with pytest.raises(RuntimeError, match="Address already in use"), office:
            pass
    del office
    gc.collect()  # an event loop left open would warn here, and a warning is an error
