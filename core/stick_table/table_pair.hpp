// SPDX-License-Identifier: Apache-2.0
//
// A balancer's table, and the one that it was made from, as long as there may be processes of an earlier
// generation that learn there: what is not in the one is looked for in the other, and goes over when
// it is used.
//
// Thread safety and cost: as StickTable's. Lifetime: the tables outlive it.
#pragma once

#include "core/stick_table/stick_table.hpp"

namespace stickybalancer::stick_table {

class TablePair {
public:
    TablePair() = default;  // no table: nothing is known, nothing is learned
    explicit TablePair(const StickTable &table, const StickTable *earlier = nullptr) noexcept
        : table_(&table), earlier_(earlier)
    {
    }

    bool is_there() const noexcept { return table_ != nullptr; }
    const StickTable &table() const noexcept { return *table_; }
    const StickTable *earlier() const noexcept { return earlier_; }  // null: none

    std::optional<Session> find(const Key &key, base::DurationUs expire,
                                base::TimeUs now) const noexcept;
    Learned learn(const Key &key, std::uint64_t member, Origin origin, const Limits &limits,
                  base::TimeUs now) const noexcept;
    // As learn(), for a session that is known. False: it is not.
    bool note_use(const Key &key, std::uint64_t member, const Limits &limits,
                  base::TimeUs now) const noexcept;
    bool keep(const Key &key, const Limits &limits, base::TimeUs now) const noexcept;
    bool forget(const Key &key) const noexcept;

private:
    // Into the table, where only the earlier one knows it.
    void fetch(const Key &key, const Limits &limits, base::TimeUs now) const noexcept;

    const StickTable *table_ = nullptr;
    const StickTable *earlier_ = nullptr;
};

}  // namespace stickybalancer::stick_table
