// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/health_options.hpp"

#include <cstring>

namespace stickybalancer {
namespace {

bool is_token(const char *text, std::size_t length)
{
    for (std::size_t i = 0; i < length; ++i)
        if (!apr_isalnum(text[i]) && std::strchr("!#$%&'*+-.^_`|~", text[i]) == nullptr)
            return false;
    return length != 0;
}

bool has_control_character(const char *text)
{
    for (; *text != '\0'; ++text)
        if (apr_iscntrl(*text) && *text != '\t')
            return true;
    return false;
}

}  // namespace

const char *add_header_line(cmd_parms *cmd, const char *text, const HeaderLines *&headers)
{
    const char *colon = std::strchr(text, ':');
    if (colon == nullptr || !is_token(text, static_cast<std::size_t>(colon - text)) ||
        has_control_character(text))
        return "is no header";
    if (ap_cstr_casecmpn(text, "Host:", 5) == 0)
        return "is what host= says";
    if (headers == nullptr) {
        auto *made = static_cast<HeaderLines *>(apr_palloc(cmd->pool, sizeof(HeaderLines)));
        made->lines = apr_array_make(cmd->pool, 2, sizeof(const char *));
        headers = made;
    }
    APR_ARRAY_PUSH(headers->lines, const char *) = text;
    return nullptr;
}

const char *read_status_list(cmd_parms *cmd, const char *text, const sb_status_list *&list)
{
    auto *made = static_cast<sb_status_list *>(apr_pcalloc(cmd->pool, sizeof(sb_status_list)));
    if (sb_read_status_list({text, std::strlen(text)}, made) != SB_OK)
        return "is no list of statuses from 100 to 599";
    list = made;
    return nullptr;
}

const char *compile_match(cmd_parms *cmd, const char *text, const ap_regex_t *&expression)
{
    expression = *text == '\0' ? nullptr : ap_pregcomp(cmd->pool, text, AP_REG_DOTALL);
    return expression == nullptr ? "is no regular expression" : nullptr;
}

}  // namespace stickybalancer
