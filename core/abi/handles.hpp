// SPDX-License-Identifier: Apache-2.0
//
// What is behind the handles of stickybalancer.h, for the files that implement it.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "core/base/relaxed.hpp"
#include "core/base/result.hpp"
#include "core/base/snapshot_cell.hpp"
#include "core/capacity/gauges.hpp"
#include "core/capacity/limit.hpp"
#include "core/counting/table_walk.hpp"
#include "core/health/verdict.hpp"
#include "core/include/stickybalancer/stickybalancer.h"
#include "core/selection/view.hpp"
#include "core/shm/region.hpp"
#include "core/stick_table/table_pair.hpp"

struct sb_region {
    stickybalancer::shm::Region region;
};

struct sb_table {
    stickybalancer::stick_table::StickTable table;
};

namespace stickybalancer::abi {

// How a member is checked.
struct Checks {
    health::Thresholds thresholds = {0, 0, 0};  // a rise of 0: it is not
    base::DurationUs interval;
    base::DurationUs down_interval;
    bool are_there() const noexcept { return thresholds.rise != 0; }
};

// What is in force, from one configure() to the next.
struct Snapshot {
    selection::View view;
    std::vector<members::MemberIndex> members;  // by place; kNoMember where there is none
    std::vector<capacity::Limits> limits;       // by place
    bool counts_whole = false;  // somebody needs the load of the balancer as a whole
    std::uint64_t generation = 0;
    std::vector<Checks> checks = {};  // by place
    std::vector<std::uint32_t> checked_places = {};
    base::DurationUs client_lifetime =
        {};  // of clients that a cookie or the URL keeps; 0: none does

    members::MemberIndex member_at(std::uint32_t place) const noexcept
    {
        return place < members.size() ? members[place] : members::kNoMember;
    }
};

using Reading = base::SnapshotCell<Snapshot>::Reading;

// The last walk over the table, and for which members.
struct RememberedWalk {
    counting::TableWalk walk;
    std::uint64_t generation;
};

inline std::string_view view_of(sb_str text) noexcept { return {text.data, text.len}; }
inline sb_str str_of(std::string_view text) noexcept { return {text.data(), text.size()}; }
inline sb_status status_of(base::Status status) noexcept { return static_cast<sb_status>(status); }

}  // namespace stickybalancer::abi

struct sb_balancer {
    sb_balancer(const stickybalancer::shm::Region &its_region,
                const stickybalancer::shm::Block &its_block, std::uint32_t its_process)
        : region(its_region), block(its_block), process(its_process), shared(its_block.state())
    {
    }

    stickybalancer::capacity::Gauges gauges(bool counts_whole) const noexcept
    {
        return {region, block, process, counts_whole};
    }

    stickybalancer::shm::Region region;
    stickybalancer::shm::Block block;
    std::uint32_t process;
    stickybalancer::shm::BalancerState &shared;
    stickybalancer::stick_table::TablePair sessions;  // before the first pick
    stickybalancer::base::SnapshotCell<stickybalancer::abi::Snapshot> snapshot;
    stickybalancer::base::Relaxed<std::uint64_t> salt;  // of the next opaque cookie
    mutable stickybalancer::base::SnapshotCell<stickybalancer::abi::RememberedWalk> walk;
    mutable stickybalancer::base::Published<std::uint32_t> is_walking;  // somebody is, for all
    // Of the places with checks, the one that was looked at last.
    stickybalancer::base::Relaxed<std::uint64_t> last_probed;
    stickybalancer::base::Relaxed<std::int64_t>
        next_probe_us;  // nothing is due before; 0: not known
};

namespace stickybalancer::abi {

// A member's state has changed: the policies hear of it at once.
inline void tell_policies(const sb_balancer &balancer, std::uint32_t place, base::TimeUs now)
{
    const Reading current(balancer.snapshot);
    const auto member = current ? current->member_at(place) : members::kNoMember;
    if (member != members::kNoMember)
        current->view.update(member, current->view.accepts_unbound(member, now), now);
}

}  // namespace stickybalancer::abi
