// Each function is a list of counts of its own, placed as any counts are; a heap merges them by time.
#include "scenario/traffic/azure_arrivals.hpp"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "engine/math.hpp"
#include "formats/azure.hpp"
#include "scenario/traffic/file_bytes.hpp"
#include "scenario/traffic/requests.hpp"
#include "spillway/distribution.hpp"

namespace spillway {
namespace {

constexpr std::int64_t kMillion = 1'000'000;
constexpr Duration kMinute = 60s;

/// Counts of invocations with the empty minutes left out: pairs of (minutes since the last pair's, count),
/// each number in groups of seven bits.
using Packed = std::vector<std::uint8_t>;

void put(Packed& packed, std::uint32_t number) {
  for (; number >= 0x80; number >>= 7U) packed.push_back(static_cast<std::uint8_t>(number | 0x80U));
  packed.push_back(static_cast<std::uint8_t>(number));
}

std::uint32_t take(const Packed& packed, std::size_t& at) {
  std::uint32_t number = 0;
  for (unsigned shift = 0;; shift += 7) {
    const std::uint8_t part = packed[at++];
    number |= static_cast<std::uint32_t>(part & 0x7FU) << shift;
    if (part < 0x80) return number;
  }
}

Packed pack(const std::vector<std::uint32_t>& per_minute) {
  Packed packed;
  std::size_t last = 0;
  for (std::size_t minute = 0; minute < per_minute.size(); ++minute) {
    if (per_minute[minute] == 0) continue;
    put(packed, static_cast<std::uint32_t>(minute - last));
    put(packed, per_minute[minute]);
    last = minute;
  }
  packed.shrink_to_fit();
  return packed;
}

/// The counts of one function. `packed` outlives it.
class PackedCounts final : public CountSource {
 public:
  PackedCounts(const Packed& packed, std::size_t minutes, bool repeat)
      : packed_(&packed), minutes_(minutes), repeat_(repeat && !packed.empty()) {}

  bool next(CountRow& row) override {
    if (at_ == packed_->size()) {
      if (!repeat_) return false;
      at_ = 0;
      minute_ = 0;
      if (__builtin_add_overflow(round_ns_, kMinute.count() * static_cast<std::int64_t>(minutes_),
                                 &round_ns_)) {
        return false;
      }
    }
    minute_ += take(*packed_, at_);
    const Int128 millionths = Int128{take(*packed_, at_)} * kMillion;
    row = CountRow{round_ns_ + kMinute.count() * static_cast<std::int64_t>(minute_),
                   static_cast<std::int64_t>(millionths)};
    return row.from_ns >= 0 && row.from_ns <= INT64_MAX - kMinute.count();
  }
  Duration step() const override { return kMinute; }
  std::unique_ptr<CountSource> again() const override {
    return std::make_unique<PackedCounts>(*packed_, minutes_, repeat_);
  }

 private:
  const Packed* packed_;
  std::size_t minutes_;
  std::size_t at_ = 0;
  std::size_t minute_ = 0;
  std::int64_t round_ns_ = 0;
  bool repeat_;
};

/// One selected row of the invocations file.
struct Function {
  std::unique_ptr<Packed> counts;
  std::unique_ptr<Arrivals> arrivals;
  Arrival ahead;
  Distribution work;
  Stream draws;
  std::uint64_t ordinal = 0;
  std::uint64_t key = 0;
};

class AzureArrivals final : public Arrivals {
 public:
  AzureArrivals(std::vector<Function> functions, bool has_work)
      : functions_(std::move(functions)), has_work_(has_work) {
    for (std::uint32_t i = 0; i < functions_.size(); ++i) refill(i);
  }

  bool next(Arrival& arrival) override {
    if (heap_.empty()) return false;
    const std::uint32_t i = heap_.front().function;
    Function& function = functions_[i];
    arrival = function.ahead;
    arrival.key = function.key;
    arrival.has_key = true;
    if (has_work_) {
      Draws draws = function.draws.at(function.ordinal);
      arrival.work = function.work.duration(draws);
    }
    ++function.ordinal;
    std::pop_heap(heap_.begin(), heap_.end(), later);
    heap_.pop_back();
    refill(i);
    return true;
  }

  double mean_rate(Time from, Time to) const override {
    double sum = 0;
    for (const Function& function : functions_) sum += function.arrivals->mean_rate(from, to);
    return sum;
  }

 private:
  struct Next {
    Time at;
    std::uint32_t function;
  };
  static bool later(const Next& a, const Next& b) {
    return a.at != b.at ? a.at > b.at : a.function > b.function;
  }

  void refill(std::uint32_t i) {
    if (!functions_[i].arrivals->next(functions_[i].ahead)) return;
    heap_.push_back({functions_[i].ahead.at, i});
    std::push_heap(heap_.begin(), heap_.end(), later);
  }

  std::vector<Function> functions_;
  std::vector<Next> heap_;
  bool has_work_;
};

bool selected(const AzureSettings& settings, const AzureFunction& row) {
  return row.owner.starts_with(settings.owner) && row.app.starts_with(settings.app) &&
         row.function.starts_with(settings.function);
}

/// A function's name in the whole data set: the hashes of two owners may agree.
std::string name_of(const AzureFunction& row) {
  return std::string(row.owner) + "/" + std::string(row.app) + "/" + std::string(row.function);
}

using WorkByName = std::map<std::string, Distribution>;

tl::expected<Distribution, std::string> work_of(const AzureDuration& of, AzureWork work) {
  if (work == AzureWork::average) return Distribution::make_constant(static_cast<double>(of.average_ns));
  std::vector<QuantilePoint> points;
  for (std::size_t i = 0; i < kAzurePercentiles.size(); ++i) {
    points.push_back({kAzurePercentiles[i], static_cast<double>(of.percentiles_ns[i])});
  }
  return Distribution::make_quantiles(std::move(points));
}

tl::expected<WorkByName, std::string> read_durations(const AzureSettings& settings) {
  WorkByName works;
  if (settings.work == AzureWork::none) return works;
  auto bytes = FileBytes::open(settings.durations);
  if (!bytes) return tl::unexpected(bytes.error());
  auto file = AzureDurations::open(**bytes);
  if (!file) return tl::unexpected(located(settings.durations, file.error()));
  AzureFunction row;
  AzureDuration of;
  while (file->next(row)) {
    if (!selected(settings, row)) continue;
    std::string name = name_of(row);
    if (!file->durations(of)) break;
    auto work = work_of(of, settings.work);
    if (!work) return tl::unexpected(settings.durations + ": " + name + ": " + work.error());
    works.insert_or_assign(std::move(name), std::move(*work));
  }
  if (file->error()) return tl::unexpected(located(settings.durations, *file->error()));
  return works;
}

/// What became of the rows of the invocations file that the settings select.
struct Selection {
  std::vector<Function> functions;
  std::string last_name;
  std::size_t others = 0;  // rows of other functions than the first, when one function is asked for
  std::size_t without_work = 0;
  std::string first_without_work;
};

void add(Selection& selection, const AzureSettings& settings, const WorkByName& works,
         const AzureFunction& row, std::size_t minutes, const std::vector<std::uint32_t>& per_minute) {
  const std::string name = name_of(row);
  if (selection.last_name.empty()) selection.last_name = name;
  if (name != selection.last_name) ++selection.others;
  Function function;
  if (settings.work != AzureWork::none) {
    if (const auto work = works.find(name); work != works.end()) {
      function.work = work->second;
    } else if (settings.without_row >= Duration{}) {
      function.work = Distribution::constant(settings.without_row);
    } else if (selection.without_work++ == 0) {
      selection.first_without_work = std::string(row.function);
    }
  }
  function.counts = std::make_unique<Packed>(pack(per_minute));
  function.key = key_of(name);
  // The trigger too: a function may have one row for each of its triggers.
  const std::string stream = settings.name + "/" + name + "/" + std::string(row.trigger);
  function.draws = Stream(settings.seed, stream + "/work");
  function.arrivals =
      arrivals_by_count(std::make_unique<PackedCounts>(*function.counts, minutes, settings.repeat),
                        settings.scale, settings.within, Stream(settings.seed, stream));
  selection.functions.push_back(std::move(function));
}

}  // namespace

tl::expected<std::unique_ptr<Arrivals>, std::string> arrivals_from_azure(const AzureSettings& settings) {
  const auto works = read_durations(settings);
  if (!works) return tl::unexpected(works.error());
  auto bytes = FileBytes::open(settings.invocations);
  if (!bytes) return tl::unexpected(bytes.error());
  auto file = AzureInvocations::open(**bytes);
  if (!file) return tl::unexpected(located(settings.invocations, file.error()));
  Selection selection;
  AzureFunction row;
  std::vector<std::uint32_t> per_minute;
  while (file->next(row)) {
    if (!selected(settings, row)) continue;
    if (!file->counts(per_minute)) break;
    add(selection, settings, *works, row, file->minutes(), per_minute);
  }
  if (file->error()) return tl::unexpected(located(settings.invocations, *file->error()));
  if (selection.functions.empty()) {
    return tl::unexpected(settings.invocations + ": no function is selected: no row has these hashes");
  }
  if (!settings.function.empty() && selection.others > 0) {
    return tl::unexpected(settings.invocations + ": more than one function's hash starts with '" +
                          settings.function + "'");
  }
  if (selection.without_work > 0) {
    return tl::unexpected(settings.durations + ": no durations of " + std::to_string(selection.without_work) +
                          " of the selected functions, the first of them " + selection.first_without_work +
                          "; set default_duration for them");
  }
  return std::make_unique<AzureArrivals>(std::move(selection.functions), settings.work != AzureWork::none);
}

}  // namespace spillway
