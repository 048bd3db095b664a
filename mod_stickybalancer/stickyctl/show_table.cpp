// SPDX-License-Identifier: Apache-2.0
//
// Tables of sessions: how full they are; what is in one, by digests of its keys.
#include <algorithm>

#include "mod_stickybalancer/stickyctl/commands.hpp"
#include "mod_stickybalancer/stickyctl/field_table.hpp"
#include "mod_stickybalancer/stickyctl/lookup.hpp"

namespace stickybalancer::stickyctl {
namespace {

ExitCode show_all_tables(Invocation &invocation)
{
    const auto balancers = invocation.balancers();
    const auto &list = list_of(balancers, "balancers");
    if (invocation.wants_json())
        return invocation.show(balancers);
    return invocation.show(table_of({{"BALANCER", "name"},
                                     {"ENTRIES", "table.entries", Shows::kNumber},
                                     {"ROOM", "table.room", Shows::kNumber},
                                     {"LEARNED", "table.learned", Shows::kNumber, 1},
                                     {"EXPIRED", "table.expired", Shows::kNumber, 2},
                                     {"EVICTED", "table.evicted", Shows::kNumber},
                                     {"REFUSED", "table.refused", Shows::kNumber},
                                     {"DAMAGED", "table.damaged", Shows::kNumber, 3}},
                                    {list.begin(), list.end()}, invocation.wants_csv()));
}

// The server answers a page at a time, of as many as it likes; a page may be empty, and not the last.
Json read_entries(Invocation &invocation, const std::string &balancer)
{
    const auto &options = invocation.options();
    auto api = invocation.api();
    auto left = options.count;
    auto from = options.from;
    Json table, entries = Json::array();
    do {
        table = api.read(balancer_path(balancer) + "/table?from=" + std::to_string(from) +
                         "&count=" + std::to_string(left));
        for (const auto &entry : list_of(table, "entries"))
            entries.push_back(entry);
        left = options.count - std::min<std::uint64_t>(options.count, entries.size());
        const auto *next = find_field(table, "next");
        from = next != nullptr && next->is_number_unsigned() ? next->get<std::uint64_t>() : 0;
    } while (left != 0 && from != 0);
    table["entries"] = std::move(entries);
    return table;
}

}  // namespace

ExitCode show_table(Invocation &invocation)
{
    const auto &options = invocation.options();
    if (options.balancer.empty())
        return show_all_tables(invocation);
    const auto balancer = text_of(list_of(invocation.balancers(), "balancers").at(0), "name");
    const auto table = read_entries(invocation, balancer);
    if (invocation.wants_json())
        return invocation.show(table);
    const auto &entries = list_of(table, "entries");
    invocation.show(table_of({{"DIGEST", "digest"},
                              {"MEMBER", "member"},
                              {"REQUESTS", "requests", Shows::kNumber},
                              {"EXPIRES S", "expires_s", Shows::kNumber},
                              {"USED", "used", Shows::kAge, 1},
                              {"LEARNED", "learned", Shows::kAge, 2},
                              {"BY", "by", Shows::kText, 3}},
                             {entries.begin(), entries.end()}, invocation.wants_csv()));
    if (const auto *next = find_field(table, "next"); next != nullptr && !next->is_null())
        invocation.console().err << "there are more: --from " << next->dump() << '\n';
    return ExitCode::kDone;
}

}  // namespace stickybalancer::stickyctl
