// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/config.hpp"

#include <cstring>
#include <string_view>

#include "mod_stickybalancer/health_lines.hpp"
#include "mod_stickybalancer/option_rows.hpp"
#include "mod_stickybalancer/session_lines.hpp"
#include "mod_stickybalancer/when_down.hpp"

namespace stickybalancer {
namespace {

constexpr std::string_view kScheme = "balancer://";
// In the words of directives.def for where one may stand.
constexpr std::string_view kSectionOfRequests = "<Location>";

bool may_stand_in(const cmd_parms *cmd, std::string_view place)
{
    const std::string_view contexts = static_cast<const char *>(cmd->cmd->cmd_data);
    return contexts.find(place) != std::string_view::npos;
}

// Where else than in a balancer's section it may stand.
const char *other_places(const cmd_parms *cmd)
{
    if (may_stand_in(cmd, kSectionOfRequests))
        return ", or inside <Location> for some requests";
    if (may_stand_in(cmd, "virtual host"))
        return ", or at server or virtual host level as the default of the balancers there";
    return "";
}

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
            "%s: '%s' is not one whole balancer; write it inside <Proxy \"balancer://NAME\">%s",
            cmd->cmd->name, cmd->path, other_places(cmd));
    if (slash != std::string_view::npos)
        name[slash] = '\0';
    section.name = name;
    section.file = cmd->directive->filename;
    section.line = cmd->directive->line_num;
    section.is_recorded = true;
    *static_cast<Section **>(apr_array_push(config_of(cmd->server).sections)) = &section;
    return nullptr;
}

// Null where the directive may stand here; httpd's table has kept it from everywhere else.
const char *misplaced(cmd_parms *cmd)
{
    if (cmd->path != nullptr)
        return nullptr;
    if (!may_stand_in(cmd, "server"))
        return apr_psprintf(
            cmd->pool,
            "%s: it is about one balancer; write it inside <Proxy \"balancer://NAME\">%s",
            cmd->cmd->name, other_places(cmd));
    return may_stand_in(cmd, "virtual host") ? nullptr : ap_check_cmd_context(cmd, GLOBAL_ONLY);
}

bool is(const cmd_parms *cmd, const char *directive)
{
    return std::strcmp(cmd->cmd->name, directive) == 0;
}

// <Location>, <Directory>, <If> and so on, which httpd takes this directive in.
bool is_in_section_of_requests(const cmd_parms *cmd)
{
    const auto *around = cmd->directive->parent;
    return cmd->path != nullptr && may_stand_in(cmd, kSectionOfRequests) && around != nullptr &&
           ap_cstr_casecmpn(around->directive, "<Proxy", 6) != 0;
}

const ap_directive_t *line_in(const apr_array_header_t &lines, const char *directive)
{
    for (int i = 0; i < lines.nelts; ++i)
        if (const auto *line = APR_ARRAY_IDX(&lines, i, const ap_directive_t *);
            ap_cstr_casecmp(line->directive, directive) == 0)
            return line;
    return nullptr;
}

// In one section. What servers say as defaults may be said again, as of httpd's own directives.
bool may_repeat(const cmd_parms *cmd)
{
    if (cmd->path == nullptr)
        return !is(cmd, "StickyMonitorURI");
    return is(cmd, "StickyMember") || is(cmd, "StickyOn") || is(cmd, "StickyCheck");
}

// Null, and it is noted; or what is wrong: of two lines, some options of both would count.
const char *note_single_line(cmd_parms *cmd, const Section &section)
{
    if (may_repeat(cmd))
        return nullptr;
    auto &lines =
        *(cmd->path == nullptr ? config_of(cmd->server).single_lines : section.single_lines);
    if (const auto *earlier = line_in(lines, cmd->cmd->name); earlier != nullptr)
        return apr_psprintf(
            cmd->pool,
            "%s: it stands at line %d of %s already; write it once, with all of its options",
            cmd->cmd->name, earlier->line_num, earlier->filename);
    APR_ARRAY_PUSH(&lines, const ap_directive_t *) = cmd->directive;
    return nullptr;
}

Options &new_options(cmd_parms *cmd)
{
    return *static_cast<Options *>(apr_pcalloc(cmd->pool, sizeof(Options)));
}

// Where what the directive says goes to: of StickyMember, StickyOn and StickyCheck, each line is kept by itself,
// and so is one for some requests.
Options &options_for(cmd_parms *cmd, Section &section)
{
    if (is_in_section_of_requests(cmd)) {
        auto &line = new_options(cmd);
        section.when_down_of_requests = &line;
        return line;
    }
    if (cmd->path == nullptr)
        return config_of(cmd->server).options;
    auto *lines = is(cmd, "StickyMember")  ? section.member_lines
                  : is(cmd, "StickyOn")    ? section.session_lines
                  : is(cmd, "StickyCheck") ? section.check_lines
                                           : nullptr;
    if (lines == nullptr)
        return section.options;
    auto &line = new_options(cmd);
    APR_ARRAY_PUSH(lines, const Options *) = &line;
    return line;
}

const char *check_when_down(const cmd_parms *cmd, const Options &options)
{
    if (options.when_down.value != static_cast<int>(WhenDownPolicy::kRedirect) ||
        options.when_down_url.is_set)
        return nullptr;
    return apr_psprintf(
        cmd->pool, "%s: redirect needs url=; add a URL that begins with http://, https:// or '/'",
        cmd->cmd->name);
}

const char *set_directive(cmd_parms *cmd, void *section_config, const char *arguments)
{
    auto &section = *static_cast<Section *>(section_config);
    if (const char *error = misplaced(cmd); error != nullptr)
        return error;
    const bool is_for_requests = is_in_section_of_requests(cmd);
    if (is_for_requests)
        if (const char *error = ap_check_cmd_context(cmd, NOT_IN_LIMIT); error != nullptr)
            return error;
    if (cmd->path != nullptr && !is_for_requests)
        if (const char *error = record_section(cmd, section); error != nullptr)
            return error;
    if (const char *error = note_single_line(cmd, section); error != nullptr)
        return error;
    Options &options = options_for(cmd, section);
    if (const char *error = parse_options(cmd, arguments, options); error != nullptr)
        return error;
    options.file = cmd->directive->filename;
    options.line = cmd->directive->line_num;
    if (is(cmd, "StickyWhenDown"))
        return check_when_down(cmd, options);
    if (is(cmd, "StickyCheck"))
        return check_check_line(cmd, options);
    return is(cmd, "StickyOn") ? check_session_line(cmd, *section.session_lines) : nullptr;
}

bool is_checked(const Section &section)
{
    for (int i = 0; i < section.check_lines->nelts; ++i)
        if (APR_ARRAY_IDX(section.check_lines, i, const Options *)->check_kind.value_or(0) != 0)
            return true;
    return false;
}

bool means_on(const Section &section)
{
    const auto &options = section.options;
    return options.cookie_mode.value_or(SB_COOKIE_OFF) != SB_COOKIE_OFF ||
           options.hash_key.is_set || section.member_lines->nelts > 0 ||
           section.session_lines->nelts > 0 || section.line_of("StickyTable") != nullptr ||
           section.line_of("StickyWhenDown") != nullptr ||
           section.line_of("StickyRetry") != nullptr || is_checked(section);
}

}  // namespace

const ap_directive_t *Section::line_of(const char *directive) const
{
    return line_in(*single_lines, directive);
}

Options merged(const Options &base, const Options &over)
{
    Options result = over.file != nullptr ? over : base;
#define SB_CHOICE(directive, option, field, fallback, words, with, help) \
    result.field = over.field.is_set ? over.field : base.field;
#define SB_TEXT(directive, option, field, fallback, check, allowed, with, help) \
    result.field = over.field.is_set ? over.field : base.field;
#define SB_COUNT(directive, option, field, fallback, least, most, with, help) \
    result.field = over.field.is_set ? over.field : base.field;
#define SB_SIZE(directive, option, field, fallback, least, most, with, help) \
    result.field = over.field.is_set ? over.field : base.field;
#define SB_DURATION(directive, option, field, fallback, least_s, most_s, with, help) \
    result.field = over.field.is_set ? over.field : base.field;
#define SB_INTERVAL(directive, option, field, fallback, least, most, with, help) \
    result.field = over.field.is_set ? over.field : base.field;
#define SB_FILE(directive, option, field, fallback, type, read, allowed, with, help) \
    result.field = over.field.is_set ? over.field : base.field;
#define SB_PARSED(directive, option, field, fallback, type, parse, times, allowed, with, help) \
    result.field = over.field.is_set ? over.field : base.field;
#include "mod_stickybalancer/directives.def"
    return result;
}

const char *option_in_both(const Options &one, const Options &other)
{
#define SB_CHOICE(directive, option, field, fallback, words, with, help) \
    if (*option != '\0' && one.field.is_set && other.field.is_set)       \
        return option;
#define SB_TEXT(directive, option, field, fallback, check, allowed, with, help) \
    if (*option != '\0' && one.field.is_set && other.field.is_set)              \
        return option;
#define SB_COUNT(directive, option, field, fallback, least, most, with, help) \
    if (*option != '\0' && one.field.is_set && other.field.is_set)            \
        return option;
#define SB_SIZE(directive, option, field, fallback, least, most, with, help) \
    if (*option != '\0' && one.field.is_set && other.field.is_set)           \
        return option;
#define SB_DURATION(directive, option, field, fallback, least_s, most_s, with, help) \
    if (*option != '\0' && one.field.is_set && other.field.is_set)                   \
        return option;
#define SB_INTERVAL(directive, option, field, fallback, least, most, with, help) \
    if (*option != '\0' && one.field.is_set && other.field.is_set)               \
        return option;
#define SB_FILE(directive, option, field, fallback, type, read, allowed, with, help) \
    if (*option != '\0' && one.field.is_set && other.field.is_set)                   \
        return option;
#define SB_PARSED(directive, option, field, fallback, type, parse, times, allowed, with, help) \
    if (*option != '\0' && one.field.is_set && other.field.is_set)                             \
        return option;
#include "mod_stickybalancer/directives.def"
    return nullptr;
}

void *create_section(apr_pool_t *pool, char *)
{
    auto *section = static_cast<Section *>(apr_pcalloc(pool, sizeof(Section)));
    section->member_lines = apr_array_make(pool, 0, sizeof(const Options *));
    section->session_lines = apr_array_make(pool, 0, sizeof(const Options *));
    section->check_lines = apr_array_make(pool, 0, sizeof(const Options *));
    section->single_lines = apr_array_make(pool, 0, sizeof(const ap_directive_t *));
    return section;
}

// At each request; one of requests, of a balancer's or of none. The inner one's line goes over the outer's.
void *merge_sections(apr_pool_t *, void *base, void *add)
{
    return static_cast<const Section *>(add)->when_down_of_requests != nullptr ? add : base;
}

void *create_server_config(apr_pool_t *pool, server_rec *)
{
    auto *config = static_cast<ServerConfig *>(apr_pcalloc(pool, sizeof(ServerConfig)));
    config->sections = apr_array_make(pool, 2, sizeof(Section *));
    config->single_lines = apr_array_make(pool, 0, sizeof(const ap_directive_t *));
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
                                                          : effective.elects || means_on(*section);
    }
    return effective;
}

bool has_section(const ServerConfig &server, const Section &section)
{
    for (int i = 0; i < server.sections->nelts; ++i)
        if (APR_ARRAY_IDX(server.sections, i, const Section *) == &section)
            return true;
    return false;
}

// Where httpd allows a directive, from the words that the reference has for it.
constexpr int places_of(std::string_view contexts)
{
    const bool is_for_requests = contexts.find(kSectionOfRequests) != std::string_view::npos;
    const int places = is_for_requests ? RSRC_CONF | ACCESS_CONF : RSRC_CONF;
    return contexts.find("<Proxy") != std::string_view::npos ? places | PROXY_CONF : places;
}

#define SB_DIRECTIVE(name, syntax, contexts, since, help)                                     \
    AP_INIT_RAW_ARGS(#name, set_directive, const_cast<char *>(contexts), places_of(contexts), \
                     syntax),
const command_rec directive_table[] = {
#include "mod_stickybalancer/directives.def"
    {nullptr, {nullptr}, nullptr, 0, RAW_ARGS, nullptr}};

}  // namespace stickybalancer
