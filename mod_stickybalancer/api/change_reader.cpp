// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/api/change_reader.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>

#include <nlohmann/json.hpp>

#include "mod_stickybalancer/duration.hpp"

namespace stickybalancer::api {
namespace {

using Json = nlohmann::json;
using Problem = std::optional<Refusal>;

constexpr int kBadRequest = 400;
constexpr int kUnprocessable = 422;
constexpr std::int64_t kDay_us = 86'400'000'000;
constexpr std::int64_t kLongestDeadline_us = 365 * kDay_us;
constexpr std::int64_t kLongestLameDuck_us = kDay_us;
constexpr std::int64_t kShortestPin_us = 1'000'000;
constexpr std::int64_t kLongestPin_us = 30 * kDay_us;
constexpr double kMostWeight = 256;
constexpr std::size_t kLongestUrl = 255;
constexpr std::size_t kLongestRoute = 63;
// What is quoted of a value that is not understood.
constexpr std::size_t kMostQuoted = 64;
// Containers in one another; nothing that is understood has more than one.
constexpr int kMostDepth = 4;

Problem wrong(std::string sentence) { return Refusal{kUnprocessable, std::move(sentence)}; }

std::string in_quotes(const std::string &text)
{
    return "'" + (text.size() > kMostQuoted ? text.substr(0, kMostQuoted) + "..." : text) + "'";
}

// What has others in it is not written out: that takes as much stack as somebody nests.
std::string dumped(const Json &value)
{
    if (value.is_structured())
        return value.is_object() ? "an object" : "an array";
    return in_quotes(value.dump(-1, ' ', true, Json::error_handler_t::replace));
}

// An object without a key that comes twice, and no deeper than it is worth to be told what is wrong in it.
Problem read_object(std::string_view body, Json &object)
{
    std::set<std::string> keys;
    std::string twice;
    bool is_too_deep = false;
    const auto watch = [&](int depth, Json::parse_event_t event, const Json &key) {
        const bool is_start =
            event == Json::parse_event_t::object_start || event == Json::parse_event_t::array_start;
        if (is_start && depth >= kMostDepth)
            is_too_deep = true;
        if (event == Json::parse_event_t::key && depth == 1 &&
            !keys.insert(key.get<std::string>()).second)
            twice = key.get<std::string>();
        return !is_start || depth < kMostDepth;  // what is deeper is not kept
    };
    object = Json::parse(body, watch, false);
    // The parser takes a zero byte for the end.
    if (object.is_discarded() || body.find('\0') != std::string_view::npos)
        return Refusal{kBadRequest,
                       "the body is not JSON: names and texts stand in double quotes, and no comma "
                       "behind the last"};
    if (is_too_deep)
        return wrong("the body has more than 4 arrays and objects in one another");
    if (!object.is_object())
        return wrong("the body must be an object such as {\"requested\":\"drain\"}");
    if (!twice.empty())
        return wrong("the field " + in_quotes(twice) + " comes twice");
    return std::nullopt;
}

Problem unknown_field(const std::string &key, const char *known)
{
    return wrong("there is no field " + in_quotes(key) + "; fields are " + known);
}

Problem read_requested(const Json &value, std::optional<Requested> &out)
{
    static constexpr std::pair<const char *, Requested> kWords[] = {
        {"ready", Requested::kReady},
        {"drain", Requested::kDrain},
        {"stopped", Requested::kStopped}};
    for (const auto &[word, requested] : kWords)
        if (value == word) {
            out = requested;
            return std::nullopt;
        }
    return wrong("requested is ready, drain or stopped, and not " + dumped(value));
}

Problem read_weight(const Json &value, std::uint32_t &hundredths)
{
    constexpr double kNearly = 1e-6;
    const double number = value.is_number() ? value.get<double>() : -1;
    const double exact = std::round(number * 100);
    const bool is_nearly_nothing = exact == 0 && number > 0;  // 0 would take all new clients away
    if (number < 0 || number > kMostWeight || std::abs(number * 100 - exact) > kNearly ||
        is_nearly_nothing)
        return wrong("weight is a number from 0 to 256, with two decimals at most, and not " +
                     dumped(value));
    hundredths = static_cast<std::uint32_t>(exact);
    return std::nullopt;
}

// `least_us` to `most_us`; `range` says so.
Problem read_duration(const char *field, const Json &value, std::int64_t least_us,
                      std::int64_t most_us, const char *range, std::int64_t &out)
{
    std::int64_t us = 0;
    if (!value.is_string() || !parse_duration(value.get_ref<const std::string &>(), us) ||
        us < least_us || us > most_us)
        return wrong(std::string(field) + " is a time from " + range +
                     ", as text such as \"90s\" or \"2h\", and not " + dumped(value));
    out = us;
    return std::nullopt;
}

Problem read_deadline(const Json &value, MemberChange &out)
{
    out.names_deadline = true;
    if (value.is_null())
        return std::nullopt;
    return read_duration("deadline", value, 1, kLongestDeadline_us, "1ms to 365d", out.deadline_us);
}

// Without control characters, and what would end it somewhere.
bool is_plain(const std::string &text)
{
    for (const char c : text)
        if (static_cast<unsigned char>(c) <= ' ' || c == '\x7F')
            return false;
    return true;
}

bool is_scheme(std::string_view text)
{
    constexpr std::string_view kSchemes[] = {"http", "https", "h2",   "h2c",  "ws",
                                             "wss",  "ajp",   "fcgi", "scgi", "uwsgi"};
    return std::find(std::begin(kSchemes), std::end(kSchemes), text) != std::end(kSchemes);
}

// In one spelling, so that one server is not two members.
bool is_port(std::string_view text)
{
    std::uint16_t port = 0;
    const auto *end = text.data() + text.size();
    const auto [last, error] = std::from_chars(text.data(), end, port);
    return error == std::errc() && last == end && text.front() != '0';
}

bool is_host(std::string_view text)
{
    constexpr std::string_view kLetters =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
    constexpr std::string_view kOfAddress = "0123456789abcdefABCDEF:.";
    if (text.starts_with('[') && text.ends_with(']') && text.size() > 2)
        return text.substr(1, text.size() - 2).find_first_not_of(kOfAddress) == text.npos;
    return !text.empty() && text.find_first_not_of(kLetters) == text.npos;
}

bool is_authority(std::string_view text)
{
    const auto colon = text.rfind(':');
    if (colon == text.npos || text.ends_with(']'))
        return is_host(text);
    return is_host(text.substr(0, colon)) && is_port(text.substr(colon + 1));
}

// SCHEME://HOST:PORT/PATH, with the path of a socket before it or without.
bool is_member_url(std::string_view text)
{
    if (text.starts_with("unix:/"))
        text.remove_prefix(std::min(text.find('|'), text.size() - 1) + 1);
    const auto colon = text.find("://");
    if (colon == text.npos || !is_scheme(text.substr(0, colon)))
        return false;
    text.remove_prefix(colon + 3);
    return is_authority(text.substr(0, text.find('/'))) && text.find_first_of("?#$@|") == text.npos;
}

Problem read_url(const Json &value, std::string &out)
{
    if (!value.is_string())
        return wrong("url is text such as \"http://192.0.2.11:8080\", and not " + dumped(value));
    out = value.get<std::string>();
    if (out.size() > kLongestUrl || !is_plain(out) || !is_member_url(out))
        return wrong(
            "url is SCHEME://HOST:PORT of at most 255 bytes, with http, https, ajp, fcgi or the "
            "like and "
            "a port from 1 to 65535, without spaces, '?', '#', '$' and '@', and not " +
            dumped(value));
    // It would come twice in each request.
    if (out.back() == '/')
        out.pop_back();
    return std::nullopt;
}

Problem read_route(const Json &value, std::string &out)
{
    if (value.is_string())
        out = value.get<std::string>();
    // An address below the API could not end in those two.
    if (!value.is_string() || out.size() > kLongestRoute || !is_plain(out) || out == "." ||
        out == "..")
        return wrong(
            "route is text of at most 63 bytes without spaces, other than '.' and '..', and not " +
            dumped(value));
    return std::nullopt;
}

// The one field that there is.
Problem read_only_duration(std::string_view body, const char *field, std::int64_t least_us,
                           std::int64_t most_us, const char *range, std::int64_t &out)
{
    Json object;
    if (auto problem = read_object(body, object))
        return problem;
    for (const auto &[key, value] : object.items())
        if (key != field)
            return unknown_field(key, field);
    if (object.empty())
        return wrong(std::string("the field ") + field + " is missing");
    return read_duration(field, object.front(), least_us, most_us, range, out);
}

Problem read_change_field(const std::string &key, const Json &value, MemberChange &out)
{
    if (key == "requested")
        return read_requested(value, out.requested);
    if (key == "deadline")
        return read_deadline(value, out);
    if (key == "weight")
        return read_weight(value, out.weight_hundredths.emplace());
    return unknown_field(key, "requested, deadline and weight");
}

Problem read_new_field(const std::string &key, const Json &value, NewMember &out)
{
    if (key == "url")
        return read_url(value, out.url);
    if (key == "route")
        return read_route(value, out.route);
    if (key == "weight")
        return read_weight(value, out.weight_hundredths);
    return unknown_field(key, "url, route and weight");
}

// By read_field(key, value, out), for each field.
template <typename Out>
Problem read_fields(std::string_view body,
                    Problem (*read_field)(const std::string &, const Json &, Out &), Out &out)
{
    Json object;
    if (auto problem = read_object(body, object))
        return problem;
    for (const auto &[key, value] : object.items())
        if (auto problem = read_field(key, value, out))
            return problem;
    return std::nullopt;
}

}  // namespace

Problem read_change(std::string_view body, MemberChange &out)
{
    MemberChange change;
    if (auto problem = read_fields(body, read_change_field, change))
        return problem;
    if (change.deadline_us != 0 && change.requested && *change.requested != Requested::kDrain)
        return wrong("deadline goes with a drain only: write requested drain with it");
    out = change;
    return std::nullopt;
}

Problem read_new_member(std::string_view body, NewMember &out)
{
    NewMember member;
    if (auto problem = read_fields(body, read_new_field, member))
        return problem;
    if (member.url.empty())
        return wrong("the field url is missing");
    out = member;
    return std::nullopt;
}

Problem read_lame_duck(std::string_view body, std::int64_t &for_us)
{
    return read_only_duration(body, "lameduck", 0, kLongestLameDuck_us, "0s to 24h", for_us);
}

Problem read_pin(std::string_view body, std::int64_t &for_us)
{
    return read_only_duration(body, "for", kShortestPin_us, kLongestPin_us, "1s to 30d", for_us);
}

}  // namespace stickybalancer::api
