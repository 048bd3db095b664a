# SPDX-License-Identifier: Apache-2.0
"""What measurements by pairs have in common: the processor's time of a server, a run of wrk, and how sure a median of
ratios is."""
import math
import re
import subprocess
import time

import servers
from servers import BenchError


def cpu_clock(pid):
    """The clockid of the CPU clock of a process, as clock_getcpuclockid(3) makes it."""
    return (~pid << 3) | 2


def cpu_seconds(pids):
    """In nanoseconds: the ticks in /proc/PID/stat are too coarse for runs of a second or two."""
    return sum(time.clock_gettime(cpu_clock(pid)) for pid in pids)


def run_wrk(command, at_most_s):
    """What wrk printed; on any exception wrk is ended."""
    with servers.on_core(servers.cores()[1]):
        return subprocess.run(command, capture_output=True, text=True, check=True,
                              timeout=at_most_s).stdout


def parse_wrk(output, who):
    """Number of requests and requests per second; every answer must have been a good one."""
    complaint = re.search(r"Non-2xx.*|Socket errors.*", output)
    if complaint:
        raise BenchError(f"{who}: {complaint.group()}")
    count = int(re.search(r"(\d+) requests in", output).group(1))
    return count, float(re.search(r"Requests/sec:\s+([\d.]+)", output).group(1))


def median_interval(values):
    """Where the median of such values is in 19 of 20 cases, whatever their distribution is."""
    ordered, count = sorted(values), len(values)
    below, chance = 0, 0.5 ** count     # that at most so many of them are below the median
    while chance <= 0.025:
        below += 1
        chance += math.comb(count, below) * 0.5 ** count
    return (ordered[below - 1], ordered[-below]) if below else (-math.inf, math.inf)
