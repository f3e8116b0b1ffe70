#include "scenario/diagnostic.hpp"

// Keeping texts and findings, and the text that a person reads. The renderings that programs read are in
// diagnostic_formats.cpp, the table of rules in diagnostic_rules.cpp.

#include <algorithm>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "scenario/design_rule.hpp"

namespace spillway {

namespace {

constexpr std::size_t kShownColumns = 160;
constexpr std::size_t kBlock = 1024;

bool continues(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U; }

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return !continues(c); }));
}

/// Control characters would let a file write to the reader's terminal, so they and broken UTF-8 are shown as
/// '?'.
std::string printable(std::string_view text) {
  std::string shown;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = std::max<std::size_t>(utf8_length(text.substr(i)), 1);
    const auto byte = static_cast<unsigned char>(text[i]);
    const bool control = (byte < 0x20U && byte != '\t') || byte == 0x7FU || (byte >= 0x80U && length == 1);
    shown += control ? std::string_view{"?"} : text.substr(i, length);
    i += length;
  }
  return shown;
}

std::size_t skip_characters(std::string_view line, std::size_t begin, std::size_t count) {
  for (; count > 0 && begin < line.size(); --count) {
    ++begin;
    while (begin < line.size() && continues(line[begin])) ++begin;
  }
  return begin;
}

/// The part of the line around the place (a JSON file may be one long line), and the columns cut off before
/// it.
std::pair<std::string, std::size_t> excerpt(std::string_view line, std::size_t column) {
  const std::size_t cut = column > kShownColumns / 2 ? column - kShownColumns / 2 : 0;
  const std::size_t begin = skip_characters(line, 0, cut);
  const std::size_t end = skip_characters(line, begin, kShownColumns);
  return {printable(line.substr(begin, end - begin)), cut};
}

void draw(std::string& out, std::string_view line, const Position& at) {
  if (line.empty()) return;
  const auto [shown, cut] = excerpt(line, at.column);
  out += fmt::format("    {}\n    ", shown);
  const std::size_t before = at.column - 1 - std::min<std::size_t>(cut, at.column - 1);
  std::size_t column = 0;
  for (const char c : shown) {
    if (column == before) break;
    if (continues(c)) continue;
    out += c == '\t' ? '\t' : ' ';
    ++column;
  }
  out.append(before - std::min(before, column), ' ');
  out += '^';
  const std::size_t rest = characters(shown) > before ? characters(shown) - before : 1;
  if (at.length > 1) out.append(std::min<std::size_t>(at.length, rest) - std::min<std::size_t>(rest, 1), '~');
  out += '\n';
}

auto order(const Diagnostic& d) {
  return std::tuple{d.at.file, d.at.line, d.at.column, d.rule, std::string_view{d.message}};
}

}  // namespace

/// Unicode 15, table 3-7.
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  if (text.empty()) return 0;
  const unsigned first = byte(0);
  if (first < 0x80U) return 1;
  const std::size_t length = first >= 0xF0U ? 4 : first >= 0xE0U ? 3 : 2;
  if (first < 0xC2U || first > 0xF4U || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) return 0;
  }
  const unsigned second = byte(1);
  const bool overlong = (first == 0xE0U && second < 0xA0U) || (first == 0xF0U && second < 0x90U);
  const bool outside = (first == 0xEDU && second > 0x9FU) || (first == 0xF4U && second > 0x8FU);
  return overlong || outside ? 0 : length;
}

// ---- Sources -------------------------------------------------------------------------------------------

std::uint32_t Sources::add(std::string name, std::string text) {
  File file{std::move(name), std::move(text), {0}, {}};
  std::size_t continued = 0;
  for (std::size_t i = 0; i < file.text.size(); ++i) {
    if (i % kBlock == 0) file.continued.push_back(continued);
    if (file.text[i] == '\n') file.starts.push_back(i + 1);
    if (continues(file.text[i])) ++continued;
  }
  files_.push_back(std::move(file));
  return static_cast<std::uint32_t>(files_.size());
}

const Sources::File& Sources::file(std::uint32_t number) const {
  static const File nowhere{"default", "", {0}, {}};
  return number == 0 || number > files_.size() ? nowhere : files_[number - 1];
}

const std::string& Sources::name(std::uint32_t number) const { return file(number).name; }

const std::string& Sources::text(std::uint32_t number) const { return file(number).text; }

std::string_view Sources::line(std::uint32_t number, std::uint32_t line) const {
  const File& source = file(number);
  if (line == 0 || line > source.starts.size()) return {};
  const std::size_t begin = source.starts[line - 1];
  const std::size_t end = line < source.starts.size() ? source.starts[line] - 1 : source.text.size();
  std::string_view text = std::string_view{source.text}.substr(begin, end - begin);
  if (text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

/// Columns count characters, and a file may be one line of megabytes, so a column must not cost a walk of its
/// line.
std::size_t Sources::continued_before(const File& file, std::size_t offset) {
  if (file.continued.empty()) return 0;
  const std::size_t block = std::min(offset / kBlock, file.continued.size() - 1);
  const std::string_view rest = std::string_view{file.text}.substr(block * kBlock, offset - block * kBlock);
  return file.continued[block] + rest.size() - characters(rest);
}

Position Sources::at(std::uint32_t number, std::size_t offset, std::size_t bytes) const {
  const File& source = file(number);
  offset = std::min(offset, source.text.size());
  const auto next = std::upper_bound(source.starts.begin(), source.starts.end(), offset);
  const auto row = static_cast<std::size_t>(next - source.starts.begin());
  const std::size_t start = source.starts[row - 1];
  const std::size_t before =
      offset - start - (continued_before(source, offset) - continued_before(source, start));
  const std::string_view rest = line(number, static_cast<std::uint32_t>(row));
  const std::size_t used = std::min(offset - start, rest.size());
  const std::size_t length = characters(rest.substr(used, bytes));
  return {number, static_cast<std::uint32_t>(row), static_cast<std::uint32_t>(before + 1),
          static_cast<std::uint32_t>(std::max<std::size_t>(length, 1))};
}

std::string Sources::place(const Position& at) const {
  if (at.file == 0) return "default";
  if (at.line == 0) return printable(name(at.file));
  return fmt::format("{}:{}:{}", printable(name(at.file)), at.line, at.column);
}

std::string Sources::folder(const Position& at) const {
  const std::string& path = name(at.file);
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? std::string{} : path.substr(0, slash + 1);
}

// ---- Diagnostics ---------------------------------------------------------------------------------------

std::string_view severity_name(Severity severity) {
  switch (severity) {
    case Severity::error: return "error";
    case Severity::warning: return "warning";
    case Severity::note: return "note";
  }
  return "error";
}

void Diagnostics::add(Rule rule, const Position& at, std::string message, std::string suggestion) {
  add(Diagnostic{rule, info(rule).severity, at, std::move(message), std::move(suggestion)});
}

void Diagnostics::add(Diagnostic diagnostic) {
  if (diagnostic.severity == Severity::error) ++errors_;
  if (full()) {
    ++dropped_;
    return;
  }
  found_.push_back(std::move(diagnostic));
}

std::vector<Diagnostic> Diagnostics::sorted() const {
  std::vector<Diagnostic> all = found_;
  std::sort(all.begin(), all.end(),
            [](const Diagnostic& left, const Diagnostic& right) { return order(left) < order(right); });
  const auto same = [](const Diagnostic& left, const Diagnostic& right) {
    return order(left) == order(right);
  };
  all.erase(std::unique(all.begin(), all.end(), same), all.end());
  return all;
}

std::string full_message(const Diagnostic& diagnostic) {
  const std::string& meant = diagnostic.suggestion;
  if (meant.empty()) return printable(diagnostic.message);
  if (is_design_rule(diagnostic.rule))
    return printable(fmt::format("{} (try: {})", diagnostic.message, meant));
  const bool quantity = (meant.front() >= '0' && meant.front() <= '9') || meant.front() == '-';
  const std::string_view quote = quantity ? "" : "'";
  return printable(fmt::format("{0} (did you mean {1}{2}{1}?)", diagnostic.message, quote, meant));
}

std::string render_text(const Diagnostics& diagnostics, const Sources& sources) {
  std::string out;
  for (const Diagnostic& found : diagnostics.sorted()) {
    out += fmt::format("{}: {} {}: {}\n", sources.place(found.at), severity_name(found.severity),
                       rule_id(found.rule), full_message(found));
    if (found.at.line > 0) draw(out, sources.line(found.at.file, found.at.line), found.at);
  }
  if (diagnostics.dropped() > 0) out += fmt::format("... and {} more\n", diagnostics.dropped());
  return out;
}

// ---- Suggestions ---------------------------------------------------------------------------------------

std::size_t edit_distance(std::string_view left, std::string_view right) {
  std::vector<std::size_t> before(right.size() + 1);
  std::vector<std::size_t> last(right.size() + 1);
  std::vector<std::size_t> row(right.size() + 1);
  for (std::size_t j = 0; j <= right.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= left.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= right.size(); ++j) {
      const std::size_t differs = left[i - 1] == right[j - 1] ? 0U : 1U;
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + differs});
      const bool swapped = i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1];
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before.swap(last);
    last.swap(row);
  }
  return last[right.size()];
}

std::string nearest(std::string_view name, std::span<const std::string> names) {
  constexpr std::size_t kLongest = 64;
  constexpr std::size_t kPrefix = 3;
  if (name.empty() || name.size() > kLongest) return {};
  const auto plain = [](std::string_view text) {
    std::string folded;
    for (const char c : text) {
      if (c >= 'A' && c <= 'Z') {
        folded += static_cast<char>(c - 'A' + 'a');
      } else {
        folded += c == '-' || c == ' ' ? '_' : c;
      }
    }
    return folded;
  };
  const std::string wanted = plain(name);
  std::string best;
  std::size_t least = std::max<std::size_t>(1, wanted.size() / 3) + 1;
  for (const std::string& candidate : names) {
    if (candidate.size() > kLongest) continue;
    const std::size_t distance = edit_distance(wanted, plain(candidate));
    if (distance < least) {
      least = distance;
      best = candidate;
    }
  }
  if (!best.empty() || wanted.size() < kPrefix) return best;
  const auto begins = [&](const std::string& candidate) { return plain(candidate).starts_with(wanted); };
  if (std::count_if(names.begin(), names.end(), begins) == 1)
    best = *std::find_if(names.begin(), names.end(), begins);
  return best;
}

}  // namespace spillway
