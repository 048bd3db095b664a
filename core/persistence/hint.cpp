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
        if (!route.empty() && try_route(route, HintSource::kForced))
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
            hint_.cookie_dates =
                parse_cookie_dates(value.substr(0, value.find(settings_.separator)));
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

    bool try_value(std::string_view value, HintSource source) noexcept
    {
        const auto first =
            settings_.separator == 0 ? std::string_view::npos : value.find(settings_.separator);
        if (first == std::string_view::npos)
            return try_route(value, source);
        if (try_route(value.substr(first + 1), source))
            return true;
        const auto last = value.rfind(settings_.separator);
        if (last != first && try_route(value.substr(last + 1), source))
            return true;
        if (hint_.asked_route
                .empty()) {  // what the client asked for in vain is worth knowing, once
            hint_.asked_route = value.substr(first + 1);
            hint_.asked_in = source;
        }
        return false;
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
    if (!request.ignore_persistence) {
        if (!reader.is_answered() && settings.reads_cookie())
            reader.ask_cookies(request.cookie_header);
        if (!reader.is_answered() && !settings.url_parameter.empty())
            reader.ask_url(request);
    }
    return reader.hint();
}

}  // namespace stickybalancer::persistence
