#pragma once
/// What can be laid over any traffic: batches, a start and an end. (Keys, sizes and classes are the
/// client's.)

#include <cstdint>
#include <memory>
#include <utility>

#include "model/arrivals.hpp"

namespace spillway {

/// Every arrival n times, at the same instant. What the client draws differs from one to the next.
class BatchedArrivals final : public Arrivals {
 public:
  BatchedArrivals(std::unique_ptr<Arrivals> of, std::uint64_t batch) : of_(std::move(of)), batch_(batch) {}
  bool next(Arrival& arrival) override;
  double mean_rate(Time from, Time to) const override;
  std::string_view problem() const override { return of_->problem(); }

 private:
  std::unique_ptr<Arrivals> of_;
  Arrival held_;
  std::uint64_t batch_;
  std::uint64_t left_ = 0;
};

/// Traffic whose own time zero is at `start`, and which ends before `until`.
class BoundedArrivals final : public Arrivals {
 public:
  BoundedArrivals(std::unique_ptr<Arrivals> of, Duration start, Time until)
      : of_(std::move(of)), start_(start), until_(until) {}
  bool next(Arrival& arrival) override;
  double mean_rate(Time from, Time to) const override;
  std::string_view problem() const override { return of_->problem(); }

 private:
  std::unique_ptr<Arrivals> of_;
  Duration start_;
  Time until_;
  bool ended_ = false;
};

}  // namespace spillway
