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
    for (std::size_t length : {1, 4, 16, 17, 128, 129, 240, 241, 5000}) {
        std::string text(length, 'x');
        digests.insert(seeded_digest(1, text));
        digests.insert(seeded_digest(2, text));
        text.back() = 'y';
        digests.insert(seeded_digest(1, text));
    }
    BOOST_TEST(digests.size() == 27u);
}

BOOST_AUTO_TEST_SUITE_END()
