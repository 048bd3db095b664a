// SPDX-License-Identifier: Apache-2.0
//
// Finds the values of one parameter in a URL: in the path's parameters (";name=value" in any
// segment) and in the query string ("name=value" between '&'). A name compares exactly and whole,
// so that neither "xname=" nor "name=" inside another value is a match.
//
// `semicolon_ends_value` is httpd's scolonpathdelim: a value ends at ';' too, and pairs of a query
// string may be separated by it. Otherwise a path parameter's value runs to the end of its segment.
//
// Cost: one pass. No allocation. Thread safety: pure.
#pragma once

#include <string_view>

namespace stickybalancer::persistence {

class PathParameter {
public:
    PathParameter(std::string_view path, std::string_view name, bool semicolon_ends_value) noexcept
        : rest_(path), name_(name), semicolon_ends_value_(semicolon_ends_value)
    {
    }
    bool next(std::string_view &value) noexcept;  // false at the end; an empty value is passed over

private:
    std::string_view rest_;
    std::string_view name_;
    bool semicolon_ends_value_;
};

class QueryParameter {
public:
    QueryParameter(std::string_view query, std::string_view name,
                   bool semicolon_ends_value) noexcept
        : rest_(query), name_(name), semicolon_ends_value_(semicolon_ends_value)
    {
    }
    bool next(std::string_view &value) noexcept;

private:
    std::string_view rest_;
    std::string_view name_;
    bool semicolon_ends_value_;
};

}  // namespace stickybalancer::persistence
