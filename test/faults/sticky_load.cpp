// SPDX-License-Identifier: Apache-2.0
#include "test/faults/sticky_load.hpp"

#include <algorithm>
#include <memory>
#include <system_error>

#include "test/faults/load_request.hpp"

namespace stickybalancer::test {
namespace {

// A request that came to a dying child may come to the next one, too.
constexpr int kMostTries = 10;
constexpr std::size_t kMostErrorsTold = 20;

const char *kind_of(Exchange::End end)
{
    switch (end) {
    case Exchange::End::kAnswered: return "answered";
    case Exchange::End::kUnanswered: return "broken";
    case Exchange::End::kCut: return "cut";
    case Exchange::End::kTimedOut: return "late";
    }
    return "";
}

}  // namespace

long count_of(const Errors &errors)
{
    long sum = 0;
    for (const auto &[kind, count] : errors)
        sum += count;
    return sum;
}

struct StickyLoad::Client {
    std::string name, cookie, member;
    std::unique_ptr<LoadConnection> connection;
    Clock::time_point asked_at{};
    int bursts = 0;
    long closed = 0, killed = 0, away = 0;  // as in Tally
};

struct StickyLoad::Order {
    const char *method = "GET";
    std::string target;

    bool is_post() const { return *method == 'P' && method[1] == 'O'; }
};

StickyLoad::StickyLoad(const LoadPlan &plan, const Faults &faults)
    : plan_(plan), faults_(faults), rounds_(static_cast<std::size_t>(plan.threads))
{
    for (std::size_t i = 0; i < rounds_.size(); ++i)
        threads_.emplace_back([this, i] { drive(i); });
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

bool StickyLoad::wait_for_rounds(int rounds, std::chrono::seconds at_most)
{
    std::vector<long> wanted;
    for (const auto &done : rounds_)
        wanted.push_back(done + rounds);
    return wait_until(within(at_most), [&] {
        return std::equal(rounds_.begin(), rounds_.end(), wanted.begin(),
                          [](const auto &done, long least) { return done >= least; });
    });
}

Tally StickyLoad::stop()
{
    {
        const std::lock_guard lock(mutex_);
        is_over_ = true;
    }
    over_.notify_all();
    for (auto &thread : threads_)
        thread.join();
    threads_.clear();
    tally_.answers = answers_;
    tally_.posts = posts_;
    return tally_;
}

void StickyLoad::drive(std::size_t thread)
{
    std::vector<Client> clients(static_cast<std::size_t>(plan_.clients_per_thread));
    for (std::size_t i = 0; i < clients.size(); ++i) {
        clients[i].name = std::to_string(thread * clients.size() + i);
        clients[i].bursts = static_cast<int>(i);
        if (plan_.kept_by == KeptBy::kTable)
            clients[i].cookie = "SID=" + clients[i].name;
    }
    for (; !is_over_; ++rounds_[thread])
        for (auto &client : clients)
            use(client);
    const std::lock_guard lock(mutex_);
    for (const auto &client : clients) {
        tally_.clients += !client.member.empty();
        tally_.closed += client.closed;
        tally_.killed += client.killed;
        tally_.away += client.away;
    }
}

void StickyLoad::use(Client &client)
{
    for (int i = 0; i < plan_.burst && !is_over_; ++i)
        ask(client, next_order(client, i));
    client.connection.reset();
    rest();
}

bool StickyLoad::rest()
{
    if (plan_.rest.count() == 0)
        return !is_over_;
    std::unique_lock lock(mutex_);
    return !over_.wait_for(lock, plan_.rest, [this] { return is_over_.load(); });
}

// A connection begins with one of the three in turn, so that each meets a fault first.
StickyLoad::Order StickyLoad::next_order(Client &client, int index)
{
    Order order;
    order.target = '/' + client.name;
    if (!plan_.has_bodies || index > 0)
        return order;
    switch (client.bursts++ % 3) {
    case 0:
        order.method = "POST";
        order.target += '/' + std::to_string(posts_++);
        break;
    case 1: order.method = "PUT"; break;
    default: break;
    }
    return order;
}

Exchange StickyLoad::exchange_with(Client &client, const Order &order)
{
    if (!client.connection)
        client.connection = std::make_unique<LoadConnection>(plan_.port);
    return client.connection->ask(load_request(order.method, order.target, client.cookie));
}

bool StickyLoad::forgives(Client &client, const Exchange &exchange) const
{
    const auto &connection = *client.connection;
    const bool is_closed = exchange.end == Exchange::End::kUnanswered && connection.is_kept();
    const bool is_killed = !is_closed && exchange.end != Exchange::End::kTimedOut &&
                           faults_.kills.any_since(connection.opened_at());
    client.closed += is_closed;
    client.killed += is_killed;
    return is_closed || is_killed;
}

void StickyLoad::ask(Client &client, const Order &order)
{
    client.asked_at = Clock::now();
    for (int tries = 0; tries < kMostTries; ++tries) {
        Exchange exchange;
        try {
            exchange = exchange_with(client, order);
        } catch (const std::system_error &error) {
            return note_error(client, order, "refused");
        }
        if (exchange.end == Exchange::End::kAnswered)
            return judge(client, order, exchange);
        const bool is_forgiven = forgives(client, exchange);
        client.connection.reset();
        if (!is_forgiven)
            return note_error(client, order, kind_of(exchange.end));
        if (order.is_post())
            return;
    }
    note_error(client, order, "given up");
}

void StickyLoad::judge(Client &client, const Order &order, const Exchange &exchange)
{
    ++answers_;
    if (exchange.is_last)
        client.connection.reset();
    if (exchange.status != 200)
        return note_error(client, order, std::to_string(exchange.status));
    if (client.member.empty() && plan_.kept_by == KeptBy::kCookie && exchange.set_cookie.empty())
        return note_error(client, order, "no cookie");
    if (client.member.empty())
        return place(client, exchange);
    if (exchange.member != client.member || !exchange.set_cookie.empty())
        move(client, exchange);
}

void StickyLoad::place(Client &client, const Exchange &exchange)
{
    client.member = exchange.member;
    if (!exchange.set_cookie.empty())
        client.cookie = exchange.set_cookie;
}

void StickyLoad::move(Client &client, const Exchange &exchange)
{
    const bool is_elsewhere = exchange.member != client.member;
    const bool is_told = plan_.kept_by == KeptBy::kTable || !exchange.set_cookie.empty();
    const bool may_go = is_elsewhere && is_told && faults_.any_at(client.member, client.asked_at);
    client.away += may_go;
    if (!may_go) {
        const std::lock_guard lock(mutex_);
        tally_.moved += is_elsewhere;
        tally_.rebound += !is_elsewhere;
        if (tally_.first_errors.size() < kMostErrorsTold)
            tally_.first_errors.push_back("client " + client.name + " of " + client.member +
                                          ": answer of " + exchange.member + ", cookie '" +
                                          exchange.set_cookie + "'");
    }
    place(client, exchange);
}

void StickyLoad::note_error(const Client &client, const Order &order, const std::string &kind)
{
    const auto now = Clock::now();
    const bool is_at_fault = faults_.any_at(client.member, client.asked_at);
    const std::lock_guard lock(mutex_);
    auto &errors = !is_at_fault      ? tally_.elsewhere
                   : order.is_post() ? tally_.posts_at_fault
                                     : tally_.at_fault;
    ++errors[kind];
    const double since_fault = std::chrono::duration<double>(now - last_fault_).count();
    tally_.last_error_s = since_fault;
    if (tally_.first_errors.size() < kMostErrorsTold && !(is_at_fault && order.is_post()))
        tally_.first_errors.push_back("client " + client.name + " of " + client.member + ": " +
                                      order.method + " " + kind + " after " +
                                      std::to_string(since_fault) + " s");
}

}  // namespace stickybalancer::test
