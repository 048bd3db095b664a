// SPDX-License-Identifier: Apache-2.0
//
// Bodies of writes, as anybody who may write can send them: each is either understood or refused with a status and a
// sentence; what is understood is in its range.
#include <cstddef>
#include <cstdint>
#include <string>

#include "mod_stickybalancer/api/change_reader.hpp"
#include "test/fuzz/require.hpp"

using namespace stickybalancer::api;

namespace {

void check(const std::optional<Refusal> &refusal)
{
    if (refusal)
        SB_REQUIRE((refusal->status == 400 || refusal->status == 422) &&
                   !refusal->sentence.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    // Of its exact size, so that a sanitizer sees one byte too many.
    const std::string body(reinterpret_cast<const char *>(data), size);
    MemberChange change;
    const auto refusal = read_change(body, change);
    check(refusal);
    SB_REQUIRE(!change.weight_hundredths || *change.weight_hundredths <= 25600);
    SB_REQUIRE(change.deadline_us >= 0 && (change.names_deadline || change.deadline_us == 0));
    NewMember member;
    if (const auto refused = read_new_member(body, member); refused)
        check(refused);
    else
        SB_REQUIRE(!member.url.empty() && member.url.size() <= 255 && member.route.size() <= 63);
    std::int64_t us = 0;
    check(read_lame_duck(body, us));
    check(read_pin(body, us));
    SB_REQUIRE(us >= 0);
    return 0;
}
