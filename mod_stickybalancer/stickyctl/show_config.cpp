// SPDX-License-Identifier: Apache-2.0
//
// The configuration in force: of one server, and where two differ.
#include "mod_stickybalancer/stickyctl/commands.hpp"
#include "mod_stickybalancer/stickyctl/configuration.hpp"
#include "mod_stickybalancer/stickyctl/field_table.hpp"
#include "mod_stickybalancer/stickyctl/record_text.hpp"

namespace stickybalancer::stickyctl {
namespace {

std::vector<Json> with_balancer(const Json &balancer)
{
    return members_of(Json{{"balancers", Json::array({balancer})}});
}

TextTable member_table(const std::vector<Json> &members, bool for_csv)
{
    return table_of({{"BALANCER", "balancer"},
                     {"MEMBER", "name"},
                     {"URL", "url"},
                     {"ROUTE", "route", Shows::kText, 4},
                     {"LABEL", "label", Shows::kText, 3},
                     {"REQUESTED", "requested"},
                     {"WEIGHT", "weight", Shows::kNumber},
                     {"SET", "set", Shows::kNumber, 5},
                     {"STANDBY", "standby", Shows::kText, 2},
                     {"CHECK", "check", Shows::kText, 1},
                     {"MINCONN", "minconn", Shows::kNumber, 7},
                     {"MAXCONN", "maxconn", Shows::kNumber, 6},
                     {"MAXSESSIONS", "maxsessions", Shows::kNumber, 8},
                     {"ADDED", "added", Shows::kText, 9}},
                    members, for_csv);
}

void write_balancer(const Invocation &invocation, Json balancer)
{
    const auto members = with_balancer(balancer);
    balancer.erase("members");
    invocation.out() << record_text(balancer, now())
                     << member_table(members, false).text(invocation.console().terminal) << '\n';
}

Json configuration_at(const Invocation &invocation, const std::string &url)
{
    const auto transport = invocation.connect(url);
    return configuration_of(Api(*transport).balancers());
}

ExitCode verdict(const std::vector<Difference> &found)
{
    return found.empty() ? ExitCode::kDone : ExitCode::kNotDone;
}

Json as_json(const std::vector<Difference> &found)
{
    Json list = Json::array();
    for (const auto &one : found)
        list.push_back({{"what", one.what}, {"a", one.in_one}, {"b", one.in_other}});
    return Json{{"differences", list}};
}

}  // namespace

ExitCode show_config(Invocation &invocation)
{
    const auto configuration = configuration_of(invocation.balancers());
    if (invocation.wants_json())
        return invocation.show(configuration);
    if (invocation.wants_csv())
        return invocation.show(member_table(members_of(configuration), true));
    for (const auto &balancer : list_of(configuration, "balancers"))
        write_balancer(invocation, balancer);
    return ExitCode::kDone;
}

ExitCode show_differences(Invocation &invocation)
{
    const auto &options = invocation.options();
    const auto found = differences(configuration_at(invocation, options.one_url),
                                   configuration_at(invocation, options.other_url));
    if (invocation.wants_json()) {
        invocation.show(as_json(found));
        return verdict(found);
    }
    TextTable table({{"WHAT"}, {"A"}, {"B"}});
    for (const auto &one : found)
        table.add_row({one.what, one.in_one, one.in_other});
    if (!table.is_empty() || invocation.wants_csv())
        invocation.show(table);
    return verdict(found);
}

}  // namespace stickybalancer::stickyctl
