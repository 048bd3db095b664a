// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/key_file.hpp"

#include <apr_file_info.h>
#include <apr_file_io.h>
#include <apr_strings.h>

#include <string.h>

#include <string_view>

namespace stickybalancer {
namespace {

constexpr std::size_t kMostBytes = 65536;
constexpr std::size_t kMostIdSize = 32;
constexpr std::string_view kIdCharacters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
constexpr apr_fileperms_t kForbidden = APR_FPROT_WREAD | APR_FPROT_WWRITE | APR_FPROT_GWRITE;

apr_status_t erase_keys(void *file)
{
    explicit_bzero(file, sizeof(KeyFile));
    return APR_SUCCESS;
}

// The file's bytes, erased with the object.
class FileText {
public:
    explicit FileText(apr_pool_t *pool) : bytes_(static_cast<char *>(apr_palloc(pool, kMostBytes)))
    {
    }
    ~FileText() { explicit_bzero(bytes_, kMostBytes); }
    FileText(const FileText &) = delete;
    FileText &operator=(const FileText &) = delete;

    // Null, or what is wrong.
    const char *read(apr_pool_t *pool, const char *path)
    {
        apr_file_t *in = nullptr;
        char why[128];
        // What is no file must not keep its reader waiting.
        constexpr auto kFlags = APR_FOPEN_READ | APR_FOPEN_BINARY | APR_FOPEN_NONBLOCK;
        const auto status = apr_file_open(&in, path, kFlags, APR_FPROT_OS_DEFAULT, pool);
        if (status != APR_SUCCESS)
            return apr_psprintf(pool, "%s cannot be read: %s", path,
                                apr_strerror(status, why, sizeof(why)));
        const char *error = read_opened(pool, path, in);
        apr_file_close(in);
        return error;
    }
    std::string_view view() const { return {bytes_, size_}; }

private:
    const char *read_opened(apr_pool_t *pool, const char *path, apr_file_t *in)
    {
        apr_finfo_t info;
        if (apr_file_info_get(&info, APR_FINFO_TYPE | APR_FINFO_PROT, in) != APR_SUCCESS ||
            info.filetype != APR_REG)
            return apr_psprintf(pool, "%s is not a regular file", path);
        if ((info.protection & kForbidden) != 0)
            return apr_psprintf(pool,
                                "%s is open to others: only its owner may write it, only owner and "
                                "group may read it; chmod 600 %s",
                                path, path);
        if (apr_file_read_full(in, bytes_, kMostBytes, &size_) != APR_EOF)
            return apr_psprintf(pool, "%s is longer than %d bytes", path,
                                static_cast<int>(kMostBytes) - 1);
        return nullptr;
    }

    char *bytes_;
    apr_size_t size_ = 0;
};

int value_of_hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    const char lower = static_cast<char>(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

bool read_secret(std::string_view hex, unsigned char (&secret)[SB_SECRET_SIZE])
{
    if (hex.size() != 2 * SB_SECRET_SIZE)
        return false;
    for (std::size_t i = 0; i < SB_SECRET_SIZE; ++i) {
        const int high = value_of_hex(hex[2 * i]), low = value_of_hex(hex[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        secret[i] = static_cast<unsigned char>(high << 4 | low);
    }
    return true;
}

bool is_id(std::string_view text)
{
    return !text.empty() && text.size() <= kMostIdSize &&
           text.find_first_not_of(kIdCharacters) == std::string_view::npos;
}

std::string_view without_space(std::string_view line)
{
    constexpr std::string_view kSpace = " \t\r";
    const auto begin = line.find_first_not_of(kSpace);
    if (begin == std::string_view::npos)
        return {};
    return line.substr(begin, line.find_last_not_of(kSpace) + 1 - begin);
}

// Null, or what is wrong with the line.
const char *add_key(apr_pool_t *pool, std::string_view line, KeyFile &file)
{
    const auto colon = line.find(':');
    const auto id = line.substr(0, colon);
    if (colon == std::string_view::npos || !is_id(id))
        return "is not ID:HEX, with an ID of 1 to 32 letters, digits, '.', '_' and '-'";
    if (file.count == SB_KEYS_MAX)
        return apr_psprintf(pool, "is one key too many; use at most %d",
                            static_cast<int>(SB_KEYS_MAX));
    auto &key = file.keys[file.count];
    const char *name = apr_pstrmemdup(pool, id.data(), id.size());
    key.id = {name, id.size()};
    if (!read_secret(line.substr(colon + 1), key.secret))
        return apr_psprintf(pool,
                            "has for the id '%s' no secret of 64 hexadecimal digits; make one with "
                            "openssl rand -hex 32",
                            name);
    if (sb_check_keys(file.keys, file.count + 1) != SB_OK)
        return apr_psprintf(pool, "has the id '%s' of an earlier line; choose another", name);
    ++file.count;
    return nullptr;
}

const char *read_lines(apr_pool_t *pool, const char *path, std::string_view text, KeyFile &file)
{
    for (int number = 1; !text.empty(); ++number) {
        const auto end = text.find('\n');
        const auto line = without_space(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (line.empty() || line.front() == '#')
            continue;
        if (const char *error = add_key(pool, line, file); error != nullptr)
            return apr_psprintf(pool, "%s line %d %s", path, number, error);
    }
    return file.count != 0 ? nullptr : apr_psprintf(pool, "%s has no key; add a line ID:HEX", path);
}

}  // namespace

const char *read_key_file(apr_pool_t *pool, const char *name, const KeyFile *&file)
{
    const char *path = ap_server_root_relative(pool, name);
    if (path == nullptr)
        return apr_psprintf(pool, "'%s' is not a path", name);
    FileText text(pool);
    if (const char *error = text.read(pool, path); error != nullptr)
        return error;
    auto *keys = static_cast<KeyFile *>(apr_pcalloc(pool, sizeof(KeyFile)));
    apr_pool_cleanup_register(pool, keys, erase_keys, apr_pool_cleanup_null);
    file = keys;
    return read_lines(pool, path, text.view(), *keys);
}

}  // namespace stickybalancer
