// SPDX-License-Identifier: Apache-2.0
//
// Sessions: how many each member has, one by its key; and forgetting one.
#include <iostream>

#include "mod_stickybalancer/stickyctl/commands.hpp"
#include "mod_stickybalancer/stickyctl/field_table.hpp"
#include "mod_stickybalancer/stickyctl/lookup.hpp"
#include "mod_stickybalancer/stickyctl/web_address.hpp"

namespace stickybalancer::stickyctl {
namespace {

// "-": a line of standard input. Session keys are as good as passwords, and arguments can be read by all.
std::string key_of(const Invocation &invocation)
{
    auto key = invocation.options().key;
    if (key == "-" && !std::getline(std::cin, key))
        key.clear();
    if (!key.empty() && key.back() == '\r')
        key.pop_back();
    if (key.empty())
        throw Failure(ExitCode::kUsage, "which session? The key is empty");
    return key;
}

// The balancer that was named, else all of them.
std::vector<std::string> places_to_look(Invocation &invocation)
{
    std::vector<std::string> names;
    const auto balancers = invocation.balancers();
    for (const auto &balancer : list_of(balancers, "balancers"))
        names.push_back(text_of(balancer, "name"));
    return names;
}

std::string session_path(const std::string &balancer, const std::string &key)
{
    return balancer_path(balancer) + "/sessions?key=" + encoded_value(key);
}

// Does it at each place; not found is a failure only where no place has it.
template <typename Ask>
void at_each_place(const std::vector<std::string> &places, Ask ask)
{
    int found = 0;
    for (const auto &place : places) {
        try {
            ask(place);
            ++found;
        } catch (const Failure &failure) {
            // A balancer without a table has no sessions to look up, whatever it calls that.
            const bool is_elsewhere =
                failure.code() == ExitCode::kNotFound || failure.code() == ExitCode::kRefused;
            if (!is_elsewhere || places.size() == 1)
                throw;
        }
    }
    if (found == 0)
        throw Failure(ExitCode::kNotFound, "no table of sessions has this key");
}

ExitCode show_found(const Invocation &invocation, const Json &sessions)
{
    if (invocation.wants_json())
        return invocation.show(Json{{"sessions", sessions}});
    return invocation.show(table_of({{"BALANCER", "balancer"},
                                     {"MEMBER", "member"},
                                     {"KEY", "key", Shows::kText, 1},
                                     {"LEARNED", "learned", Shows::kAge, 2},
                                     {"USED", "used", Shows::kAge},
                                     {"EXPIRES", "expires", Shows::kAge},
                                     {"REQUESTS", "requests", Shows::kNumber, 3},
                                     {"BY", "by", Shows::kText, 4}},
                                    {sessions.begin(), sessions.end()}, invocation.wants_csv()));
}

ExitCode show_one_session(Invocation &invocation)
{
    const auto key = key_of(invocation);
    auto api = invocation.api();
    Json sessions = Json::array();
    at_each_place(places_to_look(invocation), [&](const std::string &place) {
        const auto answer = api.read(session_path(place, key));
        for (const auto &session : list_of(answer, "sessions"))
            sessions.push_back(session);
    });
    return show_found(invocation, sessions);
}

}  // namespace

ExitCode show_sessions(Invocation &invocation)
{
    if (!invocation.options().key.empty())
        return show_one_session(invocation);
    const auto members = members_of(invocation.api().balancers());
    if (invocation.wants_json())
        return invocation.show(Json{{"members", members}});
    return invocation.show(table_of({{"BALANCER", "balancer"},
                                     {"MEMBER", "name"},
                                     {"REQUESTED", "requested", Shows::kText, 1},
                                     {"SESSIONS", "sessions", Shows::kNumber},
                                     {"COUNTED", "sessions_kind", Shows::kText, 2},
                                     {"LAST SEEN", "last_seen", Shows::kAge},
                                     {"LAST EXPIRES", "sessions_end", Shows::kAge}},
                                    members, invocation.wants_csv()));
}

ExitCode forget_session(Invocation &invocation)
{
    const auto key = key_of(invocation);
    auto api = invocation.api();
    Json forgotten = Json::array();
    at_each_place(places_to_look(invocation), [&](const std::string &place) {
        api.write("DELETE", session_path(place, key));
        forgotten.push_back(place);
    });
    if (invocation.wants_json())
        return invocation.show(Json{{"forgotten", forgotten}});
    for (const auto &place : forgotten)
        invocation.out() << printable(place.get<std::string>()) << ": forgotten\n";
    return ExitCode::kDone;
}

}  // namespace stickybalancer::stickyctl
