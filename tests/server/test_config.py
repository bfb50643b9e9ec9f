"""How uvicorn is run."""

import socket

import pytest
import uvicorn

from server.config import UVICORN_OPTIONS, command, listen


def test_the_options_are_ones_that_uvicorn_knows() -> None:
    config = uvicorn.Config("asgi:application", **UVICORN_OPTIONS)
    assert {name: getattr(config, name) for name in UVICORN_OPTIONS} == UVICORN_OPTIONS


def test_the_command_line_understands_the_same_table() -> None:
    words = command("asgi:application").split()
    context = uvicorn.main.make_context("uvicorn", words[2:4] + words[6:])
    assert {name: context.params[name] for name in UVICORN_OPTIONS} == UVICORN_OPTIONS


def test_the_environment_does_not_change_the_number_of_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEB_CONCURRENCY", "7")
    assert uvicorn.Config("asgi:application", **UVICORN_OPTIONS).workers == 1


def test_a_port_in_use_is_an_os_error_before_anything_is_loaded() -> None:
    with listen("127.0.0.1", 0) as first:
        port: int = first.getsockname()[1]
        with pytest.raises(OSError, match="in use"):
            listen("127.0.0.1", port)


def test_an_ipv6_address_can_be_listened_on() -> None:
    if not socket.has_ipv6:
        pytest.skip("this machine has no IPv6")
    with listen("::1", 0) as listener:
        assert listener.family == socket.AF_INET6
