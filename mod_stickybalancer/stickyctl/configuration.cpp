// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/stickyctl/configuration.hpp"

#include <algorithm>

namespace stickybalancer::stickyctl {
namespace {

constexpr const char *kOfBalancer[] = {"name",   "label",       "url",
                                       "policy", "persistence", "lifetime_s"};
constexpr const char *kOfMember[] = {"name",        "label",      "url",     "route",   "requested",
                                     "weight",      "set",        "standby", "minconn", "maxconn",
                                     "maxsessions", "check.kind", "added"};

template <typename Names>
Json only(const Json &object, const Names &names)
{
    Json kept = Json::object();
    for (const char *name : names)
        if (const auto *value = find_field(object, name))
            kept[std::string(name) == "check.kind" ? "check" : name] = *value;
    return kept;
}

// What the table holds is live, its room is configured.
Json configured_balancer(const Json &balancer)
{
    auto kept = only(balancer, kOfBalancer);
    if (const auto *room = find_field(balancer, "table.room"))
        kept["table_room"] = *room;
    kept["members"] = Json::array();
    for (const auto &member : list_of(balancer, "members"))
        kept["members"].push_back(only(member, kOfMember));
    return kept;
}

std::vector<std::string> names_in(const Json &list)
{
    std::vector<std::string> names;
    for (const auto &thing : list)
        names.push_back(text_of(thing, "name"));
    return names;
}

const Json *named(const Json &list, const std::string &name)
{
    for (const auto &thing : list)
        if (text_of(thing, "name") == name)
            return &thing;
    return nullptr;
}

std::string names_also_in(const Json &list, const Json &other)
{
    std::string text;
    for (const auto &name : names_in(list))
        if (named(other, name))
            text += (text.empty() ? "" : ", ") + name;
    return text;
}

class Comparison {
public:
    void lists(const std::string &prefix, const Json &one, const Json &other)
    {
        for (const auto &name : names_in(one))
            things(prefix + name, *named(one, name), named(other, name));
        for (const auto &name : names_in(other))
            if (!named(one, name))
                found.push_back({prefix + name, "", "there"});
        const auto order = names_also_in(one, other), other_order = names_also_in(other, one);
        if (order != other_order)
            found.push_back({prefix + "order", order, other_order});
    }

    std::vector<Difference> found;

private:
    void things(const std::string &what, const Json &one, const Json *other)
    {
        if (!other) {
            found.push_back({what, "there", ""});
            return;
        }
        for (const auto &[field, value] : one.items())
            if (field != "members" && text_of(one, field) != text_of(*other, field))
                found.push_back({what + " " + field, text_of(one, field), text_of(*other, field)});
        for (const auto &[field, value] : other->items())
            if (!one.contains(field))
                found.push_back({what + " " + field, "", text_of(*other, field)});
        lists(what + "/", list_of(one, "members"), list_of(*other, "members"));
    }
};

}  // namespace

Json configuration_of(const Json &balancers)
{
    Json kept = Json::array();
    for (const auto &balancer : list_of(balancers, "balancers"))
        kept.push_back(configured_balancer(balancer));
    return Json{{"balancers", kept}};
}

std::vector<Difference> differences(const Json &one, const Json &other)
{
    Comparison comparison;
    comparison.lists("", list_of(one, "balancers"), list_of(other, "balancers"));
    return comparison.found;
}

}  // namespace stickybalancer::stickyctl
