// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/stickyctl/drain_wait.hpp"

#include <utility>

#include "mod_stickybalancer/stickyctl/interruption.hpp"

namespace stickybalancer::stickyctl {
namespace {

using std::chrono::steady_clock;

constexpr auto kBetweenLooks = milliseconds(1000);
constexpr auto kPatience = milliseconds(60'000);
// Where lines are kept, one that says nothing new is written so often.
constexpr auto kBetweenSameLines = seconds(60);

// On a terminal one line that changes; else a line when the numbers have changed. With JSON the words are
// for a person who watches, so they go where they are in nobody's way.
class Progress {
public:
    Progress(const Invocation &invocation, std::string name)
        : out_(invocation.wants_json() ? invocation.console().err : invocation.console().out),
          terminal_(invocation.wants_json() ? Terminal() : invocation.console().terminal),
          name_(std::move(name))
    {
    }

    void say(const std::string &text, const std::string &numbers)
    {
        if (terminal_.is_terminal)
            out_ << "\r\033[K" << cut_to(name_ + ": " + text, terminal_.width - 1) << std::flush;
        else if (numbers != numbers_ || steady_clock::now() - said_at_ >= kBetweenSameLines)
            out_ << name_ << ": " << text << std::endl;
        else
            return;
        numbers_ = numbers;
        said_at_ = steady_clock::now();
    }

    void say_last(const std::string &text)
    {
        out_ << (terminal_.is_terminal ? "\r\033[K" : "") << name_ << ": " << text << std::endl;
    }

private:
    std::ostream &out_;
    Terminal terminal_;
    std::string name_, numbers_;
    steady_clock::time_point said_at_{};
};

std::string numbers_of(const Json &member)
{
    std::string numbers;
    for (const char *field : {"sessions", "active", "queued"})
        numbers += text_of(member, field) + ' ';
    return numbers;
}

// 0: none was given.
milliseconds limit_of(const Options &options)
{
    const auto limit = parse_span(options.timeout);
    return limit ? std::max(*limit, milliseconds(1)) : milliseconds(0);
}

struct Look {
    DrainVerdict verdict;
    std::string numbers;
};

Look look_at(Api &api, const MemberFound &found, DrainWatch &watch, Json &member)
{
    try {
        member = api.read(found.path());
        return {watch.saw(member, steady_clock::now(), now()), numbers_of(member)};
    } catch (const Failure &failure) {
        return {watch.saw_nothing(failure, steady_clock::now()), "away"};
    }
}

ExitCode end(const Invocation &invocation, Progress &progress, ExitCode code,
             const std::string &text, const Json &member)
{
    const bool is_over = code == ExitCode::kDone || code == ExitCode::kNotDone;
    progress.say_last(is_over ? text : text + "; the drain stays in place");
    if (invocation.wants_json())
        invocation.show(member);
    return code;
}

}  // namespace

ExitCode wait_for_drain(Invocation &invocation, const MemberFound &found, const Json &member)
{
    Interruption interruption;
    auto api = invocation.api();
    Progress progress(invocation, printable(found.full_name()));
    DrainWatch watch(steady_clock::now(), limit_of(invocation.options()), kPatience);
    auto last = member;
    Look look{watch.saw(last, steady_clock::now(), now()), numbers_of(last)};
    while (!look.verdict.end) {
        progress.say(look.verdict.text, look.numbers);
        if (interruption.comes_within(kBetweenLooks))
            return end(invocation, progress, ExitCode::kInterrupted, "not waited for any longer",
                       last);
        look = look_at(api, found, watch, last);
        if (interruption.has_come())
            return end(invocation, progress, ExitCode::kInterrupted, "not waited for any longer",
                       last);
    }
    return end(invocation, progress, *look.verdict.end, look.verdict.text, last);
}

}  // namespace stickybalancer::stickyctl
