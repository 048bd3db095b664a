// SPDX-License-Identifier: Apache-2.0
#include "test/e2e/steps.hpp"

#include <algorithm>
#include <stdexcept>

namespace stickybalancer::test {

Share share_of_new_clients(const Scenario &scenario, int count, const std::string &path)
{
    Share share;
    for (int i = 0; i < count; ++i) {
        const auto answer = scenario.new_browser().get(path);
        ++share[answer.status == 200 ? answer.member : std::to_string(answer.status)];
    }
    return share;
}

std::vector<Browser> browsers_on_every_child(Scenario &scenario)
{
    const auto children = scenario.httpd.children().size();
    std::vector<Browser> browsers, others;
    std::set<std::string> reached;
    for (int tries = 0; tries < 200 && reached.size() < children; ++tries) {
        browsers.push_back(scenario.new_browser());
        const auto uri = "/child-" + std::to_string(tries);
        browsers.back().get(uri);
        if (reached.insert(logged(scenario.httpd, uri).at("pid")).second)
            continue;
        // Under worker one child may win each accept: kept open, some connections take its threads.
        others.push_back(std::move(browsers.back()));
        browsers.pop_back();
    }
    if (reached.size() < children)
        throw std::runtime_error("only " + std::to_string(reached.size()) + " of " +
                                 std::to_string(children) + " children were reached");
    return browsers;
}

std::map<std::string, std::string> shown_member(const HttpdInstance &httpd, const std::string &url)
{
    BrowserOptions options;
    options.port = httpd.port();
    options.host = "localhost";
    const auto referer = "http://localhost:" + std::to_string(httpd.port()) + "/balancer-manager";
    const auto page = Browser(options).get("/balancer-manager?xml=1", {{"Referer", referer}}).body;

    const auto begin = page.find("<httpd:name>" + url + "</httpd:name>");
    if (begin == std::string::npos)
        throw std::runtime_error("balancer-manager does not show " + url + ":\n" + page);
    const auto end = page.find("</httpd:worker>", begin);
    std::map<std::string, std::string> fields;
    static const std::string kTag = "<httpd:";
    for (auto at = begin; (at = page.find(kTag, at)) < end; ++at) {
        const auto name = page.substr(at + kTag.size(), page.find('>', at) - at - kTag.size());
        const auto value = page.find('>', at) + 1;
        fields[name] = page.substr(value, page.find('<', value) - value);
    }
    return fields;
}

bool wait_for_busy(const HttpdInstance &httpd, const std::string &url, const std::string &wanted)
{
    return wait_until(within(std::chrono::seconds(10)),
                      [&] { return shown_member(httpd, url).at("busy") == wanted; });
}

const char *const kServerStatus =
    "<Location \"/server-status\">\nSetHandler server-status\n</Location>\n"
    "ProxyPass \"/server-status\" \"!\"\n";

bool wait_for_working(const HttpdInstance &httpd, int count)
{
    BrowserOptions options;
    options.port = httpd.port();
    static const std::string kScoreboard = "Scoreboard: ";
    return wait_until(within(std::chrono::seconds(10)), [&] {
        const auto page = Browser(options).get("/server-status?auto").body;
        const auto begin = page.find(kScoreboard);
        if (begin == std::string::npos)
            return false;
        const auto workers = page.substr(begin, page.find('\n', begin) - begin);
        return std::count(workers.begin(), workers.end(), 'W') == count + 1;  // the page's own
    });
}

AccessLog::Line logged(const HttpdInstance &httpd, const std::string &uri)
{
    AccessLog::Line found;
    const auto is_logged = [&] {
        for (const auto &line : httpd.access_log().lines())
            if (line.at("uri") == uri)
                found = line;
        return !found.empty();
    };
    if (!wait_until(within(std::chrono::seconds(10)), is_logged))
        throw std::runtime_error("the access log has no line of " + uri);
    return found;
}

}  // namespace stickybalancer::test
