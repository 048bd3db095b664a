// SPDX-License-Identifier: Apache-2.0
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <memory>
#include <string>
#include <vector>

#include "core/base/hmac.hpp"
#include "test/unit/support/allocations.hpp"
#include "test/unit/support/exact.hpp"

using namespace stickybalancer;
using base::HmacKey;
using base::MacBytes;

namespace {

std::span<const std::uint8_t> bytes_of(std::string_view text)
{
    return {reinterpret_cast<const std::uint8_t *>(text.data()), text.size()};
}

std::string hex(const MacBytes &code)
{
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string text;
    for (const auto byte : code)
        text.append(1, kDigits[byte >> 4]).append(1, kDigits[byte & 15]);
    return text;
}

MacBytes code_of(std::string_view secret, std::string_view head, std::string_view tail = {})
{
    const test::Exact exact_secret(secret), exact_head(head), exact_tail(tail);
    return HmacKey(bytes_of(exact_secret)).code_of(bytes_of(exact_head), exact_tail);
}

// What OpenSSL itself makes of it.
MacBytes expected_code(std::string_view secret, std::string_view text)
{
    MacBytes code;
    HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()), bytes_of(text).data(),
         text.size(), code.data(), nullptr);
    return code;
}

struct Row {
    std::string secret, text;
    std::string_view code;  // case 5 is cut to 128 bits
};
std::ostream &operator<<(std::ostream &out, const Row &row) { return out << row.code; }

std::string counting(int first, int last)
{
    std::string text;
    for (int i = first; i <= last; ++i)
        text += static_cast<char>(i);
    return text;
}

const Row kRfc4231[] = {
    {std::string(20, '\x0b'), "Hi There",
     "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
    {"Jefe", "what do ya want for nothing?",
     "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
    {std::string(20, '\xaa'), std::string(50, '\xdd'),
     "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
    {counting(1, 25), std::string(50, '\xcd'),
     "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
    {std::string(20, '\x0c'), "Test With Truncation", "a3b6167473100ee06e0c796c2955552b"},
    {std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First",
     "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
    {std::string(131, '\xaa'),
     "This is a test using a larger than block-size key and a larger than block-size data. The key "
     "needs to be hashed before being used by the HMAC algorithm.",
     "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
};

const Row kSha256[] = {
    {"", "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"", "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},  // FIPS 180
    {"", "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(hmac_test)

BOOST_DATA_TEST_CASE(codes_are_those_of_rfc_4231, kRfc4231, row)
{
    BOOST_TEST(hex(code_of(row.secret, row.text)).substr(0, row.code.size()) == row.code);
}

BOOST_DATA_TEST_CASE(digests_are_those_of_the_standard, kSha256, row)
{
    BOOST_TEST(hex(base::sha256(test::Exact(row.text))) == row.code);
}

BOOST_AUTO_TEST_CASE(a_code_is_over_head_and_tail_wherever_they_are_divided)
{
    const std::string_view text = kRfc4231[6].text;
    for (std::size_t i = 0; i <= text.size(); ++i)
        BOOST_TEST_REQUIRE(hex(code_of(kRfc4231[6].secret, text.substr(0, i), text.substr(i))) ==
                           kRfc4231[6].code);
}

BOOST_AUTO_TEST_CASE(codes_are_right_for_every_length_of_key_and_text)
{
    for (std::size_t length = 0; length <= 200; ++length) {
        const std::string secret(length, 'k'), text(length, 't');
        BOOST_TEST_REQUIRE(hex(code_of("secret", text)) == hex(expected_code("secret", text)));
        BOOST_TEST_REQUIRE(hex(code_of(secret, "text")) == hex(expected_code(secret, "text")));
    }
}

BOOST_AUTO_TEST_CASE(a_copy_of_a_key_outlives_the_key)
{
    auto first = std::make_unique<HmacKey>(bytes_of("Jefe"));
    HmacKey copy(*first), assigned(bytes_of("other"));
    assigned = *first;
    first.reset();
    const auto text = bytes_of("what do ya want for nothing?");
    BOOST_TEST(hex(copy.code_of(text)) == kRfc4231[1].code);
    BOOST_TEST(hex(assigned.code_of(text)) == kRfc4231[1].code);
}

BOOST_AUTO_TEST_CASE(secrets_differ_whichever_bit_does)
{
    const MacBytes secret = base::sha256("secret");
    BOOST_TEST(base::are_equal_secrets(secret, MacBytes(secret)));
    for (std::size_t bit = 0; bit < 8 * secret.size(); ++bit) {
        auto other = secret;
        other[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
        BOOST_TEST_REQUIRE(!base::are_equal_secrets(secret, other));
    }
    BOOST_TEST(base::are_equal_secrets({}, {}));
}

BOOST_AUTO_TEST_CASE(an_erased_secret_is_nothing_but_zeroes)
{
    auto secret = base::sha256("secret");
    base::erase_secret(std::span(secret).first(31));
    BOOST_TEST(hex(secret).substr(0, 62) == std::string(62, '0'));
    BOOST_TEST(secret[31] == base::sha256("secret")[31]);
}

BOOST_AUTO_TEST_CASE(a_code_is_made_without_asking_for_memory)
{
    const HmacKey key(bytes_of("Jefe"));
    const auto before = test::allocation_count();
    MacBytes code{};
    for (int i = 0; i < 100; ++i)
        code = key.code_of(code, "tail");
    BOOST_TEST(test::allocation_count() - before == 0u);
    BOOST_TEST((code == MacBytes{}) == false);
    expected_code("Jefe", "tail");  // as OpenSSL itself does it
    BOOST_TEST(test::allocation_count() - before > 0u);
}

BOOST_AUTO_TEST_SUITE_END()
