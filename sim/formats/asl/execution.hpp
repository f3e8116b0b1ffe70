#pragma once
/// One execution of a state machine, alone and in virtual time: the functions of step.hpp, a queue of
/// moments, and the history of events that AWS would write.
///
/// It is how definitions are tried out and tested without a simulation around them: whoever runs it answers
/// the tasks. Everything is a function of the machine, the input and the answers. Source of the events: 623
/// histories recorded on AWS (2023-26).

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "formats/asl/step.hpp"

namespace spillway::asl {

enum class Status : std::uint8_t { running, succeeded, failed, timed_out, aborted };

struct HistoryEvent {
  std::int64_t at_ns = 0;
  std::string type;   ///< "PassStateEntered"
  std::string state;  ///< of the events that name one
};

/// How a task ended, and after how long.
struct TaskAnswer {
  std::optional<Json> result;  ///< absent: it failed
  Failure failure;
  std::int64_t takes_ns = 0;
};

/// The world around an execution.
struct Surroundings {
  std::function<TaskAnswer(const TaskRequest& request, const std::string& state)> answer;
  std::function<Json(const ReadItems& request)> items;
  std::function<std::uint64_t()> random_bits;
  Timestamp start;
  std::string name = "execution";
  std::string machine_name = "machine";
  std::optional<std::int64_t> abort_at_ns;  ///< somebody stops the execution then
  std::size_t most_events = 25'000;         ///< AWS fails a Standard execution with more
};

struct ExecutionResult {
  Status status = Status::running;
  Json output;
  Failure failure;
  std::vector<HistoryEvent> history;  ///< without the events of a distributed Map's children
  std::int64_t ended_ns = 0;
  std::vector<std::int64_t> retry_delays_ns;
};

ExecutionResult run(const Machine& machine, const Json& input, const Surroundings& surroundings);

}  // namespace spillway::asl
