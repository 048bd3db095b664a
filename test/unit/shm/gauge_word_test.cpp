// SPDX-License-Identifier: Apache-2.0
#include <boost/test/unit_test.hpp>

#include "core/shm/gauge_word.hpp"
#include "test/unit/support/region.hpp"

using namespace stickybalancer;
using namespace stickybalancer::shm;

BOOST_AUTO_TEST_SUITE(gauge_word_test)

BOOST_AUTO_TEST_CASE(the_three_parts_of_the_word_do_not_touch_each_other)
{
    const auto word = 5 * kOneActive + 3 * kOneChanging + 7 * kOneVersion;
    BOOST_TEST(active_in(word) == 5u);
    BOOST_TEST(is_changing(word));
    BOOST_TEST(!is_changing(word - 3 * kOneChanging));
    BOOST_TEST(active_in(~std::uint64_t{0}) == 0xFFFFFFu);
}

BOOST_AUTO_TEST_CASE(a_version_that_passes_its_end_changes_nothing_else)
{
    const auto last = 5 * kOneActive - kOneVersion;  // the version is all ones
    BOOST_TEST(active_in(last) == 5u);
    BOOST_TEST(last + kOneVersion == 5 * kOneActive);
}

BOOST_FIXTURE_TEST_CASE(a_gauge_is_in_use_for_what_it_counts_and_not_for_its_version,
                        test::OneBlock)
{
    auto &gauge = block.gauge(0, 1);
    BOOST_TEST(!is_in_use(gauge));
    gauge.attempts.store(9 * kOneVersion);
    BOOST_TEST(!is_in_use(gauge));
    gauge.attempts.store(kOneChanging);
    BOOST_TEST(is_in_use(gauge));
    gauge.attempts.store(0);
    gauge.connecting.store(1);
    BOOST_TEST(is_in_use(gauge));
    gauge.connecting.store(0);
    gauge.queued.store(1);
    BOOST_TEST(is_in_use(gauge));
}

BOOST_FIXTURE_TEST_CASE(a_row_is_cleared_to_its_last_gauge_and_others_stay, test::OneBlock)
{
    for (std::uint32_t process = 0; process < 3; ++process)
        for (std::uint32_t place = 0; place <= block.capacity(); ++place) {
            block.gauge(process, place).attempts.store(1);
            block.gauge(process, place).connecting.store(2);
            block.gauge(process, place).queued.store(3);
        }
    clear_row(block, 1);
    for (std::uint32_t place = 0; place <= block.capacity(); ++place) {
        BOOST_TEST(!is_in_use(block.gauge(1, place)));
        BOOST_TEST(is_in_use(block.gauge(0, place)));
        BOOST_TEST(is_in_use(block.gauge(2, place)));
    }
}

BOOST_AUTO_TEST_SUITE_END()
