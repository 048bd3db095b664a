// SPDX-License-Identifier: Apache-2.0
#include <boost/test/unit_test.hpp>

#include <set>
#include <string>

#include "core/base/seeded_digest.hpp"

using stickybalancer::base::seeded_digest;

BOOST_AUTO_TEST_SUITE(seeded_digest_test)

// Of xxHash's own: XXH3_64bits("", 0).
BOOST_AUTO_TEST_CASE(it_is_xxh3) { BOOST_TEST(seeded_digest(0, "") == 0x2D06800538D394C2u); }

BOOST_AUTO_TEST_CASE(it_depends_on_the_seed_and_on_each_byte)
{
    std::set<std::uint64_t> digests;
    for (std::size_t length : {1U, 4U, 16U, 17U, 128U, 129U, 240U, 241U, 5000U}) {
        std::string text(length, 'x');
        digests.insert(seeded_digest(1, text));
        digests.insert(seeded_digest(2, text));
        text.back() = 'y';
        digests.insert(seeded_digest(1, text));
    }
    BOOST_TEST(digests.size() == 27u);
}

BOOST_AUTO_TEST_SUITE_END()
