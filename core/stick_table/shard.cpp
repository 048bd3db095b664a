// SPDX-License-Identifier: Apache-2.0
#include "core/stick_table/shard.hpp"

#include <algorithm>
#include <array>
#include <bitset>

namespace stickybalancer::stick_table {
namespace {

// A word with the key's tag that leads elsewhere may be turned at that moment, and is read again (another
// key has the same tag in one look of two thousand). So often in a row it happens to nobody: four times in a row it was
// seen, in one look of millions at a session that another thread did nothing but change.
constexpr int kMostReadings = 16;

// Clocks are set; a time further ahead than this is none.
constexpr std::int64_t kFarAheadUs = 24LL * 3600 * 1'000'000;

// Who makes room, from the first on; of one rank who was not used for longest.
enum class Rank : std::uint8_t {
    kExpired,
    kSeenOnce,
    kIdleClient,
    kClient,
    kApplication,
    kNobody,
};

Rank rank_of(const Session &session, base::DurationUs expire, base::TimeUs now) noexcept
{
    if (is_expired(session, expire, now))
        return Rank::kExpired;
    if (session.origin == Origin::kApplication)
        return Rank::kApplication;
    if (session.requests <= 1 && session.used_us == session.learned_us)
        return Rank::kSeenOnce;
    return now.us - session.used_us > expire.us / 2 ? Rank::kIdleClient : Rank::kClient;
}

Rank last_to_make_room(Origin for_whom, const Limits &limits) noexcept
{
    if (limits.refuses_when_full)
        return Rank::kExpired;
    return for_whom == Origin::kApplication ? Rank::kApplication : Rank::kIdleClient;
}

std::uint32_t scaled(std::uint64_t digest, std::uint32_t count) noexcept
{
    return static_cast<std::uint32_t>(((digest & 0xFFFFFFFF) * count) >> 32);
}

}  // namespace

// The holder of the shard's lock.
class Shard::Writer {
public:
    explicit Writer(const Shard &shard) noexcept : shard_(shard), guard_(shard.header().lock)
    {
        if (guard_.is_held() && (guard_.owner_died() || shard_.header().is_unchecked.load() != 0))
            repair();
    }
    bool is_held() const noexcept { return guard_.is_held(); }

    Learned learn(const Session &session, const Limits &limits, base::TimeUs now) noexcept
    {
        const auto place = find(session.key);
        return place.word == nullptr ? insert(session, limits, now)
                                     : change(place, session, limits, now);
    }

    bool forget(const Key &key) noexcept
    {
        const auto place = find(key);
        if (place.word == nullptr)
            return false;
        remove(place);
        return true;
    }

    void expire(std::uint32_t first, std::uint32_t count, base::DurationUs expire,
                base::TimeUs now) noexcept
    {
        const auto end = std::min(shard_.used_end(), first + count);
        for (auto index = first; index < end; ++index)
            if (look_at(index, expire, now) == Reading::kDamaged)
                return repair();
    }

    // Whatever a killed writer, or damage, has left: see the states in the header.
    void repair() noexcept
    {
        auto &header = shard_.header();
        header.is_unchecked.store(1);
        auto is_found = std::bitset<kMostEntriesOfShard>();
        auto used_end = shard_.used_end();
        for (std::uint32_t bucket = 0; bucket < shard_.bucket_count(); ++bucket)
            for (auto &word : shard_.bucket(bucket).words)
                if (const auto index = repaired(word, is_found); index)
                    used_end = std::max(used_end, *index + 1);
        header.used_end.store(used_end);
        header.free_head.store(0);
        header.free_count.store(shard_.entry_count() - used_end);
        for (auto index = used_end; index-- > 0;)
            if (!is_found[index] && !is_found_again(index)) {
                clear(shard_.entry(index), header.free_head.load());
                add_free(index);
            }
        if (header.free_count.load() == 0)
            give_one_up();
        header.is_unchecked.store(0);
    }

private:
    struct Place {
        base::Published<std::uint32_t> *word = nullptr;  // null: nowhere
        std::uint32_t entry = 0;
        Session session;
    };

    Place find(const Key &key) const noexcept
    {
        const auto [first, second] = shard_.buckets_of(key);
        Place place;
        for (const auto bucket : {first, second})
            for (auto &word : shard_.bucket(bucket).words) {
                const auto value = word.acquire();
                const auto entry = shard_.entry_of(value);
                if (!entry || (value & 0xFFFF0000) != tag_of(key))
                    continue;
                if (read(shard_.entry(*entry), place.session) == Reading::kWhole &&
                    place.session.key == key) {
                    place.word = &word;
                    place.entry = *entry;
                    return place;
                }
            }
        return {};
    }

    Learned insert(const Session &session, const Limits &limits, base::TimeUs now) noexcept
    {
        auto &header = shard_.header();
        if (const auto next = shard_.entry_of(header.free_head.load()); next)
            __builtin_prefetch(&shard_.entry(*next));
        auto *word = free_word(session.key);
        if (word == nullptr || is_full()) {
            if (!make_room(session, limits, now)) {
                header.refused.fetch_add(1);
                return Learned::kNoRoom;
            }
            word = free_word(session.key);
        }
        const auto index = take_free();
        if (word == nullptr || !index)
            return Learned::kNoRoom;
        write(shard_.entry(*index), session);
        word->publish(tag_of(session.key) | (*index + 1));
        header.learned.fetch_add(1);
        return Learned::kLearned;
    }

    Learned change(const Place &place, const Session &wanted, const Limits &limits,
                   base::TimeUs now) noexcept
    {
        auto changed = place.session;
        if (is_expired(changed, limits.expire, now)) {
            shard_.header().expired.fetch_add(1);
            shard_.header().learned.fetch_add(1);
            changed = wanted;
        } else {
            changed.member = wanted.member;
            changed.origin = std::max(changed.origin, wanted.origin);
            changed.requests += wanted.requests;
            if (is_use_news(changed, limits, now))
                changed.used_us = wanted.used_us;
        }
        const auto index = take_free();
        if (!index)
            return Learned::kNoRoom;
        write(shard_.entry(*index), changed);
        place.word->publish(tag_of(changed.key) | (*index + 1));
        clear(shard_.entry(place.entry), shard_.header().free_head.load());
        add_free(place.entry);
        return Learned::kKnown;
    }

    // The entry first: a session that is over must not be found again by repair().
    void remove(const Place &place) noexcept
    {
        clear(shard_.entry(place.entry), shard_.header().free_head.load());
        place.word->publish(0);
        add_free(place.entry);
    }

    // In the emptier of the key's two buckets; null: both are full.
    base::Published<std::uint32_t> *free_word(const Key &key) const noexcept
    {
        base::Published<std::uint32_t> *found = nullptr;
        int most = 0;
        const auto [first, second] = shard_.buckets_of(key);
        for (const auto bucket : {first, second}) {
            int free = 0;
            base::Published<std::uint32_t> *last = nullptr;
            for (auto &word : shard_.bucket(bucket).words)
                if (word.acquire() == 0) {
                    ++free;
                    last = &word;
                }
            if (free > most) {
                most = free;
                found = last;
            }
        }
        return found;
    }

    // Who makes room, as far as it has been looked for.
    struct Victim {
        Place place;
        Rank rank = Rank::kNobody;
        int seen = 0;
    };

    bool make_room(const Session &session, const Limits &limits, base::TimeUs now) noexcept
    {
        const auto last = last_to_make_room(session.origin, limits);
        auto victim = one_of_a_few(session.key, limits, now);
        if (victim.rank > std::min(last, Rank::kSeenOnce))
            victim = first_of_neighbours(session.key, limits, now);
        if (victim.rank > last)
            return false;
        auto &header = shard_.header();
        (victim.rank == Rank::kExpired ? header.expired : header.evicted).fetch_add(1);
        remove(victim.place);
        return true;
    }

    // Each entry that is looked at is a line that is in no cache. In a table of more than one shard a few of
    // them will do, where one of these goes before nearly all others.
    Victim one_of_a_few(const Key &key, const Limits &limits, base::TimeUs now) const noexcept
    {
        constexpr std::uint32_t kFew = 4;
        Victim victim;
        if (!shard_.is_one_of_many())
            return victim;
        const auto bucket = shard_.buckets_of(key).first;
        const auto begin = static_cast<std::uint32_t>(key.high >> 16) % (kWordsOfBucket - kFew + 1);
        shard_.prefetch_entries(bucket, begin, kFew);
        for (auto i = begin; i < begin + kFew; ++i)
            consider(shard_.bucket(bucket).words[i], limits, now, victim);
        return victim;
    }

    // Where the key may be; and a few buckets more, where those are nearly empty.
    Victim first_of_neighbours(const Key &key, const Limits &limits,
                               base::TimeUs now) const noexcept
    {
        constexpr std::uint32_t kMoreBuckets = 6;
        constexpr int kEnough = 8;
        const auto [first, second] = shard_.buckets_of(key);
        for (const auto bucket : {first, second})
            shard_.prefetch_entries(bucket);
        Victim victim;
        for (const auto bucket : {first, second})
            for (auto &word : shard_.bucket(bucket).words)
                consider(word, limits, now, victim);
        for (std::uint32_t i = 1; i <= kMoreBuckets && victim.seen < kEnough; ++i)
            for (auto &word : shard_.bucket((first + i) % shard_.bucket_count()).words)
                consider(word, limits, now, victim);
        return victim;
    }

    void consider(base::Published<std::uint32_t> &word, const Limits &limits, base::TimeUs now,
                  Victim &victim) const noexcept
    {
        const auto entry = shard_.entry_of(word.acquire());
        if (!entry)
            return;
        ++victim.seen;
        Place place{&word, *entry, {}};
        const bool is_whole = read(shard_.entry(*entry), place.session) == Reading::kWhole;
        const auto rank = is_whole ? rank_of(place.session, limits.expire, now) : Rank::kExpired;
        if (rank < victim.rank ||
            (rank == victim.rank && place.session.used_us < victim.place.session.used_us)) {
            victim.place = place;
            victim.rank = rank;
        }
    }

    Reading look_at(std::uint32_t index, base::DurationUs expire, base::TimeUs now) noexcept
    {
        auto &entry = shard_.entry(index);
        Session session;
        const auto reading = read(entry, session);
        if (reading != Reading::kWhole)
            return reading;
        if (session.used_us - now.us > kFarAheadUs)
            entry.used_us.store(now.us);
        else if (is_expired(session, expire, now))
            if (const auto place = find(session.key); place.word != nullptr) {
                remove(place);
                shard_.header().expired.fetch_add(1);
            }
        return reading;
    }

    // Nobody loses its place because a number was damaged.
    bool is_full() noexcept
    {
        const auto &header = shard_.header();
        if (header.free_count.load() > 1)
            return false;
        if (has_two_free())
            repair();
        return header.free_count.load() <= 1;
    }

    bool has_two_free() const noexcept
    {
        const auto number = shard_.header().free_head.load();
        const auto never_used = shard_.entry_count() - shard_.used_end();
        if (number == 0 || number > shard_.used_end())
            return never_used > 1;
        Session nobody;
        read(shard_.entry(number - 1), nobody);
        return never_used + (nobody.key.low != 0 ? 2 : 1) > 1;
    }

    std::optional<std::uint32_t> take_free() noexcept
    {
        auto taken = first_free();
        if (!taken) {
            repair();  // the list is not as it was left
            taken = first_free();
        }
        if (taken)
            shard_.header().free_count.fetch_add(std::uint32_t{0} - 1);
        return taken;
    }

    std::optional<std::uint32_t> first_free() noexcept
    {
        auto &header = shard_.header();
        if (header.free_count.load() == 0)
            return std::nullopt;
        const auto number = header.free_head.load();
        if (number == 0) {
            const auto index = header.used_end.load();
            if (index >= shard_.entry_count())
                return std::nullopt;
            header.used_end.store(index + 1);
            return index;
        }
        Session nobody;
        if (number > shard_.used_end() || read(shard_.entry(number - 1), nobody) != Reading::kFree)
            return std::nullopt;
        header.free_head.store(static_cast<std::uint32_t>(nobody.key.low));
        return number - 1;
    }

    void add_free(std::uint32_t index) noexcept
    {
        shard_.header().free_head.store(index + 1);
        shard_.header().free_count.fetch_add(1);
    }

    // The entry that the word leads to; a word that leads wrongly is made one that leads nowhere.
    std::optional<std::uint32_t> repaired(base::Published<std::uint32_t> &word,
                                          std::bitset<kMostEntriesOfShard> &is_found) noexcept
    {
        const auto value = word.acquire();
        if (value == 0)
            return std::nullopt;
        const auto entry = shard_.entry_of(value);
        Session session;
        // Also of two words for one key, in pages of a file that were written at different times, one is good.
        if (entry && read(shard_.entry(*entry), session) == Reading::kWhole &&
            find(session.key).word == &word) {
            is_found.set(*entry);
            return entry;
        }
        word.publish(0);
        return std::nullopt;
    }

    // An entry that no word leads to. One that is whole has lost its word, or was just being learned.
    bool is_found_again(std::uint32_t index) noexcept
    {
        Session session;
        const auto reading = read(shard_.entry(index), session);
        auto *word = reading == Reading::kWhole && find(session.key).word == nullptr
                         ? free_word(session.key)
                         : nullptr;
        if (word != nullptr)
            word->publish(tag_of(session.key) | (index + 1));
        else if (reading == Reading::kDamaged)
            shard_.header().damaged.fetch_add(1);
        return word != nullptr;
    }

    // Pages of a file that were written at different times may leave no entry free, and a change needs one.
    void give_one_up() noexcept
    {
        Place oldest;
        for (std::uint32_t index = 0; index < shard_.used_end(); ++index) {
            Session session;
            if (read(shard_.entry(index), session) == Reading::kWhole &&
                (oldest.word == nullptr || session.used_us < oldest.session.used_us))
                oldest = find(session.key);
        }
        if (oldest.word == nullptr)
            return;
        shard_.header().evicted.fetch_add(1);
        remove(oldest);
    }

    const Shard &shard_;
    const shm::RobustGuard guard_;
};

std::uint32_t Shard::session_count() const noexcept
{
    const auto free = header().free_count.load();
    return free < entry_count_ ? entry_count_ - free : 0;
}

Shard::Buckets Shard::buckets_of(const Key &key) const noexcept
{
    const auto first = scaled(key.low >> 32, bucket_count_);
    const auto second = scaled(key.low, bucket_count_);
    return {first, second != first ? second : (first + 1) % bucket_count_};
}

void Shard::prefetch(const Key &key) const noexcept
{
    const auto [first, second] = buckets_of(key);
    __builtin_prefetch(&bucket(first));
    __builtin_prefetch(&bucket(second));
}

void Shard::prefetch_entries(std::uint32_t index, std::uint32_t first_word,
                             std::uint32_t count) const noexcept
{
    for (auto i = first_word; i < first_word + count; ++i)
        if (const auto number = entry_of(bucket(index).words[i].acquire()); number)
            __builtin_prefetch(&entry(*number));
}

std::optional<Shard::Found> Shard::find(const Key &key) const noexcept
{
    prefetch(key);
    const auto tag = tag_of(key);
    const auto [first, second] = buckets_of(key);
    for (int i = 0; i < kMostReadings; ++i) {
        bool leads_elsewhere = false;
        for (const auto index : {first, second})
            for (const auto &word : bucket(index).words) {
                const auto value = word.acquire();
                if ((value & 0xFFFF0000) != tag)
                    continue;
                const auto found = entry_of(value);
                if (!found)
                    continue;
                Session session;
                if (read(entry(*found), session) == Reading::kWhole && session.key == key)
                    return Found{session, &entry(*found)};
                // Two changes later the word is what it was, so that it is says nothing.
                leads_elsewhere = true;
            }
        if (!leads_elsewhere)
            break;
    }
    return std::nullopt;
}

std::optional<Session> Shard::session_at(const base::Published<std::uint32_t> &word) const noexcept
{
    for (int i = 0; i < kMostReadings; ++i) {
        const auto value = word.acquire();
        const auto index = entry_of(value);
        if (!index)
            break;
        Session session;
        if (read(entry(*index), session) == Reading::kWhole &&
            tag_of(session.key) == (value & 0xFFFF0000))
            return session;
    }
    return std::nullopt;
}

Learned Shard::learn(const Session &session, const Limits &limits, base::TimeUs now) const noexcept
{
    Writer writer(*this);
    return writer.is_held() ? writer.learn(session, limits, now) : Learned::kBroken;
}

bool Shard::forget(const Key &key) const noexcept
{
    Writer writer(*this);
    return writer.is_held() && writer.forget(key);
}

void Shard::expire(std::uint32_t first, std::uint32_t count, base::DurationUs expire,
                   base::TimeUs now) const noexcept
{
    Writer writer(*this);
    if (writer.is_held())
        writer.expire(first, count, expire, now);
}

bool Shard::format() const noexcept
{
    if (!shm::init_lock(header().lock))
        return false;
    header().free_count.store(entry_count_);
    return true;
}

bool Shard::restart() const noexcept
{
    header().is_unchecked.store(1);
    return shm::init_lock(header().lock);
}

void Shard::repair_if_unchecked() const noexcept
{
    if (header().is_unchecked.load() != 0)
        Writer{*this};
}

}  // namespace stickybalancer::stick_table
