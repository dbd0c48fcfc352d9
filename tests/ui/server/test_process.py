"""Where the page may be served, and where not."""

import socket

import pytest

from mint.errors import CannotServe
from mint.ui.server.process import check_address


@pytest.fixture
def taken():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


@pytest.mark.parametrize("host", [None, "127.0.0.1", "0.0.0.0", "localhost"])
def test_an_address_of_this_machine_will_do_and_is_free_afterwards(host):
    check_address(host, None)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    check_address(host, port)
    check_address(host, port)


def test_a_port_that_somebody_has_will_not(taken):
    with pytest.raises(CannotServe, match=rf"on port {taken}: Address already in use\. .*--host and --port"):
        check_address(None, taken)


def test_an_address_of_somebody_else_will_not():
    with pytest.raises(CannotServe, match=r"at 192\.0\.2\.1 on any port: Cannot assign requested address"):
        check_address("192.0.2.1", None)  # of nobody (RFC 5737)


@pytest.mark.parametrize("host", ["." * 80, "a" * 70, "nobody.invalid"])
def test_a_name_that_is_none_will_not(host, monkeypatch):
    def unknown(*_args, **_more):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    if host == "nobody.invalid":  # others are no names at all, and nobody is asked
        monkeypatch.setattr(socket, "getaddrinfo", unknown)
    else:
        monkeypatch.undo()
    with pytest.raises(CannotServe, match=r"on any port: .+\. Choose another"):
        check_address(host, None)


def test_gradio_s_own_variable_is_looked_at(monkeypatch):
    monkeypatch.setenv("GRADIO_SERVER_NAME", "192.0.2.1")
    with pytest.raises(CannotServe, match=r"at 192\.0\.2\.1 on any port"):
        check_address(None, None)
    check_address("127.0.0.1", None)


def test_a_port_of_gradio_s_variable_that_is_none_is_told(monkeypatch):
    for told in ("abc", "0", "70000", "-1", ""):
        monkeypatch.setenv("GRADIO_SERVER_PORT", told)
        with pytest.raises(
            CannotServe, match=rf"GRADIO_SERVER_PORT is a port, a number from 1 to 65535, and not '{told}'"
        ):
            check_address(None, None)
    for told in ("7860", " 7860 "):
        monkeypatch.setenv("GRADIO_SERVER_PORT", told)
        check_address(None, None)
