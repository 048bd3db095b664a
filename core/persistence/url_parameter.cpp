// SPDX-License-Identifier: Apache-2.0
#include "core/persistence/url_parameter.hpp"

#include "core/base/text.hpp"

namespace stickybalancer::persistence {
namespace {

// What follows "name=" at the start of `text`; false when it starts otherwise.
bool value_of(std::string_view text, std::string_view name, std::string_view &value) noexcept
{
    if (!text.starts_with(name) || text.substr(name.size(), 1) != "=")
        return false;
    value = text.substr(name.size() + 1);
    return true;
}

}  // namespace

bool PathParameter::next(std::string_view &value) noexcept
{
    while (true) {
        const auto start = rest_.find(';');
        if (start == std::string_view::npos)
            return false;
        rest_.remove_prefix(start + 1);
        if (!value_of(rest_, name_, value))
            continue;
        value = value.substr(0, value.find_first_of(semicolon_ends_value_ ? "/;" : "/"));
        rest_.remove_prefix(name_.size() + 1 + value.size());
        if (!value.empty())
            return true;
    }
}

bool QueryParameter::next(std::string_view &value) noexcept
{
    while (!rest_.empty()) {
        const auto end = rest_.find_first_of(semicolon_ends_value_ ? "&;" : "&");
        const auto pair = rest_.substr(0, end);
        rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
        if (value_of(pair, name_, value) && !value.empty())
            return true;
    }
    return false;
}

}  // namespace stickybalancer::persistence
