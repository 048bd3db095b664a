// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/page_text.hpp"

#include <cstdio>
#include <cstring>

namespace stickybalancer {
namespace {

constexpr std::size_t kLongestReference = sizeof("&#1114111;") - 1;
constexpr std::size_t kLongestTime = sizeof("2026-11-21T19:24:56Z");

bool is_ascii(const char *text)
{
    while (*text != '\0')
        if ((*text++ & 0x80) != 0)
            return false;
    return true;
}

// Bytes that follow the first of a character beyond ASCII; 0: it is the first of none.
int bytes_behind(unsigned char first)
{
    if ((first & 0xE0) == 0xC0)
        return 1;
    if ((first & 0xF0) == 0xE0)
        return 2;
    return (first & 0xF8) == 0xF0 ? 3 : 0;
}

// The character at `text`, which is moved behind it; '?' for one byte that begins none.
unsigned next_character(const char *&text)
{
    const auto first = static_cast<unsigned char>(*text++);
    const int behind = bytes_behind(first);
    unsigned character = first & (0x3FU >> behind);
    for (int i = 0; i < behind; ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if ((byte & 0xC0) != 0x80)
            return '?';
        character = character << 6 | (byte & 0x3FU);
    }
    // The shortest form is the only one.
    constexpr unsigned kLeast[] = {0, 0x80, 0x800, 0x10000};
    if (behind == 0 || character < kLeast[behind] || character > 0x10FFFF)
        return '?';
    text += behind;
    return character;
}

}  // namespace

const char *html_text(apr_pool_t *pool, const char *text)
{
    text = ap_escape_html(pool, text);
    if (is_ascii(text))
        return text;
    const auto size = std::strlen(text) * kLongestReference + 1;
    auto *html = static_cast<char *>(apr_palloc(pool, size));
    auto *end = html;
    while (*text != '\0')
        if ((*text & 0x80) == 0)
            *end++ = *text++;
        else
            end += std::snprintf(end, kLongestReference + 1, "&#%u;", next_character(text));
    *end = '\0';
    return html;
}

const char *line_text(apr_pool_t *pool, const char *text)
{
    char *line = apr_pstrdup(pool, text);
    for (char *at = line; *at != '\0'; ++at)
        if (apr_iscntrl(*at))
            *at = '?';
    return line;
}

const char *time_text(apr_pool_t *pool, apr_time_t time)
{
    apr_time_exp_t parts;
    apr_size_t length = 0;
    if (time == 0 || apr_time_exp_gmt(&parts, time) != APR_SUCCESS)
        return "";
    auto *text = static_cast<char *>(apr_pcalloc(pool, kLongestTime));
    apr_strftime(text, &length, kLongestTime, "%Y-%m-%dT%H:%M:%SZ", &parts);
    return text;
}

const char *count_text(apr_pool_t *pool, std::uint64_t count)
{
    return apr_psprintf(pool, "%" APR_UINT64_T_FMT, count);
}

const char *weight_text(apr_pool_t *pool, std::uint32_t hundredths)
{
    const auto whole = hundredths / 100, part = hundredths % 100;
    if (part == 0)
        return apr_psprintf(pool, "%u", whole);
    return part % 10 == 0 ? apr_psprintf(pool, "%u.%u", whole, part / 10)
                          : apr_psprintf(pool, "%u.%02u", whole, part);
}

}  // namespace stickybalancer
