// SPDX-License-Identifier: Apache-2.0
#include <boost/test/unit_test.hpp>

#include "core/shm/check_word.hpp"

using namespace stickybalancer::shm;

BOOST_AUTO_TEST_SUITE(check_word_test)

BOOST_AUTO_TEST_CASE(zero_is_a_member_that_was_never_checked)
{
    BOOST_TEST((check_state_of(0) == CheckState{}));
    BOOST_TEST(word_of({}) == 0u);
}

BOOST_AUTO_TEST_CASE(each_part_comes_back_by_itself)
{
    for (int bit = 0; bit < 4; ++bit) {
        const CheckState state{bit == 0, bit == 1, bit == 2, bit == 3, 0xABCD, 0x1234};
        BOOST_TEST((check_state_of(word_of(state)) == state));
        BOOST_TEST(is_down(word_of(state)) == (bit == 1));
        BOOST_TEST(is_draining(word_of(state)) == (bit == 3));
    }
}

BOOST_AUTO_TEST_CASE(what_is_copied_is_whole_and_what_is_forgotten_is_gone)
{
    MemberSlot from{}, to{};
    from.check.publish(1);
    from.probe_due_us.store(2);
    from.probes_passed.store(3);
    from.probes_failed.store(4);
    from.last_probe.store(5);
    for (auto &word : from.check_text)
        word.store(6);
    copy_checks(from, to);
    BOOST_TEST(to.check.acquire() == 1u);
    BOOST_TEST(to.probe_due_us.load() == 2);
    BOOST_TEST(to.probes_passed.load() == 3u);
    BOOST_TEST(to.probes_failed.load() == 4u);
    BOOST_TEST(to.last_probe.load() == 5u);
    for (const auto &word : to.check_text)
        BOOST_TEST(word.load() == 6u);
    forget_checks(to);
    BOOST_TEST(to.check.acquire() == 0u);
    BOOST_TEST(to.probe_due_us.load() == 0);
    BOOST_TEST(to.probes_passed.load() + to.probes_failed.load() + to.last_probe.load() == 0u);
    for (const auto &word : to.check_text)
        BOOST_TEST(word.load() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
