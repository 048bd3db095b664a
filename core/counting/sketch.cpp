// SPDX-License-Identifier: Apache-2.0
#include "core/counting/sketch.hpp"

#include <algorithm>
#include <array>
#include <bit>

#include "core/counting/estimate.hpp"

namespace stickybalancer::counting {
namespace {

constexpr std::uint32_t kStamps = 255;
constexpr std::int64_t kMostLive = 66;  // slices of a lifetime, and what is left of two
constexpr std::int64_t kMostUnswept =
    180;                                 // slices; with the above less than what is taken for ahead
constexpr std::uint32_t kMostAhead = 5;  // slices that another process' time may be ahead
constexpr base::DurationUs kSecond{1'000'000};

// Cells that are looked at in one second, of all sketches: some 10 ms, where all of them are in use.
constexpr std::size_t kCellsOfSweep = std::size_t{8} << 20;

// A damaged file may say anything.
constexpr bool is_scale(std::uint32_t scale) noexcept
{
    return scale >= scale_of({0}) && scale <= scale_of({std::int64_t{1} << 62});
}

std::uint8_t stamp_of(std::int64_t slice) noexcept
{
    const auto turns = slice % kStamps;
    return static_cast<std::uint8_t>(1 + (turns < 0 ? turns + kStamps : turns));
}

std::uint32_t age_of(std::uint8_t stamp, std::uint8_t now) noexcept
{
    return (kStamps + now - stamp) % kStamps;
}

// Which stamps count.
using Live = std::array<bool, kStamps + 1>;
Live live_stamps(std::int64_t slice, std::int64_t slices) noexcept
{
    Live live{};
    const auto most = static_cast<std::uint32_t>(std::clamp<std::int64_t>(slices, 0, kMostLive));
    for (std::uint32_t stamp = 1; stamp <= kStamps; ++stamp) {
        const auto age = age_of(static_cast<std::uint8_t>(stamp), stamp_of(slice));
        live[stamp] = age <= most || age >= kStamps - kMostAhead;
    }
    return live;
}

// Eight cells at a time: most of them are zero.
bool are_zero(const shm::SketchCell *eight) noexcept
{
    using Word [[gnu::may_alias]] = std::uint64_t;
    return __atomic_load_n(reinterpret_cast<const Word *>(eight), __ATOMIC_RELAXED) == 0;
}

template <typename Visit>
void each_used_cell(std::span<shm::SketchCell> row, const Visit &visit)
{
    static_assert(shm::sketch_columns(shm::kMostPlaces) % 8 == 0);
    for (std::size_t first = 0; first < row.size(); first += 8) {
        if (are_zero(&row[first]))
            continue;
        for (auto &cell : row.subspan(first, 8))
            if (const auto stamp = cell.load(); stamp != 0)
                visit(cell, stamp);
    }
}

// How many count. What does not is zeroed, but where somebody has just been there.
std::uint32_t sweep_row(std::span<shm::SketchCell> row, const Live &live) noexcept
{
    std::uint32_t marked = 0;
    each_used_cell(row, [&](shm::SketchCell &cell, std::uint8_t stamp) {
        if (live[stamp])
            ++marked;
        else
            cell.compare_exchange(stamp, 0);
    });
    return marked;
}

}  // namespace

// What was swept last tells of both: it was too long ago, or by a clock that was far ahead.
bool Sketch::is_forgotten(std::uint32_t scale, base::TimeUs now) const noexcept
{
    const auto swept_us = head_.swept_us.load();
    const auto ahead_us =
        std::clamp(head_.lifetime_us.load(), std::int64_t{1} << scale, std::int64_t{64} << scale);
    return swept_us <= 0 || swept_us - ahead_us > now.us ||
           (now.us >> scale) - (swept_us >> scale) > kMostUnswept;
}

// Rows keep their bits: somebody may be writing there.
void Sketch::empty() const noexcept
{
    const auto rows = head_.rows.load();
    for (std::uint32_t row = 0; row < shm::kSketchRows; ++row)
        if ((rows >> row & 1) != 0)
            each_used_cell(cells_.subspan(row * columns(), columns()),
                           [](shm::SketchCell &cell, std::uint8_t) { cell.store(0); });
    head_.estimate.store(0);
}

void Sketch::stop() const noexcept
{
    if (head_.scale.acquire() != 0)
        head_.scale.publish(0);
}

void Sketch::count_for(base::DurationUs lifetime, base::TimeUs now) const noexcept
{
    const auto scale = scale_of(lifetime);
    if (head_.scale.acquire() != scale || is_forgotten(scale, now)) {
        head_.scale.publish(0);
        empty();
        head_.swept_us.store(now.us);
    }
    head_.lifetime_us.store(lifetime.us);
    head_.scale.publish(scale);
}

void note_seen(base::Relaxed<std::int64_t> &last_us, base::DurationUs step,
               base::TimeUs now) noexcept
{
    const auto before_us = last_us.load();
    if (before_us <= 0 || now.us - before_us >= step.us || before_us - now.us > step.us)
        last_us.store(now.us);
}

void Sketch::note(std::uint64_t client, base::TimeUs now) const noexcept
{
    const auto scale = head_.scale.acquire();
    if (!is_scale(scale))
        return;
    const auto zeros = static_cast<std::uint32_t>(std::countl_zero(client));
    const auto row = std::min(zeros, shm::kSketchRows - 1);
    const auto bit = std::uint32_t{1} << row;
    if ((head_.rows.load() & bit) == 0)
        head_.rows.fetch_or(bit);
    auto &cell = cells_[row * columns() + client % columns()];
    if (const auto stamp = stamp_of(now.us >> scale); cell.load() != stamp)
        cell.store(stamp);
    note_seen(head_.last_seen_us, std::min(base::DurationUs{std::int64_t{1} << scale}, kSecond),
              now);
}

std::size_t Sketch::sweep(base::TimeUs now) const noexcept
{
    const auto scale = head_.scale.acquire();
    if (!is_scale(scale))
        return 0;
    const auto rows = head_.rows.load();
    if (rows == 0 || is_forgotten(scale, now)) {
        empty();
        head_.swept_us.store(now.us);
        return static_cast<std::size_t>(std::popcount(rows)) * columns();
    }
    const auto at_us = std::max(now.us, head_.swept_us.load());
    const auto live = live_stamps(
        at_us >> scale, (std::max<std::int64_t>(head_.lifetime_us.load(), 0) >> scale) + 1);
    MarkedCells marked{};
    std::size_t looked_at = 0;
    for (std::uint32_t row = 0; row < shm::kSketchRows; ++row) {
        if ((rows >> row & 1) == 0)
            continue;
        marked[row] = sweep_row(cells_.subspan(row * columns(), columns()), live);
        looked_at += columns();
    }
    head_.estimate.store(estimated_clients(marked, static_cast<std::uint32_t>(columns())));
    head_.swept_us.store(at_us);
    return looked_at;
}

// Whether there is anybody is known at once and exactly; how many, as of the last sweep.
SeenClients Sketch::seen(base::TimeUs now) const noexcept
{
    SeenClients seen;
    seen.last_seen = {head_.last_seen_us.load()};
    const auto lifetime_us = head_.lifetime_us.load();
    if (head_.scale.acquire() == 0 || seen.last_seen.us <= 0 ||
        now.us - seen.last_seen.us > lifetime_us || seen.last_seen.us - now.us > lifetime_us)
        return seen;
    seen.sessions = std::max<std::uint64_t>(head_.estimate.load(), 1);
    if (__builtin_add_overflow(seen.last_seen.us, lifetime_us, &seen.end.us))
        seen.end = seen.last_seen;
    return seen;
}

void sweep_some(const shm::Block &block, base::TimeUs now) noexcept
{
    auto &next = block.state().next_swept;
    auto place = static_cast<std::uint32_t>(next.load() % block.capacity());
    std::size_t looked_at = 0;
    for (std::uint32_t i = 0; i < block.capacity() && looked_at < kCellsOfSweep; ++i) {
        looked_at += Sketch(block, place).sweep(now);
        place = place + 1 == block.capacity() ? 0 : place + 1;
    }
    next.store(place);
}

void copy_sketch(const shm::Block &from, std::uint32_t from_place, const shm::Block &to,
                 std::uint32_t to_place) noexcept
{
    const auto &head = from.sketch(from_place);
    auto &copy = to.sketch(to_place);
    const auto cells = from.sketch_cells(from_place), copies = to.sketch_cells(to_place);
    const auto columns = cells.size() / shm::kSketchRows;
    const auto fewer = copies.size() / shm::kSketchRows;
    const auto scale = head.scale.acquire();
    copy.last_of_table_us.store(head.last_of_table_us.load());
    copy.last_of_both_us.store(head.last_of_both_us.load());
    if (columns < fewer || !is_scale(scale))
        return;
    const auto latest = stamp_of((head.last_seen_us.load() >> scale) + kMostAhead);
    for (std::uint32_t row = 0; row < shm::kSketchRows; ++row) {
        if ((head.rows.load() >> row & 1) == 0)
            continue;
        for (std::size_t column = 0; column < columns; ++column) {
            const auto stamp = cells[row * columns + column].load();
            auto &cell = copies[row * fewer + column % fewer];
            if (stamp != 0 &&
                (cell.load() == 0 || age_of(stamp, latest) < age_of(cell.load(), latest)))
                cell.store(stamp);
        }
    }
    copy.rows.store(head.rows.load());
    copy.lifetime_us.store(head.lifetime_us.load());
    copy.swept_us.store(head.swept_us.load());
    copy.last_seen_us.store(head.last_seen_us.load());
    copy.estimate.store(head.estimate.load());
    copy.scale.publish(scale);
}

}  // namespace stickybalancer::counting
