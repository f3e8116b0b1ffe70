#pragma once
/// Searching strings by patterns: regular expressions are searched directly; any function that gives match
/// objects ({match, start, end, groups, next}), as JSONata lets users write, is called and its objects read.
/// Inside positions are bytes; users see UTF-16 units.

#include <optional>
#include <string_view>
#include <vector>

#include "formats/jsonata/function.hpp"
#include "formats/jsonata/value.hpp"

namespace spillway::jsonata {

class Evaluator;

/// A regular expression called as a function: the first match as an object, or undefined.
Value match_regex(Evaluator& evaluator, const Function& regex, const std::vector<Value>& arguments);
/// The `next` of such an object.
Value match_next(Evaluator& evaluator, const Function& next);

struct Match {
  std::size_t begin;
  std::size_t end;
  std::string_view text;
  Value groups;
};

/// The matches of a pattern in a string, one after the other.
class Matches {
 public:
  Matches(Call& call, const Value& pattern, std::string_view subject);

  std::string_view subject() const { return subject_; }
  std::optional<Match> next();
  /// The match that next() gave last, as an object for a user's replacement function.
  Value object(const Match& match);

 private:
  std::optional<Match> next_of_user();

  Evaluator& evaluator_;
  Value pattern_;
  std::string_view subject_;
  const Function* regex_ = nullptr;
  std::size_t at_ = 0;
  bool first_ = true;
  Value object_;
};

}  // namespace spillway::jsonata
