// SPDX-License-Identifier: Apache-2.0
#include "test/support/fake_member.hpp"

#include <atomic>

#include "test/support/listener.hpp"
#include "test/support/origins.hpp"

namespace stickybalancer::test {
namespace {

void (*protocol_of(MemberKind kind))(int, MemberScript &)
{
    switch (kind) {
    case MemberKind::kHttps:
        return serve_https;
    case MemberKind::kAjp:
        return serve_ajp;
    case MemberKind::kFcgi:
        return serve_fcgi;
    case MemberKind::kHttp:
    case MemberKind::kUnixSocket:
        break;
    }
    return serve_http;
}

const char *scheme_of(MemberKind kind)
{
    switch (kind) {
    case MemberKind::kHttps:
        return "https";
    case MemberKind::kAjp:
        return "ajp";
    case MemberKind::kFcgi:
        return "fcgi";
    case MemberKind::kHttp:
    case MemberKind::kUnixSocket:
        break;
    }
    return "http";
}

}  // namespace

struct FakeMember::Origin {
    Origin(const std::string &name, MemberKind kind, const std::string &socket_path) : script(name)
    {
        const auto serve = [this, protocol = protocol_of(kind)](int fd) {
            if (!closes_after_accept)
                protocol(fd, script);
        };
        if (kind == MemberKind::kUnixSocket)
            listener.emplace(serve, socket_path);
        else
            listener.emplace(serve);
        url =
            kind == MemberKind::kUnixSocket
                ? "unix:" + socket_path + "|http://" + name
                : std::string(scheme_of(kind)) + "://127.0.0.1:" + std::to_string(listener->port());
    }
    ~Origin() { stop(); }
    void stop()
    {
        listener->stop([this] { script.release_all(); });
    }

    MemberScript script;
    std::atomic<bool> closes_after_accept = false;
    std::string url;
    std::optional<Listener> listener;
};

FakeMember::FakeMember(const std::string &name, MemberKind kind,
                       const std::filesystem::path &directory)
    : origin_(std::make_shared<Origin>(name, kind, directory / (name + ".sock")))
{
}

const std::string &FakeMember::name() const
{
    return origin_->script.name();
}

const std::string &FakeMember::url() const
{
    return origin_->url;
}

std::uint16_t FakeMember::port() const
{
    return origin_->listener->port();
}

void FakeMember::stop()
{
    origin_->stop();
}

void FakeMember::start_again()
{
    origin_->listener->start();
}

void FakeMember::close_after_accept(bool on)
{
    origin_->closes_after_accept = on;
}

void FakeMember::on(const std::string &path, Answer answer)
{
    on(path, [answer = std::move(answer)](const Request &) { return answer; });
}

void FakeMember::on(const std::string &path, MemberScript::Handler handler)
{
    origin_->script.on(path, std::move(handler));
}

void FakeMember::echo_body_on(const std::string &path)
{
    on(path, [](const Request &request) {
        Answer answer;
        answer.body = request.body;
        return answer;
    });
}

void FakeMember::hold(const std::string &path)
{
    origin_->script.hold(path);
}

void FakeMember::release(const std::string &path)
{
    origin_->script.release(path);
}

void FakeMember::release_all()
{
    origin_->script.release_all();
}

bool FakeMember::wait_held(const std::string &path, int count, std::chrono::seconds at_most) const
{
    return wait_until(within(at_most), [&] { return origin_->script.held_count(path) >= count; });
}

std::vector<Request> FakeMember::requests() const
{
    return origin_->script.requests();
}

Request FakeMember::last_request() const
{
    const auto all = requests();
    return all.empty() ? Request{} : all.back();
}

void FakeMember::forget_requests()
{
    origin_->script.forget_requests();
}

int FakeMember::accepted_count() const
{
    return origin_->listener->accepted_count();
}

int FakeMember::open_count() const
{
    return origin_->listener->open_count();
}

}  // namespace stickybalancer::test
