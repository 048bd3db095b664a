// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/option_rows.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <iterator>
#include <string_view>

#include "mod_stickybalancer/address_family.hpp"
#include "mod_stickybalancer/option_words.hpp"
#include "mod_stickybalancer/session_lines.hpp"

namespace stickybalancer {
namespace {

bool is_cookie_name(const char *text)
{
    return std::strlen(text) < PROXY_BALANCER_MAX_STICKY_SIZE &&
           sb_is_cookie_name(str_of(text)) != 0;
}

bool is_cookie_path(const char *text)
{
    if (*text != '/')
        return false;
    for (; *text != '\0'; ++text)
        if (*text == ';' || apr_iscntrl(*text))
            return false;
    return true;
}

bool is_member_name(const char *text) { return *text != '\0' && std::strlen(text) <= 512; }

// Bytes that follow the first byte of a character in UTF-8; -1: it is none.
int bytes_behind(unsigned char first)
{
    if (first < 0x80)
        return 0;
    return first < 0xC2 ? -1 : first < 0xE0 ? 1 : first < 0xF0 ? 2 : first < 0xF5 ? 3 : -1;
}

// A character of text, `behind` bytes behind its first: as short as it can be written, and no half of a pair.
bool is_character(std::uint32_t code, int behind)
{
    constexpr std::uint32_t kLeast[] = {0, 0x80, 0x800, 0x10000};
    return code >= kLeast[behind] && code <= 0x10FFFF && (code < 0xD800 || code > 0xDFFF);
}

// What makes a terminal or a page show something else than the text: controls, ends of lines, changes of direction.
bool is_control(std::uint32_t code)
{
    return code < 0x20 || (code >= 0x7F && code < 0xA0) || (code >= 0x2028 && code <= 0x202E) ||
           (code >= 0x2066 && code <= 0x2069);
}

bool is_label(const char *text)
{
    const auto length = std::strlen(text);
    if (length == 0 || length > 63)
        return false;
    while (*text != '\0') {
        const auto first = static_cast<unsigned char>(*text++);
        const int behind = bytes_behind(first);
        if (behind < 0)
            return false;
        auto code = std::uint32_t{first} & (behind == 0 ? 0x7Fu : 0x3Fu >> behind);
        for (int i = 0; i < behind; ++i, ++text) {
            if ((static_cast<unsigned char>(*text) & 0xC0) != 0x80)
                return false;
            code = code << 6 | (static_cast<unsigned char>(*text) & 0x3F);
        }
        if (!is_character(code, behind) || is_control(code))
            return false;
    }
    return true;
}

bool is_address(const char *text) { return family_of(text) != AF_UNSPEC; }

// Of what httpd may put into a Location header as it is.
bool is_redirect_url(const char *text)
{
    for (const char *at = text; *at != '\0'; ++at)
        if (*at <= ' ' || *at > '~')
            return false;
    if (*text == '/')
        return text[1] != '/';
    for (const char *scheme : {"http://", "https://"})
        if (const auto length = std::strlen(scheme); ap_cstr_casecmpn(text, scheme, length) == 0)
            return text[length] != '\0' && text[length] != '/';
    return false;
}

bool is_method(const char *text)
{
    const auto length = std::strlen(text);
    return length != 0 && length <= 16 && std::strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == length;
}

bool is_visible(const char *text)
{
    for (; *text != '\0'; ++text)
        if (!apr_isgraph(*text))
            return false;
    return true;
}

bool is_request_target(const char *text) { return *text == '/' && is_visible(text); }

bool is_port(const char *text)
{
    std::int64_t port = 0;
    return parse_count(text, port) && port >= 1 && port <= 65535;
}

// A name or an address, in brackets where that has colons.
bool is_host_header(const char *text)
{
    if (!is_visible(text) || std::strpbrk(text, "/@?#\\") != nullptr)
        return false;
    if (*text == '[' && std::strchr(text, ']') == nullptr)
        return false;
    const char *behind = *text == '[' ? std::strchr(text, ']') + 1 : text + std::strcspn(text, ":");
    return behind != text && (*behind == '\0' || (*behind == ':' && is_port(behind + 1)));
}

bool is_cookie_domain(const char *text)
{
    return *text != '\0' &&
           std::strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.") ==
               std::strlen(text);
}

enum Times : bool { kOnce = false, kOften = true };

struct Word {
    const char *text;
    std::int64_t value;
};

// One row of directives.def, as the parser sees it. What it puts into Options, or a sentence that
// says why not.
struct OptionRow {
    const char *directive;
    const char *name;
    // The value is null where the option is bare.
    const char *(*set)(cmd_parms *cmd, const OptionRow &row, Options &options, const char *value);
    const char *fallback;
    const char *allowed;  // in words, where the kind of row does not say it
    const char *with;     // the first words that it has an effect with; "": all
    bool may_be_bare;     // has a meaning without a value
    Times repeats = kOnce;
};

const char *allowed_words(apr_pool_t *pool, const Word *words, std::size_t count)
{
    // The last word may be "", for the option without a value.
    if (*words[count - 1].text == '\0')
        --count;
    const char *all = words[0].text;
    for (std::size_t i = 1; i < count; ++i)
        all = apr_pstrcat(pool, all, i + 1 == count ? " or " : ", ", words[i].text, nullptr);
    return all;
}

const char *complaint(apr_pool_t *pool, const OptionRow &row, const char *value, const char *wrong,
                      const char *use)
{
    return apr_psprintf(pool, "%s: %s%s'%s' %s; use %s (default %s)", row.directive, row.name,
                        *row.name != '\0' ? "=" : "", value, wrong, use, row.fallback);
}

template <std::size_t count>
const char *set_choice(apr_pool_t *pool, const OptionRow &row, Option<std::int64_t> &field,
                       const char *value, const Word (&words)[count])
{
    for (const auto &word : words) {
        const bool is_bare = *word.text == '\0';
        if (value == nullptr ? is_bare : !is_bare && ap_cstr_casecmp(word.text, value) == 0) {
            field = {word.value, true};
            return nullptr;
        }
    }
    return complaint(pool, row, value, "is not known", allowed_words(pool, words, count));
}

const char *set_text(apr_pool_t *pool, const OptionRow &row, Option<const char *> &field,
                     const char *value, bool (*check)(const char *))
{
    if (!check(value))
        return complaint(pool, row, value, "is not allowed", row.allowed);
    field = {value, true};
    return nullptr;
}

const char *set_duration(apr_pool_t *pool, const OptionRow &row, Option<std::int64_t> &field,
                         const char *value, std::int64_t least_s, std::int64_t most_s)
{
    std::int64_t duration_us = 0;
    const bool is_duration = parse_duration(value, duration_us);
    const bool is_whole = duration_us % apr_time_from_sec(1) == 0;
    if (is_duration && is_whole && duration_us >= apr_time_from_sec(least_s) &&
        duration_us <= apr_time_from_sec(most_s)) {
        field = {apr_time_sec(duration_us), true};
        return nullptr;
    }
    const char *wrong = !is_duration                               ? "is not a duration"
                        : duration_us < apr_time_from_sec(least_s) ? "is too short"
                        : duration_us > apr_time_from_sec(most_s)  ? "is too long"
                                                                  : "is no whole number of seconds";
    return complaint(pool, row, value, wrong,
                     apr_psprintf(pool,
                                  "%" APR_INT64_T_FMT "s to %" APR_INT64_T_FMT
                                  "s, with s, min, h or d behind the number",
                                  least_s, most_s));
}

const char *set_number(apr_pool_t *pool, const OptionRow &row, Option<std::int64_t> &field,
                       const char *value, std::int64_t least, std::int64_t most,
                       bool (*parse)(const char *, std::int64_t &), const char *suffixes)
{
    std::int64_t number = 0;
    const bool is_number = parse(value, number);
    if (is_number && number >= least && number <= most) {
        field = {number, true};
        return nullptr;
    }
    const char *wrong = !is_number       ? "is not a whole number"
                        : number < least ? "is too low"
                                         : "is too high";
    return complaint(pool, row, value, wrong,
                     apr_psprintf(pool, "%" APR_INT64_T_FMT " to %" APR_INT64_T_FMT "%s", least,
                                  most, suffixes));
}

const char *set_interval(apr_pool_t *pool, const OptionRow &row, Option<std::int64_t> &field,
                         const char *value, const char *least, const char *most)
{
    std::int64_t interval_us = 0, least_us = 0, most_us = 0;
    parse_duration(least, least_us);
    parse_duration(most, most_us);
    const bool is_duration = parse_duration(value, interval_us);
    if (is_duration && interval_us >= least_us && interval_us <= most_us) {
        field = {interval_us, true};
        return nullptr;
    }
    const char *wrong = !is_duration             ? "is not a duration"
                        : interval_us < least_us ? "is too short"
                                                 : "is too long";
    return complaint(
        pool, row, value, wrong,
        apr_psprintf(pool, "%s to %s, with ms, s, min, h or d behind the number", least, most));
}

constexpr bool has_bare_word(std::initializer_list<Word> words)
{
    for (const auto &word : words)
        if (*word.text == '\0')
            return true;
    return false;
}

template <typename File>
const char *set_file(apr_pool_t *pool, const OptionRow &row, Option<const File *> &field,
                     const char *value,
                     const char *(*read)(apr_pool_t *, const char *, const File *&))
{
    if (const char *error = read(pool, value, field.value); error != nullptr)
        return apr_psprintf(pool, "%s: %s", row.directive, error);
    field.is_set = true;
    return nullptr;
}

template <typename Type>
const char *set_parsed(cmd_parms *cmd, const OptionRow &row, Option<const Type *> &field,
                       const char *value,
                       const char *(*parse)(cmd_parms *, const char *, const Type *&))
{
    if (const char *wrong = parse(cmd, value, field.value); wrong != nullptr)
        return complaint(cmd->pool, row, value, wrong, row.allowed);
    field.is_set = true;
    return nullptr;
}

#define SB_CHOICE(directive, option, field, fallback, words, with, help)             \
    {#directive,                                                                     \
     option,                                                                         \
     [](cmd_parms *cmd, const OptionRow &row, Options &options, const char *value) { \
         static constexpr Word kWords[] = words;                                     \
         return set_choice(cmd->pool, row, options.field, value, kWords);            \
     },                                                                              \
     fallback,                                                                       \
     nullptr,                                                                        \
     with,                                                                           \
     has_bare_word(words)},
#define SB_TEXT(directive, option, field, fallback, check, allowed, with, help)      \
    {#directive,                                                                     \
     option,                                                                         \
     [](cmd_parms *cmd, const OptionRow &row, Options &options, const char *value) { \
         return set_text(cmd->pool, row, options.field, value, check);               \
     },                                                                              \
     fallback,                                                                       \
     allowed,                                                                        \
     with,                                                                           \
     false},
#define SB_DURATION(directive, option, field, fallback, least_s, most_s, with, help) \
    {#directive,                                                                     \
     option,                                                                         \
     [](cmd_parms *cmd, const OptionRow &row, Options &options, const char *value) { \
         return set_duration(cmd->pool, row, options.field, value, least_s, most_s); \
     },                                                                              \
     fallback,                                                                       \
     nullptr,                                                                        \
     with,                                                                           \
     false},
#define SB_FILE(directive, option, field, fallback, type, read, allowed, with, help) \
    {#directive,                                                                     \
     option,                                                                         \
     [](cmd_parms *cmd, const OptionRow &row, Options &options, const char *value) { \
         return set_file<type>(cmd->pool, row, options.field, value, read);          \
     },                                                                              \
     fallback,                                                                       \
     allowed,                                                                        \
     with,                                                                           \
     false},
#define SB_COUNT(directive, option, field, fallback, least, most, with, help)                   \
    {#directive,                                                                                \
     option,                                                                                    \
     [](cmd_parms *cmd, const OptionRow &row, Options &options, const char *value) {            \
         return set_number(cmd->pool, row, options.field, value, least, most, parse_count, ""); \
     },                                                                                         \
     fallback,                                                                                  \
     nullptr,                                                                                   \
     with,                                                                                      \
     false},
#define SB_SIZE(directive, option, field, fallback, least, most, with, help)              \
    {#directive,                                                                          \
     option,                                                                              \
     [](cmd_parms *cmd, const OptionRow &row, Options &options, const char *value) {      \
         return set_number(cmd->pool, row, options.field, value, least, most, parse_size, \
                           ", or with k, m or g behind the number");                      \
     },                                                                                   \
     fallback,                                                                            \
     nullptr,                                                                             \
     with,                                                                                \
     false},
#define SB_INTERVAL(directive, option, field, fallback, least, most, with, help)     \
    {#directive,                                                                     \
     option,                                                                         \
     [](cmd_parms *cmd, const OptionRow &row, Options &options, const char *value) { \
         return set_interval(cmd->pool, row, options.field, value, least, most);     \
     },                                                                              \
     fallback,                                                                       \
     nullptr,                                                                        \
     with,                                                                           \
     false},
#define SB_PARSED(directive, option, field, fallback, type, parse, times, allowed, with, help) \
    {#directive,                                                                               \
     option,                                                                                   \
     [](cmd_parms *cmd, const OptionRow &row, Options &options, const char *value) {           \
         return set_parsed<type>(cmd, row, options.field, value, parse);                       \
     },                                                                                        \
     fallback,                                                                                 \
     allowed,                                                                                  \
     with,                                                                                     \
     false,                                                                                    \
     times},

constexpr OptionRow kRows[] = {
#include "mod_stickybalancer/directives.def"
};

const OptionRow *find_row(const char *directive, const char *name)
{
    for (const auto &row : kRows)
        if (std::strcmp(row.directive, directive) == 0 && ap_cstr_casecmp(row.name, name) == 0)
            return &row;
    return nullptr;
}

// Whether the directive takes any number of first words.
bool takes_many_words(const OptionRow *first_word)
{
    return first_word != nullptr && first_word->repeats;
}

const char *unknown_option(apr_pool_t *pool, const char *directive, const char *word)
{
    const char *known = "";
    for (const auto &row : kRows)
        if (std::strcmp(row.directive, directive) == 0 && *row.name != '\0')
            known = apr_pstrcat(pool, known, *known != '\0' ? ", " : "", row.name,
                                row.may_be_bare ? "" : "=", nullptr);
    if (*known == '\0')
        return apr_psprintf(pool, "%s: '%s' is one word too many; it takes one", directive, word);
    return apr_psprintf(pool, "%s: '%s' is not an option; use %s", directive, word, known);
}

// Whether one of the words in `list`, with commas between them, is this one.
bool lists_word(std::string_view list, std::string_view word)
{
    while (!list.empty()) {
        const auto end = std::min(list.find(", "), list.size());
        if (end == word.size() && ap_cstr_casecmpn(list.data(), word.data(), end) == 0)
            return true;
        list.remove_prefix(std::min(end + 2, list.size()));
    }
    return false;
}

// What a server turns off may have any option: they are the defaults of the balancers below.
bool has_effect(const cmd_parms *cmd, const OptionRow &row, const char *first_word)
{
    const std::string_view contexts = static_cast<const char *>(cmd->cmd->cmd_data);
    return *row.with == '\0' || lists_word(row.with, first_word) ||
           (ap_cstr_casecmp(first_word, "off") == 0 &&
            contexts.find("server") != std::string_view::npos);
}

}  // namespace

const char *parse_options(cmd_parms *cmd, const char *arguments, Options &options)
{
    auto *pool = cmd->pool;
    const char *directive = cmd->cmd->name;
    const OptionRow *seen[std::size(kRows)];
    std::size_t seen_count = 0;
    // StickyTable has options only.
    const char *first_word = find_row(directive, "") != nullptr ? nullptr : "";
    for (OptionWord word;;) {
        if (const char *error = next_option_word(pool, arguments, word); error != nullptr)
            return apr_psprintf(pool, "%s: %s", directive, error);
        const bool is_first = first_word == nullptr;
        if (word.is_end && !is_first)
            return nullptr;
        if (is_first)
            first_word = word.text;
        const auto *row = find_row(directive, is_first ? "" : word.key);
        const bool is_further_word = row == nullptr && takes_many_words(find_row(directive, ""));
        if (is_further_word)
            row = find_row(directive, "");
        if (row == nullptr || (!is_first && !is_further_word &&
                               (*word.key == '\0' || (word.value == nullptr && !row->may_be_bare))))
            return unknown_option(pool, directive, word.text);
        if (!has_effect(cmd, *row, first_word))
            return apr_psprintf(pool, "%s: %s%s has no effect with %s; it goes with %s", directive,
                                row->name, row->may_be_bare ? "" : "=", first_word, row->with);
        for (std::size_t i = 0; i < seen_count; ++i)
            if (seen[i] == row)
                return apr_psprintf(pool, "%s: %s= is given twice", directive, row->name);
        if (!row->repeats)
            seen[seen_count++] = row;
        const char *value = is_first || is_further_word ? word.text : word.value;
        if (const char *error = row->set(cmd, *row, options, value); error != nullptr)
            return error;
    }
}

}  // namespace stickybalancer
