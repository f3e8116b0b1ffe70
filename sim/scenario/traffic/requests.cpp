// What the file says a row is, and what makes an arrival of it.
#include "scenario/traffic/requests.hpp"

#include <algorithm>
#include <utility>

#include "engine/math.hpp"
#include "scenario/traffic/file_bytes.hpp"
#include "spillway/check.hpp"

namespace spillway {
namespace {

class RequestArrivals final : public Arrivals {
 public:
  RequestArrivals(RequestListSettings settings, std::unique_ptr<FileBytes> bytes, RequestFile file,
                  Stream keeps)
      : settings_(std::move(settings)), bytes_(std::move(bytes)), file_(std::move(file)), keeps_(keeps) {
    as_recorded_ = settings_.speed.numerator == settings_.speed.denominator;
  }

  bool next(Arrival& arrival) override {
    do {
      if (!read()) return false;
    } while (settings_.keep < 1 && !keeps_.at(ordinal_++).chance(settings_.keep));
    arrival = Arrival{.at = Time{Duration{at_ns_}},
                      .work = Duration{row_.work_ns},
                      .traffic_class = row_.traffic_class.empty() ? kAnyClass : class_,
                      .bytes = row_.bytes,
                      .key = row_.has_key ? key_of(row_.key) : 0,
                      .has_key = row_.has_key};
    return true;
  }

  double mean_rate(Time from, Time to) const override {
    const auto again = arrivals_from_list(settings_, keeps_);
    if (!again || to <= from) return again ? 0 : kNotANumber;
    std::uint64_t seen = 0;
    Arrival arrival;
    while ((*again)->next(arrival) && arrival.at < to) seen += arrival.at >= from ? 1U : 0U;
    if (!(*again)->problem().empty()) return kNotANumber;
    return static_cast<double>(seen) / (static_cast<double>((to - from).count()) / 1e9);
  }

  std::string_view problem() const override { return problem_; }

 private:
  /// The next row of the list, or of its next round.
  bool read() {
    if (!problem_.empty()) return false;
    if (!file_.next(row_) && !(loop() && file_.next(row_))) {
      if (file_.error()) problem_ = located(settings_.path, *file_.error());
      return false;
    }
    if (!started_ && settings_.from_first) first_ns_ = row_.at_ns;
    started_ = any_ = true;
    const Int128 since_ns = Int128{row_.at_ns} - first_ns_;
    const Int128 inside_ns =
        as_recorded_ ? since_ns : since_ns * settings_.speed.denominator / settings_.speed.numerator;
    if (settings_.repeat_every > Duration{} && inside_ns >= settings_.repeat_every.count()) {
      return stop("this request is later than the time after which the list repeats");
    }
    if (inside_ns > INT64_MAX - round_ns_) return stop("this request is beyond the range of simulated time");
    at_ns_ = round_ns_ + static_cast<std::int64_t>(inside_ns);
    return row_.traffic_class.empty() || find_class();
  }

  bool find_class() {
    const auto& names = settings_.class_names;
    if (class_ < names.size() && names[class_] == row_.traffic_class) return true;
    const auto found = std::find(names.begin(), names.end(), row_.traffic_class);
    class_ = static_cast<std::uint32_t>(found - names.begin());
    if (found != names.end()) return true;
    std::string known;
    for (const std::string& name : names) known += (known.empty() ? "" : ", ") + name;
    file_.reject_class("unknown class '" + std::string(row_.traffic_class) + "'; the classes are " +
                       (known.empty() ? "none" : known));
    problem_ = located(settings_.path, *file_.error());
    return false;
  }

  bool loop() {
    if (file_.error() || settings_.repeat_every <= Duration{} || !any_) return false;
    any_ = false;
    if (__builtin_add_overflow(round_ns_, settings_.repeat_every.count(), &round_ns_)) return false;
    return file_.rewind() || stop("the file cannot be read again from its beginning, which repeat needs");
  }

  bool stop(const std::string& message) {
    problem_ = located(settings_.path, CsvError{file_.line(), 1, message});
    return false;
  }

  RequestListSettings settings_;
  std::unique_ptr<FileBytes> bytes_;
  RequestFile file_;
  Stream keeps_;
  RequestRow row_;
  std::string problem_;
  std::uint64_t ordinal_ = 0;  // of rows, over all rounds
  std::int64_t first_ns_ = 0;
  std::int64_t round_ns_ = 0;  // when this round through the list began
  std::int64_t at_ns_ = 0;
  std::uint32_t class_ = kAnyClass;
  bool as_recorded_ = true;
  bool started_ = false;
  bool any_ = false;  // this round has had a row
};

}  // namespace

tl::expected<std::unique_ptr<Arrivals>, std::string> arrivals_from_list(const RequestListSettings& settings,
                                                                        Stream keeps) {
  check(settings.speed.numerator > 0 && settings.speed.denominator > 0, "a speed is above zero");
  auto bytes = FileBytes::open(settings.path);
  if (!bytes) return tl::unexpected(bytes.error());
  auto file = RequestFile::open(**bytes, settings.columns);
  if (!file) return tl::unexpected(located(settings.path, file.error()));
  return std::make_unique<RequestArrivals>(settings, std::move(*bytes), std::move(*file), keeps);
}

std::uint64_t key_of(std::string_view text) {
  std::uint64_t hash = 0xCBF29CE484222325U;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3U;
  return hash;
}

}  // namespace spillway
