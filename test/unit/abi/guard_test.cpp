// SPDX-License-Identifier: Apache-2.0
#include <boost/test/unit_test.hpp>

#include <new>
#include <stdexcept>
#include <vector>

#include "core/abi/guard.hpp"

using stickybalancer::abi::guard;

BOOST_AUTO_TEST_SUITE(guard_test)

BOOST_AUTO_TEST_CASE(what_the_call_answers_is_answered)
{
    BOOST_TEST(guard([] { return SB_OK; }) == SB_OK);
    BOOST_TEST(guard([] { return SB_BUSY; }) == SB_BUSY);
}

BOOST_AUTO_TEST_CASE(no_memory_is_told_apart_from_everything_else_that_is_thrown)
{
    BOOST_TEST(guard([]() -> sb_status { throw std::bad_alloc(); }) == SB_NO_MEMORY);
    BOOST_TEST(guard([]() -> sb_status { throw std::bad_array_new_length(); }) == SB_NO_MEMORY);
    BOOST_TEST(guard([]() -> sb_status { throw std::runtime_error("broken"); }) == SB_INTERNAL);
    BOOST_TEST(guard([]() -> sb_status { throw 7; }) == SB_INTERNAL);
    BOOST_TEST(guard([]() -> sb_status {
                   std::vector<int>().at(1);
                   return SB_OK;
               }) == SB_INTERNAL);
}

BOOST_AUTO_TEST_SUITE_END()
