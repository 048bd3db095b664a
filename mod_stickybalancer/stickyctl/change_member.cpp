// SPDX-License-Identifier: Apache-2.0
//
// What is asked of a member: ready, drain, stopped, its weight.
#include <cstdlib>

#include "mod_stickybalancer/stickyctl/commands.hpp"
#include "mod_stickybalancer/stickyctl/drain_wait.hpp"
#include "mod_stickybalancer/stickyctl/lookup.hpp"

namespace stickybalancer::stickyctl {
namespace {

MemberFound named_member(Invocation &invocation)
{
    return find_member(invocation.api().balancers(), invocation.options().member);
}

// "app/b1: requested drain (was ready)", and with JSON the member as it is now.
void tell_change(const Invocation &invocation, const MemberFound &was, const Json &is,
                 const char *field)
{
    if (invocation.wants_json()) {
        invocation.show(is);
        return;
    }
    const auto before = text_of(was.member, field), after = text_of(is, field);
    invocation.out() << printable(was.full_name()) << ": " << field << ' ' << printable(after)
                     << (before == after ? " as before" : " (was " + printable(before) + ")")
                     << '\n';
}

ExitCode request(Invocation &invocation, const char *state)
{
    const auto was = named_member(invocation);
    const auto is = invocation.api().write("PATCH", was.path(), Json{{"requested", state}});
    tell_change(invocation, was, is, "requested");
    return ExitCode::kDone;
}

Json weight_of(const std::string &text)
{
    const double weight = std::strtod(text.c_str(), nullptr);
    if (weight == static_cast<double>(static_cast<int>(weight)))
        return static_cast<int>(weight);
    return weight;
}

Json drain_wanted(const Options &options)
{
    Json wanted{{"requested", "drain"}};
    if (options.deadline == "none")
        wanted["deadline"] = nullptr;
    else if (!options.deadline.empty())
        wanted["deadline"] = options.deadline;
    return wanted;
}

}  // namespace

ExitCode drain_member(Invocation &invocation)
{
    const auto &options = invocation.options();
    const auto was = named_member(invocation);
    const auto is = invocation.api().write("PATCH", was.path(), drain_wanted(options));
    if (options.waits)
        return wait_for_drain(invocation, was, is);
    tell_change(invocation, was, is, "requested");
    if (!invocation.wants_json())
        invocation.out() << what_is_left(is, now()) << '\n';
    return ExitCode::kDone;
}

ExitCode make_member_ready(Invocation &invocation) { return request(invocation, "ready"); }

ExitCode stop_member(Invocation &invocation) { return request(invocation, "stopped"); }

ExitCode set_weight(Invocation &invocation)
{
    const auto weight = weight_of(invocation.options().weight);
    const auto was = named_member(invocation);
    const auto is = invocation.api().write("PATCH", was.path(), Json{{"weight", weight}});
    tell_change(invocation, was, is, "weight");
    return ExitCode::kDone;
}

ExitCode add_member(Invocation &invocation)
{
    const auto &options = invocation.options();
    Json wanted{{"url", options.member_url}};
    if (!options.route.empty())
        wanted["route"] = options.route;
    if (!options.weight.empty())
        wanted["weight"] = weight_of(options.weight);
    auto api = invocation.api();
    const auto balancer = text_of(find_balancer(api.balancers(), options.balancer), "name");
    const auto member = api.write("POST", balancer_path(balancer) + "/members", wanted);
    if (invocation.wants_json())
        return invocation.show(member);
    invocation.out() << printable(balancer + "/" + text_of(member, "name")) << ": added, requested "
                     << printable(text_of(member, "requested")) << '\n';
    return ExitCode::kDone;
}

ExitCode remove_member(Invocation &invocation)
{
    const auto found = named_member(invocation);
    invocation.api().write("DELETE", found.path());
    if (invocation.wants_json())
        return invocation.show(Json{{"removed", found.full_name()}});
    invocation.out() << printable(found.full_name()) << ": removed\n";
    return ExitCode::kDone;
}

ExitCode pin_client(Invocation &invocation)
{
    const auto found = named_member(invocation);
    const auto pin = invocation.api().write("POST", found.path() + "/pin",
                                            Json{{"for", invocation.options().span}});
    if (invocation.wants_json())
        return invocation.show(pin);
    invocation.out() << "Cookie: " << printable(text_of(pin, "cookie")) << "\n"
                     << "good for " << printable(found.full_name()) << " until "
                     << clock_and_span(now(), text_of(pin, "until")) << '\n';
    return ExitCode::kDone;
}

ExitCode take_pins_back(Invocation &invocation)
{
    auto api = invocation.api();
    const auto balancer =
        text_of(find_balancer(api.balancers(), invocation.options().balancer), "name");
    api.write("DELETE", balancer_path(balancer) + "/pins");
    if (invocation.wants_json())
        return invocation.show(Json{{"unpinned", balancer}});
    invocation.out() << printable(balancer) << ": all pins are taken back\n";
    return ExitCode::kDone;
}

ExitCode be_lame_duck(Invocation &invocation)
{
    const auto &typed = invocation.options().span;
    const auto span = typed == "off" ? std::string("0s") : typed;
    const auto server = invocation.api().write("PATCH", "server", Json{{"lameduck", span}});
    if (invocation.wants_json())
        return invocation.show(server);
    const auto until = clock_and_span(now(), text_of(server, "lameduck_until"));
    invocation.out() << (until.empty() ? "monitors are told the truth"
                                       : "monitors are told to go elsewhere until " + until +
                                             "; traffic goes on")
                     << '\n';
    return ExitCode::kDone;
}

}  // namespace stickybalancer::stickyctl
