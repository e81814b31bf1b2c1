"""Ports for stacks that share a machine."""

import socket

from stack.ports import Ports


def test_the_default_is_taken_if_it_is_free() -> None:
    ports = Ports()
    free = ports.choose()
    ports.release()
    assert ports.choose(free) == free
    ports.release()


def test_a_listening_server_keeps_its_port() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        ports = Ports()
        taken = server.getsockname()[1]
        assert ports.choose(taken) != taken
        ports.release()


def test_a_chosen_port_is_nobody_elses_before_it_is_used() -> None:
    one, other = Ports(), Ports()
    port = one.choose()
    assert other.choose(port) != port
    one.release()
    assert other.choose(port) == port
    other.release()


def test_the_closed_connections_of_an_earlier_run_do_not_count() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)):
            connection, _ = server.accept()
            connection.close()  # the server first: its side goes to TIME_WAIT
    ports = Ports()
    assert ports.choose(port) == port
    ports.release()
