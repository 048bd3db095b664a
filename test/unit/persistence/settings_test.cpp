// SPDX-License-Identifier: Apache-2.0
#include <boost/test/unit_test.hpp>

#include "core/persistence/settings.hpp"

using stickybalancer::persistence::CookieMode;
using stickybalancer::persistence::Settings;

namespace {

Settings settings_with(CookieMode mode, const char *cookie_name)
{
    Settings settings;
    settings.mode = mode;
    settings.cookie_name = cookie_name;
    return settings;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(settings_test)

BOOST_AUTO_TEST_CASE(nothing_is_read_or_set_unless_somebody_says_so)
{
    const Settings settings;
    BOOST_TEST(!settings.reads_cookie());
    BOOST_TEST(!settings.sets_cookie());
    BOOST_TEST(settings.url_parameter.empty());
    BOOST_TEST(settings.separator == '.');
}

BOOST_AUTO_TEST_CASE(off_does_nothing_passive_reads_and_insert_reads_and_sets)
{
    BOOST_TEST(!settings_with(CookieMode::kOff, "ROUTEID").reads_cookie());
    BOOST_TEST(!settings_with(CookieMode::kOff, "ROUTEID").sets_cookie());
    BOOST_TEST(settings_with(CookieMode::kPassive, "ROUTEID").reads_cookie());
    BOOST_TEST(!settings_with(CookieMode::kPassive, "ROUTEID").sets_cookie());
    BOOST_TEST(settings_with(CookieMode::kInsert, "ROUTEID").reads_cookie());
    BOOST_TEST(settings_with(CookieMode::kInsert, "ROUTEID").sets_cookie());
}

BOOST_AUTO_TEST_CASE(without_a_name_there_is_no_cookie)
{
    BOOST_TEST(!settings_with(CookieMode::kInsert, "").reads_cookie());
    BOOST_TEST(!settings_with(CookieMode::kInsert, "").sets_cookie());
}

BOOST_AUTO_TEST_SUITE_END()
