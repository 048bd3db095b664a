// SPDX-License-Identifier: Apache-2.0
//
// Sealed cookie values: who holds no key cannot make one, change one, or take one to another
// balancer.
//
//   signed  TOKEN.ROUTE, 30 bytes as 40 characters      opaque  TOKEN, 45 bytes as 60 characters
//
//    0  version: 1                                       0  version: 2
//    1  key id: SHA-256 of its name, 3 bytes             1  key id, 3 bytes
//    4  balancer: SHA-256 of its name, 2 bytes           4  balancer, 2 bytes
//    6  issued, 4 bytes                                  6  synthetic IV, 16 bytes
//   10  seen, 4 bytes                                   22  encrypted: issued 4, seen 4,
//   14  code over all this and ROUTE, 16 bytes               route's digest 8, salt 7
//
// Numbers are big-endian, times seconds since 1970. From each secret of the key file three keys are
// derived, HMAC-SHA256(secret, purpose 0x00 balancer's name), so that what is made for one purpose
// or one balancer is worth nothing for another. The codes are HMAC-SHA256, cut to 128 bits.
// The two bytes that name the balancer only tell a foreign token from a forged one; the code holds
// without them.
//
// Opaque tokens are sealed in the SIV mode of Rogaway and Shrimpton (Deterministic Authenticated
// Encryption, 2006), over HMAC: the code of the clear text is the initial value of the cipher, whose
// key stream is the HMAC of that value. There is no nonce that must not repeat; the salt is there so
// that two clients of one member have different values.
//
// Cost: signed two compressions of SHA-256 for short routes, opaque four. No allocation. Thread
// safety: as an immutable object's.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/bounded_writer.hpp"
#include "core/base/hmac.hpp"
#include "core/persistence/cookie_dates.hpp"

namespace stickybalancer::persistence {

inline constexpr std::size_t kSecretSize = 32;
inline constexpr std::size_t kSignedTokenSize = 40;  // characters
inline constexpr std::size_t kOpaqueTokenSize = 60;

// Of one of the administrator's secrets, for one purpose and one balancer. Throws std::bad_alloc.
base::HmacKey derived_key(std::span<const std::uint8_t, kSecretSize> secret,
                          std::string_view purpose, std::string_view balancer_name);

enum class TokenFault : std::uint8_t {
    kNone,
    kMalformed,   // no token of a known version
    kUnknownKey,  // of a key that the file does not have, or no longer
    kForeign,     // of another balancer
    kForged,
};

struct Token {
    TokenFault fault = TokenFault::kMalformed;
    CookieDates dates = {};          // of a token without fault
    std::uint64_t route_digest = 0;  // of an opaque one (members/member_table.hpp)
    bool is_of_first_key = false;
};

// The keys of one balancer, made when it is configured. The first seals, all open; a search for one
// is bounded by kMostKeys.
class TokenKeys {
public:
    static constexpr std::size_t kMostKeys = 16;

    explicit TokenKeys(std::string_view balancer_name) : balancer_name_(balancer_name) {}

    // False: there are enough, or one with this id.
    bool add(std::string_view id, std::span<const std::uint8_t, kSecretSize> secret);
    bool empty() const noexcept { return keys_.empty(); }

    Token open_signed(std::string_view token, std::string_view route) const noexcept;
    Token open_opaque(std::string_view token) const noexcept;

    // There is a key. `salt`: another one for each token.
    void write_signed(base::BoundedWriter &out, std::string_view route,
                      const CookieDates &dates) const noexcept;
    void write_opaque(base::BoundedWriter &out, std::uint64_t route_digest,
                      const CookieDates &dates, std::uint64_t salt) const noexcept;

private:
    using KeyId = std::array<std::uint8_t, 3>;
    using BalancerTag = std::array<std::uint8_t, 2>;

    struct Key {
        KeyId id;
        BalancerTag balancer;
        base::HmacKey sign;
        base::HmacKey authenticate;
        base::HmacKey encrypt;
    };

    template <typename Bytes>
    const Key *find_key(const Bytes &token, std::uint8_t version, Token &opened) const noexcept;
    bool is_first(const Key *key) const noexcept { return key == keys_.data(); }

    std::string balancer_name_;
    std::vector<Key> keys_;
};

}  // namespace stickybalancer::persistence
