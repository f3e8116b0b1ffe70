#include "report/digest.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace spillway {

namespace {

using Json = nlohmann::ordered_json;

/// A name as Markdown text: nothing in it is markup, and it stays on its line.
std::string plain(const std::string& text) {
  constexpr std::string_view kMarkup = "\\`*_{}[]<>()#|!&~";
  std::string out;
  for (const char c : text) {
    if (kMarkup.find(c) != std::string_view::npos) out += '\\';
    out += c == '\n' || c == '\r' ? ' ' : c;
  }
  return out;
}

std::string text_of(const Json& json, const char* key) {
  return json.contains(key) && json[key].is_string() ? json[key].get<std::string>() : "";
}

const char* mark_of(const std::string& verdict) {
  return verdict == "pass" ? "✓" : verdict == "fail" ? "✗" : "?";
}

/// A setting may be a whole program: its beginning tells which.
std::string brief(const std::string& text) {
  if (text.size() <= 60) return plain(text);
  std::size_t end = 57;
  while ((static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;  // not within a character
  return plain(text.substr(0, end)) + "...";
}

std::string with_half(const Json& row) {
  const std::string half = text_of(row, "half_text");
  return plain(text_of(row, "text")) + (half.empty() ? "" : " ±" + plain(half));
}

class Markdown {
 public:
  explicit Markdown(const Json& data) : data_(data), candidates_(data.at("candidates")) {}

  std::string write() {
    headline();
    figures();
    thresholds();
    for (const Json& candidate : candidates_) {
      if (candidate.contains("bottleneck"))
        out_ += fmt::format("**Bottleneck** of {}: {}\n\n", plain(candidate.at("name").get<std::string>()),
                            plain(candidate.at("bottleneck").at("sentence").get<std::string>()));
    }
    changes();
    return std::move(out_);
  }

 private:
  void headline() {
    out_ += "### Spillway: ";
    for (std::size_t i = 0; i < candidates_.size(); ++i)
      out_ += (i == 0   ? ""
               : i == 1 ? " against "
                        : ", ") +
              plain(candidates_[i].at("name").get<std::string>());
    out_ += "\n\n";
    for (const Json& contrast : data_.at("contrasts"))
      out_ += "> " + plain(contrast.at("sentence").get<std::string>()) + "\n\n";
  }

  void figures() {
    if (!candidates_.front().contains("key_figures")) return;
    const Json& contrasts = data_.at("contrasts");
    out_ += "| figure |";
    std::string rule = "|---|";
    for (std::size_t i = 0; i < candidates_.size(); ++i) {
      out_ += " " + plain(candidates_[i].at("name").get<std::string>()) + " |";
      rule += "---:|";
      if (i == 0) continue;
      out_ += " difference (95 %) | |";
      rule += "---:|---|";
    }
    out_ += "\n" + rule + "\n";
    const Json& rows = candidates_.front().at("key_figures");
    for (std::size_t row = 0; row < rows.size(); ++row) {
      out_ +=
          fmt::format("| {} | {} |", plain(rows[row].at("title").get<std::string>()), with_half(rows[row]));
      for (std::size_t i = 1; i < candidates_.size(); ++i) {
        const Json& difference = contrasts.at(i - 1).at("key_figures").at(row);
        const auto change = difference.at("change").get<std::string>();
        out_ += fmt::format(" {} | {} | {} |", with_half(candidates_[i].at("key_figures").at(row)),
                            with_half(difference),
                            change == "better"  ? "better"
                            : change == "worse" ? "**worse**"
                            : change == "none"  ? "no difference"
                                                : "");
      }
      out_ += "\n";
    }
    out_ += "\n";
  }

  void thresholds() {
    for (const Json& candidate : candidates_) {
      const Json& summary = candidate.at("summary");
      if (!summary.contains("thresholds") || summary.at("thresholds").empty()) continue;
      out_ += fmt::format("Thresholds of {}:\n\n", plain(candidate.at("name").get<std::string>()));
      for (const Json& threshold : summary.at("thresholds")) {
        out_ += fmt::format("- {} {}.{} {}\n", mark_of(threshold.at("verdict").get<std::string>()),
                            plain(threshold.at("subject").get<std::string>()),
                            plain(threshold.at("metric").get<std::string>()),
                            plain(threshold.at("expression").get<std::string>()));
      }
      out_ += "\n";
    }
  }

  void changes() {
    for (const Json& contrast : data_.at("contrasts")) {
      if (contrast.at("topology").empty()) continue;
      out_ += "<details><summary>What changed in the topology</summary>\n\n";
      for (const Json& change : contrast.at("topology")) {
        out_ += fmt::format("- {} {}: {} → {}\n", change.at("change").get<std::string>(),
                            plain(change.at("path").get<std::string>()),
                            brief(change.at("before").get<std::string>()),
                            brief(change.at("after").get<std::string>()));
      }
      out_ += "\n</details>\n";
    }
  }

  const Json& data_;
  const Json& candidates_;
  std::string out_;
};

std::string csv_cell(const std::string& text) {
  if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}

std::string csv_number(const Json& row, const char* key) {
  return row.contains(key) && row[key].is_number() ? row[key].dump() : "";
}

std::string csv_bound(const Json& row, std::size_t end) {
  return row.contains("ci") && row["ci"].is_array() ? row["ci"].at(end).dump() : "";
}

std::string csv(const Json& data) {
  std::string out =
      "candidate,figure,unit,better,value,ci_low,ci_high,difference,difference_low,"
      "difference_high,change\n";
  const Json& candidates = data.at("candidates");
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (!candidates[i].contains("key_figures")) continue;
    const Json& rows = candidates[i].at("key_figures");
    for (std::size_t r = 0; r < rows.size(); ++r) {
      const Json& row = rows[r];
      const Json paired = i == 0 ? Json::object() : data.at("contrasts").at(i - 1).at("key_figures").at(r);
      out += fmt::format("{},{},{},{},{},{},{},{},{},{},{}\n",
                         csv_cell(candidates[i].at("name").get<std::string>()), text_of(row, "id"),
                         text_of(row, "unit"), text_of(row, "better"), csv_number(row, "value"),
                         csv_bound(row, 0), csv_bound(row, 1), csv_number(paired, "difference"),
                         csv_bound(paired, 0), csv_bound(paired, 1), text_of(paired, "change"));
    }
  }
  return out;
}

template <class Write>
tl::expected<std::string, std::string> digest(std::string_view data_json, Write&& write) {
  try {
    const Json data = Json::parse(data_json);
    if (data.at("candidates").empty()) return tl::unexpected(std::string("it names no candidate"));
    return write(data);
  } catch (const nlohmann::json::exception& error) {
    return tl::unexpected(std::string(error.what()));
  }
}

}  // namespace

tl::expected<std::string, std::string> markdown_digest(std::string_view data_json) {
  return digest(data_json, [](const Json& data) { return Markdown(data).write(); });
}

tl::expected<std::string, std::string> csv_digest(std::string_view data_json) {
  return digest(data_json, csv);
}

}  // namespace spillway
