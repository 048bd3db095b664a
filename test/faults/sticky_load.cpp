// SPDX-License-Identifier: Apache-2.0
#include "test/faults/sticky_load.hpp"

#include <memory>
#include <system_error>

namespace stickybalancer::test {
namespace {

// A request that came to a dying child may come to the next one, too.
constexpr int kMostTries = 10;
constexpr std::size_t kMostErrorsTold = 20;

const char *text_of(Exchange::End end)
{
    switch (end) {
    case Exchange::End::kAnswered: return "an answer";
    case Exchange::End::kUnanswered: return "the connection broke before an answer";
    case Exchange::End::kCut: return "the connection broke amid an answer";
    case Exchange::End::kTimedOut: return "no answer in time";
    }
    return "";
}

}  // namespace

struct StickyLoad::Client {
    std::string name, cookie, member;
    std::unique_ptr<LoadConnection> connection;
    long closed = 0, killed = 0;  // as in Tally
};

StickyLoad::StickyLoad(const LoadPlan &plan, const KillTimes &kills) : plan_(plan), kills_(kills)
{
    for (int i = 0; i < plan_.threads; ++i)
        threads_.emplace_back([this, i] { drive(i * plan_.clients_per_thread); });
}

StickyLoad::~StickyLoad() { stop(); }

void StickyLoad::note_fault()
{
    const std::lock_guard lock(mutex_);
    last_fault_ = Clock::now();
}

bool StickyLoad::wait_for(long answers, std::chrono::seconds at_most)
{
    return wait_until(within(at_most), [&] { return answers_ >= answers; });
}

Tally StickyLoad::stop()
{
    is_over_ = true;
    for (auto &thread : threads_)
        thread.join();
    threads_.clear();
    tally_.answers = answers_;
    return tally_;
}

void StickyLoad::drive(int first_client)
{
    std::vector<Client> clients(static_cast<std::size_t>(plan_.clients_per_thread));
    for (std::size_t i = 0; i < clients.size(); ++i)
        clients[i].name = std::to_string(first_client + static_cast<int>(i));
    while (!is_over_)
        for (auto &client : clients)
            use(client);
    const std::lock_guard lock(mutex_);
    for (const auto &client : clients) {
        tally_.clients += !client.cookie.empty();
        tally_.closed += client.closed;
        tally_.killed += client.killed;
    }
}

void StickyLoad::use(Client &client)
{
    for (int i = 0; i < plan_.burst && !is_over_; ++i)
        ask(client);
    client.connection.reset();
}

Exchange StickyLoad::exchange_with(Client &client)
{
    if (!client.connection)
        client.connection = std::make_unique<LoadConnection>(plan_.port);
    auto request = "GET /" + client.name + " HTTP/1.1\r\nHost: localhost\r\n";
    if (!client.cookie.empty())
        request += "Cookie: " + client.cookie + "\r\n";
    return client.connection->ask(request + "\r\n");
}

bool StickyLoad::forgives(Client &client, const Exchange &exchange) const
{
    const auto &connection = *client.connection;
    const bool is_closed = exchange.end == Exchange::End::kUnanswered && connection.is_kept();
    const bool is_killed = !is_closed && exchange.end != Exchange::End::kTimedOut &&
                           kills_.any_since(connection.opened_at());
    client.closed += is_closed;
    client.killed += is_killed;
    return is_closed || is_killed;
}

void StickyLoad::ask(Client &client)
{
    for (int tries = 0; tries < kMostTries; ++tries) {
        Exchange exchange;
        try {
            exchange = exchange_with(client);
        } catch (const std::system_error &error) {
            return note_error(client, error.what());
        }
        if (exchange.end == Exchange::End::kAnswered)
            return judge(client, exchange);
        const bool again = forgives(client, exchange);
        client.connection.reset();
        if (!again)
            return note_error(client, text_of(exchange.end));
    }
    note_error(client, "no answer, however often it asked");
}

void StickyLoad::judge(Client &client, const Exchange &exchange)
{
    ++answers_;
    if (exchange.is_last)
        client.connection.reset();
    if (exchange.status != 200)
        return note_error(client, "status " + std::to_string(exchange.status));
    if (client.cookie.empty()) {
        client.cookie = exchange.set_cookie;
        client.member = exchange.member;
        if (client.cookie.empty())
            note_error(client, "no cookie");
        return;
    }
    if (exchange.member == client.member && exchange.set_cookie.empty())
        return;
    const std::lock_guard lock(mutex_);
    tally_.moved += exchange.member != client.member;
    tally_.rebound += !exchange.set_cookie.empty();
    if (tally_.first_errors.size() < kMostErrorsTold)
        tally_.first_errors.push_back("client " + client.name + " of " + client.member +
                                      ": answer of " + exchange.member + ", cookie '" +
                                      exchange.set_cookie + "'");
    if (!exchange.set_cookie.empty()) {
        client.cookie = exchange.set_cookie;
        client.member = exchange.member;
    }
}

void StickyLoad::note_error(const Client &client, const std::string &what)
{
    const auto now = Clock::now();
    const std::lock_guard lock(mutex_);
    ++tally_.errors;
    tally_.last_error_s = std::chrono::duration<double>(now - last_fault_).count();
    if (tally_.first_errors.size() < kMostErrorsTold)
        tally_.first_errors.push_back("client " + client.name + " of " + client.member + ": " +
                                      what);
}

}  // namespace stickybalancer::test
