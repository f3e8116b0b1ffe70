#include "report/machine_view.hpp"

#include <algorithm>
#include <tuple>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "formats/asl/outline.hpp"
#include "observe/prices.hpp"
#include "scenario/units.hpp"

namespace spillway {

namespace {

using namespace asl;

std::string printable(std::string_view text) {
  std::string shown(text);
  std::replace_if(
      shown.begin(), shown.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20U || c == 0x7F; },
      ' ');
  return shown;
}

std::string plural(std::int64_t count, std::string_view one) {
  return fmt::format("{} {}{}", count, one, count == 1 ? "" : "s");
}

/// A field's text: an expression as it is written.
std::string field_text(const Template& field) {
  if (field.kind != Template::Kind::constant) return field.text;
  return field.constant.is_string() ? field.constant.get<std::string>() : field.constant.dump();
}

class Lines {
 public:
  Lines(const Machine& machine, const Outline& outlined) : machine_(machine), outlined_(outlined) {}

  /// A nested state is written inside of its owner: by place, each stands below the one around it.
  std::string text() {
    std::vector<StateIndex> order;
    for (const StateOutline& each : outlined_.states) order.push_back(each.index);
    std::sort(order.begin(), order.end(), [&](StateIndex a, StateIndex b) {
      const TextPlace& left = machine_.states[a].at;
      const TextPlace& right = machine_.states[b].at;
      return std::tie(left.line, left.column, a) < std::tie(right.line, right.column, b);
    });
    for (const StateIndex index : order) add(machine_.states[index], outlined_.states[index]);
    return std::move(text_);
  }

 private:
  void line(std::size_t depth, std::string_view words) {
    text_ += fmt::format("{:{}}{}\n", "", 2 * depth, printable(words));
  }

  void add(const State& state, const StateOutline& own) {
    const std::string start = machine_.flows[state.flow].start == own.index ? ", the start" : "";
    line(own.depth, fmt::format("{}{}: {}{}{}{}{}", step(state), state.name, what(state), start,
                                own.reachable ? "" : ", unreachable", where_to(state), at_worst(state, own)));
    for (std::size_t i = 0; i < state.retry.size(); ++i) add_retry(own, state.retry[i], own.retries[i]);
    for (const Catcher& catcher : state.catchers) {
      line(own.depth + 1, fmt::format("catch {} -> {}", fmt::join(catcher.errors, ", "),
                                      machine_.states[catcher.next].name));
    }
    if (const auto* map = std::get_if<MapFields>(&state.what)) add_iteration(own, *map);
    for (const Loop& loop : outlined_.loops) {
      if (loop.state == own.index && loop.events.known() && loop.transitions.known()) add_loop(own, loop);
    }
  }

  /// "[1] " before a state of a Parallel's second branch, "[*] " before one of a Map.
  std::string step(const State& state) const {
    const StateIndex owner = machine_.flows[state.flow].owner;
    if (owner == kNoState) return "";
    const auto* parallel = std::get_if<ParallelFields>(&machine_.states[owner].what);
    if (parallel == nullptr) return "[*] ";
    const auto found = std::find(parallel->branches.begin(), parallel->branches.end(), state.flow);
    return fmt::format("[{}] ", found - parallel->branches.begin());
  }

  static std::string what(const State& state) {
    const std::string type(type_name(state.type));
    if (const auto* task = std::get_if<TaskFields>(&state.what)) return type + ' ' + task->resource;
    if (const auto* wait = std::get_if<WaitFields>(&state.what)) {
      return wait->seconds ? fmt::format("{} {} s", type, field_text(*wait->seconds))
                           : fmt::format("{} until {}", type, field_text(*wait->timestamp));
    }
    if (const auto* fail = std::get_if<FailFields>(&state.what)) {
      return fail->error ? type + ' ' + field_text(*fail->error) : type;
    }
    if (const auto* parallel = std::get_if<ParallelFields>(&state.what)) {
      return fmt::format("{} of {}", type, parallel->branches.size());
    }
    const auto* map = std::get_if<MapFields>(&state.what);
    if (map == nullptr) return type;
    const char* const kind = map->express ? "express children" : "children";
    std::string words = fmt::format("{} of {}", type, map->distributed ? kind : "iterations");
    if (map->max_concurrency && field_text(*map->max_concurrency) != "0")
      words += fmt::format(", {} at once", field_text(*map->max_concurrency));
    return words;
  }

  std::string where_to(const State& state) const {
    std::vector<std::string> names;
    for (const Way& way : ways(state)) {
      if (way.kind == WayKind::caught) continue;
      names.push_back(machine_.states[way.to].name + (way.kind == WayKind::otherwise ? " (default)" : ""));
    }
    if (names.empty())
      return state.type == StateType::fail || state.type == StateType::succeed ? "" : ", ends";
    return fmt::format(" -> {}", fmt::join(names, " | "));
  }

  static std::string at_worst(const State& state, const StateOutline& own) {
    const Bound& lasts = own.extent.duration_ns;
    std::string words;
    if (own.attempts > 1) words = "; at most " + plural(own.attempts, "attempt");
    const bool works = state.type == StateType::task || state.type == StateType::wait ||
                       state.type == StateType::parallel || state.type == StateType::map;
    if (!works) return words;
    if (!lasts.known()) return words + "; time without bound: " + lasts.without;
    return fmt::format("{}{} {}", words, words.empty() ? "; at most" : " and", print_duration(lasts.value));
  }

  void add_retry(const StateOutline& own, const Retrier& retrier, const RetryOutline& retry) {
    std::vector<std::string> delays;
    for (const RetryOutline::Delay& delay : retry.delays) delays.push_back(print_duration(delay.most_ns));
    std::string words = fmt::format("retry {}: ", fmt::join(retrier.errors, ", "));
    if (delays.empty()) {
      words += "never";
    } else {
      const bool more = static_cast<std::size_t>(retrier.max_attempts) > delays.size();
      words += fmt::format("{}, after {}{}{}", plural(retrier.max_attempts, "time"),
                           retrier.full_jitter ? "up to " : "", fmt::join(delays, ", "), more ? ", ..." : "");
    }
    if (retry.never_asked) words += "; never asked: its errors find an earlier one, or none retries them";
    line(own.depth + 1, words);
  }

  void add_iteration(const StateOutline& own, const MapFields& map) {
    const Extent& one = outlined_.flows[map.processor];
    if (!one.events.least.known()) return;
    const Bound& most = one.events.most.known() ? one.events.most : one.events.least;
    const std::string counts =
        fmt::format("{}, {}", span(one.transitions, 0, "transition"), span(one.events, 2, "event"));
    line(own.depth + 1, map.distributed ? "a child, with a history of its own: " + counts
                                        : fmt::format("an iteration: {}; {} of them make {} events", counts,
                                                      kMostEvents / (most.value + 2), kMostEvents));
  }

  void add_loop(const StateOutline& own, const Loop& loop) {
    line(own.depth + 1,
         fmt::format("a loop: {} and {} at least; {} rounds make {} events",
                     plural(loop.transitions.value, "transition"), plural(loop.events.value, "event"),
                     kMostEvents / loop.events.value, kMostEvents));
  }

  /// "2 transitions", "2 to 5 transitions", "2 transitions or more"; without errors.
  static std::string span(const Range& range, std::int64_t more, std::string_view one) {
    const std::int64_t least = range.least.value + more;
    if (!range.most.known()) return plural(least, one) + " or more";
    const std::int64_t most = range.most.value + more;
    return most == least ? plural(most, one) : fmt::format("{} to {}", least, plural(most, one));
  }

  const Machine& machine_;
  const Outline& outlined_;
  std::string text_;
};

std::string cell(const Bound& bound) { return bound.known() ? fmt::format("{}", bound.value) : "no bound"; }

std::string row(std::string_view name, const Range& range) {
  return fmt::format("  {:<16}{:>10}{:>10}{:>10}\n", name, cell(range.least), cell(range.most),
                     cell(range.worst));
}

/// What so much of a meter costs in each of a million executions, at the first tier and the prices built in.
std::string dollars(const std::string& meter, std::int64_t each) {
  static const PriceList kPrices = built_in_prices();
  constexpr Quantity kExecutions = 1'000'000;
  return tiered_cost(**kPrices.find(meter), static_cast<Quantity>(each) * kExecutions).rounded(2);
}

std::string bill_row(const Range& transitions) {
  const auto cost = [](const Bound& bound) {
    return bound.known() ? dollars("stepfunctions.standard.transitions", bound.value) : "no bound";
  };
  return fmt::format("  {:<16}{:>10}{:>10}{:>10}\n", "$ for a million", cost(transitions.least),
                     cost(transitions.most), cost(transitions.worst));
}

/// An Express execution is paid by its duration in steps of 100 ms, and by its memory in steps of 64 MB.
std::string express_bill() {
  constexpr std::int64_t kStep = 64 * 100;  // MB ms
  return fmt::format("  A million Express executions: ${}, and ${} for each 100 ms of 64 MB.\n",
                     dollars("stepfunctions.express.requests", 1),
                     dollars("stepfunctions.express.duration", kStep));
}

/// Shortest and longest path without errors, and with every retry and catcher.
std::string totals(const Extent& execution) {
  std::string out = fmt::format("An execution    {:>12}{:>10}{:>10}\n", "least", "most", "at worst");
  out += row("transitions", execution.transitions);
  out += row("history events", execution.events);
  out += bill_row(execution.transitions);
  std::vector<std::string> reasons;
  for (const Range* range : {&execution.transitions, &execution.events}) {
    for (const Bound* bound : {&range->least, &range->most, &range->worst}) {
      const bool told = std::find(reasons.begin(), reasons.end(), bound->without) != reasons.end();
      if (!bound->known() && !told) reasons.push_back(bound->without);
    }
  }
  if (!reasons.empty()) out += printable(fmt::format("  no bound: {}", fmt::join(reasons, "; "))) + '\n';
  const Bound& lasts = execution.duration_ns;
  out += lasts.known() ? fmt::format("  It lasts at most {}.\n", print_duration(lasts.value))
                       : printable("  It may last as long as the service lets it: " + lasts.without) + ".\n";
  out += express_bill();
  const Bound& events = execution.events.worst;
  if (!events.known() || events.value > kMostEvents) {
    out += fmt::format("  A Standard execution is failed at {} events.\n", kMostEvents);
  }
  return out;
}

}  // namespace

std::string machine_text(const Machine& machine, std::string_view name) {
  const Outline outlined = outline(machine);
  std::string out =
      fmt::format("{}: {}, {}", name, plural(static_cast<std::int64_t>(machine.states.size()), "state"),
                  machine.language == Language::jsonata ? "JSONata" : "JSONPath");
  if (outlined.depth > 0)
    out += fmt::format(", {} deep", plural(static_cast<std::int64_t>(outlined.depth + 1), "level"));
  if (machine.timeout_seconds) out += fmt::format(", ends after {} s", *machine.timeout_seconds);
  out += '\n';
  if (!machine.comment.empty()) out += printable(machine.comment) + '\n';
  out += '\n' + Lines(machine, outlined).text() + '\n';
  return out + totals(outlined.execution);
}

}  // namespace spillway
