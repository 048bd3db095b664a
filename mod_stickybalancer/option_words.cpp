// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/option_words.hpp"

#include <charconv>
#include <cstring>
#include <limits>
#include <string_view>

namespace stickybalancer {

const char *next_option_word(apr_pool_t *pool, const char *&rest, OptionWord &word)
{
    while (apr_isspace(*rest))
        ++rest;
    word = {};
    word.is_end = *rest == '\0';
    char *out = static_cast<char *>(apr_palloc(pool, std::strlen(rest) + 1));
    word.text = word.key = out;
    char quote = '\0';
    for (; *rest != '\0' && (quote != '\0' || !apr_isspace(*rest)); ++rest) {
        if (*rest == '\\' && quote != '\0' && (rest[1] == quote || rest[1] == '\\'))
            *out++ = *++rest;
        else if (quote != '\0' ? *rest == quote : *rest == '"' || *rest == '\'')
            quote = quote != '\0' ? '\0' : *rest;
        else
            *out++ = *rest;
    }
    *out = '\0';
    if (quote != '\0')
        return apr_psprintf(pool, "the quote before '%s' is never closed", word.text);
    if (const char *equals = std::strchr(word.text, '='); equals != nullptr) {
        word.key = apr_pstrmemdup(pool, word.text, static_cast<apr_size_t>(equals - word.text));
        word.value = equals + 1;
    }
    return nullptr;
}

bool parse_count(const char *text, std::int64_t &number)
{
    const std::string_view all = text;
    const char *end_of_text = all.data() + all.size();
    const auto [end, error] = std::from_chars(all.data(), end_of_text, number);
    return error == std::errc() && end == end_of_text && number >= 0;
}

bool parse_size(const char *text, std::int64_t &number)
{
    static constexpr struct {
        const char *name;
        int bits;
    } kUnits[] = {{"", 0}, {"k", 10}, {"m", 20}, {"g", 30}};
    const auto [end, error] = std::from_chars(text, text + std::strlen(text), number);
    if (error != std::errc() || number < 0)
        return false;
    for (const auto &unit : kUnits) {
        if (ap_cstr_casecmp(unit.name, end) != 0)
            continue;
        if (number > std::numeric_limits<std::int64_t>::max() >> unit.bits)
            return false;
        number <<= unit.bits;
        return true;
    }
    return false;
}

}  // namespace stickybalancer
