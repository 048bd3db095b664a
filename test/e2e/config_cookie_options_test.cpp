// SPDX-License-Identifier: Apache-2.0
//
// Which option goes with which mode of StickyCookie, and what options ask of each other.
// Caught if: an option that would have no effect is accepted, or the message does not name line,
// option and modes.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "test/e2e/steps.hpp"

using namespace stickybalancer::test;

namespace {

const std::vector<std::string> kModes = {"insert", "rewrite", "prefix", "passive"};

struct Option {
    std::string name;   // as a message calls it
    std::string text;   // as it is written
    std::string modes;  // that take it
};
std::ostream &operator<<(std::ostream &out, const Option &option) { return out << option.text; }

const std::vector<Option> kOptions = {
    {"name=", "name=LB", "insert rewrite prefix passive"},
    {"seal=", "seal=plain", "insert rewrite prefix passive"},
    {"seal=", "seal=signed", "insert rewrite prefix passive"},
    {"seal=", "seal=opaque", "insert rewrite prefix passive"},
    {"accept-plain", "seal=signed accept-plain", "insert rewrite prefix passive"},
    {"indirect", "indirect", "insert rewrite passive"},
    {"preserve", "preserve", "insert"},
    {"postonly", "postonly", "insert"},
    {"nocache", "nocache", "insert"},
    {"nocache", "nocache=skip", "insert"},
    {"partitioned", "partitioned samesite=none", "insert"},
    {"path=", "path=/x", "insert"},
    {"domain=", "domain=example.test", "insert"},
    {"httponly=", "httponly=on", "insert"},
    {"secure=", "secure=on", "insert"},
    {"samesite=", "samesite=strict", "insert"},
    {"maxage=", "maxage=1h", "insert"},
    {"maxidle=", "maxidle=1h", "insert"},
    {"maxlife=", "maxlife=1h", "insert"},
};

struct Line {
    std::string text;               // line 3 of the file
    std::vector<std::string> says;  // empty: it is right
    std::string settings = {};      // line 4
};
std::ostream &operator<<(std::ostream &out, const Line &line)
{
    return out << line.text << ' ' << line.settings;
}

const std::string kNoSeparator = "ProxySet stickysessionsep=Off";

const std::vector<Line> kLines = {
    // flags
    {"StickyCookie insert indirect preserve postonly nocache", {}},
    {"StickyCookie insert indirect=on preserve=off postonly=on nocache=off", {}},
    {"StickyCookie insert INDIRECT Preserve=Off PostOnly NoCache=Mark", {}},
    {"StickyCookie insert indirect=maybe", {"indirect='maybe'", "on or off"}},
    {"StickyCookie insert preserve=", {"preserve=''", "on or off"}},
    {"StickyCookie insert postonly=1", {"postonly='1'", "on or off"}},
    {"StickyCookie insert accept-plain=yes", {"accept-plain='yes'", "on or off"}},
    {"StickyCookie insert partitioned=no", {"partitioned='no'", "on or off"}},
    {"StickyCookie insert indirect indirect", {"indirect", "twice"}},
    {"StickyCookie insert postonly postonly=off", {"postonly", "twice"}},
    {"StickyCookie insert nocache nocache=mark", {"nocache", "twice"}},
    // words
    {"StickyCookie insert nocache=on", {"nocache='on'", "skip", "mark", "off"}},
    {"StickyCookie insert nocache=", {"nocache=''", "skip", "mark", "off"}},
    {"StickyCookie insert nocache=private", {"nocache='private'", "skip", "mark", "off"}},
    {"StickyCookie insert seal=secret", {"seal='secret'", "plain", "signed", "opaque"}},
    {"StickyCookie insert seal", {"'seal'"}},
    {"StickyCookie always", {"'always'", "insert", "rewrite", "prefix", "passive", "off"}},
    // durations
    {"StickyCookie insert maxidle=5s maxlife=1h", {}},
    {"StickyCookie insert maxidle=5000ms", {}},
    {"StickyCookie insert maxidle=400d maxlife=400d", {}},
    {"StickyCookie insert maxidle=4s", {"maxidle='4s'", "5s"}},
    {"StickyCookie insert maxidle=4999ms", {"maxidle='4999ms'"}},
    {"StickyCookie insert maxidle=0", {"maxidle='0'"}},
    {"StickyCookie insert maxidle=401d", {"maxidle='401d'"}},
    {"StickyCookie insert maxidle=soon", {"maxidle='soon'"}},
    {"StickyCookie insert maxidle=-5s", {"maxidle='-5s'"}},
    {"StickyCookie insert maxlife=0", {"maxlife='0'"}},
    {"StickyCookie insert maxlife=999999999999999999999d", {"maxlife='9999"}},
    {"StickyCookie insert maxlife=", {"maxlife=''"}},
    // dates need a place before the separator
    {"StickyCookie insert maxage=1h", {"SB1112", "maxage="}, kNoSeparator},
    {"StickyCookie insert maxidle=1h", {"SB1112", "maxidle="}, kNoSeparator},
    {"StickyCookie insert maxlife=1h", {"SB1112", "maxlife="}, kNoSeparator},
    {"StickyCookie insert maxlife=1h seal=opaque", {}, kNoSeparator},
    {"StickyCookie insert", {}, kNoSeparator},
    // prefix parts what is ours by a '~'
    {"StickyCookie prefix", {"SB1114", "a~b"}, "BalancerMember \"http://127.0.0.1:2\" route=a~b"},
    {"StickyCookie insert", {}, "BalancerMember \"http://127.0.0.1:2\" route=a~b"},
    // browsers take a partitioned cookie only with Secure
    {"StickyCookie insert partitioned", {"SB1116", "partitioned", "secure=on"}},
    {"StickyCookie insert partitioned secure=auto", {"SB1116", "partitioned"}},
    {"StickyCookie insert partitioned=on secure=off", {"SB1116", "partitioned"}},
    {"StickyCookie insert partitioned=off", {}},
    {"StickyCookie insert partitioned secure=on", {}},
    {"StickyCookie insert partitioned name=__Host-lb secure=on", {}},
};

struct Options : Scenario {
    Options()
    {
        write_private_file(
            httpd.root() / "conf/sticky.key",
            "one:8f14e45fceea167a5a36dedd4bea2543c9f0f895fb98ab9159f51fd0297e236d\n");
    }
    ConfigTest test(const std::string &line, const std::string &settings = {},
                    const std::string &key = "StickyKey conf/sticky.key")
    {
        return httpd.config_test(
            "<Proxy \"balancer://app\">\nBalancerMember \"http://127.0.0.1:1\" route=a\n" + line +
            '\n' + settings + "\n</Proxy>\nProxyPass \"/\" \"balancer://app/\"\n" + key + '\n');
    }
};

// Two balancers of one server; line by line what each has.
struct Two {
    std::string first, second;
    bool warned;
    std::string route = "b";  // of the second one's member; the first one's is a
};
std::ostream &operator<<(std::ostream &out, const Two &two)
{
    return out << two.first << " and " << two.second << ", " << two.route;
}

const std::vector<Two> kPairs = {
    {"insert", "insert", true},
    {"insert name=LB", "insert name=LB", true},
    {"insert path=/shop", "insert path=/shop/cart", true},
    {"insert path=/shop", "insert", true},
    {"insert", "insert path=/shop", true},
    {"insert seal=signed", "insert seal=signed", true, "a"},
    {"insert seal=opaque", "insert seal=opaque", true, "a"},
    {"insert", "insert", false, "a"},
    {"insert", "insert name=LB", false},
    {"insert name=lb", "insert name=LB", false},
    {"insert path=/shop", "insert path=/wiki", false},
    {"insert path=/shop", "insert path=/shopping", false},
    {"insert", "passive", false},
};

std::string site(const Two &two)
{
    const auto balancer = [](const std::string &name, const std::string &cookie,
                             const std::string &route) {
        return "<Proxy \"balancer://" + name +
               "\">\nBalancerMember \"http://127.0.0.1:1\" route=" + route + "\nStickyCookie " +
               cookie + "\n</Proxy>\nProxyPass \"/" + name + "/\" \"balancer://" + name +
               "/\" stickysession=" +
               (cookie.find("=LB") != cookie.npos   ? "LB"
                : cookie.find("=lb") != cookie.npos ? "lb"
                                                    : "ROUTEID") +
               '\n';
    };
    return "StickyKey conf/sticky.key\n" + balancer("front", two.first, "a") +
           balancer("back", two.second, two.route);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(config_cookie_options_test)

BOOST_DATA_TEST_CASE_F(Options, an_option_goes_with_its_modes,
                       boost::unit_test::data::make(kOptions))
{
    for (const auto &mode : kModes) {
        const auto result = test("StickyCookie " + mode + ' ' + sample.text);
        const bool right = sample.modes.find(mode) != std::string::npos;
        BOOST_TEST_CONTEXT(mode << ' ' << sample.text << '\n' << result.output)
        {
            BOOST_TEST(result.accepted() == right);
            BOOST_TEST(!result.says("SB1"));
            if (right)
                continue;
            BOOST_TEST(result.says("line 3 of"));
            BOOST_TEST(result.says("StickyCookie"));
            BOOST_TEST(result.says(sample.name));
            for (const auto &named : kModes)
                BOOST_TEST(result.says(named) ==
                           (named == mode || sample.modes.find(named) != std::string::npos));
        }
    }
    // off takes all: what stands with it is a default for others
    BOOST_TEST(test("StickyCookie off " + sample.text).accepted());
    BOOST_TEST(
        httpd.config_test("StickyKey conf/sticky.key\nStickyCookie off " + sample.text + "\n")
            .accepted());
}

BOOST_DATA_TEST_CASE_F(Options, a_line_is_right_or_refused, boost::unit_test::data::make(kLines))
{
    const auto result = test(sample.text, sample.settings);
    BOOST_TEST(result.accepted() == sample.says.empty(), result.output);
    if (sample.says.empty()) {
        BOOST_TEST(!result.says("SB1"), result.output);
        return;
    }
    if (sample.says.front().starts_with("SB")) {
        BOOST_TEST(result.says("tested-site.conf line "), result.output);
        BOOST_TEST(result.says("balancer://app"), result.output);
    } else {
        BOOST_TEST(result.says("line 3 of"), result.output);
    }
    for (const auto &text : sample.says)
        BOOST_TEST(result.says(text), "'" << text << "' is not in:\n" << result.output);
}

BOOST_FIXTURE_TEST_CASE(a_seal_needs_a_key, Options)
{
    for (const auto *line :
         {"StickyCookie insert seal=signed", "StickyCookie insert seal=opaque",
          "StickyCookie prefix seal=signed", "StickyCookie passive seal=signed accept-plain"}) {
        const auto result = test(line, "", "");
        BOOST_TEST(!result.accepted(), line);
        for (const auto *text : {"SB1113", "StickyKey", "balancer://app"})
            BOOST_TEST(result.says(text), line << '\n' << result.output);
    }
}

BOOST_DATA_TEST_CASE_F(Options, one_name_for_two_balancers_is_told,
                       boost::unit_test::data::make(kPairs))
{
    const auto result = httpd.config_test(site(sample));
    BOOST_TEST(result.accepted(), result.output);
    BOOST_TEST(result.says("SB1115") == sample.warned, result.output);
    for (const auto *text : {"balancer://front", "balancer://back"})
        BOOST_TEST((!sample.warned || result.says(text)), result.output);
}

BOOST_FIXTURE_TEST_CASE(hosts_do_not_share_cookies_and_a_start_warns_too, Options)
{
    const auto host = [](const std::string &name) {
        return "<VirtualHost 127.0.0.1:1>\nServerName " + name + "\n<Proxy \"balancer://" + name +
               "\">\nBalancerMember \"http://127.0.0.1:1\" route=" + name +
               "\nStickyCookie insert\n</Proxy>\nProxyPass \"/\" \"balancer://" + name +
               "/\"\n</VirtualHost>\n";
    };
    const auto apart = httpd.config_test(host("shop") + host("wiki"));
    BOOST_TEST(apart.accepted(), apart.output);
    BOOST_TEST(!apart.says("SB1"), apart.output);
    start_httpd(site({"insert", "insert", true}));
    httpd.log().expect("SB1115");
    BOOST_TEST(httpd.log().count("SB1115") == 1);
}

BOOST_AUTO_TEST_SUITE_END()
