// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/state_directory.hpp"

#include <apr_file_info.h>

#include "mod_stickybalancer/config.hpp"

namespace stickybalancer {
namespace {

constexpr const char *kDefault = "stickybalancer";
// Who may write the directory can put another file in the place of ours.
constexpr apr_fileperms_t kForbidden = APR_FPROT_WWRITE | APR_FPROT_GWRITE;

}  // namespace

const char *read_state_directory(apr_pool_t *pool, const char *name,
                                 const StateDirectory *&directory)
{
    const bool is_off = ap_cstr_casecmp(name, "Off") == 0;
    const char *path = is_off ? nullptr : ap_runtime_dir_relative(pool, name);
    if (*name == '\0' || (path == nullptr && !is_off))
        return apr_psprintf(pool,
                            "'%s' is not a path; use a directory, relative to DefaultRuntimeDir, "
                            "or Off (default %s)",
                            name, kDefault);
    if (path != nullptr)
        if (const char *wrong = unfit_state_directory(pool, path); wrong != nullptr)
            return wrong;
    auto *found = static_cast<StateDirectory *>(apr_palloc(pool, sizeof(StateDirectory)));
    *found = {path};
    directory = found;
    return nullptr;
}

StateDirectory state_directory_of(apr_pool_t *pool, const Options &options)
{
    if (options.state_directory.is_set)
        return *options.state_directory.value;
    return {ap_runtime_dir_relative(pool, kDefault)};
}

const char *unfit_state_directory(apr_pool_t *pool, const char *path)
{
    apr_finfo_t info;
    const auto status = apr_stat(&info, path, APR_FINFO_TYPE | APR_FINFO_PROT, pool);
    if (APR_STATUS_IS_ENOENT(status))
        return nullptr;
    if (status != APR_SUCCESS) {
        char why[128];
        return apr_psprintf(pool, "%s cannot be used: %s; use a directory, or Off", path,
                            apr_strerror(status, why, sizeof(why)));
    }
    if (info.filetype != APR_DIR)
        return apr_psprintf(pool, "%s is not a directory; use a directory, or Off", path);
    if ((info.protection & kForbidden) != 0)
        return apr_psprintf(pool,
                            "%s is open to others: only its owner may write it; use another "
                            "directory, or chmod go-w %s",
                            path, path);
    return nullptr;
}

}  // namespace stickybalancer
