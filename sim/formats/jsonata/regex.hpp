#pragma once
/// Regular expressions as ECMAScript writes them (without its `u` flag), matched by PCRE2 with a limit on its
/// backtracking: a pattern that would take exponential time is an error, not a hang.
/// Stated differences: positions and `.` count code points, not surrogates; a case-insensitive match follows
/// Unicode's simple folding; lines end at \n and \r, not at U+2028.

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::jsonata {

struct RegexMatch {
  std::size_t begin = 0;  ///< bytes of the subject
  std::size_t end = 0;
  std::vector<std::optional<std::string_view>> groups;
};

class Regex {
 public:
  /// Throws a Failure (S0303) when the pattern is none.
  Regex(std::string_view pattern, bool ignore_case, bool multiline);
  Regex(Regex&&) noexcept;
  ~Regex();

  /// The first match at or behind `from`. The subject must be well-formed UTF-8.
  std::optional<RegexMatch> find(std::string_view subject, std::size_t from) const;
  const std::string& pattern() const { return pattern_; }

 private:
  struct Compiled;
  std::string pattern_;
  std::unique_ptr<Compiled> compiled_;
};

}  // namespace spillway::jsonata
