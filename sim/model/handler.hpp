#pragma once
/// A service that runs handler programs. Each run is a Frame: a record that remembers how far the program has
/// come. A frame waits for exactly one thing at a time (a delay, an answer, its children), so a frame that is
/// cancelled, or whose parent is, is freed when that thing comes.

#include <string>

#include "model/idempotency_cache.hpp"
#include "model/program.hpp"
#include "spillway/service.hpp"
#include "spillway/world.hpp"

namespace spillway {

enum class FrameId : std::uint32_t {};
inline constexpr auto kNoFrame = FrameId{UINT32_MAX};

struct alignas(64) Frame {
  Time started{};
  Waits waits{};  ///< of the calls that it made
  CallId serving = kNoCall;
  JourneyId journey = kNoJourney;
  ReceiptId receipt = kNoReceipt;  ///< of the message that is handled now, when the call carries a batch
  std::uint32_t above = 0;  ///< of an arm of a fork its parent; else the service's own, e.g. the environment
  Lineage lineage{};
  std::uint16_t place = 0;     ///< the step to run next
  std::uint16_t start = 0;     ///< where its program begins, of several that the handler has
  std::uint16_t children = 0;  ///< arms that have not ended
  Outcome outcome = Outcome::ok;
  bool arm = false;  ///< of a fork
  bool cancelled = false;
  bool first = true;       ///< it handles the first message of its batch, or a plain request
  std::uint8_t holds = 0;  ///< one more than the wrapper whose key it has claimed
  bool timed = false;      ///< the service's deadlines count it

  FrameId parent() const { return arm ? FrameId{above} : kNoFrame; }
};
static_assert(sizeof(Frame) == 64);

class Handler : public Service {
 public:
  using Service::Service;

  void set_program(Program program) { program_ = std::move(program); }
  const Program& program() const { return program_; }

  using Service::foresee;
  [[gnu::always_inline]] void foresee(FrameId id, Foresight what) {
    if (what == Foresight::record) return frames_.fetch(id);
    world().calls().fetch(frames_[id].serving);
    world().journeys().fetch(frames_[id].journey);
    foresee_owner(frames_[id].above);
  }

  void foresee_answer(std::uint32_t tag) override { frames_.fetch(FrameId{tag}); }

  void start() override;

  /// Answers come back to the frames that asked.
  void on_answer(CallId call) override;

 protected:
  /// Runs the program for a call: once, or once for each message of the batch that it carries, one after the
  /// other. program_done() follows, perhaps before this returns.
  void run(FrameId prepared);
  /// A frame that has begun; run() or, later, resume() begins its program.
  FrameId prepare(CallId serving, std::uint32_t owner);
  void resume(FrameId id);

  /// The program has ended; the frame is released when this returns. frame.outcome says how.
  virtual void program_done(FrameId frame) = 0;

  /// Whether the handler reports each message of a batch by itself, and so goes on after one that failed.
  virtual bool partial_responses(CallId) { return false; }

  /// Fetches the service's own record that a frame belongs to.
  virtual void foresee_owner(std::uint32_t) {}

  /// When a frame's time is over, whatever it does.
  virtual Time deadline(const Frame&) const { return Time::max(); }

  /// What the process of this owner remembered is gone: it ended, or was started again.
  void lose_memory(std::uint32_t owner) {
    for (IdempotencyCache& cache : caches_) cache.clear(owner);
  }

  /// Stops a frame: program_done() will not follow. What it asked of others goes on.
  void cancel(FrameId frame);

  Frame& frame(FrameId id) { return frames_[id]; }
  Pool<Frame, FrameId>& frames() { return frames_; }

 private:
  static constexpr std::uint32_t kEmitted = UINT32_MAX;  ///< the tag of calls that nobody waits for

  bool dead(FrameId id) const;
  void bury(FrameId id);
  inline bool run_step(FrameId id, Frame& frame, const Step& step);
  void ask(FrameId id, const Step& step, std::uint32_t tag);
  void fork(FrameId id, const Step& step);
  void take_arm(Frame& frame, const Step& step);
  void ended(FrameId id);
  void child_ended(FrameId id);
  bool next_message(Frame& frame);
  void give_up_ordered(ReceiptId failed);
  void handle(Frame& frame, ReceiptId receipt);
  bool about_key(FrameId id, const Step& step, const Call& call);
  bool known_locally(FrameId id, const Step& step);
  void claimed(FrameId id, const Step& step);
  void leave_out(Frame& frame, const Step& step);
  void remember(FrameId id, std::uint16_t wrapper, std::uint64_t key);
  void release(FrameId id);
  std::uint32_t owner(FrameId id) const;
  std::uint64_t idempotency_key(const Frame& frame, const IdempotentSteps& steps);
  Draws draws(const Frame& frame, const Step& step) {
    return world().draws(step.draws, frame.journey, frame.lineage);
  }

  Program program_;
  Pool<Frame, FrameId> frames_;
  std::vector<IdempotencyCache> caches_;  ///< by the program's wrapper; none where no wrapper has any
};

}  // namespace spillway
