// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/api/api_path.hpp"

#include <algorithm>
#include <charconv>

namespace stickybalancer::api {
namespace {

constexpr std::string_view kRoot = "/api/v1";

bool ends_segment(std::string_view rest) { return rest.empty() || rest.front() == '/'; }

// Whether this, behind /api/v1, is of the API: a member's URL may have an /api/v1, too.
bool begins_resource(std::string_view rest)
{
    for (const std::string_view word : {"/balancers", "/server", "/schema"})
        if (rest.starts_with(word) && ends_segment(rest.substr(word.size())))
            return true;
    return false;
}

// Where the part behind /api/v1 begins; npos: there is no such part. The last one that begins something, else the
// last one.
std::size_t find_api(std::string_view path)
{
    std::size_t any = std::string_view::npos;
    for (auto at = path.rfind(kRoot); at != std::string_view::npos;
         at = at == 0 ? std::string_view::npos : path.rfind(kRoot, at - 1)) {
        const auto rest = path.substr(at + kRoot.size());
        if (!ends_segment(rest))
            continue;
        if (begins_resource(rest))
            return at + kRoot.size();
        if (any == std::string_view::npos)
            any = at + kRoot.size();
    }
    return any;
}

// The next segment of "/a/b"; the slash before it goes, too.
std::string_view take_segment(std::string_view &rest)
{
    if (!rest.empty())
        rest.remove_prefix(1);
    const auto segment = rest.substr(0, rest.find('/'));
    rest.remove_prefix(segment.size());
    return segment;
}

ApiPath read_balancer(std::string_view rest)
{
    const auto balancer = take_segment(rest);
    if (rest.empty() || rest == "/")
        return {Resource::kBalancer, balancer};
    const auto what = take_segment(rest);
    if (what == "members")
        return rest.empty() || rest == "/" ? ApiPath{Resource::kMembers, balancer}
                                           : ApiPath{Resource::kMember, balancer, rest.substr(1)};
    if (what == "pins" && (rest.empty() || rest == "/"))
        return {Resource::kPins, balancer};
    if (what == "sessions" && (rest.empty() || rest == "/"))
        return {Resource::kSessions, balancer};
    if (what == "table" && (rest.empty() || rest == "/"))
        return {Resource::kTable, balancer};
    return {};
}

ApiPath read_resource(std::string_view rest)
{
    const auto what = take_segment(rest);
    const bool is_end = rest.empty() || rest == "/";
    if (what == "balancers")
        return is_end ? ApiPath{Resource::kBalancers} : read_balancer(rest);
    if (what == "server" && is_end)
        return {Resource::kServer};
    if (what == "schema" && is_end)
        return {Resource::kSchema};
    return {};
}

// What is one segment, whatever stands before it.
std::optional<ApiPath> read_service(std::string_view name)
{
    if (name == "metrics")
        return ApiPath{Resource::kMetrics};
    if (name == "health")
        return ApiPath{Resource::kHealth};
    return std::nullopt;
}

// The value of a hexadecimal digit; -1: it is none.
int digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    const char lower = static_cast<char>(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

std::optional<std::string> decoded(std::string_view text)
{
    std::string value;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            value += text[i];
            continue;
        }
        const int high = text.size() - i > 2 ? digit_of(text[i + 1]) : -1;
        const int low = text.size() - i > 2 ? digit_of(text[i + 2]) : -1;
        if (high < 0 || low < 0)
            return std::nullopt;
        value += static_cast<char>(high * 16 + low);
        i += 2;
    }
    return value;
}

struct Parameter {
    std::string_view name, value;
};

// The next of "a=1&b=2"; the '&' behind it goes, too.
Parameter take_parameter(std::string_view &query)
{
    const auto pair = query.substr(0, query.find('&'));
    query.remove_prefix(pair.size() < query.size() ? pair.size() + 1 : pair.size());
    const auto equals = pair.find('=');
    return {pair.substr(0, equals),
            equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1)};
}

bool has_parameter(std::string_view query, std::string_view name)
{
    while (!query.empty())
        if (take_parameter(query).name == name)
            return true;
    return false;
}

std::string in_quotes(std::string_view text)
{
    constexpr std::size_t kMost = 64;
    return "'" + std::string(text.substr(0, kMost)) + (text.size() > kMost ? "..." : "") + "'";
}

std::string listed(std::span<const std::string_view> names)
{
    if (names.empty())
        return "write none";
    std::string text = "parameters are " + std::string(names.front());
    for (std::size_t i = 1; i < names.size(); ++i)
        text += (i + 1 < names.size() ? ", " : " and ") + std::string(names[i]);
    return text;
}

}  // namespace

ApiPath read_path_below(std::string_view location, std::string_view below)
{
    if (below.starts_with(kRoot) && ends_segment(below.substr(kRoot.size())))
        return read_resource(below.substr(kRoot.size()));
    const bool is_location = below.empty() || below == "/";
    auto rest =
        is_location ? location.substr(std::min(location.rfind('/'), location.size())) : below;
    const auto name = take_segment(rest);
    if (const auto service = read_service(name); service && (rest.empty() || rest == "/"))
        return *service;
    if (below == "/")
        return {Resource::kFile};
    if (below.empty())
        return {Resource::kLocation, {}, {}, name};
    return rest.empty() && name != "api" ? ApiPath{Resource::kFile, {}, {}, name} : ApiPath{};
}

ApiPath read_api_path(std::string_view path)
{
    if (const auto at = find_api(path); at != std::string_view::npos)
        return read_resource(path.substr(at));
    // Whoever looks at the health must not get the page for a slash too many.
    const auto named = path.ends_with('/') ? path.substr(0, path.size() - 1) : path;
    if (const auto service = read_service(named.substr(named.rfind('/') + 1)))
        return *service;
    const auto file = path.substr(path.rfind('/') + 1);
    const bool is_file = file.empty() || file.find('.') != std::string_view::npos;
    return {is_file ? Resource::kFile : Resource::kLocation, {}, {}, file};
}

ApiPath as_posted(ApiPath path)
{
    constexpr std::string_view kPin = "/pin";
    if (path.resource == Resource::kMember && path.member.ends_with(kPin)) {
        path.resource = Resource::kPin;
        path.member.remove_suffix(kPin.size());
    }
    return path;
}

std::optional<std::string> query_parameter(std::string_view query, std::string_view name)
{
    while (!query.empty()) {
        const auto parameter = take_parameter(query);
        if (parameter.name == name)
            return decoded(parameter.value);
    }
    return std::nullopt;
}

std::optional<std::string> query_problem(std::string_view query,
                                         std::span<const std::string_view> known)
{
    while (!query.empty()) {
        const auto [name, value] = take_parameter(query);
        if (name.empty() && value.empty())
            continue;
        if (std::find(known.begin(), known.end(), name) == known.end())
            return "there is no parameter " + in_quotes(name) + " here; " + listed(known);
        if (!decoded(value))
            return "the parameter " + in_quotes(name) +
                   " has a % without two hexadecimal digits; a percent sign is written %25";
        if (has_parameter(query, name))
            return "the parameter " + in_quotes(name) + " comes twice; write it once";
    }
    return std::nullopt;
}

std::optional<std::size_t> read_count(std::string_view text)
{
    std::size_t count = 0;
    const auto *end = text.data() + text.size();
    const auto [last, error] = std::from_chars(text.data(), end, count);
    if (error != std::errc() || last != end)
        return std::nullopt;
    return count;
}

}  // namespace stickybalancer::api
