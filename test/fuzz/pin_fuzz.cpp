// SPDX-License-Identifier: Apache-2.0
//
// Input: one byte, where a genuine pin is changed; its end of 4 bytes, its life of 3, its member of 8; the rest is a Cookie header, is
// read as a token itself, and is what a genuine one is changed with.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "core/persistence/pin.hpp"
#include "test/fuzz/input.hpp"
#include "test/fuzz/require.hpp"

using namespace stickybalancer;
using persistence::kPinSize;
using persistence::Pin;
using persistence::PinKeys;

namespace {

const PinKeys &keys()
{
    static const auto kKeys = [] {
        PinKeys made(test::kBalancerName);
        made.add("k1", test::secret_from('1'));
        made.add("k2", test::secret_from('2'));
        return made;
    }();
    return kKeys;
}

std::string token_of(const Pin &pin)
{
    return test::written([&](auto &out) { keys().write(out, pin); });
}

// Whatever opens was made with one of the keys: of the first, it is what we would write.
void check_opened(std::string_view text, std::int64_t now_s)
{
    const auto pin = keys().open(text, now_s);
    if (!pin)
        return;
    SB_REQUIRE(text.size() == kPinSize && pin->member != 0 && now_s < pin->end_s);
    SB_REQUIRE(token_of(*pin).substr(0, 4) != text.substr(0, 4) || token_of(*pin) == text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    fuzz::Input input(data, size);
    const std::size_t at = input.byte() % (kPinSize + 1);
    Pin pin;
    pin.end_s = static_cast<std::int64_t>(input.number(4));
    pin.made_s = pin.end_s - static_cast<std::int64_t>(input.number(3));
    pin.member = input.number(8);
    const auto text = input.rest();
    check_opened(text, 0);
    SB_REQUIRE(persistence::pinned_member(text, keys(), INT64_MAX, 0) == 0);

    const auto genuine = token_of(pin);
    SB_REQUIRE(genuine.size() == kPinSize);
    const bool is_good = pin.member != 0 && pin.end_s > 0;
    SB_REQUIRE(keys().open(genuine, pin.end_s - 1).has_value() == (pin.member != 0));
    SB_REQUIRE(!keys().open(genuine, pin.end_s));
    SB_REQUIRE(pin.member == 0 || keys().open(genuine, pin.end_s - 1)->made_s == pin.made_s);
    auto changed = genuine;
    changed.replace(at, text.size(), text);
    check_opened(changed, 0);
    SB_REQUIRE(changed == genuine || changed.substr(0, 26) != genuine.substr(0, 26) ||
               !keys().open(changed, 0));
    // Whatever stands behind it.
    const auto header = "STICKYPIN=" + genuine + "; " + std::string(text);
    SB_REQUIRE(persistence::pinned_member(header, keys(), 0, 0) == (is_good ? pin.member : 0) ||
               !is_good);
    return 0;
}
