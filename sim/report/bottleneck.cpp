// The bottleneck in one sentence. Candidates are resources that refused work, let work pile up, or ran near
// their limit; the one that did most of it to most of the work is named, with the figure that says so.

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "report/figures.hpp"
#include "report/terminal.hpp"

namespace spillway {

namespace {

struct Cause {
  Mark mark;
  const char* why;
};
constexpr std::array kCauses{
    Cause{Mark::concurrency_throttled, "its concurrency limit refuses"},
    Cause{Mark::scaling_throttled, "its scaling rate refuses"},
    Cause{Mark::rate_throttled, "its rate limit refuses"},
    Cause{Mark::partition_throttled, "a hot partition refuses"},
    Cause{Mark::queue_full, "its full queue refuses"},
    Cause{Mark::outage, "its outages fail"},
    Cause{Mark::function_timeout, "its timeout ends"},
};

double mean_of(const Experiment& experiment, std::string_view subject, std::string_view metric,
               Aggregate aggregate) {
  const Estimate found = estimate(experiment, subject, metric, aggregate);
  return found.measured == 0 ? 0.0 : found.interval.mean;
}

struct Refusal {
  double share = 0;
  std::string text;
};

Refusal worst_refusal(const Experiment& experiment) {
  Refusal worst;
  for (std::size_t i = 0; i < experiment.replications.front().resources.size(); ++i) {
    std::uint64_t attempts = 0;
    std::array<std::int64_t, kMarks> marks{};
    for (const RunResult& run : experiment.replications) {
      attempts += run.resources[i].calls.counts.attempts;
      for (std::size_t m = 0; m < kMarks; ++m) marks[m] += run.resources[i].marks[m];
    }
    for (const Cause& cause : kCauses) {
      const auto refused = static_cast<double>(marks[static_cast<std::size_t>(cause.mark)]);
      const double share = attempts == 0 ? 0 : refused / static_cast<double>(attempts);
      if (share <= worst.share) continue;
      worst = {share,
               fmt::format("{}: {} {} of what reaches it", experiment.replications.front().resources[i].name,
                           cause.why, share_figure(share))};
    }
  }
  return worst;
}

std::string longest_wait(const Experiment& experiment) {
  struct Part {
    const char* metric;
    const char* words;
  };
  constexpr std::array parts{Part{"queued", "queueing"}, Part{"cold_start", "cold starts"},
                             Part{"backoff", "back-off"}, Part{"service", "service"}};
  constexpr Aggregate mean{Aggregate::Kind::avg, 0};
  double whole = 0;
  double most = 0;
  const char* words = "service";
  for (const Part& part : parts) {
    const double value = mean_of(experiment, "journeys", part.metric, mean);
    whole += value;
    if (value > most) {
      most = value;
      words = part.words;
    }
  }
  return whole == 0 ? ""
                    : fmt::format("{} of the mean completion time is {}", share_figure(most / whole), words);
}

std::string deepest_backlog(const Experiment& experiment) {
  double most = 0;
  std::string name;
  for (const ResourceResult& resource : experiment.replications.front().resources) {
    const double peak = mean_of(experiment, resource.name, "backlog", {Aggregate::Kind::max, 0});
    if (peak > most) {
      most = peak;
      name = resource.name;
    }
  }
  return most < 100 ? "" : fmt::format("{}: up to {} wait", name, count_figure(most));
}

}  // namespace

std::string bottleneck_sentence(const Experiment& experiment) {
  if (experiment.replications.empty()) return "none: nothing was run";
  const Refusal refusal = worst_refusal(experiment);
  const std::string backlog = deepest_backlog(experiment);
  const std::string wait = longest_wait(experiment);
  std::string text = refusal.share >= 0.001 ? refusal.text
                     : backlog.empty()      ? "none: nothing refuses work or lets it pile up"
                                            : backlog;
  if (refusal.share >= 0.001 && !backlog.empty()) text += "; " + backlog;
  if (!wait.empty()) text += "; " + wait;
  return text + ".";
}

}  // namespace spillway
