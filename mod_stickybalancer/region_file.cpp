// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/region_file.hpp"

#include <apr_file_info.h>
#include <mpm_common.h>

#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include "mod_stickybalancer/log.hpp"

namespace stickybalancer {
namespace {

constexpr const char *kRetainedKey = "mod_stickybalancer.region_file";
constexpr std::uint32_t kMagic = 0x5342'5246;
constexpr std::uint32_t kVersion = 2;  // other: what is there is left alone

// A server that has just been stopped has children for a moment longer.
constexpr int kLockTries = 100;
constexpr apr_interval_time_t kLockPause = apr_time_from_msec(50);

struct Retained {
    std::uint32_t magic;
    std::uint32_t version;
    int fd;
    void *memory;
    apr_size_t size;
    char directory[PATH_MAX];  // what the configuration said that opened it; "": memory only
};

Retained *retained_of(const server_rec *s)
{
    void *data = nullptr;
    apr_pool_userdata_get(&data, kRetainedKey, s->process->pool);
    if (data != nullptr)
        return static_cast<Retained *>(data);
    auto *fresh = static_cast<Retained *>(apr_pcalloc(s->process->pool, sizeof(Retained)));
    fresh->magic = kMagic;
    fresh->version = kVersion;
    fresh->fd = -1;
    // Not setn: it keeps the pointer to the name, which goes when this module is unloaded.
    apr_pool_userdata_set(fresh, kRetainedKey, nullptr, s->process->pool);
    return fresh;
}

// One file for each server that may run: they differ in where they write their process id.
const char *file_path(apr_pool_t *pool, const char *dir)
{
    std::uint64_t digest = 14695981039346656037U;  // FNV-1a, by Fowler, Noll and Vo
    for (const char *text : {ap_server_root, ap_pid_fname})
        for (; text != nullptr && *text != '\0'; ++text)
            digest = (digest ^ static_cast<unsigned char>(*text)) * 1099511628211U;
    return apr_psprintf(pool, "%s/region-%016" APR_UINT64_T_HEX_FMT, dir, digest);
}

const char *error_text(apr_pool_t *pool) { return apr_pstrdup(pool, std::strerror(errno)); }

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
        return error_text(pool);
    if (!S_ISDIR(info.st_mode))
        return "is not a directory";
    if ((info.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        return "may be written by others than its owner";
    return nullptr;
}

bool is_ours_alone(int fd)
{
    struct stat info;
    return fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && info.st_uid == geteuid() &&
           (info.st_mode & (S_IWGRP | S_IWOTH)) == 0;
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

// Memory that is not there when it is written to would end a process: it is asked for at once.
bool has_bytes(int fd, apr_size_t size)
{
    return posix_fallocate(fd, 0, static_cast<off_t>(size)) == 0;
}

void *mapped(int fd, apr_size_t size)
{
    void *memory = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    return memory == MAP_FAILED ? nullptr : memory;
}

void let_go(Retained &retained)
{
    if (retained.memory != nullptr)
        munmap(retained.memory, retained.size);
    if (retained.fd >= 0)
        close(retained.fd);
    retained.memory = nullptr;
    retained.size = 0;
    retained.fd = -1;
    retained.directory[0] = '\0';
}

apr_size_t size_of(int fd)
{
    struct stat info;
    return fstat(fd, &info) == 0 ? static_cast<apr_size_t>(info.st_size) : 0;
}

class Opener {
public:
    Opener(apr_pool_t *pool, server_rec *s, Retained &retained, const sb_geometry &geometry)
        : pool_(pool), s_(s), retained_(retained), geometry_(geometry)
    {
    }

    bool open_file(const char *path)
    {
        for (int tries = 0; tries < 2; ++tries) {
            const int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
            if (fd < 0)
                return refuse(path, error_text(pool_));
            retained_.fd = fd;
            if (!is_ours_alone(fd))
                return refuse(path, "is not a file that only this server's user can write");
            if (!lock_alone(fd))
                return refuse(path, "is in use by another server");
            const auto size = size_of(fd);
            if (size == 0)
                return make(fd, sb_region_size(&geometry_)) || refuse(path, error_text(pool_));
            if (take_over(path, fd, size))
                return true;
            if (is_sound_)
                return refuse(path, why_);
            set_aside(path);
        }
        return refuse(path, "cannot be set aside");
    }

    bool open_memory()
    {
        retained_.fd = memfd_create("stickybalancer", MFD_CLOEXEC);
        return (retained_.fd >= 0 && make(retained_.fd, sb_region_size(&geometry_))) ||
               refuse("memory", error_text(pool_));
    }

private:
    bool refuse(const char *path, const char *why)
    {
        log<message::no_region>(s_, path, why);
        let_go(retained_);
        return false;
    }

    bool make(int fd, apr_size_t size)
    {
        std::uint64_t random[2];
        if (apr_generate_random_bytes(reinterpret_cast<unsigned char *>(random), sizeof(random)) !=
            APR_SUCCESS)
            return false;
        return map(fd, size) &&
               sb_region_format(retained_.memory, retained_.size, &geometry_, random) == SB_OK;
    }

    bool map(int fd, apr_size_t size)
    {
        retained_.memory = has_bytes(fd, size) ? mapped(fd, size) : nullptr;
        retained_.size = size;
        return retained_.memory != nullptr;
    }

    // False: what is in the file is no region of ours; or one that has no room for this server (is_sound_),
    // and is not to be lost for that.
    bool take_over(const char *path, int fd, apr_size_t size)
    {
        sb_region *region = nullptr;
        if (!map(fd, size) || sb_region_open(retained_.memory, size, &region, &why_) != SB_OK)
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
        why_ = "it was made for fewer processes or threads, and there is no room to copy it";
        const char *fresh = apr_pstrcat(pool_, path, ".new", nullptr);
        unlink(fresh);
        Retained old = retained_;
        retained_.fd = open(fresh, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
        retained_.memory = nullptr;
        const bool is_moved = retained_.fd >= 0 && lock_alone(retained_.fd) &&
                              make(retained_.fd, sb_region_size_for(&geometry_, &earlier)) &&
                              carry_over(earlier) && std::rename(fresh, path) == 0;
        if (!is_moved) {
            unlink(fresh);
            std::swap(old, retained_);
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
        if (sb_region_open(retained_.memory, retained_.size, &region, &why_) != SB_OK)
            return false;
        const auto status = sb_region_carry_over(&earlier, region);
        sb_region_close(region);
        return status == SB_OK;
    }

    void set_aside(const char *path)
    {
        const char *aside = apr_pstrcat(pool_, path, ".damaged", nullptr);
        let_go(retained_);
        if (std::rename(path, aside) == 0)
            log<message::region_set_aside>(s_, path, why_ != nullptr ? why_ : "unreadable", aside);
    }

    apr_pool_t *pool_;
    server_rec *s_;
    Retained &retained_;
    sb_geometry geometry_;
    const char *why_ = nullptr;
    bool is_sound_ = false;
};

// What is in force stays: both generations share it, wherever the next start will look for it.
bool is_kept(const server_rec *s, const Retained &retained, const StateDir &dir)
{
    if (retained.memory == nullptr)
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
    region = {retained.memory, retained.size, nullptr};
    const char *why = nullptr;
    if (sb_region_open(region.memory, region.size, &region.core, &why) == SB_OK)
        return true;
    return refuse_generation(s, why);
}

bool open_chosen(Opener &opener, apr_pool_t *pool, server_rec *s, const StateDir &dir)
{
    if (dir.path == nullptr)
        return opener.open_memory();
    const char *why = prepare_directory(pool, dir.path);
    if (why == nullptr)
        return opener.open_file(file_path(pool, dir.path));
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
    auto *retained = retained_of(s);
    if (retained->magic != kMagic || retained->version != kVersion)
        return refuse_generation(s, "another version of this module made it");
    if (!is_kept(s, *retained, dir)) {
        Opener opener(ptemp, s, *retained, geometry);
        if (!open_chosen(opener, ptemp, s, dir))
            return false;
        apr_cpystrn(retained->directory, dir.path != nullptr ? dir.path : "",
                    sizeof(retained->directory));
    }
    return reopen(s, *retained, region);
}

bool grow_region(server_rec *s, apr_size_t size, SharedRegion &region)
{
    auto &retained = *retained_of(s);
    if (size <= retained.size)
        return true;
    void *memory = has_bytes(retained.fd, size)
                       ? mremap(retained.memory, retained.size, size, MREMAP_MAYMOVE)
                       : MAP_FAILED;
    if (memory == MAP_FAILED) {
        log<message::no_shared_memory>(s, static_cast<int>(size));
        return false;
    }
    retained.memory = memory;
    retained.size = size;
    sb_region_close(region.core);
    return reopen(s, retained, region);
}

}  // namespace stickybalancer
