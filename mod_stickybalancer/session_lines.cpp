// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/session_lines.hpp"

#include <new>

#include "mod_stickybalancer/option_words.hpp"

namespace stickybalancer {
namespace {

using Kind = PersistenceKey::Kind;

constexpr std::uint32_t kSessionId = 0;
constexpr std::uint32_t kAddress = 1;
constexpr std::int64_t kFromRequest = SB_LEARN_FROM_REQUEST;
constexpr std::int64_t kFromResponse = SB_LEARN_FROM_RESPONSE;

// Whether an answer can name one.
bool is_in_answers(const PersistenceKey &key)
{
    return key.kind == Kind::kCookie || key.kind == Kind::kHeader;
}

const PersistenceKey &key_of(const Options &line) { return *line.session_key.value; }

const Options *&line_at(const apr_array_header_t &lines, int i)
{
    return APR_ARRAY_IDX(&lines, i, const Options *);
}

// The place in the list of the line with this key; as many as there are: it has none.
int find_key(const apr_array_header_t &lines, const PersistenceKey &key)
{
    int i = 0;
    while (i < lines.nelts && !is_same_key(key_of(*line_at(lines, i)), key))
        ++i;
    return i;
}

void add_lines(apr_pool_t *pool, apr_array_header_t &all, const apr_array_header_t &lines)
{
    for (int i = 0; i < lines.nelts; ++i) {
        const auto *line = line_at(lines, i);
        const int place = find_key(all, key_of(*line));
        if (place == all.nelts)
            APR_ARRAY_PUSH(&all, const Options *) = line;
        else
            line_at(all, place) = new (apr_palloc(pool, sizeof(Options)))
                Options(merged(*line_at(all, place), *line));
    }
}

// A network is none of its addresses, which may read the same.
std::uint32_t kind_of(const PersistenceKey &key)
{
    if (key.kind != Kind::kClient)
        return kSessionId;
    return kAddress | static_cast<std::uint32_t>(32 - key.ipv4_bits) << 8 |
           static_cast<std::uint32_t>(128 - key.ipv6_bits) << 16;
}

SessionKey session_key_of(const Options &line)
{
    const auto &key = key_of(line);
    const auto learn = line.session_learn.value_or(is_in_answers(key) ? kFromRequest | kFromResponse
                                                                      : kFromRequest);
    return {&key, kind_of(key), (learn & kFromRequest) != 0, (learn & kFromResponse) != 0,
            line.session_condition.value_or(nullptr)};
}

}  // namespace

const char *parse_condition(cmd_parms *cmd, const char *text, const ap_expr_info_t *&condition)
{
    const char *error = nullptr;
    // Which member answers is nothing that an answer varies by.
    condition = ap_expr_parse_cmd(cmd, text, AP_EXPR_FLAG_DONT_VARY, &error, nullptr);
    return error == nullptr ? nullptr : apr_pstrcat(cmd->pool, "is no condition: ", error, nullptr);
}

const char *check_session_line(cmd_parms *cmd, const apr_array_header_t &lines)
{
    const auto &line = *line_at(lines, lines.nelts - 1);
    const auto &key = key_of(line);
    const auto learn = line.session_learn.value_or(0);
    const char *rest = cmd->directive->args;
    OptionWord written;
    next_option_word(cmd->pool, rest, written);
    if ((learn & kFromResponse) != 0 && !is_in_answers(key))
        return apr_psprintf(
            cmd->pool,
            "StickyOn: learn=%s cannot be had with '%s': answers name sessions of cookie:NAME and "
            "header:NAME only; use learn=request or learn=none (default request)",
            learn == kFromResponse ? "response" : "both", written.text);
    if (const int place = find_key(lines, key); place < lines.nelts - 1)
        return apr_psprintf(cmd->pool,
                            "StickyOn: '%s' is the key of line %d of %s, too; write it once, with "
                            "all of its options",
                            written.text, line_at(lines, place)->line, line_at(lines, place)->file);
    return nullptr;
}

std::span<const SessionKey> session_keys_of(apr_pool_t *pool, const ServerConfig &server,
                                            const char *balancer_name)
{
    auto *all = apr_array_make(pool, 4, sizeof(const Options *));
    for (int i = 0; i < server.sections->nelts; ++i) {
        const auto *section = APR_ARRAY_IDX(server.sections, i, const Section *);
        if (ap_cstr_casecmp(section->name, balancer_name) == 0)
            add_lines(pool, *all, *section->session_lines);
    }
    const auto count = static_cast<std::size_t>(all->nelts);
    auto *keys = static_cast<SessionKey *>(apr_pcalloc(pool, (count + 1) * sizeof(SessionKey)));
    for (int i = 0; i < all->nelts; ++i)
        keys[i] = session_key_of(*line_at(*all, i));
    return {keys, count};
}

}  // namespace stickybalancer
