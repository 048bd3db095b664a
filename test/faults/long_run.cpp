// SPDX-License-Identifier: Apache-2.0
//
// Some hundred thousand requests while httpd is restarted gracefully again and again and its
// children are killed at random instants: no request fails but those that a killed child had,
// nobody is moved, and when all is over every gauge is at zero and new clients are spread as ever.
// Caught if: a killed child takes a lock, a place of a member or a count with it, two generations
// disagree on a client's member, or a queue forgets one who waits.
#include <algorithm>
#include <deque>
#include <stdexcept>

#include "test/e2e/steps.hpp"
#include "test/faults/fault_run.hpp"
#include "test/faults/kills.hpp"
#include "test/faults/load_member.hpp"

namespace stickybalancer::test {
namespace {

using std::chrono::seconds;

constexpr int kMembers = 4;
constexpr int kMaxConnections = 4;  // of each: half of what the load wants
constexpr seconds kLongest{600};

// Debug lines of each request would fill the disk.
constexpr const char *kQuiet = "LogLevel stickybalancer:info\n";

class LongRun {
public:
    LongRun(const char *scenario, const std::string &lines, const FaultOptions &options);

    void run();
    void expect_gauges_at_zero();
    void expect_even_spread();
    void expect_exact_limits();
    FaultRow finish();

private:
    KillPlan kill_plan() const;
    void restart_gracefully(StickyLoad &load);
    int busy(const LoadMember &member) const;
    int busy() const;
    bool wait_for_answers(StickyLoad &load, long count);
    void expect_exact_limit(LoadMember &member);

    FaultOptions options_;
    FaultRow row_;
    std::deque<LoadMember> members_;
    HttpdInstance httpd_;
    Faults faults_;
    Clock::time_point began_at_ = Clock::now();
};

LongRun::LongRun(const char *scenario, const std::string &lines, const FaultOptions &options)
    : options_(options)
{
    row_.scenario = scenario;
    row_.mpm = tested_mpm();
    std::string site = "<Proxy \"balancer://app\">\n";
    for (int i = 0; i < kMembers; ++i) {
        const auto &member = members_.emplace_back(std::string(1, static_cast<char>('a' + i)));
        site += "BalancerMember \"" + member.url() + "\" route=" + member.name() + '\n';
    }
    httpd_.start(site + lines + "StickyCookie insert\n</Proxy>\n" + kServerStatus + kQuiet +
                 "ProxyPass \"/\" \"balancer://app/\"\n");
}

// Prefork has a process for each connection, so one of them is not much.
KillPlan LongRun::kill_plan() const
{
    KillPlan plan;
    plan.seed = options_.seed;
    plan.at_once = row_.mpm == "prefork" ? 8 : 1;
    return plan;
}

bool LongRun::wait_for_answers(StickyLoad &load, long count)
{
    if (load.wait_for(count, kLongest))
        return true;
    row_.complaints.push_back("fewer than " + std::to_string(count) + " answers in the time given");
    return false;
}

// Evenly over the requests.
void LongRun::restart_gracefully(StickyLoad &load)
{
    for (int i = 1; i <= options_.gracefuls; ++i) {
        if (!wait_for_answers(load, options_.requests * i / (options_.gracefuls + 1)))
            return;
        load.note_fault();
        httpd_.graceful();
    }
}

void LongRun::run()
{
    LoadPlan plan;
    plan.port = httpd_.port();
    StickyLoad load(plan, faults_);
    ChildKiller killer(httpd_.pid(), kill_plan(), faults_.kills);
    restart_gracefully(load);
    wait_for_answers(load, options_.requests);
    const int killed = killer.stop();
    row_.tally = load.stop();
    row_.faults =
        std::to_string(options_.gracefuls) + " gracefuls, " + std::to_string(killed) + " killed";
    expect_unnoticed(row_);
    if (!row_.complaints.empty())
        row_.complaints.insert(row_.complaints.end(), row_.tally.first_errors.begin(),
                               row_.tally.first_errors.end());
}

int LongRun::busy(const LoadMember &member) const
{
    return std::stoi(shown_member(httpd_, member.url()).at("busy"));
}

int LongRun::busy() const
{
    int sum = 0;
    for (const auto &member : members_)
        sum += busy(member);
    return sum;
}

// A request is over for httpd a moment later than for its client.
void LongRun::expect_gauges_at_zero()
{
    const auto began = Clock::now();
    int now = 0;
    if (!wait_until(within(seconds(5)), [&] { return (now = busy()) == 0; }))
        row_.complaints.push_back("gauges are not at zero when all is idle");
    const auto span = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - began);
    row_.gauges = std::to_string(now) + "/" + std::to_string(span.count()) + "ms";
}

// A policy that reads gauges shuns a member whose gauge is too great.
void LongRun::expect_even_spread()
{
    std::map<std::string, int> share;
    for (int i = 0; i < 4 * kMembers; ++i)
        ++share
            [LoadConnection(httpd_.port()).ask("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").member];
    for (const auto &member : members_)
        if (const int count = share[member.name()]; count != 4)
            row_.complaints.push_back(member.name() + " got " + std::to_string(count) + " of " +
                                      std::to_string(4 * kMembers) + " new clients");
}

// As many places as there should be, neither more nor fewer.
void LongRun::expect_exact_limit(LoadMember &member)
{
    const auto request =
        "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nCookie: ROUTEID=." +
        member.name() + "\r\n\r\n";
    member.hold();
    std::deque<LoadConnection> connections;
    std::vector<std::thread> clients;
    for (int i = 0; i < kMaxConnections + 2; ++i)
        clients.emplace_back([&request, &connection = connections.emplace_back(httpd_.port())] {
            connection.ask(request);
        });
    const bool are_all_taken =
        wait_until(within(seconds(10)), [&] { return member.active() == kMaxConnections; });
    const bool do_others_wait = wait_for_working(httpd_, kMaxConnections + 2);
    const int most = member.most_at_once();
    member.release();
    for (auto &client : clients)
        client.join();
    if (!are_all_taken || !do_others_wait || most != kMaxConnections)
        row_.complaints.push_back(member.name() + " had " + std::to_string(most) +
                                  " requests at once of " + std::to_string(kMaxConnections));
}

void LongRun::expect_exact_limits()
{
    for (auto &member : members_)
        expect_exact_limit(member);
}

FaultRow LongRun::finish()
{
    row_.seconds = std::chrono::duration<double>(Clock::now() - began_at_).count();
    httpd_.wait_until_idle(seconds(2));
    httpd_.stop();
    httpd_.log().allow("children are killed successively");  // so they are
    for (const auto &line : httpd_.log().unexplained())
        row_.complaints.push_back("unexpected in the error log: " + line);
    return row_;
}

}  // namespace

FaultRow long_run(const FaultOptions &options)
{
    LongRun run("long_run", "", options);
    run.run();
    run.expect_gauges_at_zero();
    run.expect_even_spread();
    return run.finish();
}

FaultRow long_run_with_limits(const FaultOptions &options)
{
    LongRun run("long_run_with_limits",
                "ProxySet lbmethod=leastconn\nStickyMember * maxconn=" +
                    std::to_string(kMaxConnections) + '\n',
                options);
    run.run();
    run.expect_gauges_at_zero();
    run.expect_even_spread();
    run.expect_exact_limits();
    return run.finish();
}

}  // namespace stickybalancer::test
