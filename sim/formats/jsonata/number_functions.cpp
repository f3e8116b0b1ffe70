// Numeric and aggregation functions.
#include <algorithm>
#include <cmath>

#include "formats/jsonata/evaluator.hpp"
#include "formats/jsonata/failure.hpp"
#include "formats/jsonata/functions.hpp"
#include "formats/jsonata/integer_picture.hpp"
#include "formats/jsonata/numbers.hpp"

namespace spillway::jsonata {
namespace {

double total(Call& call) {
  double sum = 0;
  call.evaluator.spend(call[0].size());
  for (std::size_t i = 0; i < call[0].size(); ++i) sum += call[0].at(i).number();
  return sum;
}

Value sum(Call& call) { return call[0].is_undefined() ? Value() : Value(total(call)); }

Value count(Call& call) {
  if (call[0].is_undefined()) return Value(0.0);
  return Value(call[0].is(Kind::array) ? static_cast<double>(call[0].size()) : 1.0);
}

template <typename Choose>
Value extreme(Call& call, const Choose& choose) {
  if (call[0].is_undefined() || call[0].size() == 0) return {};
  call.evaluator.spend(call[0].size());
  double best = call[0].at(0).number();
  for (std::size_t i = 1; i < call[0].size(); ++i) best = choose(best, call[0].at(i).number());
  return Value(best);
}

Value max(Call& call) {
  return extreme(call, [](double a, double b) { return std::max(a, b); });
}

Value min(Call& call) {
  return extreme(call, [](double a, double b) { return std::min(a, b); });
}

Value average(Call& call) {
  if (call[0].is_undefined() || call[0].size() == 0) return {};
  return Value(total(call) / static_cast<double>(call[0].size()));
}

/// Whether `text` is an optional minus, digits, an optional fraction and an optional exponent, and no more.
bool is_decimal(std::string_view text) {
  std::size_t at = 0;
  const auto digits = [&] {
    const std::size_t start = at;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
    return at > start;
  };
  if (at < text.size() && text[at] == '-') ++at;
  if (!digits()) return false;
  if (at < text.size() && text[at] == '.') {
    ++at;
    if (!digits()) return false;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    if (!digits()) return false;
  }
  return at == text.size();
}

/// 0x, 0o and 0b; NaN when it is none of these.
double radix_number(std::string_view text) {
  if (text.size() < 3 || text[0] != '0') return NAN;
  const char mark = static_cast<char>(text[1] | 0x20);
  const int radix = mark == 'x' ? 16 : mark == 'o' ? 8 : mark == 'b' ? 2 : 0;
  double value = 0;
  for (const char c : text.substr(2)) {
    const char low = static_cast<char>(c | 0x20);
    const int digit = c >= '0' && c <= '9' ? c - '0' : low >= 'a' && low <= 'f' ? low - 'a' + 10 : 99;
    if (digit >= radix) return NAN;
    value = value * radix + digit;
  }
  return value;
}

Value number(Call& call) {
  const Value value = call[0];
  switch (value.kind()) {
    case Kind::undefined:
    case Kind::number: return value;
    case Kind::boolean: return Value(value.truth() ? 1.0 : 0.0);
    case Kind::string: {
      const double read = is_decimal(value.text()) ? read_number(value.text()) : radix_number(value.text());
      if (std::isfinite(read)) return Value(read);
      break;
    }
    default: break;
  }
  std::string shown = to_text(value);
  if (value.is(Kind::string)) shown = "\"" + shown + "\"";
  fail("D3030", "Unable to cast value to a number: {}", shown);
}

template <double (*Operation)(double)>
Value each_number(Call& call) {
  return call[0].is_undefined() ? Value() : Value(Operation(call[0].number()));
}

double floor_of(double value) { return std::floor(value); }
double ceiling_of(double value) { return std::ceil(value); }
double absolute_of(double value) { return std::abs(value); }

int places_of(const Value& value) {
  return value.is(Kind::number) ? static_cast<int>(std::clamp(value.number(), -1000.0, 1000.0)) : 0;
}

Value round(Call& call) {
  return call[0].is_undefined() ? Value() : Value(round_half_even(call[0].number(), places_of(call[1])));
}

Value square_root(Call& call) {
  if (call[0].is_undefined()) return {};
  if (call[0].number() < 0) {
    fail("D3060", "The sqrt function cannot be applied to a negative number: {}",
         number_text(call[0].number()));
  }
  return Value(std::sqrt(call[0].number()));
}

Value power(Call& call) {
  if (call[0].is_undefined()) return {};
  const double base = call[0].number();
  const double exponent = call[1].is(Kind::number) ? call[1].number() : NAN;
  const double result = std::pow(base, exponent);  // tidy: allow(libm) exact wherever the result is
  if (!std::isfinite(result)) {
    fail("D3061",
         "The power function has resulted in a value that cannot be represented as a JSON number: base={}, "
         "exponent={}",
         number_text(base), number_text(exponent));
  }
  return Value(result);
}

Value random(Call& call) {
  const std::uint64_t bits = call.evaluator.random_bits();
  return Value(static_cast<double>(bits >> 11U) * 0x1p-53);
}

Value format_base(Call& call) {
  if (call[0].is_undefined()) return {};
  double value = round_half_even(call[0].number(), 0);
  const double radix = call[1].is_undefined() ? 10 : round_half_even(call[1].number(), 0);
  if (!(radix >= 2 && radix <= 36)) {
    fail("D3100", "The radix of the formatBase function must be between 2 and 36.  It was given {}",
         number_text(radix));
  }
  if (radix == 10 || !std::isfinite(value)) return call.evaluator.memory().string(number_text(value));
  const bool negative = value < 0;
  value = std::abs(value);
  std::string out;
  do {
    out.push_back("0123456789abcdefghijklmnopqrstuvwxyz"[static_cast<std::size_t>(std::fmod(value, radix))]);
    value = std::floor(value / radix);
  } while (value > 0);
  if (negative) out.push_back('-');
  std::reverse(out.begin(), out.end());
  return call.evaluator.memory().string(out);
}

Value format_number_picture(Call& call) {
  if (call[0].is_undefined()) return {};
  std::vector<std::pair<std::string, std::string>> options;
  for (const auto& [name, value] : Members(call[2]).list) options.emplace_back(name, to_text(value));
  const std::string_view picture = call[1].is(Kind::string) ? call[1].text() : std::string_view();
  if (!is_number(call[0])) fail("D1001", "Number out of range: NaN");
  return call.evaluator.memory().string(format_number(call[0].number(), picture, options));
}

Value format_integer_picture(Call& call) {
  if (call[0].is_undefined()) return {};
  if (!is_number(call[0])) fail("D1001", "Number out of range: NaN");
  const IntegerPicture picture(call[1].is(Kind::string) ? call[1].text() : std::string_view());
  return call.evaluator.memory().string(picture.format(std::floor(call[0].number())));
}

Value parse_integer_picture(Call& call) {
  if (call[0].is_undefined()) return {};
  const IntegerPicture picture(call[1].is(Kind::string) ? call[1].text() : std::string_view());
  return Value(picture.parse(call[0].text()));
}

constexpr Native kFunctions[] = {
    {"sum", "<a<n>:n>", 1, 1, sum},
    {"count", "<a:n>", 1, 1, count},
    {"max", "<a<n>:n>", 1, 1, max},
    {"min", "<a<n>:n>", 1, 1, min},
    {"average", "<a<n>:n>", 1, 1, average},
    {"number", "<(nsb)-:n>", 1, 1, number},
    {"floor", "<n-:n>", 1, 1, each_number<floor_of>},
    {"ceil", "<n-:n>", 1, 1, each_number<ceiling_of>},
    {"abs", "<n-:n>", 1, 1, each_number<absolute_of>},
    {"round", "<n-n?:n>", 2, 2, round},
    {"sqrt", "<n-:n>", 1, 1, square_root},
    {"power", "<n-n:n>", 2, 2, power},
    {"random", "<:n>", 0, 0, random},
    {"formatBase", "<n-n?:s>", 2, 2, format_base},
    {"formatNumber", "<n-so?:s>", 3, 3, format_number_picture},
    {"formatInteger", "<n-s:s>", 2, 2, format_integer_picture},
    {"parseInteger", "<s-s:n>", 2, 2, parse_integer_picture},
};

}  // namespace

std::span<const Native> number_functions() { return kFunctions; }

}  // namespace spillway::jsonata
