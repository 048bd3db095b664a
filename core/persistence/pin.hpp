// SPDX-License-Identifier: Apache-2.0
//
// Pins: cookies that an operator makes, and that lead whoever has one to one member, whatever the member's
// state, for a test before all others.
//
//   STICKYPIN=TOKEN, 36 bytes as 48 characters
//
//    0  version: 3 (1 and 2 are those of token.hpp)
//    1  key id: SHA-256 of its name, 3 bytes
//    4  end, 5 bytes: seconds since 1970; from then on it is nothing
//    9  its life, 3 bytes: seconds from when it was made to its end
//   12  the member's identity, 8 bytes
//   20  code over all this, 16 bytes
//
// Numbers are big-endian. The key is derived from a secret as those of token.hpp are, for a purpose of its own
// and the balancer's name, so a pin is worth nothing for another balancer. A pin that is not good is as if it
// were not there, and nobody hears why: it was made by an operator, who sees where it leads. A single pin cannot
// be taken back, for nothing is kept of it; all that were made before a time can.
//
// Cost: two compressions of SHA-256 for each cookie of the name, of which so many are looked at. No allocation
// but in add(). Thread safety: as an immutable object's.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/bounded_writer.hpp"
#include "core/base/hmac.hpp"
#include "core/persistence/token.hpp"

namespace stickybalancer::persistence {

inline constexpr std::string_view kPinCookie = "STICKYPIN";
inline constexpr std::size_t kPinSize = 48;                   // characters of a token
inline constexpr std::int64_t kLongestPin_s = (1 << 24) - 1;  // what a token has room for

struct Pin {
    std::uint64_t member = 0;  // its identity; never 0
    std::int64_t end_s = 0;
    std::int64_t made_s = 0;  // not after its end, nor more than kLongestPin_s before it
};

// The keys of one balancer. The first makes pins, all read them.
class PinKeys {
public:
    explicit PinKeys(std::string_view balancer_name) : balancer_name_(balancer_name) {}

    // False: there are enough (TokenKeys::kMostKeys), or one with this id.
    bool add(std::string_view id, std::span<const std::uint8_t, kSecretSize> secret);

    // Nothing: it was not made with a key of ours, was changed, or has ended.
    std::optional<Pin> open(std::string_view token, std::int64_t now_s) const noexcept;
    // There is a key.
    void write(base::BoundedWriter &out, const Pin &pin) const noexcept;

private:
    struct Key {
        std::array<std::uint8_t, 3> id;
        base::HmacKey authenticate;
    };

    std::string balancer_name_;
    std::vector<Key> keys_;
};

// The member that the first good pin of a Cookie header leads to, which may be one that is gone; 0: none. Looks at
// no more than kMostPins of them. Those that were made before `made_from_s` are not good.
inline constexpr int kMostPins = 4;
std::uint64_t pinned_member(std::string_view cookie_header, const PinKeys &keys, std::int64_t now_s,
                            std::int64_t made_from_s) noexcept;

// The whole cookie, as Set-Cookie has it; it ends with the browser, if not before.
void write_pin_cookie(base::BoundedWriter &out, const PinKeys &keys, const Pin &pin) noexcept;

}  // namespace stickybalancer::persistence
