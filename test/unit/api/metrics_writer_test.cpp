// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/api/metrics_writer.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace stickybalancer::api;

namespace {

std::string written(MetricsWriter::Format format)
{
    std::string text;
    {
        Output out([](void *to, const char *bytes,
                      std::size_t count) { static_cast<std::string *>(to)->append(bytes, count); },
                   &text);
        MetricsWriter metrics(out, format);
        metrics.info("Me");
        metrics.sample({{"version", "1"}}) << "1\n";
        metrics.counter("hits", "Hits");
        metrics.sample({{"a", "x\"y\\z\n\xFF\xC3\xBC"}, {"b", ""}}) << 7 << '\n';
        metrics.gauge("level", "Level");
        metrics.sample({{"a", "x"}}) << Seconds{1'500'000} << '\n';
        metrics.sample({{"a", "y"}}) << Seconds{42} << '\n';
        metrics.end();
    }
    return text;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(metrics_writer_test)

BOOST_AUTO_TEST_CASE(open_metrics)
{
    BOOST_TEST(
        written(MetricsWriter::Format::kOpenMetrics) ==
        "# HELP stickybalancer Me\n# TYPE stickybalancer info\nstickybalancer_info{version=\"1\"} "
        "1\n"
        "# HELP stickybalancer_hits Hits\n# TYPE stickybalancer_hits counter\n"
        "stickybalancer_hits_total{a=\"x\\\"y\\\\z\\n\xEF\xBF\xBD\xC3\xBC\",b=\"\"} 7\n"
        "# HELP stickybalancer_level Level\n# TYPE stickybalancer_level gauge\n"
        "stickybalancer_level{a=\"x\"} 1.5\nstickybalancer_level{a=\"y\"} 0.000042\n# EOF\n");
}

BOOST_AUTO_TEST_CASE(prometheus_text)
{
    const auto text = written(MetricsWriter::Format::kPrometheus);
    BOOST_TEST(
        text.starts_with("# HELP stickybalancer_info Me\n# TYPE stickybalancer_info gauge\n"));
    BOOST_TEST(text.find("# TYPE stickybalancer_hits_total counter\nstickybalancer_hits_total{") !=
               std::string::npos);
    BOOST_TEST(text.find("EOF") == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
