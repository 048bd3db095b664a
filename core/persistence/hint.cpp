// SPDX-License-Identifier: Apache-2.0
#include "core/persistence/hint.hpp"

#include "core/persistence/cookie_reader.hpp"
#include "core/persistence/url_parameter.hpp"

namespace stickybalancer::persistence {
namespace {

class HintReader {
public:
    HintReader(const Settings &settings, const members::MemberTable &table) noexcept
        : settings_(settings), table_(table)
    {
    }

    void ask_forced(std::string_view route) noexcept
    {
        if (!route.empty())
            try_route(route, HintSource::kForced);
    }

    // For a request that is not the client's to decide.
    void note_unused_cookie(std::string_view header) noexcept
    {
        std::string_view value;
        if (CookieReader(header, settings_.cookie_name).next(value))
            hint_.cookie = CookieState::kUnused;
    }

    void ask_cookies(std::string_view header) noexcept
    {
        CookieReader cookies(header, settings_.cookie_name);
        for (std::string_view value; !is_answered() && cookies.next(value);) {
            hint_.cookie = CookieState::kInvalid;
            if (!try_value(value, HintSource::kCookie))
                continue;
            hint_.cookie = CookieState::kValid;
            hint_.cookie_dates = parse_cookie_dates(before_separator(value));
        }
    }

    void ask_url(const RequestText &request) noexcept
    {
        ask_parameters(
            PathParameter(request.path, settings_.url_parameter, settings_.semicolon_ends_value),
            HintSource::kPath);
        ask_parameters(
            QueryParameter(request.query, settings_.url_parameter, settings_.semicolon_ends_value),
            HintSource::kQuery);
    }

    bool is_answered() const noexcept { return hint_.member != members::kNoMember; }
    const Hint &hint() const noexcept { return hint_; }

private:
    template <typename Parameters>
    void ask_parameters(Parameters parameters, HintSource source) noexcept
    {
        for (std::string_view value; !is_answered() && parameters.next(value);)
            try_value(value, source);
    }

    std::string_view before_separator(std::string_view value) const noexcept
    {
        const auto end = value.find(settings_.separator);
        const bool has_both = settings_.separator != 0 && end != std::string_view::npos;
        return has_both ? value.substr(0, end) : std::string_view();
    }

    // What the client asked for in vain is worth knowing, the first time.
    bool note_vain(std::string_view route, HintSource source) noexcept
    {
        if (hint_.asked_in == HintSource::kNone) {
            hint_.asked_route = route;
            hint_.asked_in = source;
        }
        return false;
    }

    bool try_value(std::string_view value, HintSource source) noexcept
    {
        if (settings_.separator == 0)
            return try_route(value, source) || note_vain(value, source);
        const auto first = value.find(settings_.separator);
        if (first == std::string_view::npos)
            return try_route(value, source);  // in vain: httpd sees no route in it
        if (try_route(value.substr(first + 1), source))
            return true;
        const auto last = value.rfind(settings_.separator);
        if (last != first && try_route(value.substr(last + 1), source))
            return true;
        return note_vain(value.substr(first + 1), source);
    }

    bool try_route(std::string_view route, HintSource source) noexcept
    {
        const auto member = table_.first_with_route(route);
        if (member == members::kNoMember)
            return false;
        hint_.member = member;
        hint_.source = hint_.asked_in = source;
        hint_.asked_route = route;
        return true;
    }

    const Settings &settings_;
    const members::MemberTable &table_;
    Hint hint_;
};

}  // namespace

Hint read_hint(const RequestText &request, const Settings &settings,
               const members::MemberTable &table) noexcept
{
    HintReader reader(settings, table);
    reader.ask_forced(request.forced_route);
    const bool is_decided = reader.is_answered() || request.ignore_persistence;
    if (is_decided && settings.reads_cookie())
        reader.note_unused_cookie(request.cookie_header);
    if (!is_decided && settings.reads_cookie())
        reader.ask_cookies(request.cookie_header);
    if (!is_decided && !reader.is_answered() && !settings.url_parameter.empty())
        reader.ask_url(request);
    return reader.hint();
}

}  // namespace stickybalancer::persistence
