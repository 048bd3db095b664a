// SPDX-License-Identifier: Apache-2.0
//
// What is around httpd fails under load: its children are killed, it is restarted again and again,
// the disk of its state is full or read-only, and its clock is stepped while a member is down.
// Nobody but the clients of that member may notice.
// Caught if: a generation needs the disk to go on serving, a file is not there when it is written
// to, or a step of the clock ends what is young, or keeps what is over.
#include <ctime>

#include "test/faults/fault_site.hpp"
#include "test/faults/kills.hpp"
#include "test/faults/small_disk.hpp"
#include "test/faults/stepped_clock.hpp"
#include "test/support/browser.hpp"

namespace stickybalancer::test {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

std::string count_text(int count, const char *what) { return std::to_string(count) + ' ' + what; }

bool is_table(const FaultOptions &options) { return options.kept_by == KeptBy::kTable; }

// The generation that finds no room, or may not write, serves on with what it has; the one that
// can makes the table as large as it shall be.
FaultRow with_state_on(const SmallDisk &disk, const char *scenario, const char *faults,
                       void (SmallDisk::*fault)() const, void (SmallDisk::*cure)() const,
                       const FaultOptions &options)
{
    const bool has_table = is_table(options);
    FaultSite site(scenario, options, has_table ? "StickyTable size=2k\n" : "",
                   "StickyStateDir \"" + disk.path().string() + "\"\n");
    site.row().faults = faults;
    site.begin_load();
    site.note_fault();
    (disk.*fault)();
    site.httpd().rewrite_config(site.site(has_table ? "StickyTable size=100k\n" : ""));
    site.serve_on();
    if (has_table)
        site.httpd().log().expect("SB1209");  // stays as it is
    site.httpd().graceful();
    site.serve_on();
    (disk.*cure)();
    site.httpd().graceful();
    site.serve_on();
    if (has_table)
        site.httpd().log().expect("SB1012");  // is larger
    site.end_load();
    return site.finish();
}

FaultRow skipped(const char *scenario, const SmallDisk &disk, const FaultOptions &options)
{
    FaultRow row;
    row.scenario = scenario;
    row.kept_by = options.kept_by;
    row.skipped = disk.lack();
    return row;
}

// What httpd takes the time to be, less what it is.
double seconds_ahead(const HttpdInstance &httpd)
{
    BrowserOptions options;
    options.port = httpd.port();
    const auto date = Browser(options).get("/server-status").header("Date");
    std::tm told{};
    if (::strptime(date.c_str(), "%a, %d %b %Y %H:%M:%S", &told) == nullptr)
        return 0;
    return std::difftime(::timegm(&told), std::time(nullptr));
}

// Sessions are not to be forgotten for the hour: `expire` says two.
FaultRow with_clock_stepped(const char *scenario, hours by, const FaultOptions &options)
{
    SteppedClock clock;
    FaultSite site(scenario, options, is_table(options) ? "StickyTable size=2k expire=2h\n" : "");
    site.row().faults = "b down; clock " + std::string(by.count() > 0 ? "+" : "") +
                        std::to_string(by.count()) + " h";
    site.begin_load();
    site.with_faulty_victim(
        [&] {
            site.victim().kill();
            site.serve_on();
            clock.step(by);
        },
        [&] { site.victim().start(); });
    site.serve_on();
    if (std::abs(seconds_ahead(site.httpd()) - std::chrono::duration<double>(by).count()) > 600)
        site.row().complaints.push_back("httpd's clock was not stepped");
    site.end_load();
    return site.finish();
}

// While half of the clients wait for an answer, so that it has requests under way.
void kill_child_at_work(FaultSite &site, pid_t child)
{
    for (auto &member : site.members())
        member.set_conduct(Conduct::kSlow);
    if (!wait_until(within(seconds(10)), [&] { return site.busy() >= 12; }))
        site.row().complaints.push_back("there is no work for a child to be killed at");
    site.note_fault();
    kill_children({child}, site.faults().kills);
    for (auto &member : site.members())
        member.set_conduct(Conduct::kServe);
}

}  // namespace

FaultRow children_killed(const FaultOptions &options)
{
    FaultSite site("children_killed", options);
    site.allow("children are killed successively");  // so they are
    int killed = 0;
    site.begin_load();
    for (int round = 0; round < (options.is_quick ? 1 : 5); ++round) {
        for (const auto child : site.httpd().children()) {
            kill_child_at_work(site, child);
            ++killed;
        }
        site.serve_on();
    }
    site.row().faults = count_text(killed, "children killed in turn");
    site.end_load();
    return site.finish();
}

// Who checked the member that is down, or waited for it, is gone before it is back.
FaultRow checker_killed(const FaultOptions &options)
{
    FaultSite site("checker_killed", options);
    site.row().faults = "b down; graceful; all killed";
    site.allow("children are killed successively");
    site.begin_load();
    site.with_faulty_victim(
        [&] {
            site.victim().kill();
            site.serve_on();
            site.httpd().graceful();
            kill_children(site.httpd().children(), site.faults().kills);
        },
        [&] { site.victim().start(); });
    site.serve_on();
    site.end_load();
    return site.finish();
}

FaultRow gracefuls(const FaultOptions &options)
{
    FaultSite site("gracefuls", options);
    site.begin_load();
    for (int i = 0; i < options.gracefuls; ++i) {
        site.note_fault();
        site.httpd().graceful();
        site.serve_on();
    }
    site.row().faults = count_text(options.gracefuls, "graceful restarts");
    site.end_load();
    return site.finish();
}

FaultRow disk_full(const FaultOptions &options)
{
    const SmallDisk disk("32m");
    if (!disk.lack().empty())
        return skipped("disk_full", disk, options);
    return with_state_on(disk, "disk_full", "state disk full, 2 gracefuls", &SmallDisk::fill,
                         &SmallDisk::make_room, options);
}

FaultRow disk_read_only(const FaultOptions &options)
{
    const SmallDisk disk("32m");
    if (!disk.lack().empty())
        return skipped("disk_read_only", disk, options);
    return with_state_on(disk, "disk_read_only", "state read-only, 2 gracefuls",
                         &SmallDisk::make_read_only, &SmallDisk::make_writable, options);
}

FaultRow clock_forwards(const FaultOptions &options)
{
    return with_clock_stepped("clock_forwards", hours(1), options);
}

FaultRow clock_backwards(const FaultOptions &options)
{
    return with_clock_stepped("clock_backwards", -hours(1), options);
}

}  // namespace stickybalancer::test
