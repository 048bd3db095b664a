// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/stickyctl/field_table.hpp"

#include "mod_stickybalancer/stickyctl/invocation.hpp"

namespace stickybalancer::stickyctl {

TextTable table_of(FieldColumns columns, const std::vector<Json> &things, bool for_csv)
{
    std::vector<Column> titles;
    for (const auto &column : columns)
        titles.push_back({column.title, column.shows == Shows::kNumber, column.rank});
    TextTable table(std::move(titles));
    for (const auto &thing : things) {
        std::vector<std::string> cells;
        for (const auto &column : columns) {
            const auto text = text_of(thing, column.field);
            cells.push_back(column.shows == Shows::kAge && !for_csv ? relative_to(now(), text)
                                                                    : text);
        }
        table.add_row(std::move(cells));
    }
    return table;
}

std::vector<Json> members_of(const Json &balancers)
{
    std::vector<Json> members;
    for (const auto &balancer : list_of(balancers, "balancers"))
        for (const auto &member : list_of(balancer, "members")) {
            if (!member.is_object())
                continue;
            members.push_back(member);
            members.back()["balancer"] = text_of(balancer, "name");
        }
    return members;
}

}  // namespace stickybalancer::stickyctl
