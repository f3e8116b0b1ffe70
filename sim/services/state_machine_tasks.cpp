// Tasks: what a Task state asks of other resources, of people and of workers, and how long it waits for them.

#include <algorithm>
#include <utility>

#include "services/state_machine.hpp"

namespace spillway {

namespace {

constexpr std::int64_t kNoTimeout = 99'999'999;  // seconds; what a Task has that says none (AWS, 2026)
constexpr std::uint32_t kSubmitted = 1;          // TaskSubmitted, of tasks that go on after their call

const asl::Failure& timeout(bool heartbeat) {
  // A missed heartbeat has the name of a timeout (recorded on AWS, 2024-04-18).
  static const asl::Failure kTimeout = asl::Failure{"States.Timeout", {}, {}, {}, {}};
  static const asl::Failure kHeartbeat = asl::Failure{"States.Timeout", {}, true, {}, {}};
  return heartbeat ? kHeartbeat : kTimeout;
}

}  // namespace

// ---- Asking

void StateMachine::begin_task(TrackId id, const WorkflowTask& task) {
  documents().replace(tracks_[id].arguments, task.arguments);
  set_timeouts(id, task);
  ask(id);
}

/// Tasks of one execution draw as the same request would that a caller without a state machine sends; only
/// iterations of a Map and states that are visited again draw anew.
Lineage StateMachine::task_lineage(const Track& track) {
  Execution& execution = execution_of(track);
  const std::uint64_t bit = std::uint64_t{1} << (track.state % 64U);
  const bool plain = track.salt == execution.salt && (execution.visited & bit) == 0;
  const auto work = mix_bits(std::uint64_t{track.salt} << 32U | track.visits);
  const Lineage lineage =
      plain ? execution.lineage : execution.lineage.sibling(static_cast<std::uint32_t>(work) | 1U);
  if (track.tries > 1) return lineage.attempt(track.state + 1, track.tries, RetryLayer::workflow);
  return lineage;
}

void StateMachine::ask(TrackId id) {
  const Track& track = tracks_[id];
  const TaskBinding& task = tasks_[track.state];
  if (task.port == kNoPort) {
    Draws drawn = draws(task_draws_, track, 3);
    return go_on_after(id, task.takes.duration(drawn), Stage::stub);
  }
  const TicketId asked = ticket(id, Stage::asked);
  call(task.port, {.journey = execution_of(track).journey,
                   .tag = static_cast<std::uint32_t>(asked),
                   .bytes = static_cast<std::uint32_t>(documents().bytes(track.arguments)),
                   .lineage = task_lineage(track)});
}

Outcome StateMachine::stub_outcome(TrackId id) {
  const Track& track = tracks_[id];
  return draws(task_draws_, track, 4).chance(tasks_[track.state].fails) ? Outcome::error : Outcome::ok;
}

// ---- Answers

void StateMachine::on_answer(CallId id) {
  const Call& settled = record(id);
  const auto asked = TicketId{settled.tag};
  const TrackId of = tickets_[asked].track;
  tickets_.release(asked);
  if (of == kNoTrack) return;
  Track& track = tracks_[of];
  track.ticket = kNoTicket;
  const Execution& execution = execution_of(track);
  if (track.parent == kNoTrack && execution.call != kNoCall) record(execution.call).waits += settled.waits;
  task_answered(of, settled.outcome);
}

void StateMachine::task_answered(TrackId id, Outcome outcome) {
  if (outcome != Outcome::ok) return task_failed(id, failure_of(id, outcome));
  const TaskBinding& task = tasks_[tracks_[id].state];
  if (task.pattern != TaskBinding::Pattern::request_response) execution_of(tracks_[id]).events += kSubmitted;
  task.pattern == TaskBinding::Pattern::token ? await_callback(id) : task_succeeded(id);
}

asl::Failure StateMachine::failure_of(TrackId id, Outcome outcome) {
  Track& track = tracks_[id];
  const TaskBinding& task = tasks_[track.state];
  if (outcome == Outcome::error && !task.errors.empty()) {
    Draws drawn = draws(task_draws_, track, 5);
    return task.errors.draw(drawn);
  }
  return task.failures[static_cast<std::size_t>(outcome)];
}

DocumentId StateMachine::draw_result(const Track& track, const TaskBinding& task) {
  if (task.results.empty()) {
    return task.echo ? envelope(track.arguments) : documents().refer(track.arguments);
  }
  Draws drawn = draws(task_draws_, track, 6);
  return documents().refer(task.results.draw(drawn));
}

/// What arn:aws:states:::lambda:invoke makes of a function's answer, which here is its own payload.
DocumentId StateMachine::envelope(DocumentId arguments) {
  const Json& given = documents()[arguments];
  const auto payload = given.is_object() ? given.find("Payload") : given.end();
  Json answer{{"ExecutedVersion", "$LATEST"}};
  answer["Payload"] = given.is_object() && payload != given.end() ? *payload : Json::object();
  answer["StatusCode"] = 200;
  return documents().fresh(arguments) ? documents().keep_fresh(std::move(answer))
                                      : documents().share(std::move(answer));
}

void StateMachine::task_succeeded(TrackId id) {
  Track& track = tracks_[id];
  clear_waits(id);
  const DocumentId told = std::exchange(track.told, kNoDocument);
  leave_state(id, told != kNoDocument ? told : draw_result(track, tasks_[track.state]));
}

void StateMachine::task_failed(TrackId id, const asl::Failure& failure) {
  clear_waits(id);
  documents().replace(tracks_[id].arguments, kNoDocument);
  fail_state(id, failure);
}

/// What a track waits for no longer matters.
void StateMachine::clear_waits(TrackId id) {
  Track& track = tracks_[id];
  void_ticket(track);
  if (track.timed) deadlines_[track.state].remove(tracks_, id);
  track.timed = false;
  if (track.open_token) close_token(id);
}

// ---- Time-outs

void StateMachine::set_timeouts(TrackId id, const WorkflowTask& task) {
  Track& track = tracks_[id];
  const bool beats = tasks_[track.state].pattern == TaskBinding::Pattern::token;
  const std::int64_t seconds = task.timeout_seconds.value_or(kNoTimeout);
  track.timeout = seconds < kNoTimeout ? now() + seconds * 1s : kNever;
  track.heartbeat = beats ? task.heartbeat_seconds.value_or(0) * 1s : Duration::zero();
  track.due =
      track.heartbeat > Duration::zero() ? std::min(track.timeout, now() + track.heartbeat) : track.timeout;
  watch(id);
}

/// Puts a track into its state's list of time-outs, as soon as it may time out.
void StateMachine::watch(TrackId id) {
  Track& track = tracks_[id];
  Deadlines& list = deadlines_[track.state];
  if (track.timed) list.remove(tracks_, id);
  track.timed = track.due < kNever;
  if (!track.timed) return;
  list.insert_ordered(tracks_, id, [](const Track& one) { return one.due; });
  Time& timer = deadline_timers_[track.state];
  if (tracks_[list.front()].due >= timer) return;
  timer = tracks_[list.front()].due;
  after<&StateMachine::tasks_due>(timer - now(), track.state);
}

void StateMachine::tasks_due(std::uint32_t state) {
  if (deadline_timers_[state] > now()) return;  // a timer that a nearer one has overtaken
  deadline_timers_[state] = kNever;
  Deadlines& list = deadlines_[state];
  while (!list.empty() && tracks_[list.front()].due <= now()) {
    const TrackId id = list.front();
    const bool heartbeat = tracks_[id].due < tracks_[id].timeout;
    Execution& execution = execution_of(tracks_[id]);
    execution.done |= does_[state];  // its work runs on
    if (execution.counted) ++observation_.state(state).timed_out;
    task_failed(id, timeout(heartbeat));
  }
  if (list.empty() || deadline_timers_[state] < kNever) return;
  deadline_timers_[state] = tracks_[list.front()].due;
  after<&StateMachine::tasks_due>(deadline_timers_[state] - now(), state);
}

// ---- Tokens

void StateMachine::await_callback(TrackId id) {
  Track& track = tracks_[id];
  const TaskBinding& task = tasks_[track.state];
  if (!task.callback) return open_token(id);
  const TaskCallback& callback = *task.callback;
  Draws drawn = draws(task_draws_, track, 7);
  const bool never = drawn.chance(callback.never);
  const bool alive = callback.heartbeat > Duration::zero() && callback.heartbeat <= track.heartbeat;
  if (alive && !never) {
    track.due = track.timeout;
    watch(id);
  }
  if (!never) go_on_after(id, callback.after.duration(drawn), Stage::callback);
}

void StateMachine::callback_came(TrackId id) {
  const Track& track = tracks_[id];
  const TaskBinding& task = tasks_[track.state];
  bool fails = track.token_failed;
  if (task.callback) fails = draws(task_draws_, track, 8).chance(task.callback->fails);
  fails ? task_failed(id, failure_of(id, Outcome::error)) : task_succeeded(id);
}

/// Waits for a SendTask... of its journey.
void StateMachine::open_token(TrackId id) {
  Track& track = tracks_[id];
  track.open_token = true;
  track.token_failed = false;
  const auto journey = static_cast<std::uint64_t>(execution_of(track).journey);
  const std::uint32_t first = tokens_.find(journey);
  if (first == KeyIndex::kNone) return tokens_.insert(journey, static_cast<std::uint32_t>(id));
  TrackId last{first};
  while (tracks_[last].newer != kNoTrack) last = tracks_[last].newer;
  tracks_[last].newer = id;
  track.older = last;
}

void StateMachine::close_token(TrackId id) {
  Track& track = tracks_[id];
  track.open_token = false;
  const auto journey = static_cast<std::uint64_t>(execution_of(track).journey);
  if (track.newer != kNoTrack) tracks_[track.newer].older = track.older;
  if (track.older != kNoTrack) {
    tracks_[track.older].newer = track.newer;
  } else {
    tokens_.erase(journey);
    if (track.newer != kNoTrack) tokens_.insert(journey, static_cast<std::uint32_t>(track.newer));
  }
  track.older = track.newer = kNoTrack;
}

/// SendTaskSuccess, SendTaskFailure, SendTaskHeartbeat. A token whose task has ended is refused
/// (TaskTimedOut).
void StateMachine::token_used(CallId id, Operation operation) {
  const std::uint32_t found = tokens_.find(static_cast<std::uint64_t>(record(id).journey));
  if (found == KeyIndex::kNone) return answer(id, Outcome::refused);
  const TrackId of{found};
  Track& track = tracks_[of];
  if (operation == Operation::task_heartbeat) {
    if (track.heartbeat > Duration::zero()) {
      track.due = std::min(track.timeout, now() + track.heartbeat);
      watch(of);
    }
    return answer(id, Outcome::ok);
  }
  track.token_failed = operation == Operation::task_failure;
  close_token(of);
  go_on_after(of, Duration::zero(), Stage::callback);
  answer(id, Outcome::ok);
}

// ---- Nested executions

/// The input that a state machine's task gives to an execution that it starts.
DocumentId StateMachine::offered_input(const Call& call) {
  StateMachine* const parent = caller(call);
  if (parent == nullptr) return kNoDocument;
  const TrackId of = parent->tickets_[TicketId{call.tag}].track;
  if (of == kNoTrack) return kNoDocument;
  const Json& arguments = parent->documents()[parent->tracks_[of].arguments];
  const auto input = arguments.is_object() ? arguments.find("Input") : arguments.end();
  if (!arguments.is_object() || input == arguments.end()) return kNoDocument;
  Json parsed =
      input->is_string() ? Json::parse(input->get_ref<const std::string&>(), nullptr, false) : *input;
  if (parsed.is_discarded()) return kNoDocument;
  return parent->documents().fresh(parent->tracks_[of].arguments) ? documents().keep_fresh(std::move(parsed))
                                                                  : documents().share(std::move(parsed));
}

/// The output of an execution for the state machine that waits for it.
void StateMachine::tell_parent(const Execution& ended, DocumentId output) {
  const Call& call = record(ended.call);
  StateMachine* const parent = caller(call);
  if (parent == nullptr || output == kNoDocument) return;
  const TrackId of = parent->tickets_[TicketId{call.tag}].track;
  if (of == kNoTrack) return;
  Track& track = parent->tracks_[of];
  const bool as_text = !parent->tasks_[track.state].json_output;
  Json answer{{"Name", std::to_string(ended.number)}, {"Status", "SUCCEEDED"}};
  answer["Output"] = as_text ? Json(documents()[output].dump()) : documents()[output];
  parent->documents().replace(track.told, parent->documents().keep_fresh(std::move(answer)));
}

}  // namespace spillway
