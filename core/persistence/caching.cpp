// SPDX-License-Identifier: Apache-2.0
#include "core/persistence/caching.hpp"

#include <algorithm>
#include <iterator>

#include "core/base/text.hpp"

namespace stickybalancer::persistence {
namespace {

constexpr char lower(char c) noexcept
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_word(std::string_view text, std::string_view lower_case_word) noexcept
{
    return std::equal(text.begin(), text.end(), lower_case_word.begin(), lower_case_word.end(),
                      [](char a, char b) { return lower(a) == b; });
}

struct Directive {
    std::string_view text;  // all of it
    std::string_view name;
    std::string_view argument;  // without quotes; empty: none
};

// The directives, between commas that no quotes are around.
class DirectiveReader {
public:
    explicit DirectiveReader(std::string_view line) noexcept : rest_(line) {}

    bool next(Directive &directive) noexcept
    {
        while (!rest_.empty()) {
            bool is_quoted = false;
            std::size_t end = 0;
            for (; end < rest_.size() && (is_quoted || rest_[end] != ','); ++end) {
                is_quoted ^= rest_[end] == '"';
                end += is_quoted && rest_[end] == '\\';  // what follows is text
            }
            end = std::min(end, rest_.size());
            directive.text = base::trimmed(rest_.substr(0, end));
            rest_.remove_prefix(std::min(end + 1, rest_.size()));
            if (directive.text.empty())
                continue;
            const auto equals = std::min(directive.text.find('='), directive.text.size());
            directive.name = base::trimmed(directive.text.substr(0, equals));
            directive.argument = base::unquoted(
                base::trimmed(directive.text.substr(std::min(equals + 1, directive.text.size()))));
            return true;
        }
        return false;
    }

private:
    std::string_view rest_;
};

bool is_above_zero(std::string_view seconds) noexcept
{
    return !seconds.empty() && seconds.find_first_not_of('0') != std::string_view::npos &&
           seconds.find_first_not_of("0123456789") == std::string_view::npos;
}

// `private` and `no-cache` may name the headers that they are about.
bool names_set_cookie(std::string_view headers) noexcept
{
    while (!headers.empty()) {
        const auto end = std::min(headers.find(','), headers.size());
        if (is_word(base::trimmed(headers.substr(0, end)), "set-cookie"))
            return true;
        headers.remove_prefix(std::min(end + 1, headers.size()));
    }
    return false;
}

struct CacheControl {
    bool spares_cookie = false;  // not kept for others, or not with the cookie
    bool is_public = false;
    bool has_shared_age = false, is_shared_age_above_zero = false;
    bool has_age = false, is_age_above_zero = false;

    void add(const Directive &directive) noexcept
    {
        const auto &[text, name, argument] = directive;
        if (is_word(name, "no-store"))
            spares_cookie = true;
        else if (is_word(name, "private"))
            spares_cookie |= argument.empty() || names_set_cookie(argument);
        else if (is_word(name, "no-cache"))
            spares_cookie |= names_set_cookie(argument);
        else if (is_word(name, "public"))
            is_public = true;
        else if (is_word(name, "s-maxage"))
            has_shared_age = true, is_shared_age_above_zero |= is_above_zero(argument);
        else if (is_word(name, "max-age"))
            has_age = true, is_age_above_zero |= is_above_zero(argument);
    }
};

// Kept by a cache though nothing says so (RFC 9110 section 15.1).
bool is_heuristically_cacheable(std::uint32_t status) noexcept
{
    static constexpr std::uint32_t kStatuses[] = {200, 203, 204, 206, 300, 301,
                                                  308, 404, 405, 410, 414, 501};
    return std::find(std::begin(kStatuses), std::end(kStatuses), status) != std::end(kStatuses);
}

}  // namespace

Caching caching_of(const CacheFacts &facts) noexcept
{
    if (!facts.is_get_or_head)
        return Caching::kNone;
    CacheControl control;
    DirectiveReader directives(facts.cache_control);
    for (Directive directive; directives.next(directive);)
        control.add(directive);
    if (control.spares_cookie)
        return Caching::kNone;
    const bool is_offered = control.has_shared_age ? control.is_shared_age_above_zero
                            : control.has_age      ? control.is_age_above_zero
                                                   : facts.expires == Expires::kFuture;
    if (control.is_public || is_offered)
        return Caching::kShared;
    const bool says_when = control.has_shared_age || control.has_age;
    return says_when || facts.expires != Expires::kNone || is_heuristically_cacheable(facts.status)
               ? Caching::kMaybe
               : Caching::kNone;
}

void write_private(base::BoundedWriter &out, std::string_view cache_control) noexcept
{
    out << "private";  // first: behind a quote that is never closed it would be text
    DirectiveReader directives(cache_control);
    for (Directive directive; directives.next(directive);)
        if (!is_word(directive.name, "public") && !is_word(directive.name, "s-maxage") &&
            !is_word(directive.name, "private"))
            out << ", " << directive.text;
}

}  // namespace stickybalancer::persistence
