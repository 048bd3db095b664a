# SPDX-License-Identifier: Apache-2.0
"""What the measurements of session tables share: a proxy with a table, and clients that each bring a
session and are told which member answered, and on what that rested."""
import contextlib
import itertools
import select
import socket
from array import array
from collections import Counter
from pathlib import Path

import origin
import servers
from servers import BenchError
from variants import HOST, Variant, load_ours, member_path

SESSION_COOKIE = "SESSION"
CONNECTIONS = 200
SILENCE_S = 60
STATUS_PATH = "/server-status?auto"

# Several share the table, and there is a thread for each connection, so that httpd need not close any.
PROCESSES = """StartServers 4
ServerLimit 4
MaxRequestWorkers 256
MaxSpareThreads 256
"""


def variant_of(build, ports, module, lines, name="sessions"):
    """A balancer with these lines, that says in each answer who gave it, and on what that rested."""
    members = "\n".join(f'    BalancerMember "http://127.0.0.1:{port}" route={number}'
                        for number, port in enumerate(ports, 1))
    return Variant(name, f"""{PROCESSES}{build.load_module("status")}
{load_ours(module)}Header always set X-Member "%{{STICKY_MEMBER}}e"
Header always set X-Cause "%{{STICKY_CAUSE}}e"
<Location "/server-status">
    SetHandler server-status
</Location>
ProxyPass "/server-status" "!"
<Proxy "balancer://bench">
{members}
    {lines}
</Proxy>
ProxyPass "/" "balancer://bench/"
""")


def table_file(server):
    """Of its only balancer."""
    files = list((server.root / "stickybalancer").glob("table-*"))
    if len(files) != 1:
        raise BenchError(f"there should be one table, not {len(files)}")
    return files[0]


def numbers_of(server):
    """Of the table, as mod_status' page has them: sessions, learned and so on."""
    page = servers.ask(server, HOST, STATUS_PATH, None)[1].decode()
    start = "StickyBalancer[0]Sessions"
    found = dict(line[len(start):].split(": ") for line in page.splitlines()
                 if line.startswith(start))
    return {key.removeprefix("."): int(value) for key, value in found.items() if value.isdigit()}


class Answers:
    """What clients were told: the member of each session, and how often each cause."""
    def __init__(self, count):
        self.members = array("H", bytes(2 * count))
        self.causes = Counter()
        self.asked_again = 0    # over another connection, because httpd had closed the one

    def note(self, session, answer):
        if not answer.startswith(b"HTTP/1.1 200 "):
            raise BenchError(f"session {session}: {answer[:200]!r}")
        self.members[session] = int(value_in(answer, b"\r\nX-Member: "))
        self.causes[value_in(answer, b"\r\nX-Cause: ").decode()] += 1


def value_in(answer, name):
    start = answer.find(name)
    if start < 0:
        raise BenchError(f"the answer does not say {name.strip()!r}: {answer[:300]!r}")
    return answer[start + len(name):answer.index(b"\r\n", start + 2)]


class Asker:
    """One connection, which asks for one session after the other. httpd may close it between two answers,
    and does so when all its threads are busy: then it asks again over another one, as browsers do."""
    def __init__(self, port, poller):
        self._port, self._poller = port, poller
        self.session, self.received = 0, b""
        self._connect()

    def _connect(self):
        self.socket = socket.create_connection(("127.0.0.1", self._port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._poller.register(self.socket, select.EPOLLIN)

    def ask(self, session):
        self.session, self.received = session, b""
        with contextlib.suppress(OSError):      # closed: has_answer() will see it
            self.socket.sendall(b"GET %s HTTP/1.1\r\nHost: %s\r\nCookie: %s=session-%d\r\n\r\n" % (
                member_path(1).encode(), HOST.encode(), SESSION_COOKIE.encode(), session))

    def has_answer(self):
        """After a read; every answer ends in the origin's body, and is asked for alone."""
        some = b""
        with contextlib.suppress(ConnectionResetError):
            some = self.socket.recv(65536)
        self.received += some
        return self.received.endswith(origin.BODY)

    def is_closed(self):
        return not self.received

    def ask_again(self):
        self.socket.close()
        self._connect()
        self.ask(self.session)


class Asking:
    """Asks once for each session that is left, over connections that are kept."""
    def __init__(self, port, sessions, answers):
        self._left, self._answers = iter(sessions), answers
        self._poller = select.epoll()
        self._askers = {}
        for session in itertools.islice(self._left, CONNECTIONS):
            asker = Asker(port, self._poller)
            self._askers[asker.socket.fileno()] = asker
            asker.ask(session)

    def run(self):
        while self._askers:
            ready = self._poller.poll(SILENCE_S)
            if not ready:
                raise BenchError(f"nobody was answered for {SILENCE_S} s")
            for number, _ in ready:
                self._advance(self._askers.pop(number))

    def _advance(self, asker):
        if asker.has_answer():
            self._answers.note(asker.session, asker.received)
            following = next(self._left, None)
            if following is None:
                asker.socket.close()
                return
            asker.ask(following)
        elif asker.is_closed():
            asker.ask_again()
            self._answers.asked_again += 1
        self._askers[asker.socket.fileno()] = asker


def has_connections(port):
    """Whether a server on this port has one that it has not closed."""
    local = f"0100007F:{port:04X}"
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        words = line.split()
        if words[1] == local and words[3] in ("01", "08"):      # established, close wait
            return True
    return False


def ask(server, sessions, count):
    """What the clients of these sessions, of `count`, are told. Their connections are over then: a child of
    event that is told to end while some close may crash in httpd's own close_worker_sockets()."""
    answers = Answers(count)
    Asking(server.ports[0], sessions, answers).run()
    servers.wait_until(lambda: not has_connections(server.ports[0]), SILENCE_S, "connections to close")
    return answers


def memory_of(pids, name=""):
    """KiB that these processes have in memory, or of it what is mapped from a file with this in its name;
    what they share is shared out among them (PSS)."""
    total, counts = 0, False
    for pid in pids:
        for line in Path(f"/proc/{pid}/smaps").read_text().splitlines():
            words = line.split()
            if not words[0].endswith(":"):
                counts = name in line
            elif words[0] == "Pss:" and counts:
                total += int(words[1])
    return total
