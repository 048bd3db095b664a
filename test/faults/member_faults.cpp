// SPDX-License-Identifier: Apache-2.0
//
// One member of four fails in each way that members fail, under load, and is well again: requests
// that may be repeated do not fail, clients of the other three notice nothing, those of the one
// move once and stay where they are, no POST is made twice, and when all is over every gauge is
// at zero and the member gets new clients.
// Caught if: a failure is not noticed, or taken for another's; a member that came back is
// forgotten; a body is not replayed whole; or a request that was given up is still counted.
#include "test/faults/fault_site.hpp"

namespace stickybalancer::test {
namespace {

using std::chrono::seconds;

// Of a fault that is noticed after the two seconds of timeout=: it is met again after retry=.
constexpr seconds kLongFault{4};

FaultRow with_conduct(const char *scenario, Conduct conduct, const char *faults, bool has_cost,
                      const FaultOptions &options)
{
    FaultSite site(scenario, options);
    site.row().faults = faults;
    site.begin_load();
    site.with_faulty_victim([&] { site.victim().set_conduct(conduct); },
                            [&] { site.victim().set_conduct(Conduct::kServe); },
                            conduct == Conduct::kSilent ? kLongFault : seconds(2));
    site.serve_on();
    site.end_load(has_cost);
    return site.finish();
}

}  // namespace

FaultRow member_killed(const FaultOptions &options)
{
    FaultSite site("member_killed", options);
    site.row().faults = "b killed, and started";
    site.begin_load();
    site.with_faulty_victim([&] { site.victim().kill(); }, [&] { site.victim().start(); });
    site.serve_on();
    site.end_load();
    return site.finish();
}

FaultRow member_frozen(const FaultOptions &options)
{
    FaultSite site("member_frozen", options);
    site.row().faults = "b stopped, and continued";
    site.begin_load();
    site.with_faulty_victim([&] { site.victim().freeze(); }, [&] { site.victim().thaw(); },
                            kLongFault);
    site.serve_on();
    site.end_load();
    return site.finish();
}

FaultRow member_silent(const FaultOptions &options)
{
    return with_conduct("member_silent", Conduct::kSilent, "b accepts, never answers", false,
                        options);
}

FaultRow member_closes(const FaultOptions &options)
{
    return with_conduct("member_closes", Conduct::kCloseEarly, "b closes before it answers", false,
                        options);
}

// The client has the head of such an answer already: nobody can take it back.
FaultRow member_halves(const FaultOptions &options)
{
    return with_conduct("member_halves", Conduct::kHalf, "b closes amid its answers", true,
                        options);
}

FaultRow member_slow(const FaultOptions &options)
{
    return with_conduct("member_slow", Conduct::kSlow, "b takes 300 ms", false, options);
}

FaultRow member_flaps(const FaultOptions &options)
{
    FaultSite site("member_flaps", options);
    const int times = options.is_quick ? 2 : 10;
    site.row().faults = "b down 1 s, up 1 s, " + std::to_string(times) + " times";
    site.begin_load();
    site.begin_fault({&site.victim()});
    for (int i = 0; i < times; ++i) {
        site.victim().kill();
        std::this_thread::sleep_for(seconds(1));
        site.victim().start();
        if (i + 1 < times)
            std::this_thread::sleep_for(seconds(1));
    }
    site.end_fault({&site.victim()});
    site.serve_on();
    site.end_load();
    return site.finish();
}

// There is nobody to answer; but it ends when the members are back.
FaultRow all_members_gone(const FaultOptions &options)
{
    FaultSite site("all_members_gone", options);
    site.row().faults = "all killed, and started";
    site.allow("SB4001");
    std::vector<MemberProcess *> all;
    for (auto &member : site.members())
        all.push_back(&member);
    site.begin_load();
    site.begin_fault(all);
    for (auto *member : all)
        member->kill();
    std::this_thread::sleep_for(site.span(seconds(2)));
    for (auto *member : all)
        member->start();
    site.end_fault(all);
    site.serve_on();
    site.end_load(true);
    return site.finish();
}

}  // namespace stickybalancer::test
