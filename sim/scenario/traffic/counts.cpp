// Poisson within a step is a curve of constant slopes; the other three place a whole number of arrivals.
#include "scenario/traffic/counts.hpp"

#include <algorithm>
#include <utility>

#include "engine/math.hpp"
#include "scenario/traffic/even_places.hpp"
#include "spillway/check.hpp"

namespace spillway {
namespace {

constexpr std::int64_t kMillion = 1'000'000;

class FileCounts final : public CountSource {
 public:
  FileCounts(CountFileSettings settings, std::unique_ptr<FileBytes> bytes, CountFile file)
      : settings_(std::move(settings)), bytes_(std::move(bytes)), file_(std::move(file)) {}

  bool next(CountRow& row) override {
    if (!problem_.empty()) return false;
    if (!file_.next(row) && !(loop() && file_.next(row))) {
      if (file_.error()) problem_ = located(settings_.path, *file_.error());
      return false;
    }
    any_ |= row.millionths > 0;
    if (__builtin_add_overflow(row.from_ns, round_ns_, &row.from_ns)) return false;
    return !__builtin_add_overflow(row.from_ns, settings_.columns.step_ns, &end_ns_);
  }
  Duration step() const override { return Duration{settings_.columns.step_ns}; }
  std::unique_ptr<CountSource> again() const override {
    auto same = counts_from_file(settings_);
    return same ? std::move(*same) : nullptr;
  }
  std::string_view problem() const override { return problem_; }

 private:
  /// Starts the file again behind its own end, when it is to repeat and had anything in it.
  bool loop() {
    if (file_.error() || !settings_.repeat || !any_) return false;
    if (!file_.rewind()) {
      problem_ = settings_.path + ": cannot be read again from its beginning, which repeat needs";
      return false;
    }
    round_ns_ = end_ns_;
    any_ = false;
    return true;
  }

  CountFileSettings settings_;
  std::unique_ptr<FileBytes> bytes_;
  CountFile file_;
  std::string problem_;
  std::int64_t round_ns_ = 0;  // when this round through the file began
  std::int64_t end_ns_ = 0;    // of the last row
  bool any_ = false;
};

class ListCounts final : public CountSource {
 public:
  ListCounts(std::vector<std::int64_t> millionths, Duration step, bool repeat)
      : millionths_(std::move(millionths)), step_(step) {
    check(step > Duration{}, "a step is longer than zero");
    const bool any =
        std::any_of(millionths_.begin(), millionths_.end(), [](auto count) { return count > 0; });
    repeat_ = repeat && any;
  }
  bool next(CountRow& row) override {
    if (at_ == millionths_.size() && repeat_) at_ = 0;
    if (at_ == millionths_.size() || from_ns_ > INT64_MAX - step_.count()) return false;
    row = CountRow{from_ns_, millionths_[at_++]};
    from_ns_ += step_.count();
    return true;
  }
  Duration step() const override { return step_; }
  std::unique_ptr<CountSource> again() const override {
    return std::make_unique<ListCounts>(millionths_, step_, repeat_);
  }

 private:
  std::vector<std::int64_t> millionths_;
  Duration step_;
  std::size_t at_ = 0;
  std::int64_t from_ns_ = 0;
  bool repeat_ = false;
};

double as_double(Ratio ratio) {
  return static_cast<double>(ratio.numerator) / static_cast<double>(ratio.denominator);
}

/// Scaled requests that `counts` says to expect in [from, to); NaN when they cannot be read.
double expected_by(const CountSource& counts, Ratio scale, Time from, Time to) {
  const auto again = counts.again();
  if (!again) return kNotANumber;
  const std::int64_t from_ns = from.time_since_epoch().count();
  const std::int64_t to_ns = to.time_since_epoch().count();
  const std::int64_t step_ns = again->step().count();
  double sum = 0;
  CountRow row;
  while (again->next(row) && row.from_ns < to_ns) {
    const std::int64_t inside_ns = std::min(row.from_ns + step_ns, to_ns) - std::max(row.from_ns, from_ns);
    if (inside_ns <= 0) continue;
    sum +=
        static_cast<double>(row.millionths) * (static_cast<double>(inside_ns) / static_cast<double>(step_ns));
  }
  return again->problem().empty() ? sum / kMillion * as_double(scale) : kNotANumber;
}

/// The steps as slopes, with nothing where a step is missing.
class CountCurve final : public LinearCurve {
 public:
  CountCurve(std::unique_ptr<CountSource> counts, Ratio scale) : counts_(std::move(counts)), scale_(scale) {
    const double step_s = static_cast<double>(counts_->step().count()) / 1e9;
    rate_per_millionth_ = as_double(scale) / kMillion / step_s;
  }
  double expected(Time from, Time to) const override { return expected_by(*counts_, scale_, from, to); }
  std::string_view problem() const override { return counts_->problem(); }

 protected:
  bool next_slope(Slope& slope) override {
    if (!held_ && !counts_->next(row_)) return false;
    held_ = row_.from_ns > end_ns_;
    if (held_) {
      slope = Slope{Duration{row_.from_ns - end_ns_}, 0, 0};
      end_ns_ = row_.from_ns;
      return true;
    }
    const double rate = static_cast<double>(row_.millionths) * rate_per_millionth_;
    slope = Slope{counts_->step(), rate, rate};
    end_ns_ = row_.from_ns + counts_->step().count();
    return true;
  }

 private:
  std::unique_ptr<CountSource> counts_;
  Ratio scale_;
  double rate_per_millionth_ = 0;
  CountRow row_;
  std::int64_t end_ns_ = 0;
  bool held_ = false;  // row_ has been read, but the gap before it came first
};

/// A whole number of arrivals in each step.
class PlacedArrivals final : public Arrivals {
 public:
  PlacedArrivals(std::unique_ptr<CountSource> counts, Ratio scale, Within within, Stream places)
      : counts_(std::move(counts)), places_(places), scale_(scale), within_(within) {}

  bool next(Arrival& arrival) override {
    while (left_ == 0) {
      if (!open_step()) return false;
    }
    arrival.set_plain(Time{Duration{from_ns_ + place()}});
    ++ordinal_;
    --left_;
    return true;
  }
  double mean_rate(Time from, Time to) const override {
    const double expected = expected_by(*counts_, scale_, from, to);
    return to > from ? expected / (static_cast<double>((to - from).count()) / 1e9) : 0;
  }
  std::string_view problem() const override { return counts_->problem(); }

 private:
  /// Takes the next row and as many of its requests as make the running sum right. The sum's whole part is
  /// taken off at once, so that it never grows: what is carried is below one request.
  bool open_step() {
    CountRow row;
    if (!counts_->next(row)) return false;
    const Int128 unit = Int128{kMillion} * scale_.denominator;
    const Int128 owed = Int128{row.millionths} * scale_.numerator + carry_;
    // owed + unit / 2 >= 0: the carry is at least minus half a unit.
    const Int128 whole = (2 * owed + unit) / (2 * unit);
    carry_ = owed - whole * unit;
    const std::int64_t step_ns = counts_->step().count();
    from_ns_ = row.from_ns;
    left_ = static_cast<std::uint64_t>(whole);
    above_ = 1;
    if (left_ > 0) even_ = EvenPlaces(step_ns, static_cast<std::int64_t>(left_));
    return true;
  }

  /// Where in the step the next arrival lies.
  std::int64_t place() {
    if (within_ == Within::together) return 0;
    if (within_ == Within::evenly) return even_.next();
    // The largest of r uniform moments is U^(1/r); the others are uniform below it. Mirrored: smallest first.
    const std::int64_t step_ns = counts_->step().count();
    above_ *= math::exp(math::log(places_.at(ordinal_).open01()) / static_cast<double>(left_));
    const auto inside_ns = static_cast<std::int64_t>((1 - above_) * static_cast<double>(step_ns));
    return std::min(inside_ns, step_ns - 1);
  }

  std::unique_ptr<CountSource> counts_;
  Stream places_;
  Ratio scale_;
  Within within_;
  std::uint64_t ordinal_ = 0;
  std::uint64_t left_ = 0;  // in this step
  std::int64_t from_ns_ = 0;
  Int128 carry_ = 0;  // what earlier steps owe, in 1 / (10^6 * scale's denominator) of a request
  double above_ = 1;  // randomly: the part of the step that is still ahead
  EvenPlaces even_;
};

}  // namespace

tl::expected<std::unique_ptr<CountSource>, std::string> counts_from_file(const CountFileSettings& settings) {
  auto bytes = FileBytes::open(settings.path);
  if (!bytes) return tl::unexpected(bytes.error());
  auto file = CountFile::open(**bytes, settings.columns);
  if (!file) return tl::unexpected(located(settings.path, file.error()));
  return std::make_unique<FileCounts>(settings, std::move(*bytes), std::move(*file));
}

std::unique_ptr<CountSource> counts_from_list(std::vector<std::int64_t> millionths, Duration step,
                                              bool repeat) {
  return std::make_unique<ListCounts>(std::move(millionths), step, repeat);
}

std::unique_ptr<Arrivals> arrivals_by_count(std::unique_ptr<CountSource> counts, Ratio scale, Within within,
                                            Stream gaps) {
  // So a step's whole number of arrivals fits, whatever the counts are.
  check(scale.numerator / scale.denominator <= kLargestScale, "a scale is at most 100,000");
  if (within == Within::poisson) {
    auto curve = std::make_unique<CountCurve>(std::move(counts), scale);
    return std::make_unique<CurveArrivals>(std::move(curve), Spread::poisson, gaps);
  }
  return std::make_unique<PlacedArrivals>(std::move(counts), scale, within, gaps);
}

}  // namespace spillway
