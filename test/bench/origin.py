# SPDX-License-Identifier: Apache-2.0
"""origin.py COUNT: plays COUNT members on COUNT ports of 127.0.0.1, prints the ports on one line.

Answers each read with the same bytes and keeps connections alive. It shares a core with the client,
so it must cost much less than a proxy: it takes 6 us per request. An httpd serving a file takes as
long as the proxy does; then the proxy waits for its origin, and requests per second tell nothing.
"""
import contextlib
import select
import signal
import socket
import sys

BODY = b"x" * 110 + b"\n"
HEAD = (b"HTTP/1.1 200 OK\r\n"
        b"Date: Mon, 05 Jan 2026 08:00:00 GMT\r\n"
        b"Server: origin\r\n"
        b"Content-Type: text/plain\r\n"
        b"Content-Length: %d\r\n"
        b"Connection: keep-alive\r\n\r\n" % len(BODY))
ANSWER = HEAD + BODY
REQUEST_BYTES = 65536       # the benchmarks' requests have no body and arrive in one piece


def listen():
    listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
    listener.setblocking(False)
    return listener


def accept(listener):
    connection, _ = listener.accept()
    connection.setblocking(False)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def answer(connection):
    """False when the proxy has closed the connection."""
    with contextlib.suppress(OSError):
        if connection.recv(REQUEST_BYTES):
            connection.send(ANSWER)
            return True
    return False


def serve(listeners):
    """Never returns."""
    poller = select.epoll()
    listening = {listener.fileno(): listener for listener in listeners}
    connections = {}
    for number in listening:
        poller.register(number, select.EPOLLIN)
    while True:
        for number, _ in poller.poll():
            if number in listening:
                connection = accept(listening[number])
                connections[connection.fileno()] = connection
                poller.register(connection, select.EPOLLIN)
            elif not answer(connections[number]):
                connections.pop(number).close()


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    listeners = [listen() for _ in range(int(sys.argv[1]))]
    print(*(listener.getsockname()[1] for listener in listeners), flush=True)
    serve(listeners)


if __name__ == "__main__":
    main()
