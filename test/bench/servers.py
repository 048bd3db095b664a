# SPDX-License-Identifier: Apache-2.0
"""Starts and ends what the benchmarks measure: the origin that plays all members, and proxies.

Each proxy is an httpd with a root of its own in a temporary folder, on a port of 127.0.0.1 that the
kernel chose. A server is a context manager that ends exactly the process it started.
"""
import contextlib
import grp
import http.client
import os
import pwd
import re
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import origin
from variants import CLIENTS, cookie_of

START_TIMEOUT_S = 60
STOP_TIMEOUT_S = 20
ANSWER_TIMEOUT_S = 60

# Every proxy loads all of these, so that no difference between two proxies is one of modules.
MODULES = ("authz_core", "headers", "proxy", "proxy_http", "slotmem_shm", "proxy_balancer",
           "lbmethod_byrequests")
COMPLAINT = re.compile(r":(warn|error|crit|alert|emerg)\]|exit signal")


class BenchError(Exception):
    """Something that the person who runs the benchmark can read and act upon."""


# ----------------------------------------------------------------------------- options and the main

def add_options(parser):
    """The options that both benchmarks have."""
    parser.add_argument("--module", metavar="FILE", help="mod_stickybalancer.so; else no ours")
    parser.add_argument("--directive", action="append", default=[], metavar="LINE",
                        help="a line of configuration for ours, at server level; repeatable")
    parser.add_argument("--members", type=int, default=4, help="of the balancer (default 4)")
    parser.add_argument("--beside", metavar="LINE",
                        help="one more variant: ours with this line in the balancer's section")
    parser.add_argument("--only", metavar="NAME,...", help="these variants, and bare")
    parser.add_argument("--json", type=Path, metavar="FILE", help="the figures, for a program")
    parser.add_argument("--httpd", metavar="PROGRAM", help="what to measure (default: of apxs)")
    parser.add_argument("--modules", metavar="DIR", help="its modules (default: of apxs)")


def exit_on_signals():
    """Signals unwind the stack, so that every server is ended; a second one changes nothing."""
    def unwind(number, _frame):
        for each in ending:
            signal.signal(each, signal.SIG_IGN)
        raise SystemExit(128 + number)
    ending = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    for each in ending:
        signal.signal(each, unwind)


def allow_open_files():
    """A connection per member and client can need more descriptors than the soft limit gives."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def run_tool(name, run, parse_options):
    """The main of a benchmark: what goes wrong is one message."""
    options = parse_options()
    if options.members < 1:
        sys.exit(f"{name}: --members must be 1 or more")
    exit_on_signals()
    allow_open_files()
    try:
        run(options)
    except (BenchError, OSError, subprocess.SubprocessError) as error:
        sys.exit(f"{name}: {error}")


# ---------------------------------------------------------------------------- httpd on this machine

@dataclass(frozen=True)
class Build:
    """An httpd: its program, and the folder of its modules."""
    program: str
    module_dir: Path

    def load_module(self, name):
        """The LoadModule line; empty for a module without a file, which is then compiled in."""
        path = self.module_dir / f"mod_{name}.so"
        return f'LoadModule {name}_module "{path}"' if path.exists() else ""

    def version(self):
        said = subprocess.run([self.program, "-v"], capture_output=True, text=True, check=True)
        return said.stdout.splitlines()[0].removeprefix("Server version: ")


def query_apxs(variable):
    try:
        return subprocess.run(["apxs", "-q", variable], capture_output=True, text=True,
                              check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def find_build(options):
    """The httpd that was named, else the one apxs belongs to, else the one on the PATH."""
    beside_apxs = str(Path(query_apxs("SBINDIR"), query_apxs("PROGNAME")))
    path = os.environ.get("PATH", os.defpath) + ":/usr/sbin:/usr/local/sbin"
    candidates = [options.httpd] if options.httpd else [beside_apxs, "apache2", "httpd"]
    found = next(filter(None, (shutil.which(each, path=path) for each in candidates)), None)
    if not found:
        raise BenchError(f"no httpd found (tried {', '.join(candidates)}): name one with --httpd")
    modules = Path(options.modules or query_apxs("LIBEXECDIR"))
    if not (modules / "mod_proxy.so").exists():
        raise BenchError(f"no mod_proxy.so in '{modules}': name the folder with --modules")
    return Build(found, modules.resolve())


# ------------------------------------------------------------------------------------ small helpers

def wait_until(condition, at_most_s, what):
    """Polls until condition() is true; BenchError when that takes longer than at_most_s."""
    deadline = time.monotonic() + at_most_s
    while not condition():
        if time.monotonic() > deadline:
            raise BenchError(f"waited {at_most_s} s in vain for {what}")
        time.sleep(0.01)


def free_port():
    """A port that was free a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def is_listening(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def cores():
    """The core of the proxy, and the core of all else; one and the same where there is only one."""
    usable = sorted(os.sched_getaffinity(0))
    return usable[0], usable[min(1, len(usable) - 1)]


@contextlib.contextmanager
def on_core(core):
    """What is started inside runs on this core only, with all its children."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@contextlib.contextmanager
def temporary_root():
    """A folder that httpd's unprivileged children can read."""
    with tempfile.TemporaryDirectory(prefix="sticky-bench-") as folder:
        os.chmod(folder, 0o755)
        yield Path(folder)


# ---------------------------------------------------------------------------------------- processes

class Server:
    """A process of ours, in a session of its own, so that Ctrl-C reaches it only through us."""
    def __init__(self, name, command, core, output):
        self.name, self.ports, self.process = name, [], None
        self._command, self._core, self._output = command, core, output

    def __enter__(self):
        try:
            with on_core(self._core), open(self._output, "wb") as output:
                self.process = subprocess.Popen(
                    self._command, stdin=subprocess.DEVNULL, stdout=output,
                    stderr=subprocess.STDOUT, start_new_session=True)
            wait_until(self._is_up, START_TIMEOUT_S, f"{self.name} to listen")
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(self, *_):
        self._stop()

    @property
    def pid(self):
        return self.process.pid

    def _is_up(self):
        if self.process.poll() is not None:
            raise BenchError(f"{self.name} did not start:\n{self._said().strip()}")
        return self._is_ready()

    def _said(self):
        return self._output.read_text(errors="replace")

    def _stop(self):
        """Asks it to end, which ends its children too; kills its session if that takes too long."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


class Origin(Server):
    """Plays every member, each on its own port."""
    def __init__(self, parent, member_count):
        command = [sys.executable, "-B", origin.__file__, str(member_count)]
        super().__init__("origin", command, cores()[1], parent / "origin")

    def _is_ready(self):
        line, end, _ = self._said().partition("\n")
        self.ports = [int(port) for port in line.split()] if end else []
        return bool(end)


class Proxy(Server):
    """The httpd of one variant."""
    def __init__(self, build, parent, variant, mpm, wrapper=(), flags=("-DFOREGROUND",)):
        self.root = parent / variant.name
        self.root.mkdir(mode=0o755)
        port = free_port()
        config = self.root / "httpd.conf"
        config.write_text(server_config(build, self.root, mpm, port) + variant.config)
        for name, text in variant.secret_files:
            (self.root / name).touch(mode=0o600)
            (self.root / name).write_text(text)
        self.sealed_cookie = None
        command = [*wrapper, build.program, *flags, "-f", str(config)]
        super().__init__(variant.name, command, cores()[0], self.root / "output")
        self.ports = [port]

    def __exit__(self, *exception):
        super().__exit__(*exception)
        complaints = [line for line in self._said().splitlines() if COMPLAINT.search(line)]
        if complaints:
            print(f"{self.name} logged:", *complaints[:20], sep="\n", file=sys.stderr)

    def _is_ready(self):
        return is_listening(self.ports[0])

    def _said(self):
        log = self.root / "error_log"
        return super()._said() + (log.read_text(errors="replace") if log.exists() else "")


def process_tree(pid):
    """The process and all below it."""
    pids = [pid]
    with contextlib.suppress(FileNotFoundError):
        for children in Path(f"/proc/{pid}/task").glob("*/children"):
            for child in children.read_text().split():
                pids += process_tree(int(child))
    return pids


# ------------------------------------------------------------------------------------ configuration

MPM_SETTINGS = {
    "event": """StartServers 1
ServerLimit 1
ThreadLimit 64
ThreadsPerChild 64
MaxRequestWorkers 64
MinSpareThreads 1
MaxSpareThreads 64
""",
    "prefork": """StartServers 1
ServerLimit 1
MaxRequestWorkers 1
""",
}


def run_as():
    """User and Group lines: httpd refuses to serve as root, and needs neither line as a user."""
    if os.geteuid() != 0:
        return ""
    for name in ("www-data", "apache", "daemon", "nobody"):
        with contextlib.suppress(KeyError):
            user = pwd.getpwnam(name)
            return f"User {name}\nGroup {grp.getgrgid(user.pw_gid).gr_name}\n"
    raise BenchError("no unprivileged user for httpd to run as")


def server_config(build, root, mpm, port):
    """What every proxy has in common. There is no CustomLog: the access log is off."""
    loads = "\n".join(filter(None, map(build.load_module, (f"mpm_{mpm}", *MODULES))))
    return f"""ServerRoot "{root}"
DefaultRuntimeDir "{root}"
PidFile httpd.pid
ErrorLog error_log
LogLevel warn
ServerName 127.0.0.1
{loads}
Listen 127.0.0.1:{port}
KeepAlive On
MaxKeepAliveRequests 0
KeepAliveTimeout 600
{MPM_SETTINGS[mpm]}{run_as()}"""


# ------------------------------------------------------------------------------------------ answers

def check_answer(variant, cookie, status, body, set_cookie):
    """The variant does what it is measured for: a good answer, a cookie where one belongs."""
    who = f"{variant.name}, client with {cookie or 'no cookie'}"
    if status != 200 or body != origin.BODY:
        raise BenchError(f"{who}: status {status}, body {body[:200]!r}")
    if (set_cookie is not None) != variant.should_set_cookie(cookie):
        raise BenchError(f"{who}: Set-Cookie is {set_cookie!r}")


def ask(server, host, path, cookie):
    """Status, body and Set-Cookie of one request."""
    status, body, headers = ask_all(server, host, path, cookie)
    return status, body, headers["Set-Cookie"]


def ask_all(server, host, path, cookie):
    """Status, body and headers of one request."""
    port = server.ports[0]
    headers = {"Host": f"{host}:{port}"} | ({"Cookie": cookie} if cookie else {})
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWER_TIMEOUT_S)
    with contextlib.closing(connection):
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read(), answer.headers


def cookie_for(server, variant, client, member_count):
    """The Cookie header that this client of this proxy sends, or None."""
    cookie = cookie_of(client, member_count)
    if cookie is None or not variant.is_sealed:
        return cookie
    if server.sealed_cookie is None:
        server.sealed_cookie = ask(server, *variant.requests[0], None)[2].partition(";")[0]
    return server.sealed_cookie


def check_answers(server, variant, member_count):
    """Each request of each kind of client, once."""
    for client in CLIENTS:
        cookie = cookie_for(server, variant, client, member_count)
        for host, path in variant.requests:
            check_answer(variant, cookie, *ask(server, host, path, cookie))
