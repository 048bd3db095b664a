// SPDX-License-Identifier: Apache-2.0
#include "core/persistence/member_cookies.hpp"

#include "core/base/text.hpp"
#include "core/persistence/cookie_reader.hpp"
#include "core/persistence/cookie_value.hpp"

namespace stickybalancer::persistence {
namespace {

// Without the delimiter in front of a pair that is gone. White space before that stays: behind a comma
// it is what makes a delimiter of it.
std::string_view without_delimiter(std::string_view text) noexcept
{
    text = base::trimmed(text);
    if (!text.empty() && (text.back() == ';' || text.back() == ','))
        text.remove_suffix(1);
    return text;
}

// Writes what stands between the parts that are cut out. The last piece is held back until it is known
// whether anything follows it.
class Cutter {
public:
    Cutter(base::BoundedWriter &out, std::string_view header) noexcept : out_(out), header_(header)
    {
    }

    void cut(std::size_t begin, std::size_t end) noexcept
    {
        keep(header_.substr(kept_to_, begin - kept_to_));
        kept_to_ = end;
        has_cut_ = true;
    }

    void finish() noexcept
    {
        keep(header_.substr(kept_to_));
        out_ << (kept_to_ == header_.size() ? without_delimiter(held_) : held_);
    }

    bool has_cut() const noexcept { return has_cut_; }

private:
    void keep(std::string_view piece) noexcept
    {
        if (piece.empty())
            return;
        out_ << held_;
        held_ = piece;
    }

    base::BoundedWriter &out_;
    std::string_view header_;
    std::string_view held_;
    std::size_t kept_to_ = 0;
    bool has_cut_ = false;
};

}  // namespace

bool write_member_cookies(base::BoundedWriter &out, std::string_view header,
                          const Settings &settings) noexcept
{
    if (!settings.reads_cookie())
        return false;
    Cutter cutter(out, header);
    CookieReader cookies(header, settings.cookie_name);
    for (CookiePair pair; cookies.next(pair);) {
        if (settings.mode == CookieMode::kPrefix) {
            const auto prefix = find_prefix(pair.value);
            if (prefix.data() == nullptr || !may_be_our_prefix(prefix, settings))
                continue;
            const auto begin = static_cast<std::size_t>(prefix.data() - header.data());
            cutter.cut(begin, begin + prefix.size() + 1);
        } else if (settings.hides_cookie) {
            cutter.cut(pair.begin, next_pair_after(header, pair.end));
        }
    }
    if (cutter.has_cut())
        cutter.finish();
    return cutter.has_cut();
}

bool write_without_cookie(base::BoundedWriter &out, std::string_view header,
                          std::string_view name) noexcept
{
    Cutter cutter(out, header);
    CookieReader cookies(header, name);
    for (CookiePair pair; cookies.next(pair);)
        cutter.cut(pair.begin, next_pair_after(header, pair.end));
    if (cutter.has_cut())
        cutter.finish();
    return cutter.has_cut();
}

}  // namespace stickybalancer::persistence
