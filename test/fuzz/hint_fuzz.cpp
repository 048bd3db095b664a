// SPDX-License-Identifier: Apache-2.0
//
// Input: one byte of choices, then, a line each: Cookie header, path, query, and forced route.
#include <cstddef>
#include <cstdint>
#include <string>

#include "core/persistence/hint.hpp"
#include "test/fuzz/require.hpp"

using namespace stickybalancer;
using persistence::HintSource;

namespace {

const members::MemberTable &table()
{
    static const members::MemberTable kTable = [] {
        std::vector<members::Member> all;
        for (const char *route : {"a", "b", "a", "x.y-z", "", "1-2", "with space"}) {
            members::Member member;
            member.handle = all.size() + 1;
            member.route = route;
            all.push_back(member);
        }
        return members::MemberTable(std::move(all), {});
    }();
    return kTable;
}

std::string_view take_line(std::string_view &rest)
{
    const auto end = rest.find('\n');
    const auto line = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    return line;
}

void check(const persistence::Hint &hint, const persistence::RequestText &request)
{
    SB_REQUIRE((hint.member == members::kNoMember) == (hint.source == HintSource::kNone));
    if (hint.member != members::kNoMember) {
        SB_REQUIRE(hint.member < table().all().size());
        SB_REQUIRE(table()[hint.member].route == hint.asked_route && !hint.asked_route.empty());
        SB_REQUIRE(table().first_with_route(hint.asked_route) == hint.member);
        SB_REQUIRE(hint.asked_in == hint.source);
    }
    SB_REQUIRE((hint.cookie == persistence::CookieState::kValid) ==
               (hint.source == HintSource::kCookie));
    SB_REQUIRE(!hint.cookie_dates.is_known() || hint.source == HintSource::kCookie);
    SB_REQUIRE(hint.source == HintSource::kForced || hint.source == HintSource::kNone ||
               !request.ignore_persistence);
    SB_REQUIRE(fuzz::is_inside(hint.asked_route, request.cookie_header) ||
               fuzz::is_inside(hint.asked_route, request.path) ||
               fuzz::is_inside(hint.asked_route, request.query) ||
               fuzz::is_inside(hint.asked_route, request.forced_route));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    if (size == 0)
        return 0;
    const unsigned choices = data[0];
    std::string_view rest(reinterpret_cast<const char *>(data) + 1, size - 1);
    static constexpr char kSeparators[] = {'.', '!', '\0', '-'};

    persistence::Settings settings;
    settings.mode =
        (choices & 1) != 0 ? persistence::CookieMode::kOff : persistence::CookieMode::kInsert;
    settings.cookie_name = "R";
    settings.url_parameter = (choices & 2) != 0 ? "" : "R";
    settings.semicolon_ends_value = (choices & 4) != 0;
    settings.separator = kSeparators[choices >> 3 & 3];

    persistence::RequestText request;
    request.ignore_persistence = (choices & 32) != 0;
    request.cookie_header = take_line(rest);
    request.path = take_line(rest);
    request.query = take_line(rest);
    request.forced_route = take_line(rest);
    check(read_hint(request, settings, table()), request);
    return 0;
}
