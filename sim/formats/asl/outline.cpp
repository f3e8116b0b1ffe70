#include "formats/asl/outline.hpp"

#include <algorithm>
#include <limits>

#include <fmt/format.h>
#include "formats/asl/outline_paths.hpp"
#include "formats/asl/step.hpp"

namespace spillway::asl {

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
/// An HTTP task is cut off there (Step Functions developer guide, "Call HTTPS APIs", 2026).
constexpr std::int64_t kHttpTaskSeconds = 60;
/// The children of a distributed Map that run at once (developer guide, "Distributed mode", 2026).
constexpr std::int64_t kMostChildren = 10'000;

// ---- retries ----

/// Whether an error never comes to a retrier: it would find one of those before it, or none retries it.
bool taken(const State& state, std::size_t retrier, const std::string& error) {
  if (error == "States.Runtime") return true;
  const auto* const end = state.retry.data() + retrier;
  return std::any_of(state.retry.data(), end, [&](const Retrier& earlier) {
    const auto names = [&](const char* name) {
      return std::find(earlier.errors.begin(), earlier.errors.end(), name) != earlier.errors.end();
    };
    if (error == "States.ALL") return names("States.ALL");
    return matches(earlier.errors, {error, {}, {}, {}, {}});
  });
}

/// The sum of all delays. They never become shorter: a list beyond any use counts as if all the rest were as
/// long as the last, and nothing outlives a year.
Bound longest_wait(const Retrier& retrier) {
  constexpr std::int64_t kYear = 365 * 86'400 * kSecond;
  constexpr std::int64_t kAddedUp = 10'000;
  Bound total;
  const auto wait = [&](std::int64_t delay_ns, std::int64_t often) {
    if (delay_ns > (kYear - total.value) / often) {
      total.without = "its retries may last for a year";
      return;
    }
    total.value += often * delay_ns;
  };
  const std::int64_t listed = std::min(retrier.max_attempts, kAddedUp);
  for (std::int64_t attempt = 1; attempt <= listed && total.known(); ++attempt) {
    wait(retry_delay_ns(retrier, attempt), 1);
  }
  const std::int64_t rest = retrier.max_attempts - listed;
  if (rest > 0 && total.known()) wait(retry_delay_ns(retrier, retrier.max_attempts), rest);
  return total;
}

std::vector<RetryOutline> retry_outlines(const State& state) {
  std::vector<RetryOutline> all;
  for (std::size_t i = 0; i < state.retry.size(); ++i) {
    const Retrier& retrier = state.retry[i];
    RetryOutline one;
    const auto listed = std::min<std::int64_t>(retrier.max_attempts, RetryOutline::kListed);
    for (std::int64_t attempt = 1; attempt <= listed; ++attempt) {
      const std::int64_t delay_ns = retry_delay_ns(retrier, attempt);
      one.delays.push_back({retrier.full_jitter ? 0 : delay_ns, delay_ns});
    }
    one.total_ns = longest_wait(retrier);
    one.never_asked = std::all_of(retrier.errors.begin(), retrier.errors.end(),
                                  [&](const std::string& error) { return taken(state, i, error); });
    all.push_back(std::move(one));
  }
  return all;
}

// ---- one visit of a state ----

const Json* literal(const std::optional<Template>& field) {
  return field && field->kind == Template::Kind::constant ? &field->constant : nullptr;
}

Bound seconds(const Json& number) { return times({number.get<std::int64_t>(), {}}, {kSecond, {}}); }

Bound task_duration(const State& state, const TaskFields& task) {
  if (const Json* const timeout = literal(task.timeout)) return seconds(*timeout);
  if (task.resource.ends_with(":::http:invoke")) return {kHttpTaskSeconds * kSecond, {}};
  if (task.timeout) return Bound::none(fmt::format("the timeout of '{}' is in its input", state.name));
  return Bound::none(fmt::format("'{}' has no TimeoutSeconds", state.name));
}

Bound wait_duration(const State& state, const WaitFields& wait) {
  if (const Json* const fixed = literal(wait.seconds)) return seconds(*fixed);
  if (wait.seconds) return Bound::none(fmt::format("how long '{}' waits is in its input", state.name));
  return Bound::none(fmt::format("'{}' waits for a moment", state.name));
}

/// How many iterations or children a Map has, where its definition says it.
Bound item_count(const State& state, const MapFields& map) {
  if (const Json* const items = literal(map.items); items != nullptr && items->is_array()) {
    return {static_cast<std::int64_t>(items->size()), {}};
  }
  if (map.reader) {
    const Json* const most = literal(map.reader->max_items);
    if (most != nullptr && *most > 0) return {most->get<std::int64_t>(), {}};
  }
  return Bound::none(fmt::format("'{}' has as many items as its input", state.name));
}

void add(Range& sum, const Range& part) {
  sum.least = plus(sum.least, part.least);
  sum.most = plus(sum.most, part.most);
  sum.worst = plus(sum.worst, part.worst);
}

Range exactly(std::int64_t number) { return {{number, {}}, {number, {}}, {number, {}}}; }

/// What one attempt does beside entering and leaving the state.
Extent parallel_attempt(const ParallelFields& parallel, const std::vector<Extent>& flows) {
  Extent attempt{{}, exactly(2), {}};  // Started, Succeeded
  for (const FlowIndex branch : parallel.branches) {
    add(attempt.transitions, flows[branch].transitions);
    add(attempt.events, flows[branch].events);
    attempt.duration_ns = worse(attempt.duration_ns, flows[branch].duration_ns);
  }
  return attempt;
}

Extent map_attempt(const State& state, const MapFields& map, const std::vector<Extent>& flows) {
  const Extent& one = flows[map.processor];
  const Bound count = item_count(state, map);
  // A reader's bound and a batcher's batches say how many there are at most.
  const bool exact = !map.reader && !map.batcher;
  const Bound least = exact && count.known() ? count : Bound{};
  Extent attempt{{}, exactly(2), {}};
  if (map.distributed) {
    add(attempt.events,
        exactly(2));  // MapRunStarted, MapRunSucceeded; the children have histories of their own
  } else {
    const Range iteration{plus(one.events.least, {2, {}}), plus(one.events.most, {2, {}}),
                          plus(one.events.worst, {2, {}})};
    add(attempt.transitions, {times(least, one.transitions.least), times(count, one.transitions.most),
                              times(count, one.transitions.worst)});
    add(attempt.events,
        {times(least, iteration.least), times(count, iteration.most), times(count, iteration.worst)});
  }
  std::int64_t concurrency = map.distributed ? kMostChildren : kInlineConcurrency;
  const Json* const given = literal(map.max_concurrency);
  if (map.max_concurrency && given == nullptr) {
    concurrency = 1;  // its input may say so
  } else if (given != nullptr && *given > 0) {
    concurrency = std::min(given->get<std::int64_t>(), concurrency);
  }
  const Bound rounds{(count.value + concurrency - 1) / concurrency, count.without};
  attempt.duration_ns = times(rounds, one.duration_ns);
  return attempt;
}

Extent one_attempt(const State& state, const std::vector<Extent>& flows) {
  switch (state.type) {
    case StateType::task: {
      const auto& task = std::get<TaskFields>(state.what);
      return {{}, exactly(waits_for_callback(task.resource) ? 4 : 3), task_duration(state, task)};
    }
    case StateType::wait: return {{}, {}, wait_duration(state, std::get<WaitFields>(state.what))};
    case StateType::parallel: return parallel_attempt(std::get<ParallelFields>(state.what), flows);
    case StateType::map: return map_attempt(state, std::get<MapFields>(state.what), flows);
    default: return {};
  }
}

/// Every attempt is a transition; entering and leaving are told once. A failed attempt tells no more than one
/// that succeeds, but that JSONata's failure to evaluate is an event of its own; where nothing catches it, it
/// stands for the event of leaving.
void measure(const State& state, const std::vector<Extent>& flows, StateOutline& outlined) {
  const Extent once = one_attempt(state, flows);
  const Bound attempts{outlined.attempts, {}};
  Extent& extent = outlined.extent;
  extent.transitions = exactly(1);
  add(extent.transitions, once.transitions);
  extent.transitions.worst = times(attempts, extent.transitions.worst);

  extent.events = exactly(state.type == StateType::fail ? 1 : 2);
  Bound at_worst = times(attempts, once.events.worst);
  if (state.language == Language::jsonata) {
    at_worst = plus(at_worst, {outlined.attempts - (state.catchers.empty() ? 1 : 0), {}});
  }
  add(extent.events, {once.events.least, once.events.most, at_worst});

  extent.duration_ns = times(attempts, once.duration_ns);
  for (const RetryOutline& retry : outlined.retries) {
    if (!retry.never_asked) extent.duration_ns = plus(extent.duration_ns, retry.total_ns);
  }
}

// ---- names ----

struct Nesting {
  std::string prefix;  ///< "Fan out[0]/"
  std::size_t depth = 0;
};

/// A flow stands behind its owner in the list, so that the owner's name is known by then.
Nesting nesting(const Machine& machine, FlowIndex flow, const std::vector<StateOutline>& states) {
  const StateIndex owner = machine.flows[flow].owner;
  if (owner == kNoState) return {};
  std::string step = "[*]";
  if (const auto* parallel = std::get_if<ParallelFields>(&machine.states[owner].what)) {
    const auto found = std::find(parallel->branches.begin(), parallel->branches.end(), flow);
    step = fmt::format("[{}]", found - parallel->branches.begin());
  }
  return {fmt::format("{}{}/", states[owner].name, step), states[owner].depth + 1};
}

StateOutline named(const Machine& machine, StateIndex index, const Nesting& around) {
  const State& state = machine.states[index];
  StateOutline one;
  one.index = index;
  one.name = around.prefix + state.name;
  one.depth = around.depth;
  one.terminal = state.next == kNoState && state.type != StateType::choice;
  one.retries = retry_outlines(state);
  for (std::size_t i = 0; i < state.retry.size(); ++i) {
    if (!one.retries[i].never_asked) one.attempts += state.retry[i].max_attempts;
  }
  return one;
}

}  // namespace

std::vector<Way> ways(const State& state) {
  std::vector<Way> all;
  if (const auto* choice = std::get_if<ChoiceFields>(&state.what)) {
    for (const ChoiceRule& rule : choice->rules) all.push_back({rule.next, WayKind::choice});
    if (choice->otherwise != kNoState) all.push_back({choice->otherwise, WayKind::otherwise});
  }
  if (state.next != kNoState) all.push_back({state.next, WayKind::next});
  for (const Catcher& catcher : state.catchers) all.push_back({catcher.next, WayKind::caught});
  return all;
}

Outline outline(const Machine& machine) {
  Outline result;
  result.states.resize(machine.states.size());
  result.flows.resize(machine.flows.size());
  for (FlowIndex flow = 0; flow < machine.flows.size(); ++flow) {
    const Nesting around = nesting(machine, flow, result.states);
    result.depth = std::max(result.depth, around.depth);
    for (const StateIndex index : machine.flows[flow].states) {
      result.states[index] = named(machine, index, around);
    }
  }
  // The flows inside first: what they come to is part of what their owners do.
  for (FlowIndex flow = static_cast<FlowIndex>(machine.flows.size()); flow-- > 0;) {
    for (const StateIndex index : machine.flows[flow].states) {
      measure(machine.states[index], result.flows, result.states[index]);
    }
    result.flows[flow] = flow_extent(machine, flow, result);
  }
  result.execution = result.flows[0];
  add(result.execution.events, exactly(2));
  if (machine.timeout_seconds) {
    const std::int64_t most_ns = *machine.timeout_seconds * kSecond;
    Bound& duration = result.execution.duration_ns;
    if (!duration.known() || duration.value > most_ns) duration = {most_ns, {}};
  }
  return result;
}

}  // namespace spillway::asl
