#include "report/page.hpp"

namespace spillway {

namespace {

constexpr std::string_view kOpening = R"(<script type="application/json" id="spillway-data">)";
constexpr std::string_view kClosing = "</script>";

/// JSON in which nothing looks like markup: these characters stand in its strings alone, where the escape
/// means the same.
std::string without_markup(std::string_view json) {
  std::string out;
  out.reserve(json.size() + json.size() / 50);
  for (const char c : json) {
    switch (c) {
      case '<': out += "\\u003c"; break;
      case '>': out += "\\u003e"; break;
      case '&': out += "\\u0026"; break;
      default: out += c;
    }
  }
  return out;
}

}  // namespace

std::optional<std::string> render_page(std::string_view shell, std::string_view data_json) {
  const std::size_t opening = shell.find(kOpening);
  if (opening == std::string_view::npos) return std::nullopt;
  const std::size_t from = opening + kOpening.size();
  const std::size_t to = shell.find(kClosing, from);
  if (to == std::string_view::npos) return std::nullopt;
  std::string page(shell.substr(0, from));
  page += without_markup(data_json);
  page += shell.substr(to);
  return page;
}

}  // namespace spillway
