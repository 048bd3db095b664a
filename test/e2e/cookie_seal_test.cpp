// SPDX-License-Identifier: Apache-2.0
//
// seal=signed and seal=opaque: a client cannot choose its member, nor keep a cookie beyond its
// time, and an administrator changes keys without logging anybody out.
// Caught if: a changed, foreign or plain value is followed, a good one is not, or the log gives
// away a key or a cookie.
#include <boost/test/unit_test.hpp>

#include <regex>

#include "test/e2e/steps.hpp"

using namespace stickybalancer::test;

namespace {

const std::string kHex1 = "8f14e45fceea167a5a36dedd4bea2543c9f0f895fb98ab9159f51fd0297e236d";
const std::string kHex2 = "45c48cce2e2d7fbdea1afc51c7c6ad26d3d9446802a44259755d38e6d163e820";
const std::string kKey1 = "first:" + kHex1 + '\n', kKey2 = "second:" + kHex2 + '\n';

const std::vector<std::string> kSeals = {"signed", "opaque"};
const char *const kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

// It is called by its cookie.
std::string balancer(const std::string &name, const std::string &options,
                     const std::string &settings = {})
{
    return "<Proxy \"balancer://" + name + "\">\nBalancerMember \"{a.url}\" route=a\n" +
           "BalancerMember \"{b.url}\" route=b\nStickyCookie insert name=" + name + ' ' + options +
           "\n</Proxy>\nProxyPass \"/" + name + "/\" \"balancer://" + name + "/\" " + settings +
           '\n';
}

// A balancer of each seal.
std::string both(const std::string &options = {})
{
    return balancer("signed", "seal=signed " + options) +
           balancer("opaque", "seal=opaque " + options);
}

struct Sealed : Scenario {
    FakeMember a = start_member("a"), b = start_member("b");

    void write_keys(const std::string &text)
    {
        write_private_file(httpd.root() / "conf/sticky.key", text);
    }
    // Every answer says how its member was found.
    std::string site(const std::string &balancers) const
    {
        return "StickyKey \"" + (httpd.root() / "conf/sticky.key").string() + "\"\n" +
               "LogLevel stickybalancer:trace8\nHeader set X-Cause \"%{STICKY_CAUSE}e\"\n" +
               balancers;
    }
    void start(const std::string &balancers, const std::string &keys = kKey1)
    {
        write_keys(keys);
        start_httpd(site(balancers));
    }
    Response ask(const std::string &name, const std::string &value, const std::string &page = "")
    {
        return new_browser().get('/' + name + '/' + page, {{"Cookie", name + '=' + value}});
    }
    // A new client's cookie for this member.
    std::string obtain(const std::string &name, const std::string &member)
    {
        for (int i = 0; i < 10; ++i) {
            Browser client = new_browser();
            if (client.get('/' + name + '/').member == member)
                return client.cookie(name);
        }
        throw std::runtime_error("no new client of " + name + " was served by " + member);
    }
    bool is_well_formed(const std::string &value, const std::string &seal, const std::string &route)
    {
        const bool is_signed = seal == "signed";
        const auto end = is_signed ? '.' + route : "";
        return value.size() == (is_signed ? 40 : 60) + end.size() && value.ends_with(end) &&
               value.find_first_not_of(kAlphabet) >= (is_signed ? 40u : 60u);
    }
    void check_followed(const std::string &name, const std::string &value)
    {
        const auto answer = ask(name, value);
        BOOST_TEST(answer.header("X-Cause") == "cookie", name << '=' << value);
        BOOST_TEST(answer.member == "b");
        BOOST_TEST(answer.set_cookies().empty(), answer);
    }
    // Followed, and answered with another value.
    std::string check_renewed(const std::string &name, const std::string &value,
                              const std::string &seal)
    {
        Browser client = new_browser();
        client.add_cookie(name, value);
        const auto answer = client.get('/' + name + '/');
        BOOST_TEST(answer.header("X-Cause") == "cookie", name << '=' << value);
        BOOST_TEST(answer.member == "b");
        BOOST_TEST(answer.set_cookies().size() == 1u);
        BOOST_TEST(client.cookie(name) != value);
        BOOST_TEST(is_well_formed(client.cookie(name), seal, "b"), answer);
        return client.cookie(name);
    }
    void check_refused(const std::string &name, const std::string &value, const std::string &seal,
                       const std::string &page = "")
    {
        const auto answer = ask(name, value, page);
        BOOST_TEST_CONTEXT(name << '=' << value << '\n' << answer)
        {
            BOOST_TEST(answer.header("X-Cause") == "policy");
            BOOST_TEST(answer.set_cookies().size() == 1u);
            auto line = answer.set_cookie(name);
            line = line.substr(0, line.find(';')).substr(name.size() + 1);
            BOOST_TEST(is_well_formed(line, seal, answer.member));
            BOOST_TEST(line != value);
        }
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(cookie_seal_test)

BOOST_FIXTURE_TEST_CASE(values_have_one_shape_and_opaque_ones_tell_nothing, Sealed)
{
    start(both() + balancer("kept", "seal=opaque maxage=1h"));
    for (const auto &seal : kSeals)
        for (const std::string route : {"a", "b"}) {
            const auto one = obtain(seal, route), two = obtain(seal, route);
            BOOST_TEST(is_well_formed(one, seal, route), one);
            BOOST_TEST(is_well_formed(two, seal, route), two);
            if (seal == "opaque")
                BOOST_TEST(one != two);
        }
    for (const auto &seal : kSeals)
        for (int i = 0; i < 3; ++i)
            check_followed(seal, obtain(seal, "b"));
    const auto line = new_browser().get("/kept/").set_cookie("kept");
    BOOST_TEST(
        std::regex_match(line, std::regex("kept=[A-Za-z0-9_-]{60}; path=/; Max-Age=3600; HttpOnly; "
                                          "SameSite=Lax")),
        line);
    check_followed("kept", obtain("kept", "b"));
}

BOOST_FIXTURE_TEST_CASE(every_character_counts, Sealed)
{
    start(both());
    int pages = 0;
    for (const auto &seal : kSeals) {
        const auto good = obtain(seal, "b");
        const std::size_t length = seal == "signed" ? 40 : 60;
        std::vector<std::string> forged;
        for (std::size_t at = 0; at < length; ++at)
            for (const std::size_t bit : {1u, 32u}) {
                auto value = good;
                value[at] = kAlphabet[std::string(kAlphabet).find(value[at]) ^ bit];
                forged.push_back(value);
            }
        for (std::size_t cut = 1; cut < length; cut += 3)
            forged.push_back(good.substr(0, length - cut) + good.substr(length));
        for (const auto *more : {"A", "=", "AAAA"}) {
            forged.push_back(more + good);
            forged.push_back(good.substr(0, length) + more + good.substr(length));
        }
        for (const auto &value : forged)
            check_refused(seal, value, seal, "forged" + std::to_string(++pages));
        check_followed(seal, good);
    }
    std::size_t invalid = 0;
    wait_until(within(std::chrono::seconds(10)), [&] {
        invalid = 0;
        for (const auto &line : httpd.access_log().lines())
            invalid +=
                line.at("uri").find("/forged") != std::string::npos && line.at("state") == "II";
        return invalid == static_cast<std::size_t>(pages);
    });
    BOOST_TEST(invalid == static_cast<std::size_t>(pages));
}

BOOST_FIXTURE_TEST_CASE(a_token_is_for_one_balancer_and_one_route, Sealed)
{
    start(both() + balancer("signed2", "seal=signed") + balancer("opaque2", "seal=opaque"));
    for (const auto &seal : kSeals)
        check_refused(seal + '2', obtain(seal, "b"), seal);
    const auto of_b = obtain("signed", "b");
    for (const auto *route : {"a", "B", "gone", ""})
        check_refused("signed", of_b.substr(0, 41) + route, "signed");
    check_refused("signed", of_b.substr(0, 40), "signed");
}

BOOST_FIXTURE_TEST_CASE(a_plain_value_is_followed_only_while_one_moves, Sealed)
{
    start(both() + balancer("moving", "seal=signed accept-plain") +
          balancer("hiding", "seal=opaque accept-plain=on") +
          balancer("aging", "seal=signed accept-plain maxlife=8h"));
    for (const auto &seal : kSeals)
        for (const auto *value : {".b", "b", "session.b"})
            check_refused(seal, value, seal);
    for (const auto *value : {".b", "session.b"}) {
        check_followed("moving", check_renewed("moving", value, "signed"));
        check_followed("hiding", check_renewed("hiding", value, "opaque"));
    }
    check_refused("aging", ".b", "signed");  // of unknown age
    auto forged = obtain("moving", "b");
    forged[20] = forged[20] == 'A' ? 'B' : 'A';
    check_refused("moving", forged, "signed");  // or signing would be in vain
    ask("moving", ".b", "state");
    BOOST_TEST(logged(httpd, "/moving/state").at("state") == "VU");
}

BOOST_FIXTURE_TEST_CASE(keys_change_and_nobody_is_logged_out, Sealed)
{
    start(both());
    std::map<std::string, std::string> early, late, renewed;
    for (const auto &seal : kSeals)
        early[seal] = obtain(seal, "b");

    write_keys(kKey1 + kKey2);
    httpd.graceful();
    for (const auto &seal : kSeals) {
        check_followed(seal, early[seal]);
        late[seal] = obtain(seal, "b");
    }
    write_keys(kKey2 + kKey1);
    httpd.graceful();
    for (const auto &seal : kSeals) {
        renewed[seal] = check_renewed(seal, early[seal], seal);
        check_followed(seal, renewed[seal]);
        check_renewed(seal, late[seal], seal);  // it was sealed with the first key still
    }
    write_keys(kKey2);
    httpd.graceful();
    for (const auto &seal : kSeals) {
        check_followed(seal, renewed[seal]);
        check_refused(seal, early[seal], seal);
    }
}

BOOST_FIXTURE_TEST_CASE(the_id_is_no_key, Sealed)
{
    start(both());
    const auto of_signed = obtain("signed", "b"), of_opaque = obtain("opaque", "b");
    write_keys("first:" + kHex2 + '\n');
    httpd.graceful();
    check_refused("signed", of_signed, "signed");
    check_refused("opaque", of_opaque, "opaque");
}

BOOST_FIXTURE_TEST_CASE(a_second_proxy_with_the_same_file_follows_them, Sealed)
{
    start(both());
    auto &other = start_other_httpd(site(both()));
    for (const auto &seal : kSeals) {
        const auto value = obtain(seal, "b");
        for (int i = 0; i < 3; ++i) {
            const auto answer = new_browser(options_for(other, Protocol::kHttp1))
                                    .get('/' + seal + '/', {{"Cookie", seal + '=' + value}});
            BOOST_TEST(answer.member == "b");
            BOOST_TEST(answer.set_cookies().empty(), answer);
        }
    }
}

BOOST_FIXTURE_TEST_CASE(the_other_kind_is_followed_and_answered_with_the_right_one, Sealed)
{
    start(balancer("app", "seal=signed"));
    const auto of_signed = obtain("app", "b");
    httpd.rewrite_config(site(balancer("app", "seal=opaque")));
    const auto of_opaque = check_renewed("app", of_signed, "opaque");
    check_followed("app", of_opaque);
    httpd.rewrite_config(site(balancer("app", "seal=signed")));
    check_followed("app", check_renewed("app", of_opaque, "signed"));
    check_followed("app", of_signed);
}

BOOST_FIXTURE_TEST_CASE(the_first_good_one_of_several_wins, Sealed)
{
    start(both());
    for (const auto &seal : kSeals) {
        const auto of_a = obtain(seal, "a"), of_b = obtain(seal, "b");
        auto bad = of_a;
        bad[7] = bad[7] == 'A' ? 'B' : 'A';
        check_followed(seal, bad + "; " + seal + "=.a; " + seal + '=' + of_b);
        check_followed(seal, of_b + "; " + seal + '=' + of_a);
        check_followed(seal, '"' + of_b + '"');
    }
}

// The token has every character that a separator may be.
BOOST_FIXTURE_TEST_CASE(another_separator_does_not_cut_a_token, Sealed)
{
    start(balancer("dash", "seal=signed", "stickysessionsep=-") +
          balancer("low", "seal=signed", "stickysessionsep=_") +
          balancer("none", "seal=opaque maxidle=1h", "stickysessionsep=Off"));
    for (const std::string name : {"dash", "low", "none"})
        for (int i = 0; i < 6; ++i)
            check_followed(name, obtain(name, "b"));
}

// Time passes here as it does: the shortest maxidle= is 5 s.
BOOST_FIXTURE_TEST_CASE(dates_in_a_token_are_followed, Sealed)
{
    start(balancer("idle", "seal=opaque maxidle=5s") + balancer("life", "seal=signed maxlife=5s"));
    const auto value = obtain("idle", "b");
    Browser idle = new_browser(), steady = new_browser(), busy = new_browser();
    const auto steady_on = steady.get("/idle/").member;
    busy.get("/life/");
    const auto begin = Clock::now();
    int refreshed = 0, strayed = 0, prolonged = 0;
    bool is_idle = false, is_old = false;
    const auto all_expired = [&] {
        idle.send_raw_cookies("idle=" + value);
        is_idle = is_idle || idle.get("/idle/idle").header("X-Cause") == "policy";
        const auto kept = steady.get("/idle/");
        strayed += kept.member != steady_on;
        refreshed += static_cast<int>(kept.set_cookies().size());
        if (const auto answer = busy.get("/life/busy"); !is_old) {
            is_old = answer.header("X-Cause") == "policy";
            prolonged += !is_old && !answer.set_cookies().empty();
        }
        return is_idle && is_old;
    };
    BOOST_TEST(wait_until(within(std::chrono::seconds(12)), all_expired));
    const std::chrono::duration<double> passed = Clock::now() - begin;
    BOOST_TEST(passed.count() > 3.5);
    BOOST_TEST(strayed == 0);
    BOOST_TEST(prolonged == 0);
    BOOST_TEST(refreshed >= 2);  // once a second, at most
    BOOST_TEST(refreshed <= passed.count() + 1);
    BOOST_TEST(wait_until(within(std::chrono::seconds(10)), [&] {
        std::set<std::string> seen;
        for (const auto &line : httpd.access_log().lines())
            seen.insert(line.at("uri") + ' ' + line.at("state"));
        return seen.count("/idle/idle EI") && seen.count("/life/busy OI");
    }));
}

BOOST_FIXTURE_TEST_CASE(the_log_keeps_secrets, Sealed)
{
    for (auto *member : {&a, &b})
        member->on("/login", Answer{.headers = {{"Set-Cookie", "app=s3cr3tsession; path=/"}}});
    std::vector<std::string> secrets = {kHex1, kHex2, "s3cr3tsession"};
    auto prefix = balancer("app", "seal=signed");
    prefix.replace(prefix.find("insert"), 6, "prefix");
    start(both() + prefix, kKey1 + kKey2);
    Browser client = new_browser();
    for (const auto *path : {"/app/login", "/app/", "/app/"})
        client.get(path);
    for (const auto &seal : kSeals) {
        const auto value = obtain(seal, "b");
        ask(seal, value), ask(seal, "B" + value.substr(1)), ask(seal, "s3cr3tsession.b");
        for (const auto &text : {value.substr(0, 12), value.substr(14, 12), value.substr(28, 12)})
            secrets.push_back(text);
    }
    write_keys(kKey2 + kKey1);
    httpd.graceful();
    for (const auto &secret : secrets)
        BOOST_TEST(!httpd.log().has(secret.substr(0, 16)), secret);
}

BOOST_AUTO_TEST_SUITE_END()
