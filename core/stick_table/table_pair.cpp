// SPDX-License-Identifier: Apache-2.0
#include "core/stick_table/table_pair.hpp"

namespace stickybalancer::stick_table {

std::optional<Session> TablePair::find(const Key &key, base::DurationUs expire,
                                       base::TimeUs now) const noexcept
{
    if (table_ == nullptr)
        return std::nullopt;
    auto found = table_->find(key, expire, now);
    if (!found && earlier_ != nullptr)
        found = earlier_->find(key, expire, now);
    return found;
}

Learned TablePair::learn(const Key &key, std::uint64_t member, Origin origin, const Limits &limits,
                         base::TimeUs now) const noexcept
{
    fetch(key, limits, now);
    return table_->learn(key, member, origin, limits, now);
}

bool TablePair::note_use(const Key &key, std::uint64_t member, const Limits &limits,
                         base::TimeUs now) const noexcept
{
    fetch(key, limits, now);
    return table_->find(key, limits.expire, now) &&
           table_->learn(key, member, Origin::kClient, limits, now) == Learned::kKnown;
}

bool TablePair::keep(const Key &key, const Limits &limits, base::TimeUs now) const noexcept
{
    return table_ != nullptr && (table_->keep(key, limits, now) ||
                                 (earlier_ != nullptr && earlier_->keep(key, limits, now)));
}

bool TablePair::forget(const Key &key) const noexcept
{
    if (table_ == nullptr)
        return false;
    const bool was_earlier = earlier_ != nullptr && earlier_->forget(key);
    return table_->forget(key) || was_earlier;
}

void TablePair::fetch(const Key &key, const Limits &limits, base::TimeUs now) const noexcept
{
    if (earlier_ == nullptr || table_->find(key, limits.expire, now))
        return;
    if (const auto session = earlier_->find(key, limits.expire, now); session)
        table_->take_over(*session, limits, now);
}

}  // namespace stickybalancer::stick_table
