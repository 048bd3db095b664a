# SPDX-License-Identifier: Apache-2.0
#
# Completion of stickyctl for bash. Members and balancers are asked of the server, which has a second to answer.
# What it answers is other people's text: it is compared and quoted, and never expanded (compgen -W would).

# The program with the server's options of this line; `words` is _stickyctl's.
_stickyctl_ask() {
    local i ways=()
    for ((i = 1; i < ${#words[@]} - 2; i++)); do
        case ${words[i]} in
            --url | --socket | -s | --cacert | --login) ways+=("${words[i]}" "${words[i + 1]}") ;;
        esac
    done
    "${words[0]}" "${ways[@]}" --request-timeout 1s --csv "$@" 2>/dev/null </dev/null | tail -n +2
}

# BALANCER/MEMBER, and MEMBER where that is unique. Names that CSV must quote are left out.
_stickyctl_members() {
    _stickyctl_ask show members | awk -F, '/"/ { next }
        { print $1 "/" $2; if (!seen[$2]++) names[++count] = $2 }
        END { for (i = 1; i <= count; i++) if (seen[names[i]] == 1) print names[i] }'
}

_stickyctl_balancers() {
    _stickyctl_ask show balancers | awk -F, '!/^"/ { print $1 }'
}

# The command that stands before the last word, such as "show member".
_stickyctl_command() {
    local i command=
    for ((i = 1; i < ${#words[@]} - 1; i++)); do
        case ${words[i]} in
            --url | --socket | -s | --cacert | --login | --request-timeout | --key | --balancer | --deadline | \
                --timeout | --for | --route | --weight | --from | --count | --output | --httpd | --modules | --module)
                ((i++)) ;;
            -*) ;;
            show) [[ -n $command ]] || command=show ;;
            *)
                [[ $command != show ]] || command="show ${words[i]}"
                [[ -n $command ]] || command=${words[i]}
                break ;;
        esac
    done
    printf '%s\n' "$command"
}

# The options of one command, beside those of all.
_stickyctl_options() {
    case $1 in
        drain) printf '%s\n' --deadline --wait --timeout ;;
        pin) printf '%s\n' --for ;;
        add) printf '%s\n' --route --weight ;;
        forget | "show sessions") printf '%s\n' --key --balancer ;;
        "show table") printf '%s\n' --from --count ;;
        wizard) printf '%s\n' --output --site --httpd --modules --module ;;
    esac
    printf '%s\n' --url --socket --cacert --login --request-timeout --json --csv --help
    [[ -n $1 ]] || printf '%s\n' --version
}

_stickyctl_words() {
    case $1 in
        "") printf '%s\n' status show drain ready stop weight remove pin unpin add forget lameduck diff wizard ;;
        show) printf '%s\n' balancers balancer members member sessions table stat info config ;;
        drain | ready | stop | weight | remove | pin | "show member") _stickyctl_members ;;
        status | add | unpin | "show balancer" | "show members" | "show table" | "show stat" | "show config")
            _stickyctl_balancers ;;
        lameduck) printf '%s\n' off ;;
    esac
}

# What may stand here, one a line.
_stickyctl_candidates() {
    local word=${words[-1]} before=${words[-2]}
    case $before in
        --socket | -s | --cacert | --login | --output | --httpd | --modules | --module) compgen -f -- "$word" ;;
        --balancer) _stickyctl_balancers ;;
        --url | --request-timeout | --key | --deadline | --timeout | --for | --route | --weight | --from | \
            --count) ;;
        *)
            if [[ $word == -* ]]; then
                _stickyctl_options "$(_stickyctl_command)"
            else
                _stickyctl_words "$(_stickyctl_command)"
            fi ;;
    esac
}

# Readline's words end at colons, of which names and urls have many: the line is split at spaces here, and what
# readline has before its last colon is not given to it again.
_stickyctl() {
    local words=() line=${COMP_LINE:0:COMP_POINT} candidate done_already=
    read -ra words <<<"$line"
    [[ $line != *[[:space:]] ]] || words+=("")
    [[ $COMP_WORDBREAKS != *:* || ${words[-1]} != *:* ]] || done_already=${words[-1]%:*}:
    COMPREPLY=()
    while IFS= read -r candidate; do
        [[ $candidate == "${words[-1]}"* ]] || continue
        COMPREPLY+=("$(printf '%q' "${candidate#"$done_already"}")")
    done < <(_stickyctl_candidates)
}

complete -F _stickyctl stickyctl
