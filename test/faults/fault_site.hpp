// SPDX-License-Identifier: Apache-2.0
//
// What the scenarios of failing members and of failing surroundings have in common: four members
// that are processes of their own, httpd before them, load on it; and what must hold afterwards.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "test/faults/fault_run.hpp"
#include "test/faults/member_process.hpp"
#include "test/support/httpd_instance.hpp"

namespace stickybalancer::test {

class FaultSite {
public:
    // `section` goes into the balancer's section, `more` to server level.
    FaultSite(const char *scenario, const FaultOptions &options, const std::string &section = {},
              const std::string &more = {});

    const FaultOptions &options() const { return options_; }
    FaultRow &row() { return row_; }
    HttpdInstance &httpd() { return httpd_; }
    Faults &faults() { return faults_; }
    std::deque<MemberProcess> &members() { return members_; }
    MemberProcess &victim() { return members_[1]; }

    // How long a fault lasts: so long, or for a quick run.
    std::chrono::milliseconds span(std::chrono::milliseconds quick) const;

    // The load begins, and every client has been at its member.
    void begin_load();
    // When errors come late is counted from here on.
    void note_fault() { load_->note_fault(); }
    // Every client has been served some more.
    void serve_on();

    // At these members nothing may be expected from here on.
    void begin_fault(const std::vector<MemberProcess *> &members);
    // They are well again: until new clients reach each, which is measured.
    void end_fault(const std::vector<MemberProcess *> &members);
    // From begin_fault to end_fault: of the victim alone.
    void with_faulty_victim(const std::function<void()> &fault, const std::function<void()> &cure,
                            std::chrono::milliseconds quick_span = std::chrono::seconds(2));

    // In the error log there may be such lines: of the fault, not of a defect.
    void allow(const std::string &text) { httpd_.log().allow(text); }

    // Requests that may be repeated fail nowhere; else `cost` says why some must.
    void end_load(bool has_cost = false);
    // Requests under way at all members, by balancer-manager.
    int busy();

    // What must hold when all is over.
    FaultRow finish();

    // The text of the configuration with this in its section.
    std::string site(const std::string &section) const;

private:
    std::string member_lines() const;
    bool reach_as_new_clients(const std::vector<MemberProcess *> &members);
    Exchange ask_as_new_client();
    long posts_seen_twice() const;
    void expect_gauges_at_zero();
    void expect_new_clients_everywhere();
    void expect_quiet_log();

    FaultOptions options_;
    std::string more_;
    FaultRow row_;
    Clock::time_point began_at_ = Clock::now();
    HttpdInstance httpd_;
    std::filesystem::path board_file_;
    MemberBoard &board_;
    std::deque<MemberProcess> members_;
    Faults faults_;
    std::unique_ptr<StickyLoad> load_;
    int new_clients_ = 0;
};

}  // namespace stickybalancer::test
