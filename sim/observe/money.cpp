// See money.hpp. Arithmetic is Boost.Multiprecision's, kept out of the header because it takes seconds to
// compile.
#include "observe/money.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <numeric>

#include <fmt/format.h>
#include <boost/multiprecision/cpp_int.hpp>

#include "spillway/check.hpp"

namespace spillway {

using Integer = boost::multiprecision::cpp_int;

/// Between a Money and the integer that counts its smallest units.
class MoneyArithmetic {
 public:
  static Integer units(const Money& money) {
    Integer units;
    boost::multiprecision::import_bits(units, money.magnitude_.begin(), money.magnitude_.end(), 64, false);
    return money.negative_ ? Integer(-units) : units;
  }

  static Money money(const Integer& units) {
    Money money;
    money.negative_ = units < 0;
    std::vector<std::uint64_t> words;
    boost::multiprecision::export_bits(Integer(abs(units)), std::back_inserter(words), 64, false);
    check(words.size() <= money.magnitude_.size(), "an amount of money beyond 256 bits");
    std::copy(words.begin(), words.end(), money.magnitude_.begin());
    return money;
  }
};

namespace {

Integer units(const Money& money) { return MoneyArithmetic::units(money); }

Integer power_of_ten(int exponent) {
  return boost::multiprecision::pow(Integer(10), static_cast<unsigned>(exponent));
}

/// numerator / divisor, the half away from zero.
Integer divided(const Integer& numerator, const Integer& divisor) {
  const Integer size = (2 * abs(numerator) + divisor) / (2 * divisor);
  return numerator < 0 ? Integer(-size) : size;
}

/// A count of 10^-places as decimal text with all its places.
std::string decimal(const Integer& count, int places) {
  std::string digits = Integer(abs(count)).str();
  const auto point = static_cast<std::size_t>(places);
  if (digits.size() <= point) digits.insert(0, point + 1 - digits.size(), '0');
  if (places > 0) digits.insert(digits.size() - point, 1, '.');
  return count < 0 ? "-" + digits : digits;
}

std::string without_trailing_zeros(std::string text) {
  if (text.find('.') == std::string::npos) return text;
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

Quantity to_quantity(const Integer& value) {
  check(value >= 0, "a negative quantity");
  check(value < (Integer(1) << 128), "a quantity beyond 128 bits");
  return static_cast<Quantity>(value);
}

bool all_digits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::vector<Integer> apportioned(const Integer& total, std::span<const Quantity> weights) {
  Integer sum = 0;
  for (const Quantity weight : weights) sum += weight;
  if (sum == 0) {
    check(total == 0, "something to share among nobody");
    return std::vector<Integer>(weights.size());
  }
  std::vector<Integer> parts;
  std::vector<Integer> remainders;
  Integer left = total;
  for (const Quantity weight : weights) {
    const Integer product = total * weight;
    parts.emplace_back(product / sum);
    remainders.emplace_back(product % sum);
    left -= parts.back();
  }
  std::vector<std::size_t> order(weights.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return remainders[a] != remainders[b] ? remainders[a] > remainders[b] : a < b;
  });
  for (std::size_t i = 0; left > 0; ++i, --left) ++parts[order[i]];
  return parts;
}

}  // namespace

std::string to_text(Quantity quantity) { return fmt::format("{}", quantity); }

tl::expected<Money, std::string> Money::parse(std::string_view text) {
  const auto refused = [&](std::string_view why) {
    return tl::make_unexpected(fmt::format("'{}' is not an amount of money: {}", text, why));
  };
  std::string_view rest = text;
  const bool negative = rest.starts_with('-');
  if (negative) rest.remove_prefix(1);
  const std::size_t point = rest.find('.');
  const std::string_view whole = rest.substr(0, point);
  const std::string_view fraction =
      point == std::string_view::npos ? std::string_view{} : rest.substr(point + 1);
  if (whole.empty() || !all_digits(whole) || !all_digits(fraction) || rest.ends_with('.')) {
    return refused("write plain decimal digits, such as 0.0000166667");
  }
  if (fraction.size() > kPlaces) return refused(fmt::format("more than {} decimal places", kPlaces));
  if (whole.size() > 40) return refused("more than 40 digits before the point");
  Integer count = 0;
  for (const char digit : whole) count = count * 10 + (digit - '0');
  for (const char digit : fraction) count = count * 10 + (digit - '0');
  count *= power_of_ten(kPlaces - static_cast<int>(fraction.size()));
  return MoneyArithmetic::money(negative ? Integer(-count) : count);
}

std::string Money::exact() const { return without_trailing_zeros(decimal(units(*this), kPlaces)); }

Money Money::rounded_to(int places) const {
  check(places >= 0 && places <= kPlaces, "money has 0 to 36 decimal places");
  const Integer step = power_of_ten(kPlaces - places);
  return MoneyArithmetic::money(divided(units(*this), step) * step);
}

std::string Money::rounded(int places) const {
  const Integer step = power_of_ten(kPlaces - places);
  return decimal(units(rounded_to(places)) / step, places);
}

double Money::approximate() const {
  const boost::multiprecision::cpp_rational value(units(*this), power_of_ten(kPlaces));
  return value.convert_to<double>();
}

Money Money::operator-() const { return MoneyArithmetic::money(-units(*this)); }

Money& Money::operator+=(const Money& other) {
  return *this = MoneyArithmetic::money(units(*this) + units(other));
}

Money& Money::operator-=(const Money& other) {
  return *this = MoneyArithmetic::money(units(*this) - units(other));
}

Money Money::times(Quantity multiplier, Quantity divisor) const {
  check(divisor > 0, "money divided by zero");
  return MoneyArithmetic::money(divided(units(*this) * multiplier, divisor));
}

std::strong_ordering operator<=>(const Money& a, const Money& b) {
  const int order = units(a).compare(units(b));
  if (order == 0) return std::strong_ordering::equal;
  return order < 0 ? std::strong_ordering::less : std::strong_ordering::greater;
}

std::vector<Money> apportion(const Money& total, std::span<const Quantity> weights) {
  const Integer count = units(total);
  std::vector<Money> parts;
  for (const Integer& part : apportioned(abs(count), weights)) {
    parts.push_back(MoneyArithmetic::money(count < 0 ? Integer(-part) : part));
  }
  return parts;
}

std::vector<Quantity> apportion(Quantity total, std::span<const Quantity> weights) {
  std::vector<Quantity> parts;
  for (const Integer& part : apportioned(total, weights)) parts.push_back(to_quantity(part));
  return parts;
}

Quantity scaled(Quantity value, Quantity multiplier, Quantity divisor) {
  check(divisor > 0, "a quantity divided by zero");
  return to_quantity(divided(Integer(value) * multiplier, divisor));
}

std::string ratio_text(Quantity quantity, Quantity divisor, int places) {
  check(divisor > 0, "a quantity divided by zero");
  return without_trailing_zeros(decimal(divided(Integer(quantity) * power_of_ten(places), divisor), places));
}

}  // namespace spillway
