// SPDX-License-Identifier: Apache-2.0
#include <boost/test/unit_test.hpp>

#include <cstring>

#include "core/shm/record.hpp"

using namespace stickybalancer::shm;

namespace {

MemberRecord filled()
{
    MemberRecord record{};
    record.identity = {1, 2};
    record.use = PlaceUse::kInUse;
    record.requested = Requested::kDrain;
    record.url.assign("http://127.0.0.1:13001");
    record.check = record_check(record);
    return record;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(record_test)

BOOST_AUTO_TEST_CASE(zero_bytes_and_a_written_record_are_sound)
{
    BOOST_TEST(is_sound(MemberRecord{}));
    BOOST_TEST(is_sound(filled()));
}

BOOST_AUTO_TEST_CASE(any_other_byte_makes_it_unsound)
{
    const auto good = filled();
    for (std::size_t at = 0; at < sizeof(good); ++at) {
        auto bad = good;
        unsigned char bytes[sizeof(bad)];
        std::memcpy(bytes, &bad, sizeof(bad));
        bytes[at] ^= 0x20;
        std::memcpy(static_cast<void *>(&bad), bytes, sizeof(bad));
        BOOST_TEST_REQUIRE(!is_sound(bad));
    }
}

BOOST_AUTO_TEST_CASE(words_without_a_meaning_are_unsound_whatever_the_check_says)
{
    auto record = filled();
    record.use = static_cast<PlaceUse>(3);
    record.check = record_check(record);
    BOOST_TEST(!is_sound(record));
    record = filled();
    record.requested = static_cast<Requested>(3);
    record.check = record_check(record);
    BOOST_TEST(!is_sound(record));
}

BOOST_AUTO_TEST_SUITE_END()
