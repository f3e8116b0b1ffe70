#pragma once
/// aws.stepfunctions.state_machine: executions of a definition in the Amazon States Language, in virtual
/// time.
///
///     start -> [ enter a state -> its work -> leave it ] ... -> succeeded | failed | timed out
///
/// What a state does with its documents is Workflow's affair; here are the clock, the calls, the quotas and
/// the bill. An execution is a tree of tracks: a track is one chain of states (the machine's own, a branch of
/// a Parallel state, an iteration of an inline Map) and stands in one state at a time. The children of a
/// distributed Map are executions of their own.
///
/// A track waits for one thing at a time: a delay, an answer, its branches, or a token. What it waits for
/// holds a ticket to it, so that a track can go on (its task timed out) or end (a sibling failed) while the
/// thing is still under way: the ticket is then void.
///
/// Rules: Step Functions Developer Guide, 2026; states-language.net/spec.html, 2025; histories recorded on
/// AWS, 2023-26.

#include <algorithm>
#include <array>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "model/key_index.hpp"
#include "model/linked_list.hpp"
#include "model/token_bucket.hpp"
#include "services/state_machine_observation.hpp"
#include "services/workflow.hpp"
#include "spillway/distribution.hpp"
#include "spillway/service.hpp"
#include "spillway/settings.hpp"
#include "spillway/world.hpp"

namespace spillway {

/// One of several, by weight.
template <class Choice>
class Weighted {
 public:
  void add(double weight, Choice choice) {
    total_ += weight;
    rows_.push_back({total_, std::move(choice)});
  }
  bool empty() const { return rows_.empty(); }
  /// Each with its weight.
  std::vector<std::pair<Choice, double>> all() const {
    std::vector<std::pair<Choice, double>> all;
    for (double before = 0; const Row& row : rows_) {
      all.emplace_back(row.choice, row.edge - before);
      before = row.edge;
    }
    return all;
  }
  /// Takes one draw.
  const Choice& draw(Draws& draws) const {
    const double at = draws.uniform() * total_;
    std::size_t row = 0;
    while (row + 1 < rows_.size() && at >= rows_[row].edge) ++row;
    return rows_[row].choice;
  }

 private:
  struct Row {
    double edge;
    Choice choice;
  };
  std::vector<Row> rows_;
  double total_ = 0;
};

/// Whoever answers a task that waits for its token: a person, a worker, a system outside.
struct TaskCallback {
  Distribution after = Distribution::constant(0);
  double never = 0;      ///< probability that no answer comes
  double fails = 0;      ///< probability of SendTaskFailure
  Duration heartbeat{};  ///< between two SendTaskHeartbeat; zero: none is sent
};

/// What a Task state asks, and what comes back.
struct TaskBinding {
  enum class Pattern : std::uint8_t { request_response, job, token };

  Pattern pattern = Pattern::request_response;
  bool echo = false;         ///< without results: its payload, as arn:aws:states:::lambda:invoke shows it
  bool json_output = false;  ///< of a nested execution (.sync:2); else its output is a text
  PortId port = kNoPort;     ///< of the called resource; none: a stub
  Distribution takes = Distribution::constant(0);  ///< of a stub
  double fails = 0;                                ///< of a stub
  Weighted<DocumentId> results{};                  ///< none: the task's own arguments
  Weighted<asl::Failure> errors{};                 ///< of the code that ran, by name
  std::array<asl::Failure, kOutcomes> failures{};  ///< of the called service, by how the call was answered
  std::optional<TaskCallback> callback{};
};

/// A step whose effect another step takes back.
struct Compensation {
  asl::StateIndex does = asl::kNoState;
  asl::StateIndex undoes = asl::kNoState;
};

/// The time that Step Functions itself takes. Every state takes `transition`; some take more.
struct StateOverheads {
  Distribution start = Distribution::constant(0);
  Distribution transition = Distribution::constant(0);
  std::array<std::optional<Distribution>, 8> more{};  ///< by asl::StateType
};

struct StateMachineConfig {
  bool express = false;
  bool documents = true;  ///< else only the shape of the definition counts
  StateOverheads overheads{};
  Duration longest = 24h * 365;         ///< an execution, if its definition does not say less
  std::int64_t open_limit = 1'000'000;  ///< Standard executions
  std::int64_t history_limit = 25'000;  ///< events of a Standard execution
  std::int64_t payload_limit = 262'144;
  std::int64_t definition_bytes = 0;       ///< for the memory of an Express execution
  std::int64_t standard_child_rate = 100;  ///< children that a distributed Map starts in a second
  std::int64_t express_child_rate = 1000;
  std::int64_t child_limit = 10'000;  ///< children that run at once
  bool names_by_request = false;      ///< StartExecution again for one journey names the same execution
  Duration redrive_after{};           ///< zero: failed executions stay failed
  std::int32_t most_redrives = 0;
  double repeats = 0;  ///< probability that an Express execution is run twice
};

/// The buckets of an account and region. Taking a transition never fails: it waits.
struct StepFunctionsAccount final : Shared {
  StepFunctionsAccount(TokenBucket starts_, TokenBucket transitions_)
      : starts(starts_), transitions(transitions_) {}
  TokenBucket starts;
  TokenBucket transitions;

  /// When the next transition may take place: those that wait keep their order.
  Time promise_transition(Time now) {
    Time at = std::max(now, promised_);
    at += transitions.wait(at);
    transitions.take(at);
    return promised_ = at;
  }

 private:
  Time promised_ = kStart;
};

class StateMachine final : public Service {
 public:
  StateMachine(World& world, std::string name, StateMachineConfig config, asl::Machine machine,
               StepFunctionsAccount& account);
  ~StateMachine() override;

  const StateMachineConfig& config() const { return config_; }
  Workflow& workflow() { return workflow_; }
  const asl::Machine& machine() const { return workflow_.machine(); }

  void set_input(std::uint16_t traffic_class, DocumentId document);
  /// Failures that the binding does not name are States.TaskFailed.
  void bind(asl::StateIndex state, TaskBinding binding);
  void set_branches(asl::StateIndex choice, Weighted<asl::StateIndex> branches) {
    branches_[choice] = std::move(branches);
  }
  void set_items(asl::StateIndex map, DocumentId items) { items_[map] = items; }
  void set_compensations(const std::vector<Compensation>& compensations);

  /// A task that calls a resource: how often in an execution when nothing fails, and in how many attempts at
  /// most when it does.
  struct TaskCall {
    const asl::State* state;
    PortId port;
    double visits;
    double most_attempts;
  };
  std::vector<TaskCall> task_calls() const;

  /// Of the records of executions, without their documents.
  std::size_t bytes() const { return executions_.bytes() + tracks_.bytes() + tickets_.bytes(); }

  /// "start" (or none): StartExecution, answered when the execution has been accepted. "start_sync":
  /// StartSyncExecution of an Express workflow; "run": startExecution.sync of a Standard one; both are
  /// answered when it has ended. "send_task_success", "send_task_failure", "send_task_heartbeat": for the
  /// oldest open token of the caller's journey.
  int operation(std::string_view name) const override;
  void start() override;
  void on_call(CallId call) override;
  void on_answer(CallId call) override;
  std::string details() const override { return observation_.json(machine()); }

 private:
  enum class Operation : std::uint8_t { start, start_sync, run, task_success, task_failure, task_heartbeat };
  enum class ExecutionId : std::uint32_t {};
  enum class TrackId : std::uint32_t {};
  enum class TicketId : std::uint32_t {};
  static constexpr auto kNoExecution = ExecutionId{UINT32_MAX};
  static constexpr auto kNoTrack = TrackId{UINT32_MAX};
  static constexpr auto kNoTicket = TicketId{UINT32_MAX};
  static constexpr std::uint32_t kNone = UINT32_MAX;

  /// Executions of one term may all last equally long.
  enum class Term : std::uint8_t { whole, standard_child, express_child };

  struct Execution {
    Time born{};
    Time started{};         ///< or redriven
    CallId call = kNoCall;  ///< who waits for its end
    JourneyId journey = kNoJourney;
    Lineage lineage{};
    DocumentId input = kNoDocument;
    TrackId root = kNoTrack;
    TrackId parent = kNoTrack;  ///< of a distributed Map's child
    std::uint32_t slot = 0;
    ExecutionId previous = kNoExecution;  ///< neighbours in the list of deadlines
    ExecutionId next = kNoExecution;
    std::uint32_t number = 0;  ///< which execution of the machine
    std::uint32_t salt = 0;
    std::uint32_t events = 0;
    std::uint32_t fan_outs = 0;  ///< Parallel and Map states entered
    std::uint32_t path = 0;
    std::uint64_t done = 0;     ///< bit i: compensation i's step was done
    std::uint64_t undone = 0;   ///< and taken back
    std::uint64_t visited = 0;  ///< bit i: a task that is state i modulo 64
    asl::FlowIndex flow = 0;
    std::uint16_t redrives = 0;
    asl::StateIndex failed_in = asl::kNoState;  ///< these three wait for a redrive
    DocumentId failed_input = kNoDocument;
    DocumentId failed_variables = kNoDocument;
    bool express = false;
    bool repeat = false;  ///< started again by Step Functions, or a repeated request
    bool counted = true;
    bool rolled_back = false;
  };

  struct Track {
    Time entered{};
    Time due{};  ///< when its task times out, or misses a heartbeat
    Time timeout{};
    ExecutionId execution = kNoExecution;
    TrackId parent = kNoTrack;
    std::uint32_t slot = 0;
    asl::StateIndex state = asl::kNoState;
    DocumentId input = kNoDocument;
    DocumentId variables = kNoDocument;
    DocumentId outer = kNoDocument;
    DocumentId arguments = kNoDocument;  ///< of its task
    DocumentId told = kNoDocument;       ///< the output of a nested execution
    TicketId ticket = kNoTicket;
    std::uint32_t counts = kNone;  ///< of its retriers in this visit
    std::uint32_t fan = kNone;
    TrackId previous = kNoTrack;  ///< neighbours in its state's list of time-outs
    TrackId next = kNoTrack;
    TrackId older = kNoTrack;  ///< neighbours among those of its journey that wait for SendTask...
    TrackId newer = kNoTrack;
    std::uint32_t salt = 0;
    std::uint32_t visits = 0;
    Duration heartbeat{};  ///< of its task; zero: none is expected
    std::uint16_t tries = 0;
    bool timed = false;       ///< it stands in the list of time-outs
    bool open_token = false;  ///< and among those that wait for their token
    bool token_failed = false;
  };

  enum class Stage : std::uint8_t { enter, work, asked, stub, callback, waited, start_children };
  struct Ticket {
    TrackId track = kNoTrack;
    Stage stage = Stage::work;
  };

  struct Fan {
    FanOutId plan{};
    std::vector<DocumentId> outputs;
    std::vector<std::uint32_t> children;  ///< tracks, or of a distributed Map executions; kNone: ended
    std::size_t begun = 0;
    std::size_t ended = 0;
    std::size_t failed = 0;
    TokenBucket starts{};
  };

  using Deadlines = LinkedList<Track, TrackId, &Track::previous, &Track::next>;
  using Open = LinkedList<Execution, ExecutionId, &Execution::previous, &Execution::next>;

  // Executions: state_machine.cpp
  void start_execution(CallId call, Operation operation);
  bool running_for(JourneyId journey);
  ExecutionId begin_execution(asl::FlowIndex flow, DocumentId input, const Execution& like);
  void end_execution(ExecutionId id, ExecutionStatus status, DocumentId output);
  void leave_open(ExecutionId id);
  void join_open(ExecutionId id);
  void note_end(ExecutionStatus status);
  bool may_redrive(const Execution& execution) const;
  void put_aside(ExecutionId id, ExecutionStatus status);
  void redrive(ExecutionId id);
  void answer_caller(const Execution& ended, ExecutionStatus status, DocumentId output);
  void bill(MeterId meter, std::int64_t quantity, const Execution& execution);
  void bill_duration(const Execution& execution, Duration lasted);
  void count_effects(const Execution& execution, ExecutionStatus status);
  void executions_due(std::uint32_t term);
  static Term term_of(const Execution& execution);
  Duration longest(Term term) const;
  void arm_term(Term term);
  void show_open();

  // States: state_machine_states.cpp
  TrackId begin_track(ExecutionId execution, asl::FlowIndex flow, DocumentId input, TrackId parent,
                      std::uint32_t slot);
  void drop_track(TrackId id);
  void enter_state(TrackId id);
  Duration transition(const Track& track, bool retried);
  Duration draw_overhead(const Track& track);
  void work(TrackId id);
  void draw_branch(TrackId id);
  void wait(TrackId id, const asl::Waiting& waiting);
  void leave_state(TrackId id, DocumentId result);
  void go_on(TrackId id, const WorkflowLeaving& leaving, bool caught);
  void track_ended(TrackId id);
  void fail_state(TrackId id, asl::Failure failure);
  bool retry(TrackId id, const asl::Failure& failure);
  std::uint32_t take_counts(std::size_t retriers);
  void track_failed(TrackId id, const asl::Failure& failure);
  WorkflowView view(TrackId id);
  const Json& context(TrackId id);
  DocumentId map_item(const Track& track) const;
  DocumentId execution_item(const Execution& execution) const;
  Draws draws(const Stream& stream, const Track& track, std::uint32_t purpose);

  // Tasks: state_machine_tasks.cpp
  void begin_task(TrackId id, const WorkflowTask& task);
  void ask(TrackId id);
  Outcome stub_outcome(TrackId id);
  void task_answered(TrackId id, Outcome outcome);
  void await_callback(TrackId id);
  void callback_came(TrackId id);
  void task_succeeded(TrackId id);
  void task_failed(TrackId id, const asl::Failure& failure);
  void set_timeouts(TrackId id, const WorkflowTask& task);
  void watch(TrackId id);
  void tasks_due(std::uint32_t state);
  void clear_waits(TrackId id);
  void open_token(TrackId id);
  void close_token(TrackId id);
  void token_used(CallId call, Operation operation);
  DocumentId draw_result(const Track& track, const TaskBinding& task);
  DocumentId envelope(DocumentId arguments);
  asl::Failure failure_of(TrackId id, Outcome outcome);
  Lineage task_lineage(const Track& track);
  /// The state machine whose task sends through the port of a call, if it is one.
  StateMachine* caller(const Call& call) const { return callers_[call.port]; }
  DocumentId offered_input(const Call& call);
  void tell_parent(const Execution& ended, DocumentId output);

  // Parallel and Map: state_machine_fan_out.cpp
  void read_items(TrackId id);
  void begin_fan_out(TrackId id, FanOutId plan);
  void start_branches(TrackId id);
  void start_branch(TrackId id);
  void branch_ended(TrackId parent, std::uint32_t slot, DocumentId output);
  void child_ended(TrackId parent, std::uint32_t slot, bool succeeded, DocumentId output);
  void fan_out_went_on(TrackId id);
  DocumentId fan_out_result(TrackId id);
  void drop_fan(TrackId id);
  void abandon_child(ExecutionId id);
  bool room(const Fan& fan) const;
  const asl::MapFields& map_of(const Track& track) const;

  // Tickets: state_machine.cpp
  void go_on_after(TrackId id, Duration delay, Stage stage);
  TicketId ticket(TrackId id, Stage stage);
  void called_up(TicketId ticket);
  void void_ticket(Track& track);

  const WorkflowFanOut& plan_of(const Fan& fan) const { return workflow_.plan(fan.plan); }
  const asl::State& state_of(const Track& track) const { return machine().states[track.state]; }
  Execution& execution_of(const Track& track) { return executions_[track.execution]; }
  Documents& documents() { return workflow_.documents(); }

  StateMachineConfig config_;
  Workflow workflow_;
  StepFunctionsAccount& account_;
  MeterId transitions_;
  MeterId requests_;
  MeterId duration_;
  Stream overhead_draws_;
  Stream task_draws_;
  Stream choice_draws_;
  Stream jitter_draws_;
  Stream repeat_draws_;
  Stream random_draws_;

  std::vector<DocumentId> inputs_;  ///< by traffic class
  std::vector<TaskBinding> tasks_;  ///< these three by state
  std::vector<Weighted<asl::StateIndex>> branches_;
  std::vector<DocumentId> items_;
  std::vector<std::uint64_t> does_;    ///< by state: the compensations whose step it is
  std::vector<std::uint64_t> undoes_;  ///< and those that it carries out
  std::vector<Compensation> compensations_;

  Pool<Execution, ExecutionId> executions_;
  Pool<Track, TrackId> tracks_;
  Pool<Ticket, TicketId> tickets_;
  std::deque<Fan> fans_;
  std::vector<std::uint32_t> free_fans_;
  std::deque<asl::RetryCounts> counts_;
  std::vector<std::uint32_t> free_counts_;
  std::array<Open, 3> open_{};  ///< by Term, in the order of their starts
  std::array<bool, 3> open_timers_{};
  std::vector<Deadlines> deadlines_;  ///< by state
  std::vector<Time> deadline_timers_;
  std::vector<StateMachine*> callers_;  ///< by port
  KeyIndex tokens_;                     ///< by journey: the oldest track that waits for its token
  std::uint32_t numbered_ = 0;
  std::int64_t standard_open_ = 0;
  std::int64_t all_open_ = 0;

  DocumentId empty_ = documents().share(Json::object());
  /// Of a Map that nobody gave items.
  DocumentId no_items_ = documents().share(config_.documents ? Json::array() : Json::array({Json::object()}));
  Json context_;
  Draws random_{0};
  std::function<std::uint64_t()> random_bits_;
  StateMachineObservation observation_;
};

class Wiring;
Settings describe_state_machine();
Service& make_state_machine(Wiring& wiring, std::string name, const Value& settings);
void connect_state_machine(Wiring& wiring, Service& service, const Value& settings);

}  // namespace spillway
