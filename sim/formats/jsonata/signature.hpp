#pragma once
/// Signatures of functions, as `<s-nn?:s>`: which kinds of arguments a function takes, which of them may be
/// missing or come from the context, and which are made arrays.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "formats/jsonata/value.hpp"

namespace spillway::jsonata {

class Signature {
 public:
  /// From its text, with the angle brackets. Throws a Failure at an offset from its start.
  explicit Signature(std::string_view text);

  /// The arguments as the function will see them: taken from `context` where they are missing and may be,
  /// wrapped into an array where the function expects one.
  void apply(std::vector<Value>& arguments, const Value& context, Memory& memory,
             std::string_view function) const;

 private:
  struct Parameter {
    std::string kinds;    // letters of what matches
    char type = 0;        // 'a' array, 'f' function, or another letter
    std::string subtype;  // of array elements
    bool optional = false;
    bool repeated = false;
    bool context = false;
  };
  using Reach = std::vector<std::vector<char>>;

  Reach reachable(std::string_view kinds, std::size_t parameters, bool to_the_end) const;
  bool split(std::string_view kinds, std::size_t parameters, bool to_the_end,
             std::vector<std::size_t>& counts) const;
  bool is_straight(const std::vector<Value>& arguments) const;
  static Value absent(const Parameter& parameter, const Value& context, std::size_t index,
                      std::string_view function);
  [[noreturn]] void refuse(std::string_view kinds, std::string_view function) const;
  Value adapted(const Parameter& parameter, char kind, std::size_t matched, const Value& argument,
                std::size_t index, Memory& memory, std::string_view function) const;

  std::vector<Parameter> parameters_;
};

}  // namespace spillway::jsonata
