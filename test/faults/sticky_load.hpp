// SPDX-License-Identifier: Apache-2.0
//
// Steady load of clients that expect to stay at their members. Each thread has some clients and
// drives one at a time: a few requests over one connection, as a page and what belongs to it, then
// the next. So new connections and kept ones are always under way, and never more of them than
// threads.
//
// A client whose connection breaks before anything of an answer was read asks again on a new one,
// as browsers do. That is all it forgives on a connection that was kept, which a server may close
// at any time; on a new one, or amid an answer, only while a child was being killed. A POST is
// never made again, and always the first on its connection, so that nobody closed it in passing.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "test/faults/fault_times.hpp"
#include "test/faults/load_connection.hpp"

namespace stickybalancer::test {

enum class KeptBy {
    kCookie,  // that the balancer sets
    kTable,   // by SID, which each client brings
};

struct LoadPlan {
    std::uint16_t port = 0;
    int threads = 32;
    int clients_per_thread = 10;
    int burst = 20;                    // requests on one connection
    std::chrono::milliseconds rest{};  // between two connections
    bool has_bodies = false;           // PUT and POST among the GETs
    KeptBy kept_by = KeptBy::kCookie;
};

// What clients see that is no good answer, by kind: "503", "cut", ...
using Errors = std::map<std::string, long>;
long count_of(const Errors &errors);

struct Tally {
    long answers = 0;         // to requests of clients that stayed, or moved
    long clients = 0;         // that are at a member
    long closed = 0;          // requests made again because a kept connection had been closed
    long killed = 0;          // that broke because a child was killed under them
    Errors elsewhere;         // of clients whose member was well
    Errors at_fault;          // of others: requests that may be repeated,
    Errors posts_at_fault;    // and those that may not
    long moved = 0;           // answers of another member than the client's, which was well
    long rebound = 0;         // cookies for clients that had one and did not move
    long away = 0;            // clients that left a member with a fault
    double last_error_s = 0;  // from the last note_fault() before it
    long posts = 0;           // the numbers of POSTs begin at 0
    std::vector<std::string> first_errors;
};

class StickyLoad {
public:
    StickyLoad(const LoadPlan &plan, const Faults &faults);
    ~StickyLoad();

    // From here on until the next call, errors are counted from now.
    void note_fault();
    // Until there were so many answers, at most the time given; says whether it came to that.
    bool wait_for(long answers, std::chrono::seconds at_most);
    // Until every client has been driven so often from now on.
    bool wait_for_rounds(int rounds, std::chrono::seconds at_most);
    Tally stop();

private:
    struct Client;
    struct Order;

    void drive(std::size_t thread);
    void use(Client &client);
    bool rest();  // false: it is over
    Order next_order(Client &client, int index);
    // Until it was answered, or nothing is to be hoped for.
    void ask(Client &client, const Order &order);
    Exchange exchange_with(Client &client, const Order &order);
    bool forgives(Client &client, const Exchange &exchange) const;
    void judge(Client &client, const Order &order, const Exchange &exchange);
    void place(Client &client, const Exchange &exchange);
    void move(Client &client, const Exchange &exchange);
    void note_error(const Client &client, const Order &order, const std::string &kind);

    LoadPlan plan_;
    const Faults &faults_;
    std::atomic<bool> is_over_ = false;
    std::atomic<long> answers_ = 0, posts_ = 0;
    std::vector<std::atomic<long>> rounds_;  // of each thread
    std::mutex mutex_;                       // what follows
    std::condition_variable over_;
    Tally tally_;
    Clock::time_point last_fault_ = Clock::now();
    std::vector<std::thread> threads_;
};

}  // namespace stickybalancer::test
