// SPDX-License-Identifier: Apache-2.0
//
// Keys by their ids. A secret is 32 bytes that count up from a number.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string_view>

#include "core/persistence/token.hpp"

namespace stickybalancer::test {

using Secret = std::array<std::uint8_t, persistence::kSecretSize>;

constexpr Secret secret_from(std::uint8_t first)
{
    Secret secret{};
    for (auto &byte : secret)
        byte = first++;
    return secret;
}

inline constexpr std::string_view kBalancerName = "balancer://app";

// Of these ids, each with the secret that counts up from its last letter.
inline persistence::TokenKeys keys_of(std::initializer_list<std::string_view> ids,
                                      std::string_view balancer_name = kBalancerName)
{
    persistence::TokenKeys keys(balancer_name);
    for (const auto id : ids)
        keys.add(id, secret_from(static_cast<std::uint8_t>(id.back())));
    return keys;
}

}  // namespace stickybalancer::test
