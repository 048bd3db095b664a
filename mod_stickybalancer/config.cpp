// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/config.hpp"

#include <algorithm>
#include <cstring>
#include <initializer_list>
#include <iterator>
#include <string_view>
#include <type_traits>

#include "mod_stickybalancer/option_words.hpp"

namespace stickybalancer {
namespace {

sb_str str_of(const char *text) { return {text, std::strlen(text)}; }

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

bool is_cookie_domain(const char *text)
{
    return *text != '\0' &&
           std::strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.") ==
               std::strlen(text);
}

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
    const char *(*set)(apr_pool_t *pool, const OptionRow &row, Options &options, const char *value);
    const char *fallback;
    const char *allowed;  // for SB_TEXT
    const char *with;     // the first words that it has an effect with; "": all
    bool may_be_bare;     // has a meaning without a value
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
    if (is_duration && duration_us >= apr_time_from_sec(least_s) &&
        duration_us <= apr_time_from_sec(most_s)) {
        field = {apr_time_sec(duration_us), true};
        return nullptr;
    }
    const char *wrong = !is_duration                               ? "is not a duration"
                        : duration_us < apr_time_from_sec(least_s) ? "is too short"
                                                                   : "is too long";
    return complaint(pool, row, value, wrong,
                     apr_psprintf(pool,
                                  "%" APR_INT64_T_FMT "s to %" APR_INT64_T_FMT
                                  "s, with s, min, h or d behind the number",
                                  least_s, most_s));
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

#define SB_CHOICE(directive, option, field, fallback, words, with, help)               \
    {#directive,                                                                       \
     option,                                                                           \
     [](apr_pool_t *pool, const OptionRow &row, Options &options, const char *value) { \
         static constexpr Word kWords[] = words;                                       \
         return set_choice(pool, row, options.field, value, kWords);                   \
     },                                                                                \
     fallback,                                                                         \
     nullptr,                                                                          \
     with,                                                                             \
     has_bare_word(words)},
#define SB_TEXT(directive, option, field, fallback, check, allowed, with, help)        \
    {#directive,                                                                       \
     option,                                                                           \
     [](apr_pool_t *pool, const OptionRow &row, Options &options, const char *value) { \
         return set_text(pool, row, options.field, value, check);                      \
     },                                                                                \
     fallback,                                                                         \
     allowed,                                                                          \
     with,                                                                             \
     false},
#define SB_DURATION(directive, option, field, fallback, least_s, most_s, with, help)   \
    {#directive,                                                                       \
     option,                                                                           \
     [](apr_pool_t *pool, const OptionRow &row, Options &options, const char *value) { \
         return set_duration(pool, row, options.field, value, least_s, most_s);        \
     },                                                                                \
     fallback,                                                                         \
     nullptr,                                                                          \
     with,                                                                             \
     false},
#define SB_FILE(directive, option, field, fallback, type, read, allowed, with, help)   \
    {#directive,                                                                       \
     option,                                                                           \
     [](apr_pool_t *pool, const OptionRow &row, Options &options, const char *value) { \
         return set_file<type>(pool, row, options.field, value, read);                 \
     },                                                                                \
     fallback,                                                                         \
     allowed,                                                                          \
     with,                                                                             \
     false},

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

// What is turned off may have any option: they are the defaults of the balancers below.
bool has_effect(const OptionRow &row, const char *first_word)
{
    return *row.with == '\0' || ap_cstr_casecmp(first_word, "off") == 0 ||
           lists_word(row.with, first_word);
}

// The first word by itself, then key=value, or a key alone; each at most once.
const char *parse_words(apr_pool_t *pool, const char *directive, const char *arguments,
                        Options &options)
{
    const OptionRow *seen[std::size(kRows)];
    std::size_t seen_count = 0;
    const char *first_word = nullptr;
    for (OptionWord word;;) {
        if (const char *error = next_option_word(pool, arguments, word); error != nullptr)
            return apr_psprintf(pool, "%s: %s", directive, error);
        const bool is_first = first_word == nullptr;
        if (word.is_end && !is_first)
            return nullptr;
        if (is_first)
            first_word = word.text;
        const auto *row = find_row(directive, is_first ? "" : word.key);
        if (row == nullptr ||
            (!is_first && (*word.key == '\0' || (word.value == nullptr && !row->may_be_bare))))
            return unknown_option(pool, directive, word.text);
        if (!has_effect(*row, first_word))
            return apr_psprintf(pool, "%s: %s%s has no effect with %s; it goes with %s", directive,
                                row->name, row->may_be_bare ? "" : "=", first_word, row->with);
        for (std::size_t i = 0; i < seen_count; ++i)
            if (seen[i] == row)
                return apr_psprintf(pool, "%s: %s= is given twice", directive, row->name);
        seen[seen_count++] = row;
        if (const char *error = row->set(pool, *row, options, is_first ? word.text : word.value);
            error != nullptr)
            return error;
    }
}

constexpr std::string_view kScheme = "balancer://";

// Null when this may be the section of one balancer, which is then in the server's list.
const char *record_section(cmd_parms *cmd, Section &section)
{
    if (section.is_recorded)
        return nullptr;
    char *name = apr_pstrdup(cmd->pool, cmd->path);
    ap_str_tolower(name);
    const std::string_view text = name;
    const auto slash = text.find('/', kScheme.size());
    if (!text.starts_with(kScheme) || text.size() == kScheme.size() ||
        text.find_first_of("*?[") != std::string_view::npos ||
        (slash != std::string_view::npos && slash + 1 != text.size()))
        return apr_psprintf(
            cmd->pool,
            "%s: '%s' is not one whole balancer; write it inside <Proxy \"balancer://NAME\">, "
            "or at server or virtual host level as the default of the balancers there",
            cmd->cmd->name, cmd->path);
    if (slash != std::string_view::npos)
        name[slash] = '\0';
    section.name = name;
    section.file = cmd->directive->filename;
    section.line = cmd->directive->line_num;
    section.is_recorded = true;
    *static_cast<Section **>(apr_array_push(config_of(cmd->server).sections)) = &section;
    return nullptr;
}

const char *set_directive(cmd_parms *cmd, void *section_config, const char *arguments)
{
    auto &server = config_of(cmd->server);
    auto &section = *static_cast<Section *>(section_config);
    const bool in_section = cmd->path != nullptr;
    if (in_section)
        if (const char *error = record_section(cmd, section); error != nullptr)
            return error;
    Options &options = in_section ? section.options : server.options;
    if (const char *error = parse_words(cmd->pool, cmd->cmd->name, arguments, options);
        error != nullptr)
        return error;
    options.file = cmd->directive->filename;
    options.line = cmd->directive->line_num;
    if (in_section && std::strcmp(cmd->cmd->name, "StickyBalancer") != 0)
        section.means_on = options.cookie_mode.value_or(SB_COOKIE_OFF) != SB_COOKIE_OFF;
    return nullptr;
}

// `over` where it is set, else `base`.
Options merged(const Options &base, const Options &over)
{
    Options result = over.file != nullptr ? over : base;
#define SB_CHOICE(directive, option, field, fallback, words, with, help) \
    result.field = over.field.is_set ? over.field : base.field;
#define SB_TEXT(directive, option, field, fallback, check, allowed, with, help) \
    result.field = over.field.is_set ? over.field : base.field;
#define SB_DURATION(directive, option, field, fallback, least_s, most_s, with, help) \
    result.field = over.field.is_set ? over.field : base.field;
#define SB_FILE(directive, option, field, fallback, type, read, allowed, with, help) \
    result.field = over.field.is_set ? over.field : base.field;
#include "mod_stickybalancer/directives.def"
    return result;
}

}  // namespace

void *create_section(apr_pool_t *pool, char *) { return apr_pcalloc(pool, sizeof(Section)); }

void *create_server_config(apr_pool_t *pool, server_rec *)
{
    auto *config = static_cast<ServerConfig *>(apr_pcalloc(pool, sizeof(ServerConfig)));
    config->sections = apr_array_make(pool, 2, sizeof(Section *));
    return config;
}

void *merge_server_config(apr_pool_t *pool, void *base_config, void *add_config)
{
    const auto &base = *static_cast<ServerConfig *>(base_config);
    const auto &add = *static_cast<ServerConfig *>(add_config);
    auto *config = static_cast<ServerConfig *>(apr_pcalloc(pool, sizeof(ServerConfig)));
    config->options = merged(base.options, add.options);
    config->sections = apr_array_append(pool, base.sections, add.sections);
    return config;
}

Effective effective_config(const ServerConfig &server, const char *balancer_name)
{
    Effective effective{server.options, server.options.elects.value_or(0) != 0, nullptr};
    for (int i = 0; i < server.sections->nelts; ++i) {
        const auto *section = APR_ARRAY_IDX(server.sections, i, const Section *);
        if (ap_cstr_casecmp(section->name, balancer_name) != 0)
            continue;
        effective.section = section;
        effective.options = merged(effective.options, section->options);
        effective.elects = section->options.elects.is_set ? section->options.elects.value != 0
                                                          : effective.elects || section->means_on;
    }
    return effective;
}

// Where httpd allows a directive, from the words that the reference has for it.
constexpr int places_of(std::string_view contexts)
{
    return contexts.find("<Proxy") != std::string_view::npos ? RSRC_CONF | PROXY_CONF : RSRC_CONF;
}

#define SB_DIRECTIVE(name, syntax, contexts, since, help) \
    AP_INIT_RAW_ARGS(#name, set_directive, nullptr, places_of(contexts), syntax),
const command_rec directive_table[] = {
#include "mod_stickybalancer/directives.def"
    {nullptr, {nullptr}, nullptr, 0, RAW_ARGS, nullptr}};

}  // namespace stickybalancer
