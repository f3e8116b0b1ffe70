// One state after the other: entered, at work, left or failed.

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "services/state_machine.hpp"

namespace spillway {

namespace {

using asl::StateType;

// What each state writes into the history of its execution (623 histories recorded on AWS, 2023-26): entered
// and exited for all; and what its work writes each time that it begins.
constexpr std::uint32_t kEntered = 1;
constexpr std::uint32_t kExited = 1;
constexpr std::uint32_t kTaskAttempt = 3;   // Scheduled, Started, Succeeded or Failed
constexpr std::uint32_t kFannedOut = 2;     // Started, Succeeded or Failed
constexpr std::uint32_t kMapIteration = 2;  // MapIterationStarted, MapIterationSucceeded or ...Failed

// Nothing limits the history of an Express execution; this ends one that goes round without taking time.
constexpr std::uint32_t kMostExpressEvents = 1'000'000;

// The moment at which virtual time starts, for the context object and for Timestamps: 2026-01-01.
constexpr std::int64_t kEpochSeconds = 1'767'225'600;
constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kFarSeconds = 4'000'000'000;  // more than a run can last, and well within its clock

asl::Timestamp timestamp(Time at) {
  const std::int64_t ns = (at - kStart).count();
  return {kEpochSeconds + ns / kSecond, static_cast<std::int32_t>(ns % kSecond)};
}

constexpr const char* kAccountArn = "us-east-1:123456789012";

std::uint32_t mix(std::uint32_t a, std::uint32_t b) {
  return static_cast<std::uint32_t>(mix_bits(std::uint64_t{a} << 32U | b));
}

}  // namespace

// ---- Tracks

StateMachine::TrackId StateMachine::begin_track(ExecutionId execution, asl::FlowIndex flow, DocumentId input,
                                                TrackId parent, std::uint32_t slot) {
  const TrackId id = tracks_.take();
  Track& track = tracks_[id];
  track.execution = execution;
  track.state = machine().flows[flow].start;
  track.input = input;
  track.parent = parent;
  track.slot = slot;
  if (parent == kNoTrack) {
    track.salt = executions_[execution].salt;
    return id;
  }
  const Track& around = tracks_[parent];
  const bool iteration = plan_of(fans_[around.fan]).bounds.map;
  track.salt = iteration ? mix(around.salt + around.visits, slot + 1) : around.salt;
  track.variables = documents().refer(around.variables);
  track.outer = documents().refer(around.variables);
  return id;
}

/// Ends a track and all that it has started, wherever they stand.
void StateMachine::drop_track(TrackId id) {
  Track& track = tracks_[id];
  clear_waits(id);
  if (track.fan != kNone) drop_fan(id);
  if (track.counts != kNone) free_counts_.push_back(track.counts);
  for (const DocumentId document : {track.input, track.variables, track.outer, track.arguments, track.told})
    documents().unrefer(document);
  tracks_.release(id);
}

// ---- What states see

DocumentId StateMachine::map_item(const Track& track) const {
  const Track* at = &track;
  while (at->parent != kNoTrack) {
    const Track& around = tracks_[at->parent];
    const WorkflowFanOut& plan = plan_of(fans_[around.fan]);
    if (plan.bounds.map) return plan.branches[at->slot].item;
    at = &around;
  }
  return execution_item(executions_[track.execution]);
}

DocumentId StateMachine::execution_item(const Execution& execution) const {
  if (execution.parent == kNoTrack) return kNoDocument;
  return plan_of(fans_[tracks_[execution.parent].fan]).branches[execution.slot].item;
}

/// The context object (Step Functions Developer Guide, "Accessing execution data from the Context object").
const Json& StateMachine::context(TrackId id) {
  const Track& track = tracks_[id];
  const Execution& execution = execution_of(track);
  const std::string name = fmt::format("execution-{}", execution.number);
  Json about{{"Name", state_of(track).name}, {"EnteredTime", asl::timestamp_text(timestamp(track.entered))}};
  if (state_of(track).type == StateType::task) about["RetryCount"] = track.tries;
  context_ = {{"Execution",
               {{"Id", fmt::format("arn:aws:states:{}:execution:{}:{}", kAccountArn, this->name(), name)},
                {"Input", documents()[execution.input]},
                {"StartTime", asl::timestamp_text(timestamp(execution.started))},
                {"Name", name},
                {"RoleArn", fmt::format("arn:aws:iam::123456789012:role/{}", this->name())},
                {"RedriveCount", execution.redrives}}},
              {"StateMachine",
               {{"Id", fmt::format("arn:aws:states:{}:stateMachine:{}", kAccountArn, this->name())},
                {"Name", this->name()}}},
              {"State", std::move(about)}};
  if (const DocumentId item = map_item(track); item != kNoDocument) {
    context_["Map"]["Item"] = documents()[item];
  }
  if (tasks_[track.state].pattern == TaskBinding::Pattern::token) {
    context_["Task"]["Token"] = fmt::format("token-{}-{}-{}", execution.number, track.salt, track.visits);
  }
  return context_;
}

WorkflowView StateMachine::view(TrackId id) {
  const Track& track = tracks_[id];
  WorkflowView view{.input = track.input, .variables = track.variables, .outer = track.outer};
  if (!workflow_.reads_execution(track.state)) return view;
  const Execution& execution = execution_of(track);
  view.context = &context(id);
  random_ = world().draws(random_draws_, execution.journey,
                          execution.lineage.sibling(mix(track.salt, track.visits) + track.tries));
  view.random_bits = &random_bits_;
  const asl::Timestamp at = timestamp(now());
  view.now_ms = at.seconds * 1000 + at.nanoseconds / 1'000'000;
  return view;
}

Draws StateMachine::draws(const Stream& stream, const Track& track, std::uint32_t purpose) {
  const Execution& execution = executions_[track.execution];
  const std::uint32_t which = mix(mix(track.salt, track.visits), track.tries * 16U + purpose);
  return world().draws(stream, execution.journey, execution.lineage.sibling(which | 1U));
}

// ---- Into a state

/// Each transition takes a token of the account's, or waits for one (Standard).
Duration StateMachine::transition(const Track& track, bool retried) {
  const Execution& execution = executions_[track.execution];
  if (execution.express) return Duration::zero();
  retried ? use(transitions_, 1, 1, RetryLayer::workflow) : bill(transitions_, 1, execution);
  const Time at = account_.promise_transition(now());
  if (at > now()) mark(Mark::transition_delayed);
  return at - now();
}

Duration StateMachine::draw_overhead(const Track& track) {
  Draws drawn = draws(overhead_draws_, track, 0);
  Duration overhead = config_.overheads.transition.duration(drawn);
  const auto& more = config_.overheads.more[static_cast<std::size_t>(state_of(track).type)];
  if (more) overhead += more->duration(drawn);
  return overhead;
}

void StateMachine::enter_state(TrackId id) {
  Track& track = tracks_[id];
  Execution& execution = execution_of(track);
  track.entered = now();
  track.tries = 0;
  ++track.visits;
  execution.events += kEntered;
  execution.rolled_back |= undoes_[track.state] != 0;
  if (track.parent == kNoTrack) execution.path = observation_.step(execution.path, track.state);
  if (execution.counted) ++observation_.state(track.state).entered;
  go_on_after(id, transition(track, false) + draw_overhead(track), Stage::work);
}

void StateMachine::work(TrackId id) {
  Execution& execution = execution_of(tracks_[id]);
  const std::uint32_t limit =
      execution.express ? kMostExpressEvents : static_cast<std::uint32_t>(config_.history_limit);
  if (execution.events > limit) {
    mark(Mark::history_full);
    return end_execution(tracks_[id].execution, ExecutionStatus::failed, kNoDocument);
  }
  Track& track = tracks_[id];
  if (!branches_[track.state].empty()) return draw_branch(id);
  const WorkflowAnswer& answer = workflow_.enter(track.state, view(id));
  ++track.tries;
  if (const auto* leaving = std::get_if<WorkflowLeaving>(&answer)) return go_on(id, *leaving, false);
  if (const auto* task = std::get_if<WorkflowTask>(&answer)) {
    execution.events += kTaskAttempt;
    return begin_task(id, *task);
  }
  if (const auto* waiting = std::get_if<asl::Waiting>(&answer)) return wait(id, *waiting);
  if (const auto* failure = std::get_if<asl::Failure>(&answer)) return fail_state(id, *failure);
  ++execution.fan_outs;
  execution.events += kFannedOut;
  if (const auto* plan = std::get_if<FanOutId>(&answer)) return begin_fan_out(id, *plan);
  read_items(id);
}

/// A Choice whose branches are given by probability asks no document.
void StateMachine::draw_branch(TrackId id) {
  const Track& track = tracks_[id];
  Draws drawn = draws(choice_draws_, track, 1);
  const asl::StateIndex next = branches_[track.state].draw(drawn);
  go_on(id, {documents().refer(track.input), documents().refer(track.variables), next}, false);
}

void StateMachine::wait(TrackId id, const asl::Waiting& waiting) {
  if (!waiting.until) return go_on_after(id, waiting.seconds * 1s, Stage::waited);
  const std::int64_t seconds = std::clamp(waiting.until->seconds - kEpochSeconds, -kFarSeconds, kFarSeconds);
  const Time until = kStart + seconds * 1s + Duration{waiting.until->nanoseconds};
  go_on_after(id, std::max(until - now(), Duration::zero()), Stage::waited);
}

// ---- Out of a state

/// `result` is handed over; none: of a Wait.
void StateMachine::leave_state(TrackId id, DocumentId result) {
  const DocumentId given = result == kNoDocument ? documents().refer(empty_) : result;
  const WorkflowAnswer& answer = workflow_.leave(tracks_[id].state, view(id), given);
  documents().unrefer(given);
  if (const auto* failure = std::get_if<asl::Failure>(&answer)) return fail_state(id, *failure);
  go_on(id, std::get<WorkflowLeaving>(answer), false);
}

void StateMachine::go_on(TrackId id, const WorkflowLeaving& leaving, bool caught) {
  Track& track = tracks_[id];
  Execution& execution = execution_of(track);
  execution.events += kExited;
  if (execution.counted) {
    StateMachineObservation::StateCounts& counts = observation_.state(track.state);
    ++(caught ? counts.caught : counts.succeeded);
    counts.duration.add((now() - track.entered).count());
  }
  if (!caught) {
    execution.done |= does_[track.state];
    execution.undone |= undoes_[track.state];
  }
  if (track.counts != kNone) free_counts_.push_back(std::exchange(track.counts, kNone));
  execution.visited |= std::uint64_t{1} << (track.state % 64U);
  documents().replace(track.input, leaving.output);
  documents().replace(track.variables, leaving.variables);
  documents().replace(track.arguments, kNoDocument);
  if (leaving.next == asl::kNoState) return track_ended(id);
  track.state = leaving.next;
  enter_state(id);
}

void StateMachine::track_ended(TrackId id) {
  const Track& track = tracks_[id];
  const DocumentId output = documents().refer(track.input);
  if (track.parent == kNoTrack) return end_execution(track.execution, ExecutionStatus::succeeded, output);
  const TrackId parent = track.parent;
  const std::uint32_t slot = track.slot;
  if (plan_of(fans_[tracks_[parent].fan]).bounds.map) execution_of(track).events += kMapIteration;
  drop_track(id);
  branch_ended(parent, slot, output);
}

// ---- Errors

/// `failure` is a copy: the answer that it comes from does not outlive the next.
void StateMachine::fail_state(TrackId id, asl::Failure failure) {
  if (retry(id, failure)) return;
  const Track& track = tracks_[id];
  const WorkflowAnswer& answer = workflow_.recover(track.state, view(id), failure);
  if (const auto* leaving = std::get_if<WorkflowLeaving>(&answer)) return go_on(id, *leaving, true);
  if (execution_of(track).counted) {
    StateMachineObservation::StateCounts& counts = observation_.state(track.state);
    ++counts.failed;
    counts.duration.add((now() - track.entered).count());
  }
  failure = std::get<asl::Failure>(answer);
  track_failed(id, failure);
}

/// Only the first retrier that matches is asked (states-language.net/spec.html, "Retrying after error").
bool StateMachine::retry(TrackId id, const asl::Failure& failure) {
  Track& track = tracks_[id];
  const std::vector<asl::Retrier>& retriers = state_of(track).retry;
  const auto found = std::ranges::find_if(
      retriers, [&](const asl::Retrier& retrier) { return asl::matches(retrier.errors, failure); });
  if (found == retriers.end()) return false;
  if (track.counts == kNone) track.counts = take_counts(retriers.size());
  std::int64_t& count = counts_[track.counts][static_cast<std::size_t>(found - retriers.begin())];
  if (count >= found->max_attempts) return false;
  std::int64_t delay = asl::retry_delay_ns(*found, ++count);
  if (found->full_jitter) delay = asl::jittered(delay, draws(jitter_draws_, track, 2).bits());
  mark(Mark::state_retried);
  if (execution_of(track).counted) ++observation_.state(track.state).retried;
  go_on_after(id, Duration{delay} + transition(track, true) + draw_overhead(track), Stage::work);
  return true;
}

std::uint32_t StateMachine::take_counts(std::size_t retriers) {
  if (free_counts_.empty()) {
    free_counts_.push_back(static_cast<std::uint32_t>(counts_.size()));
    counts_.emplace_back();
  }
  const std::uint32_t taken = free_counts_.back();
  free_counts_.pop_back();
  counts_[taken].assign(retriers, 0);
  return taken;
}

void StateMachine::track_failed(TrackId id, const asl::Failure& failure) {
  const Track& track = tracks_[id];
  if (track.parent == kNoTrack) {
    return end_execution(track.execution, ExecutionStatus::failed, kNoDocument);
  }
  const TrackId parent = track.parent;
  const asl::Failure kept = failure;
  if (plan_of(fans_[tracks_[parent].fan]).bounds.map) execution_of(track).events += kMapIteration;
  drop_fan(parent);
  fail_state(parent, kept);
}

}  // namespace spillway
