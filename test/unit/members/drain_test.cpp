// SPDX-License-Identifier: Apache-2.0
#include <boost/test/unit_test.hpp>

#include <limits>

#include "core/members/drain.hpp"
#include "test/unit/support/print.hpp"

using namespace stickybalancer;
using base::TimeUs;
using members::Drain;

namespace {

struct Draining {
    base::Relaxed<std::int64_t> since_us{};

    Draining() { since_us.store(1'000'000); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(drain_test, Draining)

BOOST_AUTO_TEST_CASE(the_deadline_is_so_long_after_the_drain_began)
{
    const Drain drain(&since_us, {500'000}, 0);
    BOOST_TEST(drain.deadline().us == 1'500'000);
    BOOST_TEST(!drain.is_overdue({1'499'999}));
    BOOST_TEST(drain.is_overdue({1'500'000}));
    since_us.store(2'000'000);  // drained anew
    BOOST_TEST(!drain.is_overdue({1'500'000}));
}

BOOST_AUTO_TEST_CASE(without_a_deadline_or_a_drain_there_is_none)
{
    BOOST_TEST(!Drain(&since_us, {0}, 0).is_overdue({9'000'000}));
    BOOST_TEST(!Drain().is_overdue({9'000'000}));
    BOOST_TEST(Drain().since().us == 0);
    since_us.store(0);
    BOOST_TEST(!Drain(&since_us, {500'000}, 0).is_overdue({9'000'000}));
    BOOST_TEST(Drain(&since_us, {500'000}, 0).deadline().us == 0);
}

BOOST_AUTO_TEST_CASE(a_deadline_that_was_asked_for_goes_over_the_configured_one)
{
    base::Relaxed<std::int64_t> asked_us{};
    const Drain drain(&since_us, {500'000}, 0, &asked_us), unlimited(&since_us, {0}, 0, &asked_us);
    BOOST_TEST(drain.deadline().us == 1'500'000);
    asked_us.store(7'000'000);
    for (const auto &each : {drain, unlimited}) {
        BOOST_TEST(each.deadline().us == 7'000'000);
        BOOST_TEST(!each.is_overdue({6'999'999}));
        BOOST_TEST(each.is_overdue({7'000'000}));
    }
    asked_us.store(1'200'000);  // earlier
    BOOST_TEST(drain.is_overdue({1'200'000}));
    asked_us.store(-5);  // damaged
    BOOST_TEST(drain.deadline().us == 1'500'000);
    asked_us.store(7'000'000);
    since_us.store(0);
    BOOST_TEST(drain.deadline().us == 0);
    BOOST_TEST(!drain.is_overdue({9'000'000}));
}

BOOST_AUTO_TEST_CASE(any_time_and_length_is_good)
{
    constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
    BOOST_TEST(!Drain(&since_us, {kMost}, 0).is_overdue({kMost}));
    for (const auto time_us : {std::numeric_limits<std::int64_t>::min(), std::int64_t{-1}}) {
        since_us.store(time_us);
        BOOST_TEST(!Drain(&since_us, {500'000}, 0).is_overdue({9'000'000}));
    }
}

BOOST_AUTO_TEST_CASE(what_is_noted_is_noted_once)
{
    const Drain drain(&since_us, {0}, 0);
    BOOST_TEST(drain.is_noted(true, {1'000'000}));
    BOOST_TEST(!drain.is_noted(false, {1'000'000}));
    drain.note({});
    BOOST_TEST(drain.since().us == 0);
    BOOST_TEST(drain.is_noted(false, {1'000'000}));
    BOOST_TEST(!drain.is_noted(true, {1'000'000}));
    drain.note({1'000'001});
    BOOST_TEST(drain.is_noted(true, {1'000'001}));
    BOOST_TEST(!drain.is_noted(true, {1'000'000}));  // the clock was stepped back
    BOOST_TEST(Drain().is_noted(true, {1}));         // nobody keeps it
}

BOOST_AUTO_TEST_SUITE_END()
