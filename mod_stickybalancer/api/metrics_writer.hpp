// SPDX-License-Identifier: Apache-2.0
//
// Metrics, written as they go: a family, then its samples. As OpenMetrics 1.0 has them, or, for older readers, as
// Prometheus' own text format 0.0.4, which differs in how counters are announced and in how it ends.
//
// Thread safety: one thread's.
#pragma once

#include "mod_stickybalancer/api/output.hpp"

namespace stickybalancer::api {

struct Label {
    std::string_view name;
    std::string_view value;  // any bytes: what is no UTF-8 becomes U+FFFD
};

class MetricsWriter {
public:
    enum class Format { kOpenMetrics, kPrometheus };

    MetricsWriter(Output &out, Format format) : out_(out), format_(format) {}

    // Names without what all have in front of them, and of counters without "_total".
    void gauge(std::string_view name, std::string_view help) { begin(name, "gauge", help, false); }
    void counter(std::string_view name, std::string_view help)
    {
        begin(name, "counter", help, true);
    }
    void info(std::string_view help);

    // Of the family that was begun last.
    template <std::size_t N>
    Output &sample(const Label (&labels)[N])
    {
        begin_sample();
        for (std::size_t i = 0; i < N; ++i)
            write_label(labels[i], i == 0 ? '{' : ',');
        return out_ << "} ";
    }
    void end();

private:
    void begin(std::string_view name, std::string_view type, std::string_view help,
               bool is_counter);
    void begin_sample();
    void write_label(const Label &label, char before);

    Output &out_;
    Format format_;
    std::string_view name_;
    bool is_counter_ = false;
};

// Seconds with as many decimals as there are.
struct Seconds {
    std::int64_t us;
};
Output &operator<<(Output &out, Seconds time);

}  // namespace stickybalancer::api
