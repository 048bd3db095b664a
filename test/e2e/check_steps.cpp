// SPDX-License-Identifier: Apache-2.0
#include "test/e2e/check_steps.hpp"

#include <algorithm>

namespace stickybalancer::test {

void Checked::start(const std::string &check, const std::string &of_b, const std::string &behind,
                    const HttpdOptions &options)
{
    start_httpd(R"(
        <Proxy "balancer://app">
            BalancerMember "{a.url}" route=a retry=3600
            BalancerMember "{b.url}" route=b retry=3600 )" +
                    of_b + R"(
            StickyCookie insert
            )" + check +
                    R"(
        </Proxy>
        )" + kServerStatus +
                    behind + R"(
        ProxyPass "/" "balancer://app/"
    )",
                options);
}

Browser Checked::bound_to(const std::string &route)
{
    auto client = new_browser();
    client.add_cookie("ROUTEID", "." + route);
    return client;
}

std::string Checked::shown(int member, const std::string &key)
{
    const auto body = "\n" + new_browser().get("/server-status?auto").body;
    const auto begin = "\nStickyBalancer[0]Member[" + std::to_string(member) + "]" + key + ": ";
    const auto at = body.find(begin);
    if (at == std::string::npos)
        return {};
    const auto from = at + begin.size();
    return body.substr(from, body.find('\n', from) - from);
}

bool Checked::wait_shown(int member, const std::string &key, const std::string &wanted)
{
    return wait_until(within(std::chrono::seconds(10)),
                      [&] { return shown(member, key) == wanted; });
}

int count_of(const FakeMember &member, const std::string &path)
{
    const auto all = member.requests();
    return static_cast<int>(std::count_if(
        all.begin(), all.end(), [&](const Request &request) { return request.path() == path; }));
}

bool Checked::wait_for_checks(const FakeMember &member, const std::string &path, int count)
{
    const auto before = count_of(member, path);
    return wait_until(within(std::chrono::seconds(20)),
                      [&] { return count_of(member, path) >= before + count; });
}

}  // namespace stickybalancer::test
