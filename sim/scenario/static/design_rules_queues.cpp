// Design rules about queues and the event sources that poll them.
//
// Sources: Lambda Developer Guide, "Using Lambda with Amazon SQS" (visibility of six times the function's
// timeout plus the window, at least five receives, maximum concurrency within the reserved one); SQS
// Developer Guide, dead-letter queues (retention counts from the first send); both read in 2026.

#include <algorithm>

#include <fmt/format.h>

#include "model/quotas.hpp"
#include "scenario/static/design_rules.hpp"
#include "scenario/units.hpp"
#include "services/sqs_event_source.hpp"

namespace spillway {

namespace {

constexpr std::int64_t kVisibilityTimes = 6;
constexpr std::int64_t kReceives = 5;
constexpr Duration kLongestRetention = 14 * 24h;

std::string words(Duration duration) { return print_duration(duration.count()); }

/// A place where a value was written, or nowhere for a default.
Position written(const Value& value) {
  return value.is_set() && !value.is_default() ? value.position() : Position{};
}

/// One event source: a function that polls a queue.
struct Source {
  std::size_t function = 0;
  std::size_t queue = 0;
  const Value& settings;  ///< of the event source
  const Value& worker;    ///< of the function
  const Value& store;     ///< of the queue

  Duration timeout() const { return worker["timeout"].duration(); }
  Duration window() const { return settings["batching_window"].duration(); }
  Duration visibility() const { return store["visibility_timeout"].duration(); }
};

template <class Look>
void each_source(const Topology& topology, const Look& look) {
  for (std::size_t vertex = 0; vertex < topology.resources(); ++vertex) {
    const Value& worker = topology.member(vertex).value;
    const Value* const sources = given(worker, "event_sources");
    if (sources == nullptr) continue;
    for (const Value& source : sources->items()) {
      const std::size_t queue = topology.vertex(source["from"].text());
      if (topology.type(queue) != "aws.sqs.queue") continue;
      look(Source{.function = vertex,
                  .queue = queue,
                  .settings = source,
                  .worker = worker,
                  .store = topology.member(queue).value});
    }
  }
}

struct QueueUse {
  bool polled = false;
  bool dead_letters = false;  ///< another queue's redrive leads here
};

/// By vertex.
std::vector<QueueUse> uses(const Topology& topology) {
  std::vector<QueueUse> all(topology.resources());
  for (const Place& place : topology.places) {
    for (const Hop& hop : place.hops) {
      if (hop.kind == Hop::Kind::poll) all[place.vertex].polled = true;
      if (hop.kind == Hop::Kind::redrive) all[topology.places[hop.to].vertex].dead_letters = true;
    }
  }
  return all;
}

template <class Look>
void each_queue(const Topology& topology, const Look& look) {
  const std::vector<QueueUse> all = uses(topology);
  for (std::size_t vertex = 0; vertex < topology.resources(); ++vertex) {
    if (topology.type(vertex) == "aws.sqs.queue") look(vertex, topology.member(vertex).value, all[vertex]);
  }
}

}  // namespace

void find_queues_without_dead_letters(const StaticView& view, Findings& findings) {
  each_queue(view.topology, [&](std::size_t vertex, const Value& queue, const QueueUse& use) {
    if (!use.polled || use.dead_letters || queue["redrive"].is_set()) return;
    findings.add(design::no_dead_letters, vertex, {},
                 fmt::format("'{}' has no dead-letter queue: what cannot be handled comes back for {}",
                             view.topology.name(vertex), words(queue["retention"].duration())),
                 "redrive: { to: a-queue-of-its-own, max_receive_count: 5 }");
  });
}

void find_queues_nobody_polls(const StaticView& view, Findings& findings) {
  each_queue(view.topology, [&](std::size_t vertex, const Value&, const QueueUse& use) {
    if (use.polled || use.dead_letters) return;
    findings.add(design::nobody_polls, vertex, {},
                 fmt::format("nobody polls '{}': its messages expire", view.topology.name(vertex)),
                 "give a function an event source from it");
  });
}

void find_short_lived_dead_letters(const StaticView& view, Findings& findings) {
  const Topology& topology = view.topology;
  each_queue(topology, [&](std::size_t vertex, const Value& queue, const QueueUse&) {
    const Value& redrive = queue["redrive"];
    if (!redrive.is_set()) return;
    const std::size_t dead = topology.vertex(redrive["to"].text());
    const Value& kept = topology.member(dead).value["retention"];
    const Duration retention = queue["retention"].duration();
    if (kept.duration() > retention || kept.duration() >= kLongestRetention) return;
    findings.add(
        design::short_lived_dead_letters, dead, written(kept),
        fmt::format("'{}' keeps messages for {} from their first send into '{}', which keeps them for {}: "
                    "one that is moved late is soon gone",
                    topology.name(dead), words(kept.duration()), topology.name(vertex), words(retention)),
        "retention: 14d");
  });
}

void find_few_receives(const StaticView& view, Findings& findings) {
  each_queue(view.topology, [&](std::size_t vertex, const Value& queue, const QueueUse& use) {
    if (!use.polled || !queue["redrive"].is_set()) return;
    const Value& most = queue["redrive"]["max_receive_count"];
    if (most.count() >= kReceives) return;
    findings.add(
        design::few_receives, vertex, written(most),
        fmt::format("'{}' gives a message up after {} {}, and a throttled one counts too",
                    view.topology.name(vertex), most.count(), most.count() == 1 ? "receive" : "receives"),
        fmt::format("max_receive_count: {}", kReceives));
  });
}

void find_short_visibility(const StaticView& view, Findings& findings) {
  each_source(view.topology, [&](const Source& source) {
    const Duration needed = kVisibilityTimes * source.timeout() + source.window();
    if (source.visibility() >= needed) return;
    findings.add(
        design::short_visibility, source.queue, written(source.store["visibility_timeout"]),
        fmt::format(
            "'{}' hides messages for {}, less than six times the timeout of '{}' ({}): they come back "
            "while it is still trying",
            view.topology.name(source.queue), words(source.visibility()), view.topology.name(source.function),
            words(source.timeout())),
        fmt::format("visibility_timeout: {}", words(needed)));
  });
}

void find_windows_over_visibility(const StaticView& view, Findings& findings) {
  each_source(view.topology, [&](const Source& source) {
    const Duration needed = source.window() + source.timeout();
    if (source.window() <= Duration::zero() || needed <= source.visibility()) return;
    const Duration margin = SqsEventSourceConfig{}.window_margin;
    findings.add(
        design::window_over_visibility, source.function, written(source.settings["batching_window"]),
        fmt::format("a window of {} and the timeout of '{}' ({}) exceed the visibility of '{}': Lambda hides "
                    "messages for {} instead of {}",
                    words(source.window()), view.topology.name(source.function), words(source.timeout()),
                    view.topology.name(source.queue), words(needed + margin), words(source.visibility())),
        "a shorter batching_window, or a longer visibility_timeout");
  });
}

void find_event_sources_over_reserve(const StaticView& view, Findings& findings) {
  const Topology& topology = view.topology;
  for (std::size_t vertex = 0; vertex < topology.resources(); ++vertex) {
    const Value* const reserved = given(topology.member(vertex).value, "reserved_concurrency");
    if (reserved == nullptr) continue;
    std::int64_t most = 0;
    bool capped = true;
    each_source(topology, [&](const Source& source) {
      if (source.function != vertex) return;
      const Value& own = source.settings["maximum_concurrency"];
      capped = capped && own.is_set();
      most += own.is_set() ? own.count() : 0;
    });
    if (capped && most <= reserved->count()) continue;
    const std::string polled =
        capped ? fmt::format("its event sources take up to {} batches at once", most)
               : fmt::format("an event source without maximum_concurrency takes up to {} batches at once",
                             quota("esm.sqs.cap"));
    findings.add(
        design::reserve_below_source, vertex, written(*reserved),
        fmt::format("'{}' may run {} at once and {}: the rest is throttled, and each throttle may cost "
                    "a receive",
                    topology.name(vertex), reserved->count(), polled),
        fmt::format("maximum_concurrency: {}", std::max<std::int64_t>(2, reserved->count())));
  }
}

void find_unprotected_handlers(const StaticView& view, Findings& findings) {
  each_source(view.topology, [&](const Source& source) {
    // Until a handler can say that it is idempotent, none is blamed for not saying so.
    const Value* const idempotency = source.worker.find("idempotency");
    if (idempotency == nullptr || idempotency->is_set()) return;
    findings.add(design::no_idempotency, source.function, source.settings["from"].position(),
                 fmt::format("'{}' delivers at least once, and '{}' does its work anew each time",
                             view.topology.name(source.queue), view.topology.name(source.function)),
                 "an idempotency key");
  });
}

}  // namespace spillway
