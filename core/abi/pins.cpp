// SPDX-License-Identifier: Apache-2.0
#include "core/abi/pins.hpp"

#include <algorithm>
#include <array>

#include "core/base/big_endian.hpp"
#include "core/persistence/member_cookies.hpp"

using namespace stickybalancer;
using abi::Reading;
using abi::view_of;

namespace {

constexpr std::int64_t kSecond_us = 1'000'000;
constexpr std::int64_t kLastEnd_s = (std::int64_t{1} << 40) - 1;  // what a token has room for

// Of two balancers of one name, of two hosts, each has its own.
std::array<std::uint8_t, persistence::kSecretSize> secret_of_region(
    const sb_balancer &balancer) noexcept
{
    const auto &random = balancer.region.header().hash_key;
    const auto &identity = balancer.shared.identity;
    std::array<std::uint8_t, persistence::kSecretSize> secret;
    std::size_t at = 0;
    for (const auto word : {random[0], random[1], identity.high, identity.low}) {
        base::put_number(secret.data() + at, word, sizeof(word));
        at += sizeof(word);
    }
    return secret;
}

// Whoever makes another one meanwhile, the later time counts.
void note_latest(base::Relaxed<std::int64_t> &latest, std::int64_t time) noexcept
{
    auto known = latest.load();
    while (known < time && !latest.compare_exchange(known, time)) {
    }
}

// In whole seconds. One that is made in the second in which all were taken back is made in the next one, and counts.
std::int64_t time_of_making(const sb_balancer &balancer, std::int64_t now_us) noexcept
{
    return std::max(now_us / kSecond_us, balancer.shared.pins_made_from_s.load());
}

}  // namespace

namespace stickybalancer::abi {

persistence::PinKeys pin_keys_of(const sb_balancer &balancer, const sb_settings &settings)
{
    persistence::PinKeys keys(view_of(settings.balancer_name));
    for (std::size_t i = 0; i < settings.key_count; ++i)
        keys.add(view_of(settings.keys[i].id), settings.keys[i].secret);
    if (settings.key_count == 0) {
        auto secret = secret_of_region(balancer);
        keys.add({}, secret);
        base::erase_secret(secret);
    }
    return keys;
}

}  // namespace stickybalancer::abi

sb_status sb_balancer_make_pin(sb_balancer *balancer, uint32_t place, sb_time_us now_us,
                               sb_time_us until_us, char *out, size_t *len)
{
    if (now_us < 0 || until_us <= now_us || until_us / kSecond_us >= kLastEnd_s ||
        (until_us - now_us) / kSecond_us >= persistence::kLongestPin_s)
        return SB_INVALID_ARGUMENT;
    const Reading current(balancer->snapshot);
    const auto member = current ? current->member_at(place) : members::kNoMember;
    const auto identity = member != members::kNoMember ? current->view.members[member].identity : 0;
    if (identity == 0)
        return SB_NOT_FOUND;
    const auto end_s = (until_us + kSecond_us - 1) / kSecond_us;
    base::BoundedWriter writer({out, *len});
    const auto made_s = time_of_making(*balancer, now_us);
    if (end_s < made_s)
        return SB_BUSY;
    write_pin_cookie(writer, current->view.settings.pins, {identity, end_s, made_s});
    *len = writer.size_needed();
    if (!writer.fits())
        return SB_BUFFER_TOO_SMALL;
    note_latest(balancer->shared.pins_made_to_s, made_s);
    note_latest(balancer->shared.pins_until_us, end_s * kSecond_us);
    note_latest(balancer->region.header().pins_until_us, end_s * kSecond_us);
    return SB_OK;
}

void sb_balancer_take_pins_back(sb_balancer *balancer, sb_time_us now_us)
{
    // The clock may have been ahead when some were made.
    const auto last_s = std::max(now_us / kSecond_us, balancer->shared.pins_made_to_s.load());
    note_latest(balancer->shared.pins_made_from_s, std::min(last_s, kLastEnd_s) + 1);
}

int sb_region_may_be_pinned(const sb_region *region, sb_time_us now_us)
{
    return now_us < region->region.header().pins_until_us.load();
}

sb_status sb_without_pin(sb_str header, char *out, size_t *len)
{
    base::BoundedWriter writer({out, *len});
    if (!persistence::write_without_cookie(writer, view_of(header), persistence::kPinCookie))
        return SB_NOT_FOUND;
    *len = writer.size_needed();
    return writer.fits() ? SB_OK : SB_BUFFER_TOO_SMALL;
}
