// SPDX-License-Identifier: Apache-2.0
//
// Input: what stands before the separator of a cookie's value.
#include <cstddef>
#include <cstdint>
#include <span>

#include "core/persistence/cookie_dates.hpp"
#include "test/fuzz/require.hpp"

using namespace stickybalancer;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const auto dates =
        persistence::parse_cookie_dates({reinterpret_cast<const char *>(data), size});
    constexpr std::int64_t kMost = 2'821'109'907'455;  // eight digits of base 36
    SB_REQUIRE(dates.issued_s >= 0 && dates.issued_s <= kMost);
    SB_REQUIRE(dates.seen_s >= 0 && dates.seen_s <= kMost);
    for (const std::int64_t now_s :
         {std::int64_t{0}, std::int64_t{1'700'000'000}, INT64_MAX / 1'000'000})
        for (const std::int64_t lifetime_s : {std::int64_t{1}, std::int64_t{34'560'000}, INT64_MAX})
            SB_REQUIRE(persistence::is_refresh_due(dates, now_s, lifetime_s) ||
                       now_s >= dates.seen_s);
    if (!dates.is_known())
        return 0;

    char text[32];
    base::BoundedWriter out(text);
    persistence::write_cookie_dates(out, dates);
    SB_REQUIRE(out.fits() && out.size_needed() <= size);
    const auto again = persistence::parse_cookie_dates({text, out.size_needed()});
    SB_REQUIRE(again.issued_s == dates.issued_s && again.seen_s == dates.seen_s);
    return 0;
}
