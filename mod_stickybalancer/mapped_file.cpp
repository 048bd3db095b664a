// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/mapped_file.hpp"

#include <mpm_common.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <initializer_list>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace stickybalancer {
namespace {

constexpr int kFlags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW;

bool is_ours_alone(int fd)
{
    struct stat info;
    return fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && info.st_uid == geteuid() &&
           (info.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

// Why so many bytes are not there, and how many are missing where that is the reason.
const char *lack_of_room(apr_pool_t *pool, int fd, apr_size_t size, int error)
{
    struct statvfs info;
    struct stat file;
    if (fstatvfs(fd, &info) != 0 || fstat(fd, &file) != 0)
        return error_text(pool, error);
    const auto there = static_cast<apr_uint64_t>(file.st_blocks) * 512;
    const auto missing = size > there ? size - there : 0;
    return apr_psprintf(pool,
                        "%s: it needs %" APR_UINT64_T_FMT " more bytes, and %" APR_UINT64_T_FMT
                        " are free there",
                        error_text(pool, error), static_cast<apr_uint64_t>(missing),
                        static_cast<apr_uint64_t>(info.f_bavail) * info.f_frsize);
}

}  // namespace

const char *error_text(apr_pool_t *pool, int error)
{
    return apr_pstrdup(pool, std::strerror(error));
}

const char *state_file_path(apr_pool_t *pool, const char *dir, const char *kind)
{
    std::uint64_t digest = 14695981039346656037U;  // FNV-1a, by Fowler, Noll and Vo
    for (const char *text : {ap_server_root, ap_pid_fname})
        for (; text != nullptr && *text != '\0'; ++text)
            digest = (digest ^ static_cast<unsigned char>(*text)) * 1099511628211U;
    return apr_psprintf(pool, "%s/%s-%016" APR_UINT64_T_HEX_FMT, dir, kind, digest);
}

const char *open_state_file(apr_pool_t *pool, const char *path, MappedFile &file)
{
    file.fd = open(path, kFlags, 0600);
    if (file.fd < 0)
        return error_text(pool, errno);
    return is_ours_alone(file.fd) ? nullptr
                                  : "is not a file that only this server's user can write";
}

const char *make_state_file(apr_pool_t *pool, const char *path, MappedFile &file)
{
    unlink(path);
    file.fd = open(path, kFlags | O_EXCL, 0600);
    return file.fd < 0 ? error_text(pool, errno) : nullptr;
}

const char *make_memory(apr_pool_t *pool, MappedFile &file)
{
    file.fd = memfd_create("stickybalancer", MFD_CLOEXEC);
    return file.fd < 0 ? error_text(pool, errno) : nullptr;
}

apr_size_t size_of(const MappedFile &file)
{
    struct stat info;
    return fstat(file.fd, &info) == 0 ? static_cast<apr_size_t>(info.st_size) : 0;
}

const char *map_file(apr_pool_t *pool, apr_size_t size, MappedFile &file)
{
    int error = EINTR;
    while (error == EINTR)
        error = posix_fallocate(file.fd, 0, static_cast<off_t>(size));
    if (error != 0)
        return lack_of_room(pool, file.fd, size, error);
    void *memory = file.memory != nullptr
                       ? mremap(file.memory, file.size, size, MREMAP_MAYMOVE)
                       : mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, file.fd, 0);
    if (memory == MAP_FAILED)
        return error_text(pool, errno);
    file.memory = memory;
    file.size = size;
    return nullptr;
}

void let_go(MappedFile &file)
{
    if (file.memory != nullptr)
        munmap(file.memory, file.size);
    if (file.fd >= 0)
        close(file.fd);
    file = {};
}

const char *set_aside(apr_pool_t *pool, const char *path)
{
    const char *aside = apr_pstrcat(pool, path, ".damaged", nullptr);
    return std::rename(path, aside) == 0 ? aside : nullptr;
}

}  // namespace stickybalancer
