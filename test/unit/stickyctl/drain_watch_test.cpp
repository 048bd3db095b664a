// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/stickyctl/drain_watch.hpp"

#include <boost/test/unit_test.hpp>

#include "test/unit/stickyctl/fake_server.hpp"

using namespace stickybalancer::stickyctl;

namespace {

const MonotonicTime kBegin{};
const Instant kNow = *parse_instant("2026-11-21T10:00:00Z");
const Failure kAway(ExitCode::kUnreachable, "away");

struct Watching {
    DrainWatch watch{kBegin, milliseconds(0), milliseconds(60'000)};

    // 0: goes on
    int saw(const Json &changes, int at_s = 1)
    {
        Json draining{{"requested", "drain"}};
        draining.update(changes);
        return ended(watch.saw(member_json("b1", draining), kBegin + seconds(at_s), kNow));
    }
    int saw_nothing(int at_s) { return ended(watch.saw_nothing(kAway, kBegin + seconds(at_s))); }
    static int ended(const DrainVerdict &verdict)
    {
        return verdict.end ? 100 + static_cast<int>(*verdict.end) : 0;
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(drain_watch_test, Watching)

BOOST_AUTO_TEST_CASE(it_is_over_when_two_looks_find_nobody)
{
    BOOST_TEST(saw({{"sessions", 1}}) == 0);
    for (const char *field : {"sessions", "active", "queued"}) {
        BOOST_TEST(saw({{"sessions", 0}}) == 0);
        BOOST_TEST(saw({{field, 1}}) == 0);
    }
    BOOST_TEST(saw({{"sessions", 0}}) == 0);
    BOOST_TEST(saw({{"sessions", 0}}) == 100);
}

BOOST_AUTO_TEST_CASE(the_deadline_and_a_stop_move_those_who_are_left)
{
    const Json moved{{"clients", "moved"}};
    BOOST_TEST(saw({{"sessions", 5}, {"drain", moved}, {"active", 2}}) == 0);
    BOOST_TEST(saw({{"sessions", 5}, {"drain", moved}}) == 0);
    BOOST_TEST(saw({{"sessions", 5}, {"requested", "stopped"}}) == 100);
}

BOOST_AUTO_TEST_CASE(somebody_who_makes_it_ready_calls_the_drain_off)
{
    BOOST_TEST(saw({{"sessions", 5}, {"requested", "ready"}}) == 101);
}

BOOST_AUTO_TEST_CASE(a_limit_ends_the_waiting)
{
    watch = DrainWatch(kBegin, milliseconds(30'000), milliseconds(60'000));
    BOOST_TEST(saw({{"sessions", 1}}, 29) == 0);
    BOOST_TEST(saw({{"sessions", 1}}, 30) == 107);
    BOOST_TEST(saw({{"sessions", 0}}, 31) == 107);
    BOOST_TEST(saw({{"sessions", 0}}, 32) == 100);
}

BOOST_AUTO_TEST_CASE(a_server_that_restarts_is_waited_for)
{
    BOOST_TEST(saw_nothing(1) == 0);
    BOOST_TEST(saw_nothing(60) == 0);
    BOOST_TEST(saw({{"sessions", 1}}, 61) == 0);
    BOOST_TEST(saw_nothing(62) == 0);
    BOOST_TEST(saw_nothing(121) == 0);
    BOOST_TEST(saw_nothing(122) == 106);
}

BOOST_AUTO_TEST_CASE(what_time_does_not_heal_ends_it_at_once)
{
    BOOST_TEST(ended(watch.saw_nothing(Failure(ExitCode::kDenied, "no"), kBegin)) == 104);
    BOOST_TEST(ended(watch.saw_nothing(Failure(ExitCode::kNotFound, "no"), kBegin)) == 103);
}

BOOST_AUTO_TEST_CASE(it_tells_how_many_when_last_seen_and_until_when)
{
    const auto member = member_json("b1", {{"sessions", 12},
                                           {"sessions_kind", "estimate"},
                                           {"active", 1},
                                           {"last_seen", "2026-11-21T09:59:56Z"},
                                           {"sessions_end", "2026-11-21T10:12:00Z"},
                                           {"drain", {{"until", "2026-11-21T10:05:00Z"}}}});
    BOOST_TEST(what_is_left(member, kNow) ==
               "about 12 sessions, 1 request under way, last seen 4s ago, the last can expire at "
               "10:12:00 UTC "
               "(in 12min), all are moved at 10:05:00 UTC (in 5min)");
}

BOOST_AUTO_TEST_SUITE_END()
