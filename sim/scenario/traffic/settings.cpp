// One function a form. A setting that the chosen form does not know is an error where it stands: ignoring it
// would simulate other traffic than was meant.
#include "scenario/traffic/settings.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <string_view>
#include <utility>

#include "scenario/traffic/azure_arrivals.hpp"
#include "scenario/traffic/bursts.hpp"
#include "scenario/traffic/counts.hpp"
#include "scenario/traffic/curve.hpp"
#include "scenario/traffic/overlay.hpp"
#include "scenario/traffic/requests.hpp"
#include "scenario/traffic/steady.hpp"

namespace spillway {
namespace {

using Made = std::unique_ptr<Arrivals>;

/// Which of the settings beside it a form understands.
struct Form {
  std::string_view name;
  std::vector<std::string_view> knows;
  std::vector<Within> within;  // the first is what it does when nothing is said
};

const std::vector<Form>& forms() {
  static const std::vector<Form> rows{
      {"poisson", {}, {}},
      {"constant", {}, {}},
      {"stages", {"within", "repeat"}, {Within::poisson, Within::evenly}},
      {"diurnal", {"within"}, {Within::poisson, Within::evenly}},
      {"bursts", {"within"}, {Within::poisson, Within::evenly}},
      {"counts",
       {"within", "repeat", "step"},
       {Within::randomly, Within::evenly, Within::poisson, Within::together}},
      {"file",
       {"within", "repeat", "step", "column", "time", "time_unit"},
       {Within::randomly, Within::evenly, Within::poisson, Within::together}},
      {"requests", {"repeat"}, {}},
      {"azure", {"within", "repeat"}, {Within::randomly, Within::evenly, Within::poisson, Within::together}},
  };
  return rows;
}

std::string text_of(const Value& value) { return value.is_set() ? value.text() : std::string(); }

/// Makes one client's arrivals and gathers what is wrong with them.
class Maker {
 public:
  Maker(const Value& arrivals, const TrafficContext& context)
      : of_(arrivals), context_(context), form_(form_of(arrivals)), scale_(arrivals["scale"].number()) {
    refuse_strangers();
  }

  tl::expected<Made, std::vector<TrafficError>> make() {
    if (scale_ <= 0) add(of_["scale"], "a scale of zero leaves no traffic");
    Made made = errors_.empty() ? chosen() : nullptr;
    if (!errors_.empty()) return tl::unexpected(std::move(errors_));
    if (const auto batch = static_cast<std::uint64_t>(of_["batch"].count()); batch > 1) {
      made = std::make_unique<BatchedArrivals>(std::move(made), batch);
    }
    const Duration start = of_["start"].duration();
    const Time until = of_["until"].is_set() ? kStart + of_["until"].duration() : kNever;
    if (start == Duration{} && until == kNever) return made;
    return std::make_unique<BoundedArrivals>(std::move(made), start, until);
  }

 private:
  static const Form& form_of(const Value& arrivals) {
    const std::string& given = arrivals.given().name;
    return *std::find_if(forms().begin(), forms().end(),
                         [&](const Form& form) { return form.name == given; });
  }

  void refuse_strangers() {
    for (const char* name : {"within", "repeat", "step", "column", "time", "time_unit"}) {
      const Value& value = of_[name];
      if (!value.is_set() || value.is_default()) continue;
      // Its default written out, as scenario.lock.json does, claims nothing.
      if (value.kind() == Kind::boolean && !value.boolean()) continue;
      if (std::find(form_.knows.begin(), form_.knows.end(), name) == form_.knows.end()) {
        add(value, "'" + std::string(name) + "' means nothing for '" + std::string(form_.name) + "'");
      }
    }
    const Value& within = of_["within"];
    if (!within.is_set() || form_.within.empty()) return;
    if (std::find(form_.within.begin(), form_.within.end(), within.choice<Within>()) == form_.within.end()) {
      add(within, "'" + within.text() + "' needs steps with counts; '" + std::string(form_.name) +
                      "' has a rate: use poisson or evenly");
    }
  }

  void add(const Value& value, std::string message) {
    errors_.push_back({value.position(), std::move(message)});
  }

  /// The arrivals, or null and their error.
  template <class Result>
  Made or_error(Result made, const Value& at) {
    if (made) return std::move(*made);
    add(at, made.error());
    return nullptr;
  }

  Stream stream(std::string_view purpose) const {
    return Stream(context_.seed, context_.name + "/arrivals/" + std::string(purpose));
  }
  Within within() const {
    return of_["within"].is_set() ? of_["within"].choice<Within>() : form_.within.front();
  }
  bool repeat() const { return of_["repeat"].boolean(); }
  Duration step() const { return of_["step"].is_set() ? of_["step"].duration() : Duration{60s}; }
  std::string path(const Value& value) const {
    const std::string& written = value.text();
    return written.starts_with('/') ? written : context_.folder(value.position()) + written;
  }

  Made chosen() {
    const Value& given = of_.given().value;
    if (form_.name == "poisson") return steady(given, true);
    if (form_.name == "constant") return steady(given, false);
    if (form_.name == "stages") return stages(given);
    if (form_.name == "diurnal") return diurnal(given);
    if (form_.name == "bursts") return bursts(given);
    if (form_.name == "counts") return counts(given);
    if (form_.name == "file") return file(given);
    if (form_.name == "requests") return requests(given);
    return azure(given);
  }

  Made steady(const Value& rate, bool poisson) {
    const double per_second = rate.rate() * scale_;
    if (per_second <= 0) {
      add(rate, "a rate of zero is no traffic: leave the client out, or use stages");
      return nullptr;
    }
    if (poisson) return std::make_unique<PoissonArrivals>(per_second, stream("gaps"));
    const Ratio ratio = ratio_of(per_second);
    if (ratio.numerator > 0) return std::make_unique<ConstantArrivals>(ratio);
    add(rate, "a rate this low cannot be kept exactly: less than one in 30 years");
    return nullptr;
  }

  Made along(std::unique_ptr<Curve> curve) {
    const Spread spread = within() == Within::evenly ? Spread::evenly : Spread::poisson;
    return std::make_unique<CurveArrivals>(std::move(curve), spread, stream("gaps"));
  }

  Made stages(const Value& list) {
    std::vector<Slope> slopes;
    double last = 0;
    for (const Value& stage : list.items()) {
      const double from = stage["from"].is_set() ? stage["from"].rate() * scale_ : last;
      last = stage["to"].rate() * scale_;
      slopes.push_back({stage["duration"].duration(), from, last});
    }
    return along(std::make_unique<StagedCurve>(std::move(slopes), repeat()));
  }

  Made diurnal(const Value& day) {
    const double mean = day["mean"].rate() * scale_;
    if (mean <= 0) {
      add(day["mean"], "a mean rate of zero is no traffic");
      return nullptr;
    }
    return along(
        std::make_unique<DiurnalCurve>(DiurnalCurve::Shape{.mean = mean,
                                                           .amplitude = day["amplitude"].probability(),
                                                           .period = day["period"].duration(),
                                                           .peak = day["peak"].duration()}));
  }

  Made bursts(const Value& settings) {
    const std::vector<Value>& list = settings["states"].items();
    std::vector<BurstState> states;
    for (const Value& state : list) {
      BurstState& added = states.emplace_back(BurstState{.rate = state["rate"].rate() * scale_,
                                                         .mean = state["mean"].duration(),
                                                         .fixed = state["stay"].choice_index() == 1});
      if (!state["next"].is_set()) continue;
      for (const Value& weight : state["next"].items()) added.weights.push_back(weight.number());
      if (added.weights.size() != list.size()) {
        add(state["next"], "a weight for each of the " + std::to_string(list.size()) + " states is needed");
      } else if (std::accumulate(added.weights.begin(), added.weights.end(), 0.0) <= 0) {
        add(state["next"], "some state must come next: all weights are zero");
      }
    }
    if (!errors_.empty()) return nullptr;
    if (std::none_of(states.begin(), states.end(), [](const BurstState& state) { return state.rate > 0; })) {
      add(settings["states"], "every state's rate is zero: no traffic");
      return nullptr;
    }
    if (!all_reachable(states)) {
      add(settings["states"], "every state must be reachable from every other");
      return nullptr;
    }
    const bool anywhere = settings["start"].choice_index() == 1;
    return along(std::make_unique<BurstCurve>(std::move(states), anywhere, stream("visits")));
  }

  Made counts(const Value& list) {
    constexpr double kMillion = 1e6;
    std::vector<std::int64_t> millionths;
    for (const Value& count : list.items()) {
      millionths.push_back(static_cast<std::int64_t>(std::floor(count.number() * kMillion + 0.5)));
    }
    return arrivals_by_count(counts_from_list(std::move(millionths), step(), repeat()), ratio_of(scale_),
                             within(), stream("gaps"));
  }

  Made file(const Value& name) {
    CountFileSettings settings{.path = path(name), .repeat = repeat()};
    if (of_["column"].is_set()) settings.columns.count = of_["column"].text();
    settings.columns.time = text_of(of_["time"]);
    settings.columns.time_unit = text_of(of_["time_unit"]);
    settings.columns.step_ns = step().count();
    auto source = counts_from_file(settings);
    if (source) return arrivals_by_count(std::move(*source), ratio_of(scale_), within(), stream("gaps"));
    add(name, source.error());
    return nullptr;
  }

  Made requests(const Value& list) {
    RequestListSettings settings{
        .path = path(list["file"]), .class_names = context_.class_names, .keep = scale_};
    settings.columns = {.time = list["time"].text(),
                        .duration = text_of(list["duration"]),
                        .bytes = text_of(list["bytes"]),
                        .traffic_class = text_of(list["class"]),
                        .key = text_of(list["key"]),
                        .time_unit = text_of(list["time_unit"]),
                        .duration_unit = text_of(list["duration_unit"])};
    settings.from_first = list["zero"].choice_index() == 1;
    settings.speed = ratio_of(list["speed"].number());
    if (scale_ > 1)
      add(of_["scale"], "a recorded request comes once: use speed to make more of them a second");
    if (repeat() && !list["length"].is_set())
      add(of_["repeat"], "to repeat a list, set the length of the recording");
    if (!repeat() && list["length"].is_set())
      add(list["length"], "a length means nothing without repeat: true");
    if (!errors_.empty()) return nullptr;
    if (repeat()) settings.repeat_every = list["length"].duration();
    return or_error(arrivals_from_list(settings, stream("kept")), list["file"]);
  }

  Made azure(const Value& trace) {
    AzureSettings settings{.invocations = path(trace["invocations"]), .seed = context_.seed};
    if (trace["durations"].is_set()) settings.durations = path(trace["durations"]);
    settings.work = settings.durations.empty() ? AzureWork::none : AzureWork::percentiles;
    if (trace["work"].is_set()) settings.work = trace["work"].choice<AzureWork>();
    if (settings.work != AzureWork::none && settings.durations.empty()) {
      add(trace["work"], "'" + trace["work"].text() + "' needs the durations file");
      return nullptr;
    }
    settings.owner = text_of(trace["owner"]);
    settings.app = text_of(trace["app"]);
    settings.function = text_of(trace["function"]);
    if (trace["default_duration"].is_set()) settings.without_row = trace["default_duration"].duration();
    settings.scale = ratio_of(scale_);
    settings.within = within();
    settings.repeat = repeat();
    settings.name = context_.name + "/arrivals";
    return or_error(arrivals_from_azure(settings), trace["invocations"]);
  }

  const Value& of_;
  const TrafficContext& context_;
  const Form& form_;
  double scale_;
  std::vector<TrafficError> errors_;
};

}  // namespace

tl::expected<Made, std::vector<TrafficError>> make_arrivals(const Value& arrivals,
                                                            const TrafficContext& context) {
  return Maker(arrivals, context).make();
}

}  // namespace spillway
