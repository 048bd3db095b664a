// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/api/location.hpp"

#include <algorithm>
#include <optional>

#include <apr_fnmatch.h>

namespace stickybalancer::api {
namespace {

constexpr std::size_t kMostSegments = 64;  // of the location of a pattern
constexpr int kMostDepth = 8;              // of <If> in one another

const core_dir_config *core_of(const ap_conf_vector_t *config)
{
    return static_cast<const core_dir_config *>(
        ap_get_core_module_config(const_cast<ap_conf_vector_t *>(config)));
}

// Merging keeps the expression that SetHandler made, and only that section has it, or an <If> inside of it.
bool sets_handler(const core_dir_config &section, const ap_expr_info_t *handler, int depth = 0)
{
    if (section.expr_handler == handler)
        return true;
    for (int i = 0; section.sec_if != nullptr && depth < kMostDepth && i < section.sec_if->nelts;
         ++i)
        if (sets_handler(*core_of(APR_ARRAY_IDX(section.sec_if, i, ap_conf_vector_t *)), handler,
                         depth + 1))
            return true;
    return false;
}

bool is_pattern(const core_dir_config &section)
{
    return section.r != nullptr || section.d_is_fnmatch != 0;
}

bool matches(const core_dir_config &pattern, const char *path)
{
    return pattern.r != nullptr ? ap_regexec(pattern.r, path, 0, nullptr, 0) == 0
                                : apr_fnmatch(pattern.d, path, APR_FNM_PATHNAME) == APR_SUCCESS;
}

std::string_view without_slash(std::string_view path)
{
    return path.ends_with('/') ? path.substr(0, path.size() - 1) : path;
}

std::optional<std::string_view> matched_part(const request_rec *r, const core_dir_config &pattern)
{
    const std::string_view path = r->uri;
    std::size_t end = 0;
    for (std::size_t i = 0; i < kMostSegments; ++i) {
        if (matches(pattern, apr_pstrmemdup(r->pool, path.data(), end)))
            return without_slash(path.substr(0, end));
        if (end == path.size())
            break;
        // Before each slash, and behind it.
        end = path[end] == '/' ? end + 1 : std::min(path.find('/', end), path.size());
    }
    return std::nullopt;
}

std::optional<std::string_view> named_part(const request_rec *r, const core_dir_config &section)
{
    const auto name = without_slash(section.d);
    const std::string_view path = r->uri;
    const bool is_begin =
        path.starts_with(name) && (path.size() == name.size() || path[name.size()] == '/');
    return is_begin ? std::optional(path.substr(0, name.size())) : std::nullopt;
}

ApiPath path_at(const request_rec *r, std::string_view location)
{
    return read_path_below(location, std::string_view(r->uri).substr(location.size()));
}

}  // namespace

const core_dir_config *section_of(const request_rec *r)
{
    const auto *handler = core_of(r->per_dir_config)->expr_handler;
    const auto *server = static_cast<const core_server_config *>(
        ap_get_core_module_config(r->server->module_config));
    for (int i = handler != nullptr ? server->sec_url->nelts : 0; i-- > 0;) {
        const auto *section = core_of(APR_ARRAY_IDX(server->sec_url, i, ap_conf_vector_t *));
        if (sets_handler(*section, handler))
            return section;
    }
    return nullptr;
}

ApiPath path_of(const request_rec *r)
{
    const auto *section = section_of(r);
    if (section == nullptr)
        return read_api_path(r->uri);
    const auto location =
        is_pattern(*section) ? matched_part(r, *section) : named_part(r, *section);
    if (!location)
        return read_api_path(r->uri);
    const auto path = path_at(r, *location);
    if (path.resource != Resource::kUnknown || !is_pattern(*section))
        return path;
    return path_at(r, location->substr(0, location->rfind('/')));
}

}  // namespace stickybalancer::api
