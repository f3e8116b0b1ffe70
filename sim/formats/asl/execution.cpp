#include "formats/asl/execution.hpp"

// A track is one chain of states: the machine's own, a branch, an iteration, a child. It is in one state at a
// time; when that state fans out, the tracks that it starts know it as their parent.

#include <algorithm>
#include <deque>
#include <queue>
#include <utility>

#include <fmt/format.h>

namespace spillway::asl {

namespace {

using TrackId = std::size_t;
constexpr TrackId kNoTrack = SIZE_MAX;
constexpr std::int64_t kSecond = 1'000'000'000;

struct Track {
  StateIndex state = kNoState;
  Json input;
  Json variables = Json::object();
  Json outer;  ///< the variables that it had when it began, which belong to the scopes around
  Json context;
  TrackId parent = kNoTrack;
  std::size_t slot = 0;  ///< which of its parent's branches it is
  bool child = false;    ///< a distributed Map's: its events are in a history of its own
  bool alive = true;
  std::size_t events = 0;  ///< of a child, which has the same limit as its parent
  RetryCounts counts;
  std::int64_t tries = 0;        ///< of the work in this visit of the state
  std::uint64_t generation = 0;  ///< of the moments that still count
  // While the state fans out:
  FanOut out;
  std::vector<std::optional<Json>> outputs;
  std::vector<TrackId> tracks;
  std::size_t begun = 0;
  std::size_t ended = 0;
  std::size_t failed = 0;
};

enum class Moment : std::uint8_t { enter, work, task_ended, waited };

struct Due {
  std::int64_t at_ns = 0;
  std::uint64_t sequence = 0;
  TrackId track = 0;
  std::uint64_t generation = 0;
  Moment moment = Moment::enter;
  bool operator<(const Due& other) const {
    return std::pair(at_ns, sequence) > std::pair(other.at_ns, other.sequence);
  }
};

/// "LambdaFunction", "Activity" or "Task": how the events of a resource begin.
std::string_view event_family(std::string_view resource) {
  if (resource.starts_with("arn:") && resource.find(":lambda:") != std::string_view::npos &&
      resource.find(":function:") != std::string_view::npos &&
      resource.find(":::") == std::string_view::npos) {
    return "LambdaFunction";
  }
  return resource.find(":activity:") != std::string_view::npos ? "Activity" : "Task";
}

class Execution {
 public:
  Execution(const Machine& machine, const Json& input, const Surroundings& around)
      : machine_(machine), around_(around), input_(input) {}

  ExecutionResult run() {
    write("ExecutionStarted");
    const TrackId first = start_track(0, input_, kNoTrack, 0, context());
    schedule(first, 0, Moment::enter);
    while (result_.status == Status::running && !due_.empty()) {
      const Due next = due_.top();
      due_.pop();
      Track& track = tracks_[next.track];
      if (!track.alive || track.generation != next.generation) continue;
      if (ends_before(next.at_ns)) break;
      now_ns_ = next.at_ns;
      step(next);
      if (result_.history.size() > around_.most_events) {
        end(Status::failed, "ExecutionFailed",
            {"States.Runtime", "the history has too many events", {}, {}, {}});
      }
    }
    result_.ended_ns = now_ns_;
    return std::move(result_);
  }

 private:
  // ---- time and history ----

  void schedule(TrackId track, std::int64_t after_ns, Moment moment) {
    due_.push({now_ns_ + after_ns, sequence_++, track, tracks_[track].generation, moment});
  }

  bool ends_before(std::int64_t at_ns) {
    if (around_.abort_at_ns && *around_.abort_at_ns < at_ns) {
      now_ns_ = *around_.abort_at_ns;
      end(Status::aborted, "ExecutionAborted", {});
      return true;
    }
    if (machine_.timeout_seconds && *machine_.timeout_seconds * kSecond < at_ns) {
      now_ns_ = *machine_.timeout_seconds * kSecond;
      end(Status::timed_out, "ExecutionTimedOut", {});
      return true;
    }
    return false;
  }

  void end(Status status, const char* event, Failure failure) {
    if (result_.status != Status::running) return;
    result_.status = status;
    result_.failure = std::move(failure);
    write(event);
  }

  void write(std::string type, std::string state = {}) {
    result_.history.push_back({now_ns_, std::move(type), std::move(state)});
  }

  void write(Track& track, std::string type, std::string state = {}) {
    if (!track.child) return write(std::move(type), std::move(state));
    ++track.events;
  }

  void write_state(Track& track, std::string_view what, bool named = false) {
    const State& state = machine_.states[track.state];
    write(track, fmt::format("{}State{}", type_name(state.type), what), named ? state.name : std::string());
  }

  std::string moment_text() const {
    Timestamp at = around_.start;
    at.seconds += now_ns_ / kSecond;
    at.nanoseconds += static_cast<std::int32_t>(now_ns_ % kSecond);
    if (at.nanoseconds >= kSecond) {
      at.nanoseconds -= static_cast<std::int32_t>(kSecond);
      ++at.seconds;
    }
    return timestamp_text(at);
  }

  // ---- documents ----

  Json context() const {
    return {{"Execution",
             {{"Id", "arn:aws:states:us-east-1:111111111111:execution:" + around_.machine_name + ':' +
                         around_.name},
              {"Input", input_},
              {"StartTime", timestamp_text(around_.start)},
              {"Name", around_.name},
              {"RoleArn", "arn:aws:iam::111111111111:role/" + around_.machine_name},
              {"RedriveCount", 0}}},
            {"StateMachine",
             {{"Id", "arn:aws:states:us-east-1:111111111111:stateMachine:" + around_.machine_name},
              {"Name", around_.machine_name}}}};
  }

  Scope scope(const Track& track) const {
    Scope scope;
    scope.input = &track.input;
    scope.context = &track.context;
    scope.variables = &track.variables;
    scope.outer_variables = &track.outer;
    scope.random_bits = around_.random_bits ? &around_.random_bits : nullptr;
    scope.now_ms = around_.start.seconds * 1000 + now_ns_ / 1'000'000;
    return scope;
  }

  // ---- tracks ----

  TrackId start_track(FlowIndex flow, const Json& input, TrackId parent, std::size_t slot, Json context) {
    Track track;
    track.state = machine_.flows[flow].start;
    track.input = input;
    track.context = std::move(context);
    track.parent = parent;
    track.slot = slot;
    tracks_.push_back(std::move(track));
    return tracks_.size() - 1;
  }

  void step(const Due& due) {
    if (tracks_[due.track].events > around_.most_events) {
      return track_failed(due.track, {"States.Runtime", "the history has too many events", {}, {}, {}});
    }
    switch (due.moment) {
      case Moment::enter: return enter_state(due.track);
      case Moment::work: return work(due.track);
      case Moment::task_ended: return task_ended(due.track);
      case Moment::waited: return done(due.track, nullptr);
    }
  }

  void enter_state(TrackId id) {
    Track& track = tracks_[id];
    track.counts.clear();
    track.tries = 0;
    write_state(track, "Entered", true);
    const State& state = machine_.states[track.state];
    Json about{{"Name", state.name}, {"EnteredTime", moment_text()}};
    if (state.type == StateType::task) about["RetryCount"] = 0;
    track.context["State"] = std::move(about);
    work(id);
  }

  /// What the state does, the first time and at each retry.
  void work(TrackId id) {
    Track& track = tracks_[id];
    if (machine_.states[track.state].type == StateType::task)
      track.context["State"]["RetryCount"] = track.tries;
    ++track.tries;
    Entered entered = enter(machine_, track.state, scope(track));
    if (auto* leaving = std::get_if<Leaving>(&entered)) {
      go_on(id, *std::move(leaving));
    } else if (auto* request = std::get_if<TaskRequest>(&entered)) {
      begin_task(id, *request);
    } else if (auto* waiting = std::get_if<Waiting>(&entered)) {
      begin_wait(id, *waiting);
    } else if (auto* reading = std::get_if<ReadItems>(&entered)) {
      read_items(id, *reading);
    } else if (auto* out = std::get_if<FanOut>(&entered)) {
      write_state(track, "Started");
      begin_fan_out(id, *std::move(out));
    } else {
      refused(id, std::get<Failure>(std::move(entered)));
    }
  }

  /// The state failed by itself, before any work was asked for.
  void refused(TrackId id, Failure failure) {
    Track& track = tracks_[id];
    if (failure.started) write_state(track, "Started");
    fail_state(id, std::move(failure), true);
  }

  void begin_task(TrackId id, const TaskRequest& request) {
    Track& track = tracks_[id];
    const std::string_view family = event_family(request.resource);
    write(track, fmt::format("{}Scheduled", family));
    write(track, fmt::format("{}Started", family));
    if (family == "Task" && waits_for_callback(request.resource)) write(track, "TaskSubmitted");
    answers_.resize(tracks_.size());
    TaskAnswer& answer = answers_[id];
    answer = around_.answer ? around_.answer(request, machine_.states[track.state].name) : TaskAnswer{};
    if (!around_.answer) answer.failure = {"States.TaskFailed", "nobody answers tasks", {}, {}, {}};
    if (request.timeout_seconds && answer.takes_ns > *request.timeout_seconds * kSecond) {
      answer.result.reset();
      answer.failure = {"States.Timeout", std::nullopt, {}, {}, {}};
      answer.takes_ns = *request.timeout_seconds * kSecond;
    }
    schedule(id, answer.takes_ns, Moment::task_ended);
  }

  void task_ended(TrackId id) {
    const TaskAnswer answer = std::exchange(answers_[id], {});
    const auto& task = std::get<TaskFields>(machine_.states[tracks_[id].state].what);
    const std::string_view family = event_family(task.resource);
    const auto fails = [&](Failure failure) {
      write(tracks_[id], fmt::format("{}{}", family, failure.is("States.Timeout") ? "TimedOut" : "Failed"));
      fail_state(id, std::move(failure), false);
    };
    if (!answer.result) return fails(answer.failure);
    Left left = leave(machine_, tracks_[id].state, scope(tracks_[id]), *answer.result);
    if (auto* failure = std::get_if<Failure>(&left);
        failure != nullptr && failure->is("States.DataLimitExceeded")) {
      return fails(*std::move(failure));
    }
    write(tracks_[id], fmt::format("{}Succeeded", family));
    left_state(id, std::move(left));
  }

  void begin_wait(TrackId id, const Waiting& waiting) {
    std::int64_t wait_ns = std::min<std::int64_t>(waiting.seconds, INT64_MAX / 4 / kSecond) * kSecond;
    if (waiting.until) {
      const std::int64_t seconds = waiting.until->seconds - around_.start.seconds;
      const std::int64_t at_ns = std::clamp<std::int64_t>(seconds, 0, INT64_MAX / 4 / kSecond) * kSecond +
                                 (waiting.until->nanoseconds - around_.start.nanoseconds);
      wait_ns = std::max<std::int64_t>(0, at_ns - now_ns_);
    }
    schedule(id, wait_ns, Moment::waited);
  }

  // ---- leaving ----

  void done(TrackId id, const Json& result) {
    left_state(id, leave(machine_, tracks_[id].state, scope(tracks_[id]), result));
  }

  void left_state(TrackId id, Left left) {
    if (auto* failure = std::get_if<Failure>(&left)) return fail_state(id, *std::move(failure), true);
    go_on(id, std::get<Leaving>(std::move(left)));
  }

  void go_on(TrackId id, Leaving leaving) {
    Track& track = tracks_[id];
    write_state(track, "Exited", true);
    track.variables = std::move(leaving.variables);
    track.input = std::move(leaving.output);
    ++track.generation;
    if (leaving.next == kNoState) return track_ended(id);
    track.state = leaving.next;
    schedule(id, 0, Moment::enter);
  }

  void track_ended(TrackId id) {
    Track& track = tracks_[id];
    track.alive = false;
    if (track.parent == kNoTrack) {
      result_.output = std::move(track.input);
      return end(Status::succeeded, "ExecutionSucceeded", {});
    }
    Track& parent = tracks_[track.parent];
    if (parent.out.map && !parent.out.distributed) write(track, "MapIterationSucceeded");
    parent.outputs[track.slot] = std::move(track.input);
    ++parent.ended;
    fan_out_went_on(track.parent);
  }

  // ---- fan-out ----

  void read_items(TrackId id, const ReadItems& request) {
    write_state(tracks_[id], "Started");
    const Json items = around_.items ? around_.items(request) : Json();
    Entered entered = fan_out(machine_, tracks_[id].state, scope(tracks_[id]), items);
    if (auto* out = std::get_if<FanOut>(&entered)) return begin_fan_out(id, *std::move(out));
    write(tracks_[id], "MapRunStarted");
    write(tracks_[id], "MapRunFailed");
    fail_state(id, std::get<Failure>(std::move(entered)), false);
  }

  void begin_fan_out(TrackId id, FanOut out) {
    Track& track = tracks_[id];
    if (out.distributed) write(track, "MapRunStarted");
    track.out = std::move(out);
    track.outputs.assign(track.out.branches.size(), std::nullopt);
    track.tracks.clear();
    track.begun = track.ended = track.failed = 0;
    fan_out_went_on(id);
  }

  /// Starts what may start, and ends what has ended.
  void fan_out_went_on(TrackId id) {
    const auto room = [&] {
      const Track& track = tracks_[id];
      const auto running = static_cast<std::int64_t>(track.begun - track.ended);
      return track.begun < track.out.branches.size() &&
             (track.out.concurrency == 0 || running < track.out.concurrency);
    };
    while (room()) start_branch(id);
    Track& track = tracks_[id];
    if (track.ended < track.out.branches.size()) return;
    if (track.out.distributed) write(track, "MapRunSucceeded");
    write_state(track, "Succeeded");
    Json outputs = Json::array();
    for (std::optional<Json>& output : track.outputs) {
      if (output) outputs.push_back(*std::move(output));
    }
    track.outputs.clear();
    done(id, outputs);
  }

  void start_branch(TrackId id) {
    const std::size_t slot = tracks_[id].begun++;
    Json inner = tracks_[id].context;
    const FanOut::Branch branch = tracks_[id].out.branches[slot];
    if (tracks_[id].out.map) inner["Map"]["Item"] = branch.item;
    const TrackId started = start_track(branch.flow, branch.input, id, slot, std::move(inner));
    Track& parent = tracks_[id];
    Track& track = tracks_[started];
    track.child = parent.child || parent.out.distributed;
    if (parent.out.distributed) {
      track.context["Execution"]["Input"] = branch.input;
    } else {
      track.variables = track.outer = parent.variables;
    }
    parent.tracks.push_back(started);
    if (parent.out.map && !parent.out.distributed) write(track, "MapIterationStarted");
    schedule(started, 0, Moment::enter);
  }

  // ---- errors ----

  /// `by_itself`: not by its task's or its branches' failure.
  void fail_state(TrackId id, Failure failure, bool by_itself) {
    if (failure.evaluation && by_itself) write(tracks_[id], "EvaluationFailed");
    Recovered recovered =
        recover(machine_, tracks_[id].state, scope(tracks_[id]), failure, tracks_[id].counts);
    if (auto* retry = std::get_if<RetryAfter>(&recovered)) {
      const bool drawn = retry->full_jitter && around_.random_bits;
      const std::int64_t delay_ns =
          drawn ? jittered(retry->delay_ns, around_.random_bits()) : retry->delay_ns;
      result_.retry_delays_ns.push_back(delay_ns);
      ++tracks_[id].generation;
      return schedule(id, delay_ns, Moment::work);
    }
    const StateType type = machine_.states[tracks_[id].state].type;
    const bool fans_out = type == StateType::parallel || type == StateType::map;
    if (fans_out && !(by_itself && failure.is("States.Runtime"))) write_state(tracks_[id], "Failed");
    if (auto* leaving = std::get_if<Leaving>(&recovered)) return go_on(id, *std::move(leaving));
    track_failed(id, std::get<Failure>(std::move(recovered)));
  }

  void track_failed(TrackId id, Failure failure) {
    Track& track = tracks_[id];
    track.alive = false;
    if (track.parent == kNoTrack) return end(Status::failed, "ExecutionFailed", std::move(failure));
    const TrackId parent = track.parent;
    if (tracks_[parent].out.distributed) return child_failed(parent);
    if (tracks_[parent].out.map) {
      write(track, "MapIterationFailed");
    } else if (machine_.states[track.state].type != StateType::fail) {
      write_state(track, "Aborted", true);
    }
    abort_branches(parent);
    fail_state(parent, std::move(failure), false);
  }

  void child_failed(TrackId parent) {
    Track& map = tracks_[parent];
    ++map.failed;
    ++map.ended;
    if (!map.out.exceeded(map.failed)) return fan_out_went_on(parent);
    write(map, "MapRunFailed");
    abort_branches(parent);
    fail_state(parent,
               {"States.ExceedToleratedFailureThreshold",
                "The specified tolerated failure threshold was exceeded",
                {},
                {},
                {}},
               false);
  }

  /// Stops all that a fanned-out state has still running, the innermost first.
  void abort_branches(TrackId id) {
    std::vector<TrackId> found;
    std::vector<TrackId> open{id};
    while (!open.empty()) {
      const TrackId at = open.back();
      open.pop_back();
      for (const TrackId inner : tracks_[at].tracks) {
        if (!tracks_[inner].alive) continue;
        found.push_back(inner);
        open.push_back(inner);
      }
    }
    for (auto each = found.rbegin(); each != found.rend(); ++each) {
      Track& track = tracks_[*each];
      track.alive = false;
      write_state(track, "Aborted", true);
      if (tracks_[track.parent].out.map && !tracks_[track.parent].out.distributed) {
        write(track, "MapIterationAborted");
      }
    }
    tracks_[id].tracks.clear();
  }

  const Machine& machine_;
  const Surroundings& around_;
  const Json& input_;
  ExecutionResult result_;
  std::deque<Track> tracks_;  // a deque: references stay good while tracks are started
  std::vector<TaskAnswer> answers_;
  std::priority_queue<Due> due_;
  std::uint64_t sequence_ = 0;
  std::int64_t now_ns_ = 0;
};

}  // namespace

ExecutionResult run(const Machine& machine, const Json& input, const Surroundings& surroundings) {
  return Execution(machine, input, surroundings).run();
}

}  // namespace spillway::asl
