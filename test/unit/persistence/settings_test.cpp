// SPDX-License-Identifier: Apache-2.0
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "core/persistence/settings.hpp"

using namespace stickybalancer::persistence;

namespace {

Settings settings_with(CookieMode mode, const char *cookie_name)
{
    Settings settings;
    settings.mode = mode;
    settings.cookie_name = cookie_name;
    return settings;
}

struct ModeRow {
    CookieMode mode;
    bool reads, inserts, edits;
};
std::ostream &operator<<(std::ostream &out, const ModeRow &row)
{
    return out << "mode " << static_cast<int>(row.mode);
}
const ModeRow kModes[] = {
    {CookieMode::kOff, false, false, false},  {CookieMode::kPassive, true, false, false},
    {CookieMode::kInsert, true, true, false}, {CookieMode::kRewrite, true, false, true},
    {CookieMode::kPrefix, true, false, true},
};

struct LifetimeRow {
    Seal seal;
    char separator;
    std::int64_t max_age_s;
    CookieLimits limits;
    bool writes_dates;
    std::int64_t lifetime_s;
};
std::ostream &operator<<(std::ostream &out, const LifetimeRow &row)
{
    return out << "seal " << static_cast<int>(row.seal) << ", separator " << int{row.separator}
               << ", maxage " << row.max_age_s << ", maxidle " << row.limits.idle_s << ", maxlife "
               << row.limits.life_s;
}
const LifetimeRow kLifetimes[] = {
    {Seal::kPlain, '.', 0, {0, 0}, false, 0},    {Seal::kPlain, '.', 60, {0, 0}, true, 60},
    {Seal::kPlain, '.', 0, {50, 0}, true, 50},   {Seal::kPlain, '.', 0, {0, 40}, true, 0},
    {Seal::kPlain, '.', 60, {50, 40}, true, 50}, {Seal::kPlain, '.', 50, {60, 40}, true, 50},
    {Seal::kPlain, '.', 60, {0, 40}, true, 60},  {Seal::kPlain, '\0', 60, {50, 40}, false, 0},
    {Seal::kSigned, '.', 0, {0, 0}, true, 0},    {Seal::kSigned, '.', 60, {50, 0}, true, 50},
    {Seal::kOpaque, '\0', 0, {0, 0}, true, 0},   {Seal::kOpaque, '\0', 60, {0, 0}, true, 60},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(settings_test)

BOOST_AUTO_TEST_CASE(nothing_is_read_or_set_unless_somebody_says_so)
{
    const Settings settings;
    BOOST_TEST(!settings.reads_cookie());
    BOOST_TEST(!settings.inserts_cookie());
    BOOST_TEST(!settings.edits_cookie());
    BOOST_TEST(!settings.is_sealed());
    BOOST_TEST(!settings.writes_dates());
    BOOST_TEST(!settings.reads_url());
    BOOST_TEST(settings.separator == '.');
    BOOST_TEST(settings.keys.empty());
}

BOOST_DATA_TEST_CASE(each_mode_reads_inserts_or_edits_and_none_without_a_name, kModes, row)
{
    const auto named = settings_with(row.mode, "ROUTEID"), unnamed = settings_with(row.mode, "");
    BOOST_TEST(named.reads_cookie() == row.reads);
    BOOST_TEST(named.inserts_cookie() == row.inserts);
    BOOST_TEST(named.edits_cookie() == row.edits);
    BOOST_TEST(!unnamed.reads_cookie());
    BOOST_TEST(!unnamed.inserts_cookie());
    BOOST_TEST(!unnamed.edits_cookie());
}

BOOST_DATA_TEST_CASE(the_shorter_of_age_and_idleness_is_refreshed_where_dates_are_written,
                     kLifetimes, row)
{
    Settings settings;
    settings.seal = row.seal;
    settings.separator = row.separator;
    settings.max_age_s = row.max_age_s;
    settings.limits = row.limits;
    BOOST_TEST(settings.writes_dates() == row.writes_dates);
    BOOST_TEST(settings.refreshed_lifetime_s() == row.lifetime_s);
}

BOOST_AUTO_TEST_CASE(in_a_prefix_a_dot_stands_behind_a_token_whatever_httpd_separates_values_by)
{
    auto settings = settings_with(CookieMode::kInsert, "ROUTEID");
    settings.separator = '!';
    BOOST_TEST(settings.token_separator() == '!');
    settings.mode = CookieMode::kPrefix;
    BOOST_TEST(settings.token_separator() == '.');
}

BOOST_AUTO_TEST_CASE(a_seal_is_not_gone_round_by_a_url_parameter_of_the_cookies_name)
{
    auto settings = settings_with(CookieMode::kInsert, "ROUTEID");
    settings.url_parameter = "ROUTEID";
    BOOST_TEST(settings.reads_url());
    for (const auto seal : {Seal::kSigned, Seal::kOpaque}) {
        settings.seal = seal;
        settings.url_parameter = "ROUTEID";
        BOOST_TEST(!settings.reads_url());
        settings.url_parameter = "routeid";  // somebody asked for it
        BOOST_TEST(settings.reads_url());
    }
    settings.url_parameter.clear();
    BOOST_TEST(!settings.reads_url());
}

BOOST_AUTO_TEST_SUITE_END()
