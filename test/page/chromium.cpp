// SPDX-License-Identifier: Apache-2.0
#include "test/page/chromium.hpp"

#include <unistd.h>

#include <regex>
#include <stdexcept>

#include "test/support/wait.hpp"

namespace stickybalancer::test {
namespace {

constexpr const char *kElement =
    "element-6066-11e4-a52e-4f735466cecf";  // WebDriver's word for a reference

// Nobody is asked for updates, and no name is resolved. Chromium's own sandbox is not for root.
Json chromium_arguments(const std::filesystem::path &profile)
{
    Json arguments = {"--headless=new",
                      "--disable-gpu",
                      "--disable-dev-shm-usage",
                      "--no-first-run",
                      "--no-proxy-server",
                      "--disable-background-networking",
                      "--disable-component-update",
                      "--disable-default-apps",
                      "--disable-sync",
                      "--disable-extensions",
                      "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
                      "--window-size=1400,1000",
                      "--user-data-dir=" + (profile / "profile").string()};
    if (::geteuid() == 0)
        arguments.push_back("--no-sandbox");
    return arguments;
}

Json capabilities(const std::filesystem::path &profile)
{
    return {{"capabilities",
             {{"alwaysMatch",
               {{"browserName", "chrome"},
                {"acceptInsecureCerts", true},
                {"goog:loggingPrefs", {{"browser", "ALL"}}},
                {"goog:chromeOptions",
                 {{"binary", SB_CHROMIUM}, {"args", chromium_arguments(profile)}}}}}}}};
}

Command driver_command(const std::filesystem::path &directory)
{
    return {
        {SB_CHROMEDRIVER, "--port=0"}, {{"HOME", directory.string()}}, directory / "driver.log"};
}

Json key_action(const char *type, const std::string &key)
{
    return {{"type", type}, {"value", key}};
}

}  // namespace

// It chooses its port, and says which. The one that it was given on ::1 may be somebody's on 127.0.0.1: then it ends.
std::uint16_t Chromium::start_driver()
{
    constexpr int kMostStarts = 5;
    const auto log = directory_.path() / "driver.log";
    const std::regex started("started successfully on port ([0-9]+)");
    std::smatch port;
    std::string text;
    for (int i = 0; i < kMostStarts; ++i) {
        std::filesystem::remove(log);
        driver_ = std::make_unique<Process>(driver_command(directory_.path()));
        const auto has_started = [&] {
            return std::regex_search(text = read_file(log), port, started);
        };
        if (wait_until(within(std::chrono::seconds(30)),
                       [&] { return has_started() || !driver_->is_running(); }) &&
            has_started())
            return static_cast<std::uint16_t>(std::stoi(port[1]));
    }
    throw std::runtime_error("chromedriver does not start: " + text);
}

Chromium::Chromium()
{
    BrowserOptions options;
    options.port = start_driver();
    options.timeout_s = 60;
    client_ = std::make_unique<Browser>(options);
    const auto answer = call("POST", "/session", capabilities(directory_.path()));
    session_ = "/session/" + answer.at("sessionId").get<std::string>();
    window_ = of_session("GET", "/window").get<std::string>();
}

Chromium::~Chromium() { client_->request("DELETE", session_); }

Json Chromium::call(const std::string &method, const std::string &path, const Json &body)
{
    const auto response = client_->request(method, path, body.is_null() ? "" : body.dump(),
                                           {{"Content-Type", "application/json"}});
    const auto answer = Json::parse(response.body, nullptr, false);
    if (response.status != 200)
        throw std::runtime_error("chromedriver: " + path + ": " + response.error +
                                 response.body.substr(0, 400));
    return answer.at("value");
}

Json Chromium::of_session(const std::string &method, const std::string &path, const Json &body)
{
    return call(method, session_ + path, body);
}

void Chromium::open(const std::string &url) { of_session("POST", "/url", {{"url", url}}); }

Json Chromium::run(const std::string &script, const Json &arguments)
{
    return of_session("POST", "/execute/sync", {{"script", script}, {"args", arguments}});
}

Json Chromium::run_async(const std::string &script, const Json &arguments)
{
    return of_session("POST", "/execute/async", {{"script", script}, {"args", arguments}});
}

std::string Chromium::find(const std::string &selector)
{
    const auto element =
        of_session("POST", "/element", {{"using", "css selector"}, {"value", selector}});
    return "/element/" + element.at(kElement).get<std::string>();
}

void Chromium::click(const std::string &selector)
{
    of_session("POST", find(selector) + "/click", Json::object());
}

void Chromium::type(const std::string &selector, const std::string &text)
{
    const auto element = find(selector);
    of_session("POST", element + "/clear", Json::object());
    of_session("POST", element + "/value", {{"text", text}});
}

void Chromium::press(const std::string &key, bool with_shift)
{
    Json actions = {key_action("keyDown", key), key_action("keyUp", key)};
    if (with_shift) {
        actions.insert(actions.begin(), key_action("keyDown", key::kShift));
        actions.push_back(key_action("keyUp", key::kShift));
    }
    of_session("POST", "/actions",
               {{"actions", {{{"type", "key"}, {"id", "keys"}, {"actions", actions}}}}});
}

int Chromium::count(const std::string &selector)
{
    return run("return document.querySelectorAll(arguments[0]).length", {selector}).get<int>();
}

std::string Chromium::text(const std::string &selector)
{
    return run("return document.querySelector(arguments[0])?.innerText ?? ''", {selector})
        .get<std::string>();
}

bool Chromium::is_focused(const std::string &selector)
{
    return run("return document.activeElement.matches(arguments[0])", {selector}).get<bool>();
}

bool Chromium::wait_for(const std::function<bool()> &condition, std::chrono::seconds at_most)
{
    return wait_until(within(at_most), condition);
}

void Chromium::resize(int width, int height)
{
    devtools(
        "Emulation.setDeviceMetricsOverride",
        {{"width", width}, {"height", height}, {"deviceScaleFactor", 1}, {"mobile", width < 600}});
}

void Chromium::prefer_dark(bool is_dark)
{
    const Json feature = {{"name", "prefers-color-scheme"}, {"value", is_dark ? "dark" : "light"}};
    devtools("Emulation.setEmulatedMedia", {{"features", Json::array({feature})}});
}

Json Chromium::devtools(const std::string &command, const Json &parameters)
{
    return of_session("POST", "/goog/cdp/execute", {{"cmd", command}, {"params", parameters}});
}

std::string Chromium::screenshot() { return of_session("GET", "/screenshot").get<std::string>(); }

void Chromium::hide_page()
{
    other_window_ =
        of_session("POST", "/window/new", {{"type", "tab"}}).at("handle").get<std::string>();
    of_session("POST", "/window", {{"handle", other_window_}});
}

void Chromium::show_page()
{
    of_session("DELETE", "/window");
    of_session("POST", "/window", {{"handle", window_}});
}

std::vector<std::string> Chromium::console()
{
    std::vector<std::string> lines;
    for (const auto &entry : of_session("POST", "/se/log", {{"type", "browser"}}))
        if (entry.at("level") != "INFO" && entry.at("level") != "DEBUG")
            lines.push_back(entry.at("message").get<std::string>());
    return lines;
}

}  // namespace stickybalancer::test
