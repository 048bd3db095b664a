// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/table_file.hpp"

#include <cerrno>
#include <cstdio>
#include <sys/mman.h>
#include <unistd.h>
#include <utility>

#include "mod_stickybalancer/attachment.hpp"
#include "mod_stickybalancer/core_settings.hpp"
#include "mod_stickybalancer/log.hpp"
#include "mod_stickybalancer/mapped_file.hpp"
#include "mod_stickybalancer/retained.hpp"

namespace stickybalancer {
namespace {

constexpr const char *kRetainedKey = "mod_stickybalancer.table_file";
constexpr RetainedHead kRetainedHead{0x5342'5446, 1};

// Of one balancer.
struct Kept {
    Kept *next;
    sb_identity balancer;
    MappedFile now;      // no memory: it has none yet
    MappedFile earlier;  // that `now` was made from in this generation; no memory: from none
    bool is_in_file;
};

struct Retained {
    RetainedHead head;
    Kept *first;
    bool has_started;  // a generation was ready to serve
};

Kept &kept_of(const server_rec *s, Retained &retained, const sb_identity &balancer)
{
    for (auto *kept = retained.first; kept != nullptr; kept = kept->next)
        if (kept->balancer.high == balancer.high && kept->balancer.low == balancer.low)
            return *kept;
    auto *kept = static_cast<Kept *>(apr_pcalloc(s->process->pool, sizeof(Kept)));
    *kept = {retained.first, balancer, {}, {}, false};
    retained.first = kept;
    return *kept;
}

apr_status_t close_table(void *table)
{
    sb_table_close(static_cast<sb_table *>(table));
    return APR_SUCCESS;
}

const char *text_of(apr_pool_t *pool, apr_size_t number)
{
    return apr_psprintf(pool, "%" APR_SIZE_T_FMT, number);
}

class TableOpener {
public:
    // `path`: null for memory only.
    TableOpener(apr_pool_t *pconf, apr_pool_t *pool, const Attached &attached, const char *path,
                Kept &kept, bool is_start)
        : pconf_(pconf),
          pool_(pool),
          attached_(attached),
          path_(path),
          kept_(kept),
          is_start_(is_start),
          wanted_(static_cast<std::uint64_t>(table_size_of(attached.config.options)))
    {
    }

    bool open()
    {
        if (kept_.now.memory != nullptr)
            find_again();
        if (kept_.now.memory == nullptr && !open_anew())
            return false;
        if (sb_table_session_count(table_) != wanted_)
            resize();
        say_what_is_known();
        return true;
    }

    sb_table *table() const { return table_; }
    sb_table *earlier_table() const { return earlier_table_; }

private:
    // Where the last generation had it, and children still may.
    void find_again()
    {
        if (open_mapped(kept_.now) == SB_OK)
            return;
        let_go(kept_.now);
        if (kept_.is_in_file)
            set_it_aside();
    }

    bool open_anew()
    {
        kept_.is_in_file = path_ != nullptr && open_file();
        if (kept_.is_in_file)
            return true;
        give_up(table_, kept_.now);
        if (path_ != nullptr && is_start_)
            return refuse(path_);
        if (path_ != nullptr)
            log<message::table_in_memory>(attached_.server, attached_.name, path_, why_);
        why_ = make_memory(pool_, kept_.now);
        return (why_ == nullptr && make(kept_.now)) || refuse("memory");
    }

    bool refuse(const char *path)
    {
        log<message::no_table>(attached_.server, attached_.name, path, why_);
        give_up(table_, kept_.now);
        return false;
    }

    void give_up(sb_table *&table, MappedFile &file)
    {
        if (table != nullptr)
            apr_pool_cleanup_run(pconf_, table, close_table);
        table = nullptr;
        let_go(file);
    }

    bool open_file()
    {
        unlink(fresh_path());
        for (int tries = 0; tries < 2; ++tries) {
            if (why_ = open_state_file(pool_, path_, kept_.now); why_ != nullptr)
                return false;
            const auto size = size_of(kept_.now);
            if (size == 0)
                return make(kept_.now);
            const auto status = take_over(size);
            if (status != SB_LAYOUT_MISMATCH)
                return status == SB_OK;
            let_go(kept_.now);
            set_it_aside();
        }
        why_ = "cannot be set aside";
        return false;
    }

    // SB_LAYOUT_MISMATCH: what is in the file is no table of ours; another: it cannot be used now.
    sb_status take_over(apr_size_t size)
    {
        if (why_ = map_file(pool_, size, kept_.now); why_ != nullptr)
            return SB_NO_MEMORY;
        auto status = open_mapped(kept_.now);
        if (status == SB_BUFFER_TOO_SMALL) {
            log<message::table_cut_short>(attached_.server, attached_.name, path_,
                                          text_of(pool_, needed_), text_of(pool_, size));
            if (why_ = map_file(pool_, needed_, kept_.now); why_ != nullptr)
                return SB_NO_MEMORY;
            status = open_mapped(kept_.now);
        }
        if (status == SB_OK)
            status = sb_table_restart(table_);
        if (why_ == nullptr)
            why_ = sb_status_name(status);
        close_descriptor(kept_.now);
        return status;
    }

    sb_status open_mapped(const MappedFile &file)
    {
        const auto status =
            sb_table_open(file.memory, file.size, attached_.identity, &table_, &needed_, &why_);
        if (status == SB_OK)
            apr_pool_cleanup_register(pconf_, table_, close_table, apr_pool_cleanup_null);
        return status;
    }

    // An empty table, in a file that is open.
    bool make(MappedFile &file)
    {
        std::uint64_t random[2];
        if (apr_generate_random_bytes(reinterpret_cast<unsigned char *>(random), sizeof(random)) !=
            APR_SUCCESS) {
            why_ = "there are no random numbers";
            return false;
        }
        if (why_ = map_file(pool_, sb_table_size(wanted_), file); why_ != nullptr)
            return false;
        close_descriptor(file);
        auto status = sb_table_format(file.memory, file.size, wanted_, attached_.identity, random);
        if (status == SB_OK)
            status = open_mapped(file);
        if (status != SB_OK)
            why_ = sb_status_name(status);
        return status == SB_OK;
    }

    // The mapping is enough.
    static void close_descriptor(MappedFile &file) { close(std::exchange(file.fd, -1)); }

    void set_it_aside()
    {
        if (const char *aside = set_aside(pool_, path_); aside != nullptr)
            log<message::table_set_aside>(attached_.server, attached_.name, path_,
                                          why_ != nullptr ? why_ : "unreadable", aside);
    }

    // What is in the table goes into another one. Those who have it mapped go on with it.
    void resize()
    {
        auto *old = table_;
        MappedFile fresh;
        if (make_resized(*old, fresh)) {
            kept_.earlier = std::exchange(kept_.now, fresh);
            if (is_start_)
                give_up(old, kept_.earlier);
            earlier_table_ = old;
            return;
        }
        if (kept_.is_in_file)
            unlink(fresh_path());
        if (table_ == old)
            table_ = nullptr;
        give_up(table_, fresh);
        table_ = old;
        log<message::table_not_resized>(
            attached_.server, attached_.name, static_cast<int>(sb_table_session_count(old)),
            static_cast<int>(wanted_), kept_.is_in_file ? fresh_path() : "memory", why_);
    }

    bool make_resized(const sb_table &old, MappedFile &fresh)
    {
        why_ = kept_.is_in_file ? make_state_file(pool_, fresh_path(), fresh)
                                : make_memory(pool_, fresh);
        if (why_ != nullptr || !make(fresh))
            return false;
        std::uint64_t moved = 0, left_out = 0;
        const auto status =
            sb_table_carry_over(&old, table_, table_expire_us(attached_.config.options),
                                apr_time_now(), &moved, &left_out);
        why_ = status != SB_OK ? sb_status_name(status) : nullptr;
        // Before it takes the other's place: the machine may lose power.
        if (status == SB_OK && kept_.is_in_file && msync(fresh.memory, fresh.size, MS_SYNC) != 0)
            why_ = error_text(pool_, errno);
        if (why_ == nullptr && kept_.is_in_file && std::rename(fresh_path(), path_) != 0)
            why_ = error_text(pool_, errno);
        if (why_ != nullptr)
            return false;
        log<message::table_resized>(attached_.server, attached_.name, static_cast<int>(wanted_),
                                    static_cast<int>(sb_table_session_count(&old)),
                                    static_cast<int>(moved), static_cast<int>(left_out));
        return true;
    }

    void say_what_is_known()
    {
        sb_table_numbers numbers{};
        numbers.struct_size = sizeof(numbers);
        if (sb_table_count(table_, &numbers) == SB_OK)
            log<message::table_opened>(attached_.server, attached_.name,
                                       static_cast<int>(numbers.sessions),
                                       static_cast<int>(sb_table_session_count(table_)),
                                       kept_.is_in_file ? path_ : "memory");
    }

    const char *fresh_path() const { return apr_pstrcat(pool_, path_, ".new", nullptr); }

    apr_pool_t *pconf_;
    apr_pool_t *pool_;
    const Attached &attached_;
    const char *path_;
    Kept &kept_;
    bool is_start_;
    std::uint64_t wanted_;
    sb_table *table_ = nullptr;
    sb_table *earlier_table_ = nullptr;
    std::size_t needed_ = 0;
    const char *why_ = nullptr;
};

// Calls visit(attached) for each balancer with keys.
template <typename Visit>
void each_with_keys(const server_rec *main_server, const Visit &visit)
{
    for (const auto *s = main_server; s != nullptr; s = s->next) {
        const auto *list = config_of(s).attached;
        for (int i = 0; i < list->nelts; ++i)
            if (auto &attached = *APR_ARRAY_IDX(list, i, Attached *);
                attached.session_key_count > 0)
                visit(attached);
    }
}

// Virtual hosts that share a balancer's members share its table.
void give_to_all(const server_rec *main_server, const TableOpener &opener, const Attached &first)
{
    each_with_keys(main_server, [&](Attached &attached) {
        if (attached.region_index != first.region_index)
            return;
        attached.table = opener.table();
        attached.earlier_table = opener.earlier_table();
    });
}

const char *path_of(apr_pool_t *pool, const char *directory, const sb_identity &balancer)
{
    if (directory == nullptr)
        return nullptr;
    return apr_psprintf(pool, "%s-%016" APR_UINT64_T_HEX_FMT "%016" APR_UINT64_T_HEX_FMT,
                        state_file_path(pool, directory, "table"),
                        static_cast<apr_uint64_t>(balancer.high),
                        static_cast<apr_uint64_t>(balancer.low));
}

}  // namespace

bool open_tables(apr_pool_t *pconf, apr_pool_t *ptemp, server_rec *main_server,
                 const char *directory)
{
    auto *since_start = retained<Retained>(main_server, kRetainedKey, kRetainedHead);
    if (since_start == nullptr) {
        log<message::tables_lost>(main_server);
        return false;
    }
    for (auto *kept = since_start->first; kept != nullptr; kept = kept->next)
        let_go(kept->earlier);
    bool is_good = true;
    each_with_keys(main_server, [&](Attached &attached) {
        if (!is_good || attached.table != nullptr)
            return;
        TableOpener opener(pconf, ptemp, attached, path_of(ptemp, directory, attached.identity),
                           kept_of(main_server, *since_start, attached.identity),
                           !since_start->has_started);
        is_good = opener.open();
        give_to_all(main_server, opener, attached);
    });
    since_start->has_started |= is_good;
    return is_good;
}

}  // namespace stickybalancer
