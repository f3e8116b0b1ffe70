#include "services/state_machine.hpp"

#include "services/state_machine_visits.hpp"

#include <algorithm>
#include <utility>

// Executions: how they are accepted, how they end, and what they cost. What happens in between is in
// state_machine_states.cpp, _tasks.cpp and _fan_out.cpp.

namespace spillway {

namespace {

constexpr std::int64_t kBilledStep = 100'000'000;  // Express durations, ns (Step Functions pricing)
constexpr std::int64_t kBilledMegabytes = 64;
constexpr std::int64_t kBaseMegabytes = 50;
constexpr std::int64_t kMegabyte = 1'000'000;  // the pricing page's example has 1 MB = 1,000 KB
constexpr Duration kLongestExpress = 300s;
constexpr std::int64_t kMillisecond = 1'000'000;

std::int64_t rounded_up(std::int64_t value, std::int64_t step) { return (value + step - 1) / step * step; }

}  // namespace

StateMachine::StateMachine(World& world, std::string name, StateMachineConfig config, asl::Machine machine,
                           StepFunctionsAccount& account)
    : Service(world, std::move(name)),
      config_(std::move(config)),
      workflow_(std::move(machine), config_.documents),
      account_(account),
      transitions_(world.meter("stepfunctions.standard.transitions")),
      requests_(world.meter("stepfunctions.express.requests")),
      duration_(world.meter("stepfunctions.express.duration")),
      overhead_draws_(world.stream(this->name() + "/overhead")),
      task_draws_(world.stream(this->name() + "/task")),
      choice_draws_(world.stream(this->name() + "/choice")),
      jitter_draws_(world.stream(this->name() + "/jitter")),
      repeat_draws_(world.stream(this->name() + "/repeat")),
      random_draws_(world.stream(this->name() + "/random")),
      tasks_(this->machine().states.size()),
      branches_(tasks_.size()),
      items_(tasks_.size(), kNoDocument),
      does_(tasks_.size()),
      undoes_(tasks_.size()),
      deadlines_(tasks_.size()),
      deadline_timers_(tasks_.size(), kNever),
      random_bits_([this] { return random_.bits(); }),
      observation_(tasks_.size()) {}

StateMachine::~StateMachine() = default;

void StateMachine::set_input(std::uint16_t traffic_class, DocumentId document) {
  if (inputs_.size() <= traffic_class) inputs_.resize(traffic_class + std::size_t{1}, kNoDocument);
  inputs_[traffic_class] = document;
}

void StateMachine::bind(asl::StateIndex state, TaskBinding binding) {
  for (asl::Failure& failure : binding.failures) {
    if (!failure.error) failure = asl::Failure{"States.TaskFailed", {}, {}, {}, {}};
  }
  tasks_[state] = std::move(binding);
}

void StateMachine::set_compensations(const std::vector<Compensation>& compensations) {
  check(compensations.size() <= 64, "a state machine has more than 64 compensations");
  for (std::size_t i = 0; i < compensations.size(); ++i) {
    does_[compensations[i].does] |= std::uint64_t{1} << i;
    undoes_[compensations[i].undoes] |= std::uint64_t{1} << i;
  }
  compensations_ = compensations;
}

std::vector<StateMachine::TaskCall> StateMachine::task_calls() const {
  const std::vector<double> visits = expected_visits(
      machine(), {.branches = [this](asl::StateIndex choice) { return branches_[choice].all(); },
                  .items =
                      [this](asl::StateIndex map) {
                        if (items_[map] == kNoDocument) return 1.0;
                        return static_cast<double>(workflow_.documents()[items_[map]].size());
                      }});
  std::vector<TaskCall> calls;
  for (asl::StateIndex i = 0; i < tasks_.size(); ++i) {
    if (tasks_[i].port == kNoPort) continue;
    const asl::State& state = machine().states[i];
    calls.push_back({&state, tasks_[i].port, visits[i], most_attempts(state)});
  }
  return calls;
}

int StateMachine::operation(std::string_view name) const {
  if (name.empty() || name == "start") return static_cast<int>(Operation::start);
  if (name == "start_sync") return config_.express ? static_cast<int>(Operation::start_sync) : -1;
  if (name == "run") return config_.express ? -1 : static_cast<int>(Operation::run);
  if (name == "send_task_success") return static_cast<int>(Operation::task_success);
  if (name == "send_task_failure") return static_cast<int>(Operation::task_failure);
  if (name == "send_task_heartbeat") return static_cast<int>(Operation::task_heartbeat);
  return -1;
}

void StateMachine::start() {
  for (const Mark possible :
       {Mark::execution_failed, Mark::execution_timed_out, Mark::state_retried, Mark::history_full})
    mark(possible, 0);
  if (!config_.express) mark(Mark::transition_delayed, 0);
  if (!compensations_.empty()) mark(Mark::effect_left, 0);
  for (std::size_t i = 0; i < world().port_count(); ++i) {
    Service& from = world().service(world().port(PortId{static_cast<std::uint32_t>(i)}).from);
    callers_.push_back(dynamic_cast<StateMachine*>(&from));
  }
}

// ---- StartExecution

void StateMachine::on_call(CallId id) {
  const auto operation = static_cast<Operation>(world().port(PortId{record(id).port}).operation);
  if (operation >= Operation::task_success) return token_used(id, operation);
  if (!account_.starts.take(now())) {
    mark(Mark::rate_throttled);
    return answer(id, Outcome::throttled);
  }
  // ExecutionLimitExceeded and ValidationException are of the 400s, and no SDK tries them again.
  if (!config_.express && standard_open_ >= config_.open_limit) {
    mark(Mark::concurrency_throttled);
    return answer(id, Outcome::refused);
  }
  if (record(id).bytes > config_.payload_limit) return answer(id, Outcome::refused);
  start_execution(id, operation);
}

void StateMachine::start_execution(CallId id, Operation operation) {
  const Call& call = record(id);
  const bool waits = operation != Operation::start;
  if (!waits && config_.names_by_request && call.repeat && running_for(call.journey)) {
    mark(Mark::deduplicated);
    return answer(id, Outcome::ok);
  }
  const Execution like{.call = waits ? id : kNoCall,
                       .journey = call.journey,
                       .lineage = call.lineage,
                       .express = config_.express,
                       .repeat = call.repeat,
                       .counted = journey(call.journey).counted};
  const std::uint16_t traffic_class = journey(call.journey).traffic_class;
  DocumentId input = offered_input(call);
  if (input == kNoDocument) {
    input = documents().refer(traffic_class < inputs_.size() ? inputs_[traffic_class] : empty_);
  }
  const auto begin = [&](Execution one) {
    if (!waits) {
      world().begin_branch(one.journey);
      world().refer(one.journey);
    }
    begin_execution(0, documents().refer(input), one);
  };
  begin(like);
  if (!waits && config_.repeats > 0 &&
      world().draws(repeat_draws_, call.journey, call.lineage).chance(config_.repeats)) {
    Execution again = like;
    again.lineage = like.lineage.attempt(1, 2, RetryLayer::workflow);
    again.repeat = true;
    begin(again);
  }
  documents().unrefer(input);
  if (!waits) answer(id, Outcome::ok);
}

/// Whether an execution of this journey is open; a name is looked for only when a request is repeated.
bool StateMachine::running_for(JourneyId journey) {
  const Open& open = open_[static_cast<std::size_t>(Term::whole)];
  for (ExecutionId at = open.back(); at != kNoExecution; at = executions_[at].previous) {
    if (executions_[at].journey == journey) return true;
  }
  return false;
}

StateMachine::ExecutionId StateMachine::begin_execution(asl::FlowIndex flow, DocumentId input,
                                                        const Execution& like) {
  const ExecutionId id = executions_.take();
  Execution& execution = executions_[id];
  execution = like;
  execution.born = execution.started = now();
  execution.flow = flow;
  execution.input = input;
  execution.number = numbered_++;
  execution.events = 1;
  join_open(id);
  if (execution.express) bill(requests_, 1, execution);
  const TrackId root = begin_track(id, flow, documents().refer(input), kNoTrack, 0);
  executions_[id].root = root;
  Draws drawn = draws(overhead_draws_, tracks_[root], 9);
  go_on_after(root, config_.overheads.start.duration(drawn), Stage::enter);
  return id;
}

void StateMachine::join_open(ExecutionId id) {
  const Execution& execution = executions_[id];
  const Term term = term_of(execution);
  open_[static_cast<std::size_t>(term)].push_back(executions_, id);
  arm_term(term);
  standard_open_ += execution.express ? 0 : 1;
  ++all_open_;
  show_open();
}

void StateMachine::leave_open(ExecutionId id) {
  const Execution& execution = executions_[id];
  open_[static_cast<std::size_t>(term_of(execution))].remove(executions_, id);
  standard_open_ -= execution.express ? 0 : 1;
  --all_open_;
  show_open();
}

// ---- The end

StateMachine::Term StateMachine::term_of(const Execution& execution) {
  if (execution.parent == kNoTrack) return Term::whole;
  return execution.express ? Term::express_child : Term::standard_child;
}

Duration StateMachine::longest(Term term) const {
  if (term == Term::express_child) return kLongestExpress;
  if (term == Term::standard_child || !machine().timeout_seconds) return config_.longest;
  return std::min<Duration>(config_.longest, *machine().timeout_seconds * 1s);
}

void StateMachine::arm_term(Term term) {
  const auto index = static_cast<std::size_t>(term);
  if (open_timers_[index] || open_[index].empty()) return;
  open_timers_[index] = true;
  const Time due = executions_[open_[index].front()].started + longest(term);
  after<&StateMachine::executions_due>(std::max(due - now(), Duration::zero()),
                                       static_cast<std::uint32_t>(index));
}

void StateMachine::executions_due(std::uint32_t index) {
  open_timers_[index] = false;
  const auto term = static_cast<Term>(index);
  while (!open_[index].empty()) {
    const ExecutionId oldest = open_[index].front();
    if (executions_[oldest].started + longest(term) > now()) break;
    end_execution(oldest, ExecutionStatus::timed_out, kNoDocument);
  }
  arm_term(term);
}

/// `output` is handed over.
void StateMachine::end_execution(ExecutionId id, ExecutionStatus status, DocumentId output) {
  Execution& execution = executions_[id];
  if (status != ExecutionStatus::succeeded && may_redrive(execution)) return put_aside(id, status);
  if (execution.root != kNoTrack) drop_track(execution.root);
  execution.root = kNoTrack;
  ++execution.events;
  note_end(status);
  const Duration lasted = now() - execution.born;
  if (execution.express) bill_duration(execution, lasted);
  if (execution.parent == kNoTrack) {
    count_effects(execution, status);
    if (execution.counted) observation_.ended(status, execution.path, lasted, execution.events);
  }
  const Execution ended = execution;
  leave_open(id);
  executions_.release(id);
  documents().unrefer(ended.input);
  if (ended.parent != kNoTrack) {
    return child_ended(ended.parent, ended.slot, status == ExecutionStatus::succeeded, output);
  }
  answer_caller(ended, status, output);
}

void StateMachine::note_end(ExecutionStatus status) {
  if (status == ExecutionStatus::timed_out) mark(Mark::execution_timed_out);
  if (status == ExecutionStatus::failed) mark(Mark::execution_failed);
}

// ---- Redrive

/// Standard executions that did not succeed, with fewer than 24,999 events so far (Step Functions Developer
/// Guide, "Redriving executions", 2026). Whoever waits for the end of one hears of its failure.
bool StateMachine::may_redrive(const Execution& execution) const {
  return execution.redrives < config_.most_redrives && !execution.express && execution.call == kNoCall &&
         execution.parent == kNoTrack && execution.root != kNoTrack &&
         execution.events < config_.history_limit - 1;
}

/// Keeps what its redrive needs: the state that failed, and the documents in view.
void StateMachine::put_aside(ExecutionId id, ExecutionStatus status) {
  Execution& execution = executions_[id];
  const Track& root = tracks_[execution.root];
  execution.failed_in = root.state;
  execution.failed_input = documents().refer(root.input);
  execution.failed_variables = documents().refer(root.variables);
  drop_track(std::exchange(execution.root, kNoTrack));
  ++execution.events;
  note_end(status);
  leave_open(id);
  after<&StateMachine::redrive>(config_.redrive_after, id);
}

/// Goes on from the state that failed; retriers and time limits begin anew, and transitions are paid again.
void StateMachine::redrive(ExecutionId id) {
  Execution& execution = executions_[id];
  ++execution.redrives;
  ++execution.events;
  execution.started = now();
  if (execution.counted) observation_.redriven();
  join_open(id);
  const TrackId root =
      begin_track(id, execution.flow, std::exchange(execution.failed_input, kNoDocument), kNoTrack, 0);
  tracks_[root].state = execution.failed_in;
  tracks_[root].variables = std::exchange(execution.failed_variables, kNoDocument);
  execution.root = root;
  go_on_after(root, Duration::zero(), Stage::enter);
}

/// An execution's failure is in its answer, and no SDK tries again for it: StartSyncExecution itself went
/// well.
void StateMachine::answer_caller(const Execution& ended, ExecutionStatus status, DocumentId output) {
  const bool succeeded = status == ExecutionStatus::succeeded;
  if (ended.call != kNoCall) {
    if (succeeded) tell_parent(ended, output);
    documents().unrefer(output);
    return answer(ended.call, succeeded ? Outcome::ok : Outcome::error);
  }
  documents().unrefer(output);
  world().end_branch(ended.journey, succeeded ? Ending::succeeded : Ending::failed);
  world().unrefer(ended.journey);
}

void StateMachine::count_effects(const Execution& execution, ExecutionStatus status) {
  if (status == ExecutionStatus::succeeded && !execution.rolled_back) return;
  for (std::size_t i = 0; i < compensations_.size(); ++i) {
    const std::uint64_t bit = std::uint64_t{1} << i;
    if ((execution.done & bit) == 0 || (execution.undone & bit) != 0) continue;
    mark(Mark::effect_left);
    if (execution.counted) observation_.effect_left(compensations_[i].does);
  }
}

void StateMachine::show_open() { level(Gauge::concurrency, all_open_); }

/// All of an execution that was started again belongs to who started it again.
void StateMachine::bill(MeterId meter, std::int64_t quantity, const Execution& execution) {
  use(meter, quantity, execution.repeat ? quantity : 0, execution.lineage.layer());
}

/// Duration in steps of 100 ms; memory in steps of 64 MB: 50 MB, the definition, and the data once for each
/// Parallel or Map state (Step Functions pricing).
void StateMachine::bill_duration(const Execution& execution, Duration lasted) {
  const std::int64_t data = documents().bytes(execution.input) * execution.fan_outs;
  const std::int64_t bytes = kBaseMegabytes * kMegabyte + config_.definition_bytes + data;
  const std::int64_t megabytes = rounded_up((bytes + kMegabyte - 1) / kMegabyte, kBilledMegabytes);
  const std::int64_t billed = std::max(kBilledStep, rounded_up(lasted.count(), kBilledStep)) / kMillisecond;
  bill(duration_, megabytes * billed, execution);
}

// ---- Tickets

StateMachine::TicketId StateMachine::ticket(TrackId id, Stage stage) {
  const TicketId made = tickets_.take();
  tickets_[made] = {id, stage};
  check(tracks_[id].ticket == kNoTicket, "a track of a state machine waits for two things");
  tracks_[id].ticket = made;
  return made;
}

void StateMachine::void_ticket(Track& track) {
  if (track.ticket != kNoTicket) tickets_[track.ticket].track = kNoTrack;
  track.ticket = kNoTicket;
}

void StateMachine::go_on_after(TrackId id, Duration delay, Stage stage) {
  after<&StateMachine::called_up>(delay, ticket(id, stage));
}

void StateMachine::called_up(TicketId id) {
  const Ticket called = tickets_[id];
  tickets_.release(id);
  if (called.track == kNoTrack) return;
  tracks_[called.track].ticket = kNoTicket;
  switch (called.stage) {
    case Stage::enter: return enter_state(called.track);
    case Stage::work: return work(called.track);
    case Stage::stub: return task_answered(called.track, stub_outcome(called.track));
    case Stage::callback: return callback_came(called.track);
    case Stage::waited: return leave_state(called.track, kNoDocument);
    case Stage::start_children: return start_branches(called.track);
    case Stage::asked: return;  // an answer comes by on_answer
  }
}

}  // namespace spillway
