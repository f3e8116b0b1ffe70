#pragma once
/// Traffic whose rate changes with time: a curve of rates, and arrivals laid along it.
///
/// A non-homogeneous Poisson process is a unit-rate one seen through a clock that runs at the rate: arrival i
/// comes when the cumulated rate has grown by the i-th unit-exponential gap. Inverting the cumulated rate
/// exactly (instead of thinning) keeps one draw an arrival, so the same seed shifts arrivals when a rate
/// changes but never reshuffles them. Laid evenly, the gaps are 1 and the first is 1/2: arrival i at
/// cumulated rate i + 1/2.

#include <cstdint>
#include <memory>
#include <vector>

#include "model/arrivals.hpp"
#include "spillway/random.hpp"

namespace spillway {

/// A rate over time, walked from time zero.
class Curve {
 public:
  virtual ~Curve() = default;
  /// Moves on until `amount` more arrivals are expected; false: the curve ends before, or time does.
  virtual bool advance(double amount, Time& at) = 0;
  /// Arrivals expected in [from, to).
  virtual double expected(Time from, Time to) const = 0;
  virtual std::string_view problem() const { return {}; }
};

/// A stretch over which the rate (a second) changes linearly.
struct Slope {
  Duration length{};
  double from = 0;
  double to = 0;
};
double arrivals_in(const Slope& slope);

/// A curve made of slopes that follow each other, drawn or read one by one.
class LinearCurve : public Curve {
 public:
  bool advance(double amount, Time& at) final;

 protected:
  virtual bool next_slope(Slope& slope) = 0;

 private:
  Slope slope_;
  double area_ = 0;  // arrivals expected in slope_
  double done_ = 0;  // of them, up to the last arrival
  std::int64_t start_ns_ = 0;
  std::int64_t last_ns_ = 0;
};

/// A list of slopes, once or again and again.
class StagedCurve final : public LinearCurve {
 public:
  explicit StagedCurve(std::vector<Slope> slopes, bool repeat = false);
  double expected(Time from, Time to) const override;

 protected:
  bool next_slope(Slope& slope) override;

 private:
  double until(Duration since_start) const;

  std::vector<Slope> slopes_;
  Duration period_{};
  double per_period_ = 0;
  std::size_t at_ = 0;
  bool repeat_;
};

/// A day that comes again: rate(t) = mean * (1 + amplitude * cos(2 pi (t - peak) / period)).
class DiurnalCurve final : public Curve {
 public:
  struct Shape {
    double mean = 1;       // a second
    double amplitude = 0;  // a share of the mean, 0 to 1
    Duration period{};
    Duration peak{};
  };
  explicit DiurnalCurve(const Shape& shape);
  bool advance(double amount, Time& at) override;
  double expected(Time from, Time to) const override;

 private:
  double share_before(double turn) const;
  double turn_at(double share, double guess) const;

  Shape shape_;
  double per_period_;
  double peak_turn_;
  double turn_ = 0;   // of the present period, that had passed at the last arrival
  double share_ = 0;  // of the present period's arrivals, up to the last one
  std::int64_t periods_ = 0;
  std::int64_t last_ns_ = 0;
};

enum class Spread : std::uint8_t { poisson, evenly };

class CurveArrivals final : public Arrivals {
 public:
  CurveArrivals(std::unique_ptr<Curve> curve, Spread spread, Stream gaps)
      : curve_(std::move(curve)), gaps_(gaps), spread_(spread) {}
  bool next(Arrival& arrival) override;
  double mean_rate(Time from, Time to) const override;
  std::string_view problem() const override { return curve_->problem(); }

 private:
  std::unique_ptr<Curve> curve_;
  Stream gaps_;
  std::uint64_t ordinal_ = 0;
  Spread spread_;
};

}  // namespace spillway
