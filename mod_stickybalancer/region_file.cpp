// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/region_file.hpp"

#include <apr_file_info.h>

#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstring>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include "mod_stickybalancer/log.hpp"
#include "mod_stickybalancer/mapped_file.hpp"
#include "mod_stickybalancer/retained.hpp"

namespace stickybalancer {
namespace {

constexpr const char *kRetainedKey = "mod_stickybalancer.region_file";
constexpr RetainedHead kRetainedHead{0x5342'5246, 3};

// A server that has just been stopped has children for a moment longer.
constexpr int kLockTries = 100;
constexpr apr_interval_time_t kLockPause = apr_time_from_msec(50);

struct Retained {
    RetainedHead head;
    MappedFile file;
    char directory[PATH_MAX];  // what the configuration said that opened it; "": memory only
    bool is_in_directory;      // else in memory, although it said something
};

// Null, or why the directory will not do.
const char *prepare_directory(apr_pool_t *pool, const char *path)
{
    if (const auto status = apr_dir_make_recursive(
            path, APR_FPROT_UREAD | APR_FPROT_UWRITE | APR_FPROT_UEXECUTE, pool);
        status != APR_SUCCESS) {
        char why[128];
        return apr_psprintf(pool, "cannot be made: %s", apr_strerror(status, why, sizeof(why)));
    }
    struct stat info;
    if (stat(path, &info) != 0)
        return error_text(pool, errno);
    if (!S_ISDIR(info.st_mode))
        return "is not a directory";
    if ((info.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        return "may be written by others than its owner";
    return nullptr;
}

bool lock_alone(int fd)
{
    for (int i = 0; i < kLockTries; ++i) {
        if (flock(fd, LOCK_EX | LOCK_NB) == 0)
            return true;
        if (errno != EWOULDBLOCK && errno != EINTR)
            return false;
        apr_sleep(kLockPause);
    }
    return false;
}

class Opener {
public:
    Opener(apr_pool_t *pool, server_rec *s, MappedFile &file, const sb_geometry &geometry)
        : pool_(pool), s_(s), file_(file), geometry_(geometry)
    {
    }

    bool open_file(const char *path)
    {
        for (int tries = 0; tries < 2; ++tries) {
            if (const char *why = open_state_file(pool_, path, file_); why != nullptr)
                return refuse(path, why);
            if (!lock_alone(file_.fd))
                return refuse(path, "is in use by another server");
            const auto size = size_of(file_);
            if (size == 0)
                return make(sb_region_size(&geometry_)) || refuse(path, why_);
            if (take_over(path, size))
                return true;
            if (is_sound_)
                return refuse(path, why_);
            set_it_aside(path);
        }
        return refuse(path, "cannot be set aside");
    }

    bool open_memory()
    {
        why_ = make_memory(pool_, file_);
        return (why_ == nullptr && make(sb_region_size(&geometry_))) || refuse("memory", why_);
    }

private:
    bool refuse(const char *path, const char *why)
    {
        log<message::no_region>(s_, path, why);
        let_go(file_);
        return false;
    }

    bool make(apr_size_t size)
    {
        std::uint64_t random[2];
        if (apr_generate_random_bytes(reinterpret_cast<unsigned char *>(random), sizeof(random)) !=
            APR_SUCCESS) {
            why_ = "there are no random numbers";
            return false;
        }
        if (why_ = map_file(pool_, size, file_); why_ != nullptr)
            return false;
        why_ = "the system has no robust mutexes";
        return sb_region_format(file_.memory, file_.size, &geometry_, random) == SB_OK;
    }

    // False: what is in the file is no region of ours; or one that has no room for this server (is_sound_),
    // and is not to be lost for that.
    bool take_over(const char *path, apr_size_t size)
    {
        sb_region *region = nullptr;
        if (why_ = map_file(pool_, size, file_); why_ != nullptr) {
            is_sound_ = true;
            return false;
        }
        if (sb_region_open(file_.memory, size, &region, &why_) != SB_OK)
            return false;
        std::uint32_t dropped = 0;
        bool is_good = sb_region_restart(region, &dropped) == SB_OK;
        if (is_good && dropped > 0)
            log<message::records_dropped>(s_, static_cast<int>(dropped));
        is_sound_ = is_good;
        if (is_good && !has_room(*region))
            is_good = move_over(path, *region);
        sb_region_close(region);
        return is_good;
    }

    // A child without a slot could not serve.
    bool has_room(const sb_region &region) const
    {
        const auto found = sb_region_geometry(&region);
        return found.process_count >= geometry_.process_count &&
               found.waiter_count >= geometry_.waiter_count;
    }

    // The server may have more processes or threads than before: what the file keeps goes into another one,
    // which takes its place when everything is in it.
    bool move_over(const char *path, const sb_region &earlier)
    {
        const char *fresh = apr_pstrcat(pool_, path, ".new", nullptr);
        MappedFile old = std::exchange(file_, {});
        why_ = make_state_file(pool_, fresh, file_);
        const bool is_moved = why_ == nullptr && lock_alone(file_.fd) &&
                              make(sb_region_size_for(&geometry_, &earlier)) &&
                              carry_over(earlier) && std::rename(fresh, path) == 0;
        if (!is_moved) {
            why_ =
                apr_psprintf(pool_,
                             "it was made for fewer processes or threads, and there is no room to "
                             "copy it (%s)",
                             why_ != nullptr ? why_ : error_text(pool_, errno));
            unlink(fresh);
            std::swap(old, file_);
        }
        let_go(old);
        if (is_moved)
            log<message::region_moved>(s_, path, static_cast<int>(geometry_.process_count),
                                       static_cast<int>(geometry_.waiter_count));
        return is_moved;
    }

    bool carry_over(const sb_region &earlier)
    {
        sb_region *region = nullptr;
        if (sb_region_open(file_.memory, file_.size, &region, &why_) != SB_OK)
            return false;
        const auto status = sb_region_carry_over(&earlier, region);
        sb_region_close(region);
        why_ = status == SB_OK ? nullptr : sb_status_name(status);
        return status == SB_OK;
    }

    void set_it_aside(const char *path)
    {
        let_go(file_);
        if (const char *aside = set_aside(pool_, path); aside != nullptr)
            log<message::region_set_aside>(s_, path, why_ != nullptr ? why_ : "unreadable", aside);
    }

    apr_pool_t *pool_;
    server_rec *s_;
    MappedFile &file_;
    sb_geometry geometry_;
    const char *why_ = nullptr;
    bool is_sound_ = false;
};

// What is in force stays: both generations share it, wherever the next start will look for it.
bool is_kept(const server_rec *s, const Retained &retained, const StateDir &dir)
{
    if (retained.file.memory == nullptr)
        return false;
    const auto shown = [](const char *path) { return *path != '\0' ? path : "Off"; };
    const char *now = dir.path != nullptr ? dir.path : "";
    if (std::strcmp(now, retained.directory) != 0)
        log<message::state_dir_waits>(s, shown(now), shown(retained.directory));
    return true;
}

bool refuse_generation(const server_rec *s, const char *why)
{
    log<message::region_lost>(s, why);
    return false;
}

bool reopen(server_rec *s, const Retained &retained, SharedRegion &region)
{
    region = {retained.file.memory, retained.file.size, nullptr,
              retained.is_in_directory ? retained.directory : nullptr};
    const char *why = nullptr;
    if (sb_region_open(region.memory, region.size, &region.core, &why) == SB_OK)
        return true;
    return refuse_generation(s, why);
}

bool open_chosen(Opener &opener, apr_pool_t *pool, server_rec *s, const StateDir &dir,
                 bool &is_in_directory)
{
    is_in_directory = false;
    if (dir.path == nullptr)
        return opener.open_memory();
    const char *why = prepare_directory(pool, dir.path);
    if (why == nullptr) {
        is_in_directory = true;
        return opener.open_file(state_file_path(pool, dir.path, "region"));
    }
    if (dir.is_chosen) {
        log<message::no_state_dir>(s, dir.path, why);
        return false;
    }
    log<message::state_dir_skipped>(s, dir.path, why);
    return opener.open_memory();
}

}  // namespace

bool open_region(apr_pool_t *ptemp, server_rec *s, const StateDir &dir, const sb_geometry &geometry,
                 SharedRegion &region)
{
    auto *kept = retained<Retained>(s, kRetainedKey, kRetainedHead);
    if (kept == nullptr)
        return refuse_generation(s, "another version of this module made it");
    if (!is_kept(s, *kept, dir)) {
        Opener opener(ptemp, s, kept->file, geometry);
        if (!open_chosen(opener, ptemp, s, dir, kept->is_in_directory))
            return false;
        apr_cpystrn(kept->directory, dir.path != nullptr ? dir.path : "", sizeof(kept->directory));
    }
    return reopen(s, *kept, region);
}

bool grow_region(server_rec *s, apr_size_t size, SharedRegion &region)
{
    auto &kept = *retained<Retained>(s, kRetainedKey, kRetainedHead);
    if (size <= kept.file.size)
        return true;
    if (map_file(s->process->pool, size, kept.file) != nullptr) {
        log<message::no_shared_memory>(s, static_cast<int>(size));
        return false;
    }
    sb_region_close(region.core);
    return reopen(s, kept, region);
}

}  // namespace stickybalancer
