# SPDX-License-Identifier: Apache-2.0
"""What is compared: the ways to configure the proxy, and the kinds of client."""
import math
from dataclasses import dataclass
from pathlib import Path

COOKIE_NAME = "ROUTEID"
CLIENTS = ("no cookie", "valid cookie")
HOST = "127.0.0.1"


def cookie_of(client, member_count):
    """The Cookie header of a client, or None. A valid one names the member in the middle of the
    list: mod_proxy_balancer walks the list up to it."""
    return f"{COOKIE_NAME}=.{max(1, member_count // 2)}" if client == "valid cookie" else None


def member_path(number):
    """The path to ask for; of one length, because the proxy's work grows with it."""
    return f"/{number:04}/body"


def host_name(number):
    """The name of a virtual host; as long as HOST, for the same reason."""
    return f"v{number:03}.test"


@dataclass(frozen=True)
class Variant:
    """One way to configure the proxy; requests, each a host and a path, are made in turn."""
    name: str
    config: str
    requests: tuple = ((HOST, member_path(1)),)
    sets_cookie: bool = False
    is_sealed: bool = False     # a valid cookie is one that the proxy itself has set
    secret_files: tuple = ()    # (name, text), beside the configuration, for nobody else to read

    def should_set_cookie(self, cookie):
        """Whether the answer to a client with this Cookie header must have a Set-Cookie."""
        return self.sets_cookie and cookie is None


def balancer_section(ports, extra="", sticky=f" stickysession={COOKIE_NAME}"):
    members = "\n".join(f'    BalancerMember "http://127.0.0.1:{port}" route={number}'
                        for number, port in enumerate(ports, 1))
    return (f'<Proxy "balancer://bench">\n{members}\n{extra}</Proxy>\n'
            f'ProxyPass "/" "balancer://bench/"{sticky}\n')


def bare(ports):
    """No balancer: the first member alone."""
    return Variant("bare", f'ProxyPass "/" "http://127.0.0.1:{ports[0]}/"\n')


def rows_of_members(ports):
    """(number, port) of every member, in about as many rows as each row has members."""
    members = list(enumerate(ports, 1))
    count = math.isqrt(len(members) - 1) + 1
    ends = [len(members) * row // count for row in range(count + 1)]
    return [members[start:end] for start, end in zip(ends, ends[1:])]


def virtual_host(number, row):
    """The first one is the default: a name that none has would be served by it, and not found."""
    lines = "".join(f'    ProxyPass "/{member:04}/" "http://127.0.0.1:{port}/{member:04}/"\n'
                    for member, port in row)
    return f"<VirtualHost *>\n    ServerName {host_name(number)}\n{lines}</VirtualHost>\n"


def bare_each(ports):
    """No balancer: a ProxyPass for each member; the client asks for one after the other.

    httpd searches the names of virtual hosts, and the lines and workers of one virtual host, from
    first to last, so there are few of either."""
    rows = list(enumerate(rows_of_members(ports), 1))
    return Variant("bare-each", "".join(virtual_host(*row) for row in rows),
                   requests=tuple((host_name(number), member_path(member))
                                  for number, row in rows for member, _ in row))


def bare_few(ports):
    """bare-each, asked for one member of each virtual host: the first of the first, the second of
    the second and so on. That is the same search, on average, with few connection pools."""
    rows = enumerate(rows_of_members(ports))
    return Variant("bare-few", bare_each(ports).config,
                   requests=tuple((host_name(number + 1), member_path(row[number % len(row)][0]))
                                  for number, row in rows))


def recipe(ports):
    """mod_proxy_balancer, and the Header line of its manual."""
    header = (f'Header add Set-Cookie "{COOKIE_NAME}=.%{{BALANCER_WORKER_ROUTE}}e; path=/" '
              'env=BALANCER_ROUTE_CHANGED\n')
    return Variant("recipe", header + balancer_section(ports), sets_cookie=True)


def load_ours(module):
    return f'LoadModule stickybalancer_module "{Path(module).resolve(strict=True)}"\n'


def ours(ports, module, directives=()):
    """mod_stickybalancer elects and sets the cookie; directives are added at server level."""
    load = load_ours(module)
    extra = "".join(line + "\n" for line in directives)
    return Variant("ours", load + extra + balancer_section(ports, "    StickyCookie insert\n"),
                   sets_cookie=True)


def ours_beside(ports, module, line, directives=()):
    """ours with a line more in the balancer's section: a pair whose difference is that line's."""
    plain = ours(ports, module, directives)
    return Variant("beside", plain.config.replace("    StickyCookie insert\n",
                                                  f"    StickyCookie insert\n    {line}\n"),
                   sets_cookie=True)


def ours_sealed(ports, module, directives=()):
    """The same with values that are encrypted, and that the members do not see."""
    plain = ours(ports, module, (*directives, "StickyKey keys",
                                 "StickyCookie off seal=opaque indirect"))
    return Variant("opaque", plain.config, sets_cookie=True, is_sealed=True,
                   secret_files=(("keys", f"1:{'5a' * 32}\n"),))


def ours_table(ports, module, directives=()):
    """The same clients, known by a session table: to it the cookie is the application's, and its value a
    session, which is learned at its first request."""
    extra = "".join(line + "\n" for line in directives)
    return Variant("table", load_ours(module) + extra +
                   balancer_section(ports, f"    StickyOn cookie:{COOKIE_NAME}\n", sticky=""))


def bare_beside(ports, module):
    """No balancer, in a server that has one of ours, which nobody asks: what there is of ours all the
    time. A child of prefork, else alone, has mod_watchdog's thread then, and in a process of two threads
    read(), writev() and every mutex cost more; under event and worker every process has threads."""
    load = load_ours(module)
    unused = ('<Proxy "balancer://unused">\n'
              f'    BalancerMember "http://127.0.0.1:{ports[0]}" route=1\n'
              '    StickyCookie insert\n</Proxy>\n')
    return Variant("bare-beside", load + unused + bare(ports).config)


def chosen(options, ports):
    """The variants that the options ask for, bare first, which is always one of them."""
    chosen_ones = [bare(ports), bare_few(ports), bare_each(ports), recipe(ports)]
    if options.module:
        chosen_ones.append(ours(ports, options.module, options.directive))
        chosen_ones.append(ours_sealed(ports, options.module, options.directive))
        chosen_ones.append(ours_table(ports, options.module, options.directive))
        if options.beside:
            chosen_ones.append(ours_beside(ports, options.module, options.beside, options.directive))
    wanted = options.only.split(",") if options.only else [each.name for each in chosen_ones]
    return [each for each in chosen_ones if each.name in ("bare", *wanted)]
