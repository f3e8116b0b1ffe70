#pragma once
/// Exact money: a signed decimal with 36 places, never a double, so that a bill's lines add up to its total
/// to the last digit and the same traffic costs the same on every machine.
///
/// Why 36 places: the finest price has 12 of them, and a gibibyte (2^30) divides a counted byte into a
/// decimal of 30 places; so price x quantity / divisor is exact for every unit that divides a power of ten.
/// The one divisor that does not, the hour's 3,600 seconds, is rounded half up at the 36th place, once a sum
/// (apportion() then shares it out without losing a digit).
///
/// Range: 256 bits, +-10^41 dollars; leaving it ends the program.

#include <array>
#include <compare>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

namespace spillway {

/// A counted quantity: requests, MB*ms, byte*s. 64 bits are too few for the MB*ms of a large account's month.
__extension__ using Quantity = unsigned __int128;

std::string to_text(Quantity quantity);

class Money {
 public:
  static constexpr int kPlaces = 36;

  constexpr Money() = default;

  /// From decimal text: "12", "0.0000166667", "-3.5". At most 36 places, no exponent, no separators.
  static tl::expected<Money, std::string> parse(std::string_view text);

  /// All digits and no more: "0.2", "12", "-0.05".
  std::string exact() const;
  /// Rounded half away from zero to `places`, all of them printed: "12.35", "0.00".
  std::string rounded(int places = 2) const;
  /// The same rounding as a value: to compare with a figure that is published in cents.
  Money rounded_to(int places) const;
  /// The nearest double: for statistics over replications and charts only.
  double approximate() const;

  Money operator-() const;
  Money& operator+=(const Money& other);
  Money& operator-=(const Money& other);
  friend Money operator+(Money a, const Money& b) { return a += b; }
  friend Money operator-(Money a, const Money& b) { return a -= b; }
  friend Money operator*(const Money& price, Quantity quantity) { return price.times(quantity, 1); }

  /// this x multiplier / divisor, rounded half away from zero at the last place when it does not divide.
  Money times(Quantity multiplier, Quantity divisor) const;

  bool is_zero() const { return magnitude_ == Magnitude{}; }
  friend bool operator==(const Money&, const Money&) = default;
  friend std::strong_ordering operator<=>(const Money& a, const Money& b);

 private:
  friend class MoneyArithmetic;
  using Magnitude = std::array<std::uint64_t, 4>;  // 10^-36 dollars, least significant word first

  Magnitude magnitude_{};
  bool negative_ = false;  // never set on zero, so that equal amounts are equal members
};

/// `total` in parts proportional to `weights` that add up to `total` exactly: each part is cut off at its
/// last place and what remains goes, one unit each, to the largest remainders (the first of equals). Weights
/// that are all zero get nothing and need a zero total.
std::vector<Money> apportion(const Money& total, std::span<const Quantity> weights);
std::vector<Quantity> apportion(Quantity total, std::span<const Quantity> weights);

/// value x multiplier / divisor, rounded half up.
Quantity scaled(Quantity value, Quantity multiplier, Quantity divisor);

/// quantity / divisor as a decimal rounded half up to at most `places`, without trailing zeros: "17361.11".
std::string ratio_text(Quantity quantity, Quantity divisor, int places);

}  // namespace spillway
