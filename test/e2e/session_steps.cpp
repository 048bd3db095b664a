// SPDX-License-Identifier: Apache-2.0
#include "test/e2e/session_steps.hpp"

#include <stdexcept>

namespace stickybalancer::test {

SessionScenario::SessionScenario()
{
    for (const std::string name : {"a", "b", "c"}) {
        members.push_back(start_member(name));
        members.back().on("/login", [name, ids = ids_](const Request &) {
            const auto id = std::to_string(++*ids) + "-of-" + name;
            return Answer{.headers = {{"Set-Cookie", "JSESSIONID=" + id + "; Path=/; HttpOnly"}}};
        });
    }
}

std::string SessionScenario::site(const std::string &lines, const std::string &words)
{
    std::string text = "<Proxy \"balancer://app\">\n";
    for (const std::string name : {"a", "b", "c"})
        text += "BalancerMember \"{" + name + ".url}\" route=" + name + " " + words + "\n";
    return text + lines + "\n</Proxy>\nProxyPass \"/\" \"balancer://app/\"\n";
}

void SessionScenario::start(const std::string &lines, const std::string &more)
{
    start_httpd(more + std::string(kServerStatus) + site(lines));
}

FakeMember &SessionScenario::member(const std::string &name)
{
    for (auto &each : members)
        if (each.name() == name)
            return each;
    throw std::invalid_argument("no member is called " + name);
}

std::string SessionScenario::log_in()
{
    auto client = new_browser();
    client.get("/login");
    return client.cookie("JSESSIONID");
}

std::string SessionScenario::log_in_at(const std::string &name)
{
    for (int i = 0; i < 20; ++i)
        if (const auto id = log_in(); member_of(id) == name)
            return id;
    throw std::runtime_error("nobody was logged in at " + name);
}

Share SessionScenario::served(const Headers &headers, int count, const std::string &path,
                              const BrowserOptions &options) const
{
    Share share;
    for (int i = 0; i < count; ++i) {
        const auto answer = new_browser(options).get(path, headers);
        ++share[answer.status == 200 ? answer.member : std::to_string(answer.status)];
    }
    return share;
}

bool SessionScenario::is_kept(const Headers &headers, const std::string &member,
                              const std::string &path, const BrowserOptions &options) const
{
    return served(headers, 6, path, options) == Share{{member, 6}};
}

int SessionScenario::count(const std::string &key) const
{
    const auto text = shown(*this, key);
    if (text.empty())
        throw std::runtime_error("the page has no " + key);
    return std::stoi(text);
}

Headers cookie(const std::string &id, const std::string &name)
{
    return {{"Cookie", name + "=" + id}};
}

std::string member_of(const std::string &id) { return id.substr(id.rfind('-') + 1); }

bool is_spread(const Share &share) { return share.size() == 3; }

}  // namespace stickybalancer::test
