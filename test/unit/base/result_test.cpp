// SPDX-License-Identifier: Apache-2.0
#include <boost/test/unit_test.hpp>

#include <memory>
#include <string>
#include <type_traits>

#include "core/base/result.hpp"
#include "test/unit/support/print.hpp"

using stickybalancer::base::Result;
using stickybalancer::base::Status;

BOOST_AUTO_TEST_SUITE(result_test)

BOOST_AUTO_TEST_CASE(a_value_is_ok_and_can_be_read)
{
    const Result<std::string> result(std::string("value"));
    BOOST_TEST(static_cast<bool>(result));
    BOOST_TEST(result.status() == Status::kOk);
    BOOST_TEST(*result == "value");
    BOOST_TEST(result->size() == 5u);
}

BOOST_AUTO_TEST_CASE(a_reason_is_no_value)
{
    const Result<std::string> result(Status::kNoUsableMember);
    BOOST_TEST(!static_cast<bool>(result));
    BOOST_TEST(result.status() == Status::kNoUsableMember);
}

BOOST_AUTO_TEST_CASE(a_value_of_zero_is_a_value)
{
    BOOST_TEST(static_cast<bool>(Result<int>(0)));
    BOOST_TEST(static_cast<bool>(Result<int *>(nullptr)));
}

BOOST_AUTO_TEST_CASE(a_value_that_can_only_be_moved_is_moved_in)
{
    const Result<std::unique_ptr<int>> result(std::make_unique<int>(7));
    BOOST_TEST(**result == 7);
}

BOOST_AUTO_TEST_CASE(a_result_is_no_number_by_accident)
{
    static_assert(!std::is_convertible_v<Result<int>, bool> &&
                  !std::is_convertible_v<Result<int>, int>);
    BOOST_TEST(sizeof(Status) == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
