# SPDX-License-Identifier: Apache-2.0
#
# What the checks share; sourced. A check names the source tree as its first argument, prints one line for
# each thing that is wrong, and fails when there was one, or when an input is not there.
set -euo pipefail
shopt -s nullglob globstar

root=${1:?the source tree}
cd "$root"
problems=0

problem() {
    printf '%s\n' "$*"
    problems=$((problems + 1))
}

# Every problem on standard input, one a line.
problems_of_lines() {
    local line
    while IFS= read -r line; do
        problem "$line"
    done
}

die() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 2
}

need() {
    local file
    (($# > 0)) || die "no files to look at"
    for file in "$@"; do
        [[ -s $file ]] || die "$file is missing or empty"
    done
}

finish() {
    ((problems == 0)) || printf '%s: %d problem(s)\n' "${0##*/}" "$problems"
    ((problems == 0))
}
