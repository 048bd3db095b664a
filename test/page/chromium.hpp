// SPDX-License-Identifier: Apache-2.0
//
// A real Chromium without a screen, driven by WebDriver: what is clicked and typed goes the way that a person's
// clicks and keys go. One window; its profile is a temporary directory, and it speaks with 127.0.0.1 only.
//
// Selectors are CSS. What waits gives up in time and throws std::runtime_error.
//
// Thread safety: the test's main thread (process.hpp).
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "test/support/browser.hpp"
#include "test/support/process.hpp"
#include "test/support/temporary_directory.hpp"

namespace stickybalancer::test {

using Json = nlohmann::json;

namespace key {
inline const std::string kTab = "\uE004", kEnter = "\uE007", kEscape = "\uE00C", kShift = "\uE008";
}

class Chromium {
public:
    Chromium();
    ~Chromium();
    Chromium(const Chromium &) = delete;
    Chromium &operator=(const Chromium &) = delete;

    void open(const std::string &url);
    // The value of `return ...;` in the page; arguments[0] and so on are `arguments`.
    Json run(const std::string &script, const Json &arguments = Json::array());

    // The value that the script hands to its last argument, a function.
    Json run_async(const std::string &script, const Json &arguments);

    // Scrolls there first; throws where something covers it, as a person could not click it either.
    void click(const std::string &selector);
    void type(const std::string &selector, const std::string &text);  // replaces what is there
    void press(const std::string &key, bool with_shift = false);      // where the focus is

    int count(const std::string &selector);
    std::string text(const std::string &selector);  // as it is shown; empty where there is none
    bool is_focused(const std::string &selector);

    bool wait_for(const std::function<bool()> &condition,
                  std::chrono::seconds at_most = std::chrono::seconds(15));

    void resize(int width, int height);
    void prefer_dark(bool is_dark);
    Json devtools(const std::string &command, const Json &parameters = Json::object());
    std::string screenshot();  // a PNG in base64

    // Another tab in front, so that the page cannot be seen; and back.
    void hide_page();
    void show_page();

    // What the page's console got since it was asked last: violations of the security policy, too.
    std::vector<std::string> console();

private:
    std::uint16_t start_driver();
    std::string find(const std::string &selector);
    Json call(const std::string &method, const std::string &path, const Json &body = {});
    Json of_session(const std::string &method, const std::string &path, const Json &body = {});

    TemporaryDirectory directory_;
    std::unique_ptr<Process> driver_;
    std::unique_ptr<Browser> client_;
    std::string session_;
    std::string window_, other_window_;
};

}  // namespace stickybalancer::test
