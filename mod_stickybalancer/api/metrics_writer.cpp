// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/api/metrics_writer.hpp"

namespace stickybalancer::api {
namespace {

constexpr std::string_view kPrefix = "stickybalancer";

void write_value(Output &out, std::string_view value)
{
    while (!value.empty()) {
        const auto length = utf8_length(value);
        if (value.front() == '\n')
            out << "\\n";
        else if (value.front() == '"' || value.front() == '\\')
            out << '\\' << value.front();
        else if (length == 0)
            out << "\xEF\xBF\xBD";
        else
            out << value.substr(0, length);
        value.remove_prefix(length > 0 ? length : 1);
    }
}

}  // namespace

void MetricsWriter::info(std::string_view help)
{
    if (format_ == Format::kOpenMetrics)
        out_ << "# HELP " << kPrefix << ' ' << help << "\n# TYPE " << kPrefix << " info\n";
    else
        begin("info", "gauge", help, false);
    name_ = "info";
    is_counter_ = false;
}

void MetricsWriter::begin(std::string_view name, std::string_view type, std::string_view help,
                          bool is_counter)
{
    const std::string_view suffix =
        is_counter && format_ == Format::kPrometheus ? "_total" : std::string_view();
    name_ = name;
    is_counter_ = is_counter;
    out_ << "# HELP " << kPrefix << '_' << name << suffix << ' ' << help << "\n# TYPE " << kPrefix
         << '_' << name << suffix << ' ' << type << '\n';
}

void MetricsWriter::begin_sample()
{
    out_ << kPrefix << '_' << name_;
    if (is_counter_)
        out_ << "_total";
}

void MetricsWriter::write_label(const Label &label, char before)
{
    out_ << before << label.name << "=\"";
    write_value(out_, label.value);
    out_ << '"';
}

void MetricsWriter::end()
{
    if (format_ == Format::kOpenMetrics)
        out_ << "# EOF\n";
}

Output &operator<<(Output &out, Seconds time)
{
    out << time.us / 1'000'000;
    auto part = static_cast<int>(time.us % 1'000'000);
    if (part <= 0)
        return out;
    char digits[7] = {'.'};
    std::size_t length = 1;
    for (int unit = 100'000; part > 0; unit /= 10) {
        digits[length++] = static_cast<char>('0' + part / unit);
        part %= unit;
    }
    return out << std::string_view(digits, length);
}

}  // namespace stickybalancer::api
