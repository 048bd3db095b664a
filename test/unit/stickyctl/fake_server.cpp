// SPDX-License-Identifier: Apache-2.0
#include "test/unit/stickyctl/fake_server.hpp"

#include <sstream>

namespace stickybalancer::stickyctl {
namespace {

class FakeTransport : public Transport {
public:
    FakeTransport(FakeServer &server, const ServerAddress &address)
        : server_(server), address_(address), name_(shown_name(address))
    {
    }

    Answer send(const Call &call) override
    {
        server_.calls.push_back(call);
        const auto path = call.path.substr(0, call.path.find("?from="));
        const auto at_url = server_.answers.find(call.method + ' ' + address_.url + '/' + path);
        if (at_url != server_.answers.end())
            return at_url->second;
        auto found = server_.answers.find(call.method + ' ' + call.path);
        if (found == server_.answers.end())  // all of it at once, whatever part is asked for
            found = server_.answers.find(call.method + ' ' + path);
        if (found == server_.answers.end())
            return {404, R"({"error":"nothing is there"})", ""};
        if (found->second.status == 0)
            throw Failure(ExitCode::kUnreachable, "cannot be reached");
        return found->second;
    }
    const std::string &name() const override { return name_; }

private:
    FakeServer &server_;
    ServerAddress address_;
    std::string name_;
};

}  // namespace

FakeServer::Result FakeServer::run(const std::vector<std::string> &arguments)
{
    std::ostringstream out, err;
    const auto variable = [this](const char *name) {
        const auto found = environment.find(name);
        return found == environment.end() ? std::string() : found->second;
    };
    const auto code =
        run_program(arguments, {out, err, {}}, variable, [this](const ServerAddress &address) {
            dialled.push_back(address);
            return std::make_unique<FakeTransport>(*this, address);
        });
    return {code, out.str(), err.str()};
}

Json member_json(const std::string &name, const Json &changes)
{
    auto member =
        Json::parse(R"({"name":"","label":"","url":"","address":"","route":"","balancer":"",
        "requested":"ready","requested_since":null,"actual":"up","reason":"none","since":null,"taking":true,
        "drain":{"since":null,"until":null,"clients":"none"},
        "check":{"kind":"off","last":"none","in_a_row":0,"latency_ms":null,"text":"","passed":0,"failed":0,"draining":false},
        "weight":1,"set":0,"standby":false,"minconn":0,"maxconn":0,"limit":0,"maxsessions":0,
        "active":0,"connecting":0,"queued":0,"sessions":0,"sessions_kind":"exact","last_seen":null,
        "sessions_end":null,"added":false,"totals":{"requests":0}})");
    member["name"] = member["route"] = name;
    member["url"] = "http://" + name + ".example:8080";
    member["address"] = name + ".example:8080";
    member.update(changes);
    return member;
}

Json balancer_json(const std::string &name, const std::vector<Json> &members)
{
    auto balancer = Json::parse(
        R"({"name":"","label":"","url":"","host":"www.example:443","policy":"roundrobin",
        "persistence":["cookie:ROUTEID insert"],"lifetime_s":1800,"active":0,"sessions":0,
        "table":{"entries":0,"room":0}})");
    balancer["name"] = balancer["label"] = name;
    balancer["url"] = "balancer://" + name;
    balancer["member_count"] = members.size();
    balancer["members"] = members;
    return balancer;
}

Json balancers_json(const std::vector<Json> &balancers) { return Json{{"balancers", balancers}}; }

}  // namespace stickybalancer::stickyctl
