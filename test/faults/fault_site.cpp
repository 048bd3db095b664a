// SPDX-License-Identifier: Apache-2.0
#include "test/faults/fault_site.hpp"

#include <algorithm>
#include <set>

#include "test/e2e/steps.hpp"
#include "test/faults/load_request.hpp"

namespace stickybalancer::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int kMembers = 4;
constexpr seconds kLongest{120};
constexpr const char *kMemberWords = " connectiontimeout=1 timeout=2 retry=1";

// A third of what the machine could do, so that what waits, waits for a member.
LoadPlan load_plan(std::uint16_t port, KeptBy kept_by)
{
    LoadPlan plan;
    plan.port = port;
    plan.threads = 24;
    plan.clients_per_thread = 12;
    plan.burst = 6;
    plan.rest = milliseconds(50);
    plan.has_bodies = true;
    plan.kept_by = kept_by;
    return plan;
}

double seconds_since(Clock::time_point then)
{
    return std::chrono::duration<double>(Clock::now() - then).count();
}

}  // namespace

FaultSite::FaultSite(const char *scenario, const FaultOptions &options, const std::string &section,
                     const std::string &more)
    : options_(options),
      more_(more),
      board_file_(httpd_.root() / "run/members"),
      board_(map_member_board(board_file_))
{
    row_.scenario = scenario;
    row_.mpm = tested_mpm();
    row_.kept_by = options.kept_by;
    for (std::size_t i = 0; i < kMembers; ++i) {
        const std::string name(1, static_cast<char>('a' + i));
        faults_.members[name];
        members_.emplace_back(name, board_file_, i);
    }
    httpd_.start(site(section));
}

std::string FaultSite::member_lines() const
{
    std::string lines;
    for (const auto &member : members_)
        lines +=
            "BalancerMember \"" + member.url() + "\" route=" + member.name() + kMemberWords + '\n';
    return lines;
}

// Debug lines of each request would fill the disk.
std::string FaultSite::site(const std::string &section) const
{
    const auto kept_by =
        options_.kept_by == KeptBy::kTable ? "StickyOn cookie:SID\n" : "StickyCookie insert\n";
    return "<Proxy \"balancer://app\">\n" + member_lines() + kept_by + options_.remedies + section +
           "</Proxy>\n" + kServerStatus + "LogLevel stickybalancer:info\n" + more_ +
           "ProxyPass \"/\" \"balancer://app/\"\n";
}

milliseconds FaultSite::span(milliseconds quick) const
{
    return options_.is_quick ? quick : 8 * quick;
}

void FaultSite::begin_load()
{
    load_ = std::make_unique<StickyLoad>(load_plan(httpd_.port(), options_.kept_by), faults_);
    if (!load_->wait_for_rounds(1, kLongest))
        row_.complaints.push_back("clients were not served in the time given");
}

void FaultSite::serve_on()
{
    if (!load_->wait_for_rounds(2, kLongest))
        row_.complaints.push_back("clients were not served in the time given");
}

void FaultSite::begin_fault(const std::vector<MemberProcess *> &members)
{
    for (const auto *member : members)
        faults_.members.at(member->name()).begin();
    load_->note_fault();
}

void FaultSite::end_fault(const std::vector<MemberProcess *> &members)
{
    const auto cured_at = Clock::now();
    if (!reach_as_new_clients(members))
        row_.complaints.push_back("new clients did not reach a member that was well again");
    row_.back_s = seconds_since(cured_at);
    for (const auto *member : members)
        faults_.members.at(member->name()).end();
}

void FaultSite::with_faulty_victim(const std::function<void()> &fault,
                                   const std::function<void()> &cure, milliseconds quick_span)
{
    begin_fault({&victim()});
    fault();
    std::this_thread::sleep_for(span(quick_span));
    cure();
    end_fault({&victim()});
}

Exchange FaultSite::ask_as_new_client()
{
    const auto cookie =
        options_.kept_by == KeptBy::kTable ? "SID=new-" + std::to_string(++new_clients_) : "";
    return LoadConnection(httpd_.port()).ask(load_request("GET", "/new", cookie));
}

bool FaultSite::reach_as_new_clients(const std::vector<MemberProcess *> &members)
{
    std::set<std::string> missing;
    for (const auto *member : members)
        missing.insert(member->name());
    return wait_until(within(kLongest), [&] {
        missing.erase(ask_as_new_client().member);
        return missing.empty();
    });
}

int FaultSite::busy()
{
    int sum = 0;
    for (const auto &member : members_)
        sum += std::stoi(shown_member(httpd_, member.url()).at("busy"));
    return sum;
}

// A request is over for httpd a moment later than for its client.
void FaultSite::expect_gauges_at_zero()
{
    const auto began = Clock::now();
    int now = 0;
    if (!wait_until(within(seconds(5)), [&] { return (now = busy()) == 0; }))
        row_.complaints.push_back("gauges are not at zero when all is idle");
    const auto span = std::chrono::duration_cast<milliseconds>(Clock::now() - began);
    row_.gauges = std::to_string(now) + "/" + std::to_string(span.count()) + "ms";
}

void FaultSite::expect_new_clients_everywhere()
{
    std::set<std::string> reached;
    for (int i = 0; i < 4 * kMembers; ++i)
        reached.insert(ask_as_new_client().member);
    for (const auto &member : members_)
        if (reached.count(member.name()) == 0)
            row_.complaints.push_back("no new client reaches " + member.name());
}

long FaultSite::posts_seen_twice() const
{
    const auto end = board_.posts +
                     std::min(static_cast<std::size_t>(row_.tally.posts), MemberBoard::kMostPosts);
    return std::count_if(board_.posts, end, [](const auto &times) { return times > 1; });
}

void FaultSite::end_load(bool has_cost)
{
    row_.tally = load_->stop();
    row_.twice = posts_seen_twice();
    expect_unnoticed(row_);
    if (!has_cost && !options_.remedies.empty())
        complain_of(row_, count_of(row_.tally.at_fault), "errors that a retry would have avoided");
    complain_of(row_, board_.damaged_count, "requests that did not arrive whole");
    expect_gauges_at_zero();
    expect_new_clients_everywhere();
}

// What httpd and the module say of members that fail.
void FaultSite::expect_quiet_log()
{
    for (const auto *text : {"[proxy:error]", "[proxy:warn]", "[proxy_http:error]",
                             "[proxy_http:warn]", "SB2101", "SB2104"})
        httpd_.log().allow(text);
    for (const auto &line : httpd_.log().unexplained())
        if (row_.complaints.size() < 30)
            row_.complaints.push_back("unexpected in the error log: " + line);
}

FaultRow FaultSite::finish()
{
    httpd_.wait_until_idle(seconds(2));
    httpd_.stop();
    expect_quiet_log();
    if (!row_.complaints.empty())
        row_.complaints.insert(row_.complaints.end(), row_.tally.first_errors.begin(),
                               row_.tally.first_errors.end());
    row_.seconds = seconds_since(began_at_);
    return row_;
}

}  // namespace stickybalancer::test
