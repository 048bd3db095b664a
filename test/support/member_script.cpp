// SPDX-License-Identifier: Apache-2.0
#include "test/support/member_script.hpp"

namespace stickybalancer::test {

void MemberScript::on(const std::string &path, Handler handler)
{
    const std::lock_guard lock(mutex_);
    handlers_[path] = std::move(handler);
}

bool MemberScript::has_handler_for(const Request &request) const
{
    const std::lock_guard lock(mutex_);
    return handlers_.count(request.path()) + handlers_.count("*") > 0;
}

void MemberScript::hold(const std::string &path)
{
    const std::lock_guard lock(mutex_);
    held_paths_.insert(path);
}

void MemberScript::release(const std::string &path)
{
    const std::lock_guard lock(mutex_);
    held_paths_.erase(path);
    released_.notify_all();
}

int MemberScript::held_count(const std::string &path) const
{
    const std::lock_guard lock(mutex_);
    const auto found = held_counts_.find(path);
    return found == held_counts_.end() ? 0 : found->second;
}

void MemberScript::release_all()
{
    const std::lock_guard lock(mutex_);
    held_paths_.clear();
    released_.notify_all();
}

void MemberScript::wait_while_held(const std::string &path)
{
    std::unique_lock lock(mutex_);
    if (!held_paths_.count(path))
        return;
    ++held_counts_[path];
    released_.wait(lock, [&] { return !held_paths_.count(path); });
    --held_counts_[path];
}

Answer MemberScript::answer(const Request &request)
{
    record(request);
    wait_while_held(request.path());
    Handler handler;
    {
        const std::lock_guard lock(mutex_);
        for (const auto &path : {request.path(), std::string("*")})
            if (const auto found = handlers_.find(path); !handler && found != handlers_.end())
                handler = found->second;
    }
    Answer answer = handler ? handler(request) : Answer{};
    if (answer.named)
        answer.headers.insert(answer.headers.begin(), Header{"X-Member", name_});
    if (!answer.body)
        answer.body = name_;
    return answer;
}

void MemberScript::record(const Request &request)
{
    const std::lock_guard lock(mutex_);
    requests_.push_back(request);
}

std::vector<Request> MemberScript::requests() const
{
    const std::lock_guard lock(mutex_);
    return requests_;
}

void MemberScript::forget_requests()
{
    const std::lock_guard lock(mutex_);
    requests_.clear();
}

}  // namespace stickybalancer::test
