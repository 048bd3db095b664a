// SPDX-License-Identifier: Apache-2.0
#include "test/faults/member_process.hpp"

#include <signal.h>

#include <stdexcept>

namespace stickybalancer::test {

using std::chrono::seconds;

MemberProcess::MemberProcess(std::string name, const std::filesystem::path &board, std::size_t line)
    : name_(std::move(name)),
      board_(board),
      line_(line),
      board_line_(map_member_board(board).lines[line])
{
    start();
}

MemberProcess::~MemberProcess()
{
    if (process_)
        thaw();
}

std::string MemberProcess::url() const
{
    return "http://127.0.0.1:" + std::to_string(port_.number());
}

void MemberProcess::start()
{
    const auto starts = board_line_.starts.load();
    Command command;
    command.arguments = {"/proc/self/exe",      "--member", board_.string(),
                         std::to_string(line_), name_,      std::to_string(port_.number())};
    command.output = board_.parent_path() / "members.log";
    process_ = std::make_unique<Process>(command);
    const bool listens = wait_until(within(seconds(10)), [&] {
        return board_line_.starts != starts || !process_->is_running();
    });
    if (!listens || !process_->is_running())
        throw std::runtime_error("the member " + name_ + " did not start");
}

void MemberProcess::kill()
{
    process_->send(SIGKILL);
    process_->wait_for_end(within(seconds(10)));
}

void MemberProcess::freeze() { process_->send(SIGSTOP); }

void MemberProcess::thaw() { process_->send(SIGCONT); }

}  // namespace stickybalancer::test
