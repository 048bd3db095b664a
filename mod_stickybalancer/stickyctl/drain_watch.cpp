// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/stickyctl/drain_watch.hpp"

#include <utility>

#include "mod_stickybalancer/stickyctl/terminal.hpp"

namespace stickybalancer::stickyctl {
namespace {

std::string counted(std::int64_t count, const char *one, const char *several)
{
    return std::to_string(count) + ' ' + (count == 1 ? one : several);
}

bool are_clients_gone(const Json &member)
{
    const bool are_moved =
        text_of(member, "drain.clients") == "moved" || text_of(member, "requested") == "stopped";
    return (number_of(member, "sessions") == 0 || are_moved) && number_of(member, "active") == 0 &&
           number_of(member, "queued") == 0;
}

std::string end_of(const Json &member)
{
    if (number_of(member, "sessions") == 0)
        return "no session is left";
    return text_of(member, "requested") == "stopped"
               ? "stopped: its clients are moved"
               : "the deadline has passed: its clients are moved";
}

}  // namespace

std::string what_is_left(const Json &member, Instant now)
{
    auto text =
        text_of(member, "sessions_kind") == "estimate" ? std::string("about ") : std::string();
    text += counted(number_of(member, "sessions"), "session", "sessions");
    text += ", " + counted(number_of(member, "active"), "request", "requests") + " under way";
    // The server's clock may be ahead.
    if (const auto seen = parse_instant(text_of(member, "last_seen")))
        text +=
            *seen < now ? ", last seen " + readable_span(now - *seen) + " ago" : ", last seen now";
    const auto end = clock_and_span(now, text_of(member, "sessions_end"));
    if (!end.empty() && number_of(member, "sessions") > 0)
        text += ", the last can expire at " + end;
    if (const auto until = clock_and_span(now, text_of(member, "drain.until")); !until.empty())
        text += ", all are moved at " + until;
    return text;
}

std::optional<ExitCode> DrainWatch::out_of_time(MonotonicTime time) const
{
    if (limit_.count() > 0 && time - begin_ >= limit_)
        return ExitCode::kTimeout;
    return std::nullopt;
}

DrainVerdict DrainWatch::saw(const Json &member, MonotonicTime time, Instant now)
{
    away_since_.reset();
    const auto requested = text_of(member, "requested");
    if (requested != "drain" && requested != "stopped")
        return {ExitCode::kNotDone,
                "the drain was called off: requested is " + printable(requested)};
    const bool is_nobody_there = are_clients_gone(member);
    if (is_nobody_there && std::exchange(was_nobody_there_, true))
        return {ExitCode::kDone, end_of(member)};
    was_nobody_there_ = is_nobody_there;
    return {out_of_time(time), what_is_left(member, now)};
}

DrainVerdict DrainWatch::saw_nothing(const Failure &failure, MonotonicTime time)
{
    if (failure.code() != ExitCode::kUnreachable)
        return {failure.code(), failure.what()};
    if (!away_since_)
        away_since_ = time;
    if (const auto end = out_of_time(time))
        return {end, failure.what()};
    if (time - *away_since_ >= patience_)
        return {ExitCode::kUnreachable, failure.what()};
    return {std::nullopt, std::string(failure.what()) + "; trying again"};
}

}  // namespace stickybalancer::stickyctl
