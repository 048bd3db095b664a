// SPDX-License-Identifier: Apache-2.0
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <cstdio>
#include <set>
#include <string>

#include "core/base/keyed_digest.hpp"
#include "test/unit/support/allocations.hpp"
#include "test/unit/support/exact.hpp"

using namespace stickybalancer;
using base::keyed_digest;

namespace {

constexpr base::DigestSecret kSecret{0x0706050403020100, 0x0f0e0d0c0b0a0908};

// The bytes 0, 1, 2 ... as the vectors of SipHash have them: the first eight are the kind.
constexpr std::uint64_t kKind = 0x0706050403020100;
std::string text_behind_kind(int size)
{
    std::string text;
    for (int byte = 8; byte < size; ++byte)
        text += static_cast<char>(byte);
    return text;
}

std::string hex(const base::Digest128 &digest)
{
    char text[40];
    std::snprintf(text, sizeof(text), "%016llX%016llX",
                  static_cast<unsigned long long>(__builtin_bswap64(digest.low)),
                  static_cast<unsigned long long>(__builtin_bswap64(digest.high)));
    return text;
}

struct Vector {
    int size;
    const char *digest;
};
std::ostream &operator<<(std::ostream &out, const Vector &vector) { return out << vector.size; }

// From OpenSSL's SIPHASH with size 16; the row of 8 bytes is also the reference implementation's.
constexpr Vector kVectors[] = {
    {8, "3B62A9BA6258F5610F83E264F31497B4"},  {9, "264499060AD9BAABC47F8B02BB6D71ED"},
    {15, "5493E99933B0A8117E08EC0F97CFC3D9"}, {16, "6EE2A4CA67B054BBFD3315BF85230577"},
    {23, "C9D184DDD5A9F5E0CF8CE29A9ABF691C"}, {24, "2DB479AE78BD50D8882A8A178A6132AD"},
    {63, "5150D1772F50834A503E069A973FBD7C"},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(keyed_digest_test)

BOOST_DATA_TEST_CASE(it_is_siphash, kVectors)
{
    const test::Exact text(text_behind_kind(sample.size));
    BOOST_TEST(hex(keyed_digest(kSecret, kKind, text)) == sample.digest);
}

BOOST_AUTO_TEST_CASE(kind_secret_and_every_byte_count)
{
    std::string text(4000, 'a');
    std::set<base::Digest128> all{keyed_digest(kSecret, 0, text), keyed_digest(kSecret, 1, text),
                                  keyed_digest({1, 2}, 0, text)};
    text.back() = 'b';
    all.insert(keyed_digest(kSecret, 0, text));
    text.pop_back();
    all.insert(keyed_digest(kSecret, 0, text));
    text += '\0';
    all.insert(keyed_digest(kSecret, 0, text));
    BOOST_TEST(all.size() == 6U);
}

BOOST_AUTO_TEST_CASE(it_allocates_nothing)
{
    const std::string text(100, 'x');
    const auto before = test::allocation_count();
    BOOST_TEST((keyed_digest(kSecret, 0, text) != base::Digest128{}));
    BOOST_TEST(test::allocation_count() == before);
}

BOOST_AUTO_TEST_SUITE_END()
