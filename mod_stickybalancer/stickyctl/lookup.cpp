// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/stickyctl/lookup.hpp"

#include <vector>

#include "mod_stickybalancer/stickyctl/failure.hpp"
#include "mod_stickybalancer/stickyctl/terminal.hpp"
#include "mod_stickybalancer/stickyctl/web_address.hpp"
#include "mod_stickybalancer/stickyctl/words.hpp"

namespace stickybalancer::stickyctl {
namespace {

constexpr const char *kWords[] = {"name", "url", "label", "address"};
constexpr std::size_t kNamedInMessage = 8;

bool is_called(const Json &thing, const char *word, const std::string &text)
{
    return !text.empty() && text_of(thing, word) == text;
}

// httpd has small letters of what the configuration calls its balancers; people go by the configuration.
bool is_balancer_called(const Json &balancer, const char *word, const std::string &text)
{
    return !text.empty() && lowered(text_of(balancer, word)) == lowered(text);
}

// "b1", or "app/b1" with the balancer's name in front.
bool is_meant(const Json &balancer, const Json &member, const char *word, const std::string &text)
{
    const auto prefix = text_of(balancer, "name") + "/";
    return is_called(member, word, text) ||
           (lowered(text.substr(0, prefix.size())) == lowered(prefix) &&
            is_called(member, word, text.substr(prefix.size())));
}

std::vector<MemberFound> members_called(const Json &balancers, const char *word,
                                        const std::string &text)
{
    std::vector<MemberFound> found;
    for (const auto &balancer : list_of(balancers, "balancers"))
        for (const auto &member : list_of(balancer, "members"))
            if (is_meant(balancer, member, word, text))
                found.push_back({text_of(balancer, "name"), text_of(member, "name"), member});
    return found;
}

std::string listed(const std::vector<std::string> &names)
{
    std::string text;
    for (std::size_t i = 0; i < names.size() && i < kNamedInMessage; ++i)
        text += (i > 0 ? ", " : "") + printable(names[i]);
    return text + (names.size() > kNamedInMessage ? ", ..." : "");
}

std::vector<std::string> all_members(const Json &balancers)
{
    std::vector<std::string> names;
    for (const auto &balancer : list_of(balancers, "balancers"))
        for (const auto &member : list_of(balancer, "members"))
            names.push_back(text_of(balancer, "name") + "/" + text_of(member, "name"));
    return names;
}

std::vector<std::string> all_balancers(const Json &balancers)
{
    std::vector<std::string> names;
    for (const auto &balancer : list_of(balancers, "balancers"))
        names.push_back(text_of(balancer, "name"));
    return names;
}

[[noreturn]] void fail_unknown(const char *kind, const std::string &text,
                               const std::vector<std::string> &known)
{
    throw Failure(ExitCode::kNotFound, std::string("no ") + kind + " is called '" +
                                           printable(text) + "'; there " +
                                           (known.empty() ? "is none" : "is " + listed(known)));
}

[[noreturn]] void fail_ambiguous(const std::string &text, const std::vector<MemberFound> &found)
{
    std::vector<std::string> names;
    for (const auto &one : found)
        names.push_back(one.full_name());
    throw Failure(ExitCode::kUsage,
                  "'" + printable(text) + "' can be " + listed(names) + ": say which");
}

}  // namespace

std::string balancer_path(const std::string &balancer)
{
    return "balancers/" + encoded_path(balancer);
}

std::string MemberFound::path() const
{
    return balancer_path(balancer) + "/members/" + encoded_path(name);
}

MemberFound find_member(const Json &balancers, const std::string &text)
{
    for (const auto *word : kWords) {
        const auto found = members_called(balancers, word, text);
        if (found.size() > 1)
            fail_ambiguous(text, found);
        if (found.size() == 1)
            return found.front();
    }
    fail_unknown("member", text, all_members(balancers));
}

Json find_balancer(const Json &balancers, const std::string &text)
{
    for (const auto *word : kWords)
        for (const auto &balancer : list_of(balancers, "balancers"))
            if (is_balancer_called(balancer, word, text))
                return balancer;
    fail_unknown("balancer", text, all_balancers(balancers));
}

}  // namespace stickybalancer::stickyctl
