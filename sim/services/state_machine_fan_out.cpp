// Parallel and Map: a track's branches, iterations and children.

#include <utility>

#include "services/state_machine.hpp"

namespace spillway {

namespace {

constexpr std::uint32_t kMapRun = 2;  // history events: MapRunStarted, and MapRunSucceeded or MapRunFailed

}  // namespace

// ---- Into it

/// A distributed Map takes its items from the list that the scenario declares for it; so does any Map whose
/// documents are ignored.
void StateMachine::read_items(TrackId id) {
  const Track& track = tracks_[id];
  const DocumentId items = items_[track.state];
  const WorkflowAnswer& answer =
      workflow_.fan_out(track.state, view(id), items == kNoDocument ? no_items_ : items);
  if (const auto* plan = std::get_if<FanOutId>(&answer)) return begin_fan_out(id, *plan);
  fail_state(id, std::get<asl::Failure>(answer));
}

void StateMachine::begin_fan_out(TrackId id, FanOutId plan) {
  if (free_fans_.empty()) {
    free_fans_.push_back(static_cast<std::uint32_t>(fans_.size()));
    fans_.emplace_back();
  }
  Track& track = tracks_[id];
  track.fan = free_fans_.back();
  free_fans_.pop_back();
  Fan& fan = fans_[track.fan];
  const std::size_t branches = workflow_.plan(plan).branches.size();
  fan.plan = plan;
  fan.outputs.assign(branches, kNoDocument);
  fan.children.assign(branches, kNone);
  fan.begun = fan.ended = fan.failed = 0;
  fan.starts = TokenBucket();
  if (plan_of(fan).bounds.distributed) {
    execution_of(track).events += kMapRun;
    const bool express = map_of(track).express;
    const std::int64_t rate = express ? config_.express_child_rate : config_.standard_child_rate;
    fan.starts = TokenBucket(rate * 1000, rate);
  }
  fan_out_went_on(id);
}

const asl::MapFields& StateMachine::map_of(const Track& track) const {
  return std::get<asl::MapFields>(state_of(track).what);
}

/// Whether another branch may run beside those that do.
bool StateMachine::room(const Fan& fan) const {
  const auto running = static_cast<std::int64_t>(fan.begun - fan.ended);
  std::int64_t most = plan_of(fan).bounds.concurrency;
  if (plan_of(fan).bounds.distributed)
    most = most == 0 ? config_.child_limit : std::min(most, config_.child_limit);
  return fan.begun < plan_of(fan).branches.size() && (most == 0 || running < most);
}

/// Starts what may start. Children of a distributed Map are started at a limited rate.
void StateMachine::start_branches(TrackId id) {
  Fan& fan = fans_[tracks_[id].fan];
  while (room(fan)) {
    if (!fan.starts.take(now())) {
      if (tracks_[id].ticket == kNoTicket) go_on_after(id, fan.starts.wait(now()), Stage::start_children);
      return;
    }
    start_branch(id);
  }
}

void StateMachine::start_branch(TrackId id) {
  Fan& fan = fans_[tracks_[id].fan];
  const auto slot = static_cast<std::uint32_t>(fan.begun++);
  const WorkflowFanOut::Branch& branch = plan_of(fan).branches[slot];
  const DocumentId input = documents().refer(branch.input);
  const Track& track = tracks_[id];
  if (!plan_of(fan).bounds.distributed) {
    const TrackId started = begin_track(track.execution, branch.flow, input, id, slot);
    fan.children[slot] = static_cast<std::uint32_t>(started);
    return go_on_after(started, Duration::zero(), Stage::enter);
  }
  const Execution& parent = execution_of(track);
  const std::uint64_t salt = mix_bits(std::uint64_t{parent.salt + track.visits} << 32U | (slot + 1));
  fan.children[slot] =
      static_cast<std::uint32_t>(begin_execution(branch.flow, input,
                                                 {.journey = parent.journey,
                                                  .lineage = parent.lineage,
                                                  .parent = id,
                                                  .slot = slot,
                                                  .salt = static_cast<std::uint32_t>(salt) | 1U,
                                                  .express = map_of(track).express,
                                                  .repeat = parent.repeat,
                                                  .counted = parent.counted}));
}

// ---- Out of it

/// `output` is handed over.
void StateMachine::branch_ended(TrackId parent, std::uint32_t slot, DocumentId output) {
  Fan& fan = fans_[tracks_[parent].fan];
  fan.children[slot] = kNone;
  fan.outputs[slot] = output;
  ++fan.ended;
  fan_out_went_on(parent);
}

void StateMachine::child_ended(TrackId parent, std::uint32_t slot, bool succeeded, DocumentId output) {
  Fan& fan = fans_[tracks_[parent].fan];
  if (succeeded) return branch_ended(parent, slot, output);
  ++fan.failed;
  if (!plan_of(fan).bounds.exceeded(fan.failed, fan.outputs.size()))
    return branch_ended(parent, slot, kNoDocument);
  static const asl::Failure kExceeded{"States.ExceedToleratedFailureThreshold",
                                      "The specified tolerated failure threshold was exceeded",
                                      {},
                                      {},
                                      {}};
  fan.children[slot] = kNone;
  drop_fan(parent);
  fail_state(parent, kExceeded);
}

void StateMachine::fan_out_went_on(TrackId id) {
  const Fan& fan = fans_[tracks_[id].fan];
  if (fan.ended < plan_of(fan).branches.size()) return start_branches(id);
  const DocumentId result = fan_out_result(id);
  drop_fan(id);
  leave_state(id, result);
}

/// The outputs in their order; of a Map that writes them to Amazon S3, where they are.
DocumentId StateMachine::fan_out_result(TrackId id) {
  const Track& track = tracks_[id];
  const Fan& fan = fans_[track.fan];
  if (plan_of(fan).bounds.distributed && map_of(track).writer) {
    return documents().share(
        {{"MapRunArn", "arn:aws:states:us-east-1:123456789012:mapRun:" + name() + "/" + state_of(track).name},
         {"ResultWriterDetails", {{"Bucket", "results"}, {"Key", state_of(track).name + "/manifest.json"}}}});
  }
  Json outputs = Json::array();
  bool fresh = false;
  for (const DocumentId output : fan.outputs) {
    if (output == kNoDocument) continue;
    outputs.push_back(documents()[output]);
    fresh |= documents().fresh(output);
  }
  return fresh ? documents().keep_fresh(std::move(outputs)) : documents().share(std::move(outputs));
}

/// Ends what is still running of a Parallel or Map state, and forgets its branches.
void StateMachine::drop_fan(TrackId id) {
  Track& track = tracks_[id];
  const std::uint32_t index = std::exchange(track.fan, kNone);
  void_ticket(track);
  Fan& fan = fans_[index];
  for (const std::uint32_t child : fan.children) {
    if (child == kNone) continue;
    plan_of(fan).bounds.distributed ? abandon_child(ExecutionId{child}) : drop_track(TrackId{child});
  }
  for (const DocumentId output : fan.outputs) documents().unrefer(output);
  workflow_.unrefer(fan.plan);
  free_fans_.push_back(index);
}

/// A child that nobody asks for any more: it is stopped, and billed for what it did.
void StateMachine::abandon_child(ExecutionId id) {
  const Execution& execution = executions_[id];
  if (execution.express) bill_duration(execution, now() - execution.started);
  const TrackId root = execution.root;
  const DocumentId input = execution.input;
  leave_open(id);
  executions_.release(id);
  drop_track(root);
  documents().unrefer(input);
}

}  // namespace spillway
