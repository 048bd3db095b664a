// SPDX-License-Identifier: Apache-2.0
#include "test/unit/support/cookie_values.hpp"

#include <map>

#include "test/unit/support/exact.hpp"
#include "test/unit/support/written.hpp"

namespace stickybalancer::test {

std::string signed_by(const persistence::TokenKeys &keys, std::string_view route)
{
    return written([&](auto &out) { keys.write_signed(out, route, kTokenDates); });
}

std::string opaque_by(const persistence::TokenKeys &keys, std::string_view route)
{
    return written(
        [&](auto &out) { keys.write_opaque(out, members::route_digest(route), kTokenDates, 1); });
}

std::string token_of(std::string_view word)
{
    static const auto kTokens = [] {
        const auto good = keys_of({"k1"}), old = keys_of({"k0"}), none = keys_of({"k9"}),
                   foreign = keys_of({"k1"}, "balancer://other");
        return std::map<std::string_view, std::string>{
            {"SIGNED", signed_by(good)},
            {"OPAQUE", opaque_by(good)},
            {"LONG", signed_by(good, kLongRoute)},
            {"OLDSIGNED", signed_by(old)},
            {"OLDOPAQUE", opaque_by(old)},
            {"GONESIGNED", signed_by(good, "gone")},
            {"GONEOPAQUE", opaque_by(good, "gone")},
            {"NOKEYSIGNED", signed_by(none)},
            {"NOKEYOPAQUE", opaque_by(none)},
            {"FOREIGNSIGNED", signed_by(foreign)},
            {"FOREIGNOPAQUE", opaque_by(foreign)},
        };
    }();
    return kTokens.at(word);
}

std::string spelled_out(std::string_view text)
{
    const auto is_upper = [&](std::size_t i) { return text[i] >= 'A' && text[i] <= 'Z'; };
    for (std::size_t begin = 0, end = 0; begin < text.size(); begin = end + 1) {
        for (end = begin; end < text.size() && is_upper(end);)
            ++end;
        if (end - begin >= 3)
            return std::string(text.substr(0, begin)) + token_of(text.substr(begin, end - begin)) +
                   std::string(text.substr(end));
    }
    return std::string(text);
}

ValueReader::ValueReader()
{
    members.add("a").add("b").add("long", {.route = std::string(kLongRoute)});
    settings.mode = persistence::CookieMode::kInsert;
    settings.cookie_name = "R";
    settings.keys = keys_of({"k1", "k0"});
}

std::string ValueReader::named(members::MemberIndex index)
{
    return index == members::kNoMember ? "" : name_of(members.table()[index].handle);
}

persistence::CookieReading ValueReader::read(std::string_view value, std::int64_t now_s)
{
    const Exact exact(value);
    auto reading = read_cookie_value(exact, settings, members.table(), now_s);
    reading.asked.route = reading.asked.before = {};
    return reading;
}

std::string ValueReader::value_of(std::string_view route, const persistence::CookieDates &dates)
{
    return written([&](auto &out) { write_cookie_value(out, settings, route, dates, 1); });
}

}  // namespace stickybalancer::test
