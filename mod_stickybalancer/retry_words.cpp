// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/retry_words.hpp"

#include <algorithm>
#include <cstring>
#include <iterator>

#include "mod_stickybalancer/option_words.hpp"

namespace stickybalancer {
namespace {

constexpr std::uint32_t bit(sb_failure failure) { return 1U << failure; }

constexpr struct {
    const char *name;
    sb_failure failure;
} kFailures[] = {
    {"connect", SB_FAILED_CONNECT}, {"reset", SB_FAILED_RESET}, {"timeout", SB_FAILED_TIMEOUT}};

bool add_status(const char *word, RetryOn &on)
{
    std::int64_t status = 0;
    if (!parse_count(word, status) || status < SB_RETRY_STATUS_MIN || status > SB_RETRY_STATUS_MAX)
        return false;
    const auto number = static_cast<unsigned>(status - SB_RETRY_STATUS_MIN);
    on.statuses[number / 64] |= std::uint64_t{1} << number % 64;
    return true;
}

bool add_word(const char *word, RetryOn &on)
{
    for (const auto &known : kFailures)
        if (ap_cstr_casecmp(word, known.name) == 0) {
            on.failures |= bit(known.failure);
            return true;
        }
    return add_status(word, on);
}

}  // namespace

const RetryOn default_retry_on{bit(SB_FAILED_CONNECT) | bit(SB_FAILED_RESET), {}};

bool RetryOn::has_statuses() const
{
    return std::any_of(std::begin(statuses), std::end(statuses),
                       [](std::uint64_t word) { return word != 0; });
}

const char *parse_retry_on(cmd_parms *cmd, const char *text, const RetryOn *&on)
{
    auto *made = static_cast<RetryOn *>(apr_pcalloc(cmd->pool, sizeof(RetryOn)));
    for (const char *rest = text; rest != nullptr;) {
        const char *comma = std::strchr(rest, ',');
        const char *word = comma != nullptr ? apr_pstrmemdup(cmd->pool, rest,
                                                             static_cast<apr_size_t>(comma - rest))
                                            : rest;
        if (!add_word(word, *made))
            return apr_psprintf(cmd->pool, "has '%s', which is not known", word);
        rest = comma != nullptr ? comma + 1 : nullptr;
    }
    on = made;
    return nullptr;
}

}  // namespace stickybalancer
