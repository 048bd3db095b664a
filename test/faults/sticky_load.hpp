// SPDX-License-Identifier: Apache-2.0
//
// Steady load of clients that have a cookie and expect to stay. Each thread has some clients and
// drives one at a time: a few requests over one connection, as a page and what belongs to it, then
// the next. So new connections and kept ones are always under way, and never more of them than
// threads.
//
// A client whose connection breaks before anything of an answer was read asks again on a new one,
// as browsers do. That is all it forgives on a connection that was kept, which a server may close
// at any time; on a new one, or amid an answer, only while a child was being killed (KillTimes).
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "test/faults/kills.hpp"
#include "test/faults/load_connection.hpp"

namespace stickybalancer::test {

struct LoadPlan {
    std::uint16_t port = 0;
    int threads = 32;
    int clients_per_thread = 10;
    int burst = 20;  // requests on one connection
};

struct Tally {
    long answers = 0;         // to requests of clients that stayed, or moved
    long clients = 0;         // that have a cookie
    long closed = 0;          // requests made again because a kept connection had been closed
    long killed = 0;          // or because a child was killed under them
    long errors = 0;          // that a client sees: no answer, or another status than 200
    long moved = 0;           // answers of another member than the client's
    long rebound = 0;         // cookies for clients that have one
    double last_error_s = 0;  // from the last note_fault() before it
    std::vector<std::string> first_errors;
};

class StickyLoad {
public:
    StickyLoad(const LoadPlan &plan, const KillTimes &kills);
    ~StickyLoad();

    // From here on until the next call, errors are counted from now.
    void note_fault();
    // Until there were so many answers, at most the time given; says whether it came to that.
    bool wait_for(long answers, std::chrono::seconds at_most);
    Tally stop();

private:
    struct Client;

    void drive(int first_client);
    void use(Client &client);
    // Until it was answered, or nothing is to be hoped for.
    void ask(Client &client);
    bool forgives(Client &client, const Exchange &exchange) const;
    void judge(Client &client, const Exchange &exchange);
    void note_error(const Client &client, const std::string &what);
    Exchange exchange_with(Client &client);

    LoadPlan plan_;
    const KillTimes &kills_;
    std::atomic<bool> is_over_ = false;
    std::atomic<long> answers_ = 0;
    std::mutex mutex_;  // what follows
    Tally tally_;
    Clock::time_point last_fault_ = Clock::now();
    std::vector<std::thread> threads_;
};

}  // namespace stickybalancer::test
