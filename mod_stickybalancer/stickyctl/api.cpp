// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/stickyctl/api.hpp"

#include <algorithm>

#include "mod_stickybalancer/stickyctl/failure.hpp"
#include "mod_stickybalancer/stickyctl/lookup.hpp"
#include "mod_stickybalancer/stickyctl/terminal.hpp"

namespace stickybalancer::stickyctl {
namespace {

const std::string kRoot = "api/v1/";

// So many take about a megabyte; what they all take is then in no answer, and its time has no part in one's timeout.
constexpr std::size_t kMembersInAnswer = 500;

// No end of answers where a server never tells of one.
constexpr std::int64_t kMostMembers = 100'000;

std::string part_from(std::size_t first)
{
    return "from=" + std::to_string(first) + "&count=" + std::to_string(kMembersInAnswer);
}

Json parsed(const std::string &body) { return Json::parse(body, nullptr, false); }

// The server's own sentence, where it is ours; else nothing: an error page of httpd is not for a terminal.
std::string sentence_in(const std::string &body)
{
    const auto json = parsed(body);
    return json.is_object() ? printable(text_of(json, "error")) : std::string();
}

[[noreturn]] void fail_denied(const Answer &answer, const std::string &server)
{
    const auto sentence = sentence_in(answer.body);
    const std::string usual =
        answer.status == 401 ? server + " wants a user and a password, or others than were given"
                             : "what Require says at " + server + " does not allow it";
    throw Failure(ExitCode::kDenied, "permission denied: " + (sentence.empty() ? usual : sentence));
}

[[noreturn]] void fail_refused(const Answer &answer, const std::string &server)
{
    const auto sentence = sentence_in(answer.body);
    throw Failure(ExitCode::kRefused, sentence.empty() ? server + " refuses, with status " +
                                                             std::to_string(answer.status)
                                                       : sentence);
}

[[noreturn]] void fail_not_found(const Answer &answer, const std::string &server)
{
    if (const auto sentence = sentence_in(answer.body); !sentence.empty())
        throw Failure(ExitCode::kNotFound, sentence);
    throw Failure(ExitCode::kUnreachable,
                  "there is no operator's room at " + server +
                      ": name the location of sticky-status or sticky-manager");
}

[[noreturn]] void fail_elsewhere(const Answer &answer, const std::string &server)
{
    throw Failure(ExitCode::kUnreachable,
                  server + " redirects to " + printable(answer.location) + ": name that server");
}

[[noreturn]] void fail_broken(const Answer &answer, const std::string &server)
{
    const auto sentence = sentence_in(answer.body);
    throw Failure(ExitCode::kUnreachable, server + " answers with status " +
                                              std::to_string(answer.status) +
                                              (sentence.empty() ? "" : ": " + sentence));
}

void need_success(const Answer &answer, const std::string &server)
{
    const auto status = answer.status;
    if (status >= 200 && status < 300)
        return;
    if (status == 401 || status == 403)
        fail_denied(answer, server);
    if (status == 404)
        fail_not_found(answer, server);
    if (status >= 400 && status < 500)
        fail_refused(answer, server);
    if (status >= 300 && status < 400)
        fail_elsewhere(answer, server);
    fail_broken(answer, server);
}

}  // namespace

Json Api::send(const Call &call)
{
    const auto answer = transport_.send(call);
    need_success(answer, name());
    if (answer.status == 204)
        return Json::object();
    auto json = parsed(answer.body);
    if (!json.is_object())
        throw Failure(ExitCode::kUnreachable,
                      "what " + name() +
                          " answers is not from an operator's room: name the "
                          "location of sticky-status or sticky-manager");
    return json;
}

Json Api::read(const std::string &path) { return send({"GET", kRoot + path, ""}); }

Json Api::balancers()
{
    auto answer = read("balancers?" + part_from(0));
    const auto found = answer.find("balancers");
    if (found != answer.end() && found->is_array())
        for (auto &balancer : *found)
            read_further_members(balancer);
    return answer;
}

// Until there are as many as the server has, or it has no more: members can be removed meanwhile.
void Api::read_further_members(Json &balancer)
{
    const auto path = balancer_path(text_of(balancer, "name")) + "/members?";
    const auto count = std::min(number_of(balancer, "member_count"), kMostMembers);
    for (auto known = list_of(balancer, "members").size();
         known > 0 && static_cast<std::int64_t>(known) < count;) {
        const auto answer = read(path + part_from(known));
        const auto &more = list_of(answer, "members");
        if (more.empty())
            return;
        auto &members = balancer["members"];
        members.insert(members.end(), more.begin(), more.end());
        known = members.size();
    }
}

Json Api::write(const std::string &method, const std::string &path, const Json &body)
{
    return send({method, kRoot + path, dump(body, false)});
}

Json Api::write(const std::string &method, const std::string &path)
{
    return send({method, kRoot + path, ""});
}

}  // namespace stickybalancer::stickyctl
