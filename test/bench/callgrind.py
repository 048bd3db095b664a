# SPDX-License-Identifier: Apache-2.0
"""Reads callgrind's output files: instructions by function and by call, differences of two runs.

The format is valgrind's "Callgrind Format Specification". Names are compressed: `fn=(3) name`
defines number 3, `fn=(3)` uses it; objects and functions are numbered apart.
"""
import re
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

COMPRESSED = re.compile(r"\((\d+)\)(?: (.*))?")
ADDRESS = re.compile(r"0x[0-9a-f]+$")
LIBRARY = re.compile(r"lib|ld-")
PROGRAM_START = re.compile(r"__libc_start")


class Function(NamedTuple):
    name: str
    object: str

    def __str__(self):
        return f"{self.name} [{self.object}]"

    @property
    def in_library(self):
        """In libapr, libc and the like: work that somebody in httpd or in a module asked for."""
        return bool(LIBRARY.match(self.object))


def _numbers():
    return field(default_factory=lambda: defaultdict(float))


@dataclass
class Profile:
    """own: instructions by function. calls, callees: count, instructions by (caller, callee)."""
    own: dict = _numbers()
    calls: dict = _numbers()
    callees: dict = _numbers()

    @property
    def total(self):
        return sum(self.own.values())

    def by_object(self):
        sums = defaultdict(float)
        for function, cost in self.own.items():
            sums[function.object] += cost
        return sums

    def inclusive(self):
        """With all that it calls. What calls itself, as filters do, counts several times."""
        return self._own_and(lambda caller, callee: True)

    def with_libraries(self):
        """What httpd's and the modules' functions cost with the library functions they call.

        What a library calls back, as apr_table_do() does, is counted here and as its own."""
        def takes_call(caller, callee):
            return (callee.in_library and not caller.in_library
                    and not PROGRAM_START.match(callee.name))
        return self._own_and(takes_call, lambda function: not function.in_library)

    def call_counts(self):
        sums = defaultdict(float)
        for (_, callee), count in self.calls.items():
            sums[callee] += count
        return sums

    def inside(self, name):
        """Instructions by callee of the functions of this name; their own under None."""
        sums = defaultdict(float)
        for function, cost in self.own.items():
            if function.name == name:
                sums[None] += cost
        for (caller, callee), cost in self.callees.items():
            if caller.name == name:
                sums[callee] += cost
        return sums

    def _own_and(self, takes_call, takes_function=lambda function: True):
        sums = defaultdict(float)
        for function, cost in self.own.items():
            if takes_function(function):
                sums[function] += cost
        for (caller, callee), cost in self.callees.items():
            if takes_call(caller, callee):
                sums[caller] += cost
        return sums


def _combine(left, right, operation):
    """A profile whose every number is operation(left's, right's)."""
    result = Profile()
    for part in ("own", "calls", "callees"):
        mine, its, out = getattr(left, part), getattr(right, part), getattr(result, part)
        for key in mine.keys() | its.keys():
            out[key] = operation(mine.get(key, 0), its.get(key, 0))
    return result


def per_request(longer, shorter, request_count):
    """What one request costs: start, warm-up and stop are in both runs and cancel out."""
    return _combine(longer, shorter, lambda a, b: (a - b) / request_count)


def surplus(profile, base):
    return _combine(profile, base, lambda a, b: a - b)


class _Names:
    """The compressed names of one kind."""
    def __init__(self):
        self._known = {}

    def resolve(self, text):
        match = COMPRESSED.match(text)
        if not match:
            return text
        number, name = match.groups()
        return self._known.setdefault(number, name)


class _Reader:
    """Walks the lines of one file and fills a Profile."""
    def __init__(self):
        self._profile = Profile()
        self._objects, self._functions = _Names(), _Names()
        self._object = self._function = None
        self._callee_object = self._callee = self._call_count = None

    def read(self, lines):
        for line in lines:
            if line[0].isdigit() or line[0] in "+-*":
                self._add_cost(int(line.split()[1]))
            elif "=" in line:
                self._assign(*line.rstrip("\n").split("=", 1))
        return self._profile

    def _assign(self, key, value):
        if key == "ob":
            self._object = self._name_object(value)
        elif key == "fn":
            self._function = self._name_function(value, self._object)
        elif key == "cob":
            self._callee_object = self._name_object(value)
        elif key == "cfn":
            self._callee = self._name_function(value, self._callee_object or self._object)
        elif key == "calls":
            self._call_count = int(value.split()[0])

    def _name_object(self, text):
        return Path(self._objects.resolve(text)).name

    def _name_function(self, text, in_object):
        """Functions of a stripped file have an address for a name; they are counted as one."""
        name = self._functions.resolve(text)
        return Function("(no symbol)" if ADDRESS.match(name) else name, in_object)

    def _add_cost(self, instructions):
        """A line of costs: the function's own, or, after a `calls=` line, those of the call."""
        if self._call_count is None:
            self._profile.own[self._function] += instructions
            return
        call = (self._function, self._callee)
        self._profile.calls[call] += self._call_count
        self._profile.callees[call] += instructions
        self._call_count = self._callee_object = None


def read_profile(path):
    with open(path, encoding="utf-8", errors="replace") as lines:
        return _Reader().read(lines)
