// SPDX-License-Identifier: Apache-2.0
#include <boost/test/unit_test.hpp>

#include "core/abi/handles.hpp"

using namespace stickybalancer;
using stickybalancer::abi::Snapshot;
using stickybalancer::abi::str_of;
using stickybalancer::abi::view_of;

BOOST_AUTO_TEST_SUITE(handles_test)

BOOST_AUTO_TEST_CASE(a_place_has_the_member_that_was_configured_there_or_none)
{
    Snapshot snapshot{{{}, {}, members::MemberTable({}, {}), {}}, {}, {}, false, 0};
    BOOST_TEST(snapshot.member_at(0) == members::kNoMember);
    snapshot.members = {members::kNoMember, 7};
    BOOST_TEST(snapshot.member_at(0) == members::kNoMember);
    BOOST_TEST(snapshot.member_at(1) == 7u);
    BOOST_TEST(snapshot.member_at(2) == members::kNoMember);
    BOOST_TEST(snapshot.member_at(shm::kNoPlace) == members::kNoMember);
}

BOOST_AUTO_TEST_CASE(text_is_borrowed_and_nothing_is_no_text)
{
    const char text[] = "ab\0c";
    const auto view = view_of({text, 4});
    BOOST_TEST(view.size() == 4u);
    BOOST_TEST((view.data() == text));
    BOOST_TEST((str_of(view).data == text));
    BOOST_TEST(str_of(view).len == 4u);
    BOOST_TEST(view_of({nullptr, 0}).empty());
}

BOOST_AUTO_TEST_SUITE_END()
