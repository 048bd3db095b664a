// SPDX-License-Identifier: Apache-2.0
#include "test/e2e/api_steps.hpp"

#include <boost/test/unit_test.hpp>
#include <fstream>

#include "test/support/process.hpp"
#include "test/support/wait.hpp"

namespace stickybalancer::test {

const char *const kApiLocations = R"(
<Location "/ops">
    SetHandler sticky-manager
    Require local
</Location>
<Location "/look">
    SetHandler sticky-status
    Require local
</Location>
)";

namespace {

std::string config_of(const std::string &members, const std::string &lines)
{
    return "<Proxy \"balancer://app\">\n" + members + lines +
           "\nStickyCookie insert\n</Proxy>\nProxyPass \"/\" \"balancer://app/\"\n" + kApiLocations;
}

}  // namespace

void ApiScenario::start(const std::string &lines, const std::string &before)
{
    start_httpd(before + config_of("BalancerMember \"{a.url}\" route=a\n"
                                   "BalancerMember \"{b.url}\" route=b\n",
                                   lines));
}

void ApiScenario::restart_with(const FakeMember &member, const std::string &lines)
{
    httpd.rewrite_config(config_of("BalancerMember \"" + member.url() + "\" route=new\n", lines));
}

Json ApiScenario::get(const std::string &path) const
{
    return Json::parse(new_browser().get(kApi + path).body);
}

Response ApiScenario::call(const std::string &method, const std::string &path,
                           const std::string &body, const Headers &headers) const
{
    return new_browser().request(method, kApi + path, body, headers);
}

Response ApiScenario::patch(const std::string &member, const std::string &body,
                            const Headers &headers) const
{
    return call("PATCH", "/balancers/app/members/" + member, body, headers);
}

Response ApiScenario::add(const std::string &body) const
{
    return call("POST", "/balancers/app/members", body);
}

Response ApiScenario::remove(const std::string &member) const
{
    return call("DELETE", "/balancers/app/members/" + member, {}, {});
}

bool is_error(const Response &response, int status)
{
    const auto json = Json::parse(response.body, nullptr, false);
    return response.status == status && response.header("Content-Type") == "application/json" &&
           json.is_object() && json.size() == 1 && json.contains("error");
}

std::string schema_problems(const ApiScenario &scenario, const std::vector<std::string> &texts)
{
    static const char *const kProgram = R"(
import json, sys
import jsonschema
schema, *texts = json.load(open(sys.argv[1]))
jsonschema.Draft7Validator.check_schema(schema)
for text in texts:
    for error in jsonschema.Draft7Validator(schema).iter_errors(text):
        print(json.dumps(text)[:200], [e.message for e in error.context] or error.message)
)";
    Json all = Json::array({scenario.get("/schema")});
    for (const auto &text : texts)
        all.push_back(Json::parse(text));
    const TemporaryDirectory directory;
    std::ofstream(directory.path() / "all.json") << all.dump();
    const auto output = directory.path() / "output";
    Process validator(
        Command{{"/usr/bin/python3", "-c", kProgram, (directory.path() / "all.json").string()},
                {},
                output});
    const int code = validator.wait_for_end(within(std::chrono::seconds(30)));
    return (code == 0 ? "" : "exit code " + std::to_string(code) + ": ") + read_file(output);
}

}  // namespace stickybalancer::test
