// SPDX-License-Identifier: Apache-2.0
#include "core/persistence/hint.hpp"

#include "core/persistence/cookie_reader.hpp"
#include "core/persistence/url_parameter.hpp"

namespace stickybalancer::persistence {
namespace {

constexpr CookieState state_of(CookieFault fault) noexcept
{
    switch (fault) {
    case CookieFault::kNone: return CookieState::kValid;
    case CookieFault::kExpired: return CookieState::kExpired;
    case CookieFault::kOld: return CookieState::kOld;
    default: return CookieState::kInvalid;
    }
}

class HintReader {
public:
    HintReader(const Settings &settings, const members::MemberTable &table) noexcept
        : settings_(settings), table_(table)
    {
    }

    void ask_forced(std::string_view route) noexcept
    {
        if (!route.empty())
            note_asked({table_.first_with_route(route), false, route, {}}, HintSource::kForced);
    }

    // It shows no route.
    void ask_pin(const RequestText &request, std::int64_t now_s) noexcept
    {
        const auto identity =
            pinned_member(request.cookie_header, settings_.pins, now_s, request.pins_made_from_s);
        if (identity != 0)
            note_asked({table_.with_identity(identity)}, HintSource::kForced);
    }

    // For a request that is not the client's to decide.
    void note_unused_cookie(std::string_view header) noexcept
    {
        std::string_view value;
        if (CookieReader(header, settings_.cookie_name).next(value))
            hint_.cookie = CookieState::kUnused;
    }

    void ask_cookies(std::string_view header, std::int64_t now_s) noexcept
    {
        CookieReader cookies(header, settings_.cookie_name);
        for (std::string_view value; !is_answered() && cookies.next(value);)
            ask_cookie(read_cookie_value(value, settings_, table_, now_s), value);
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
    // Others set it; in front of a value of the application stands ours.
    std::string_view session_in(std::string_view value) const noexcept
    {
        if (settings_.mode == CookieMode::kPassive)
            return value;
        if (settings_.mode != CookieMode::kPrefix)
            return {};
        const auto end = value.find(kPrefixEnd);
        return end == std::string_view::npos ? std::string_view{} : value.substr(end + 1);
    }

    void ask_cookie(const CookieReading &reading, std::string_view value) noexcept
    {
        auto asked = reading.asked;
        if (reading.fault != CookieFault::kNone)
            asked.member = members::kNoMember;
        note_asked(asked, HintSource::kCookie);
        if (hint_.cookie_fault == CookieFault::kNone)
            hint_.cookie_fault = reading.fault;
        if (is_answered()) {
            hint_.cookie = CookieState::kValid;
            hint_.session = session_in(value);
            hint_.cookie_dates = reading.dates;
            hint_.is_cookie_outdated = reading.is_outdated;
        } else {
            hint_.cookie = state_of(hint_.cookie_fault);
        }
    }

    template <typename Parameters>
    void ask_parameters(Parameters parameters, HintSource source) noexcept
    {
        for (std::string_view value; !is_answered() && parameters.next(value);) {
            note_asked(read_route(value, settings_.separator, table_), source);
            if (is_answered())
                hint_.session = value;
        }
    }

    // What the client asked for in vain is worth knowing, the first time.
    void note_asked(const RouteReading &asked, HintSource source) noexcept
    {
        const bool is_ours = asked.member != members::kNoMember;
        if (is_ours || (asked.has_route && hint_.asked_in == HintSource::kNone)) {
            hint_.asked_route = asked.route;
            hint_.asked_in = source;
        }
        if (is_ours) {
            hint_.member = asked.member;
            hint_.source = source;
        }
    }

    const Settings &settings_;
    const members::MemberTable &table_;
    Hint hint_;
};

}  // namespace

Hint read_hint(const RequestText &request, const Settings &settings,
               const members::MemberTable &table, std::int64_t now_s) noexcept
{
    HintReader reader(settings, table);
    reader.ask_forced(request.forced_route);
    if (request.may_be_pinned && !request.ignore_persistence && !reader.is_answered())
        reader.ask_pin(request, now_s);
    const bool is_decided = reader.is_answered() || request.ignore_persistence;
    if (is_decided && settings.reads_cookie())
        reader.note_unused_cookie(request.cookie_header);
    if (!is_decided && settings.reads_cookie())
        reader.ask_cookies(request.cookie_header, now_s);
    if (!is_decided && !reader.is_answered() && settings.reads_url())
        reader.ask_url(request);
    return reader.hint();
}

}  // namespace stickybalancer::persistence
