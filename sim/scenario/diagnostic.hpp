#pragma once
/// Diagnostics: what is wrong with the user's files, told all at once and at the place where it stands.
///
/// A rule has a number that never changes its meaning (SW012), so that people can search for it, silence it
/// and read `spillway explain SW012`. Numbers below 100 belong to reading, from 100 on to the design of the
/// topology.
///
/// Invariants: rendering never depends on the order in which findings were made; whatever bytes a file holds,
/// what is printed contains no control characters.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "spillway/settings.hpp"

namespace spillway {

/// The texts that were read, so that a Position can be shown as a name, a line and a column.
class Sources {
 public:
  /// Keeps the text and returns its number. Number 0 is reserved for "nowhere".
  std::uint32_t add(std::string name, std::string text);

  [[nodiscard]] const std::string& name(std::uint32_t file) const;
  [[nodiscard]] const std::string& text(std::uint32_t file) const;
  /// The line without its line break; empty when there is no such line.
  [[nodiscard]] std::string_view line(std::uint32_t file, std::uint32_t number) const;
  /// The place of a byte; columns count characters (code points), from 1.
  [[nodiscard]] Position at(std::uint32_t file, std::size_t offset, std::size_t bytes = 1) const;
  /// "name:line:col", or "default" for nowhere.
  [[nodiscard]] std::string place(const Position& at) const;
  /// The folder against which a path written at this place is meant, "" or ending in '/'.
  [[nodiscard]] std::string folder(const Position& at) const;
  [[nodiscard]] std::size_t size() const { return files_.size(); }

 private:
  struct File {
    std::string name;
    std::string text;
    std::vector<std::size_t> starts;     ///< where each line begins
    std::vector<std::size_t> continued;  ///< UTF-8 continuation bytes before each block of bytes
  };
  [[nodiscard]] const File& file(std::uint32_t number) const;
  [[nodiscard]] static std::size_t continued_before(const File& file, std::size_t offset);

  std::deque<File> files_;
};

enum class Rule : std::uint16_t {
  syntax = 1,
  encoding = 2,
  file_size = 3,
  depth = 4,
  several_documents = 5,
  duplicate_key = 6,
  merge_key = 7,
  alias = 8,
  key_not_plain = 9,
  tag = 10,
  file_unreadable = 11,
  unknown_property = 12,
  missing_property = 13,
  wrong_kind = 14,
  missing_unit = 15,
  bad_quantity = 16,
  overflow = 17,
  out_of_bounds = 18,
  implicit_boolean = 19,
  not_a_choice = 20,
  exactly_one = 21,
  negative = 22,
  unknown_distribution = 23,
  bad_distribution = 24,
  unknown_step = 25,
  program_depth = 26,
  extends_cycle = 27,
  bad_extends = 28,
  set_path = 29,
  set_value = 30,
  referenced_file = 31,
  no_value = 32,
  empty_document = 33,
  bad_samples = 34,
  leading_zero = 35,
  wrong_length = 36,
  unknown_type = 37,
  too_many_values = 38,
  unknown_resource = 39,
  wrong_resource_type = 40,
  unknown_class = 41,
  unknown_operation = 42,
  bad_threshold = 43,
  bad_traffic = 44,
  name_taken = 45,
  bad_definition = 46,
  contradiction = 60,
};

enum class Severity : std::uint8_t { error, warning, note };
std::string_view severity_name(Severity severity);

struct RuleInfo {
  Rule rule;
  Severity severity;
  std::string_view title;        ///< one line
  std::string_view explanation;  ///< why it is a rule and what to write instead
};

/// Every rule there is, by number.
std::span<const RuleInfo> rules();
const RuleInfo& info(Rule rule);
std::string rule_id(Rule rule);                  ///< "SW012"
const RuleInfo* find_rule(std::string_view id);  ///< nullptr when there is no such rule

struct Diagnostic {
  Rule rule = Rule::syntax;
  Severity severity = Severity::error;
  Position at;
  std::string message;
  std::string suggestion;  ///< what was probably meant, or empty
};

/// The findings of one command. Past `kMost` only their number is kept.
class Diagnostics {
 public:
  static constexpr std::size_t kMost = 1000;

  void add(Rule rule, const Position& at, std::string message, std::string suggestion = {});
  void add(Diagnostic diagnostic);

  [[nodiscard]] bool has_errors() const { return errors_ > 0; }
  [[nodiscard]] bool empty() const { return found_.empty(); }
  [[nodiscard]] bool full() const { return found_.size() >= kMost; }
  [[nodiscard]] std::size_t dropped() const { return dropped_; }
  [[nodiscard]] std::size_t errors() const { return errors_; }
  /// By file, line, column, rule; a finding made twice appears once.
  [[nodiscard]] std::vector<Diagnostic> sorted() const;

 private:
  std::vector<Diagnostic> found_;
  std::size_t errors_ = 0;
  std::size_t dropped_ = 0;
};

/// `message (did you mean 'memory'?)`: a name in quotes, a quantity bare.
std::string full_message(const Diagnostic& diagnostic);

/// One line a finding, then the source line and a caret under the place.
std::string render_text(const Diagnostics& diagnostics, const Sources& sources);
std::string render_json(const Diagnostics& diagnostics, const Sources& sources);
/// SARIF 2.1.0, for code-scanning services.
std::string render_sarif(const Diagnostics& diagnostics, const Sources& sources, std::string_view version);
/// Workflow commands, which annotate the lines of a pull request.
std::string render_github(const Diagnostics& diagnostics, const Sources& sources);

/// How many bytes the well-formed UTF-8 sequence at the start of a text has; 0 when there is none.
std::size_t utf8_length(std::string_view text);

/// The nearest of the names, or empty when none is near enough to have been meant.
std::string nearest(std::string_view name, std::span<const std::string> names);
/// The optimal-string-alignment distance: insertions, deletions, substitutions and swaps of neighbours.
std::size_t edit_distance(std::string_view left, std::string_view right);

}  // namespace spillway
