// Each layer forwards to the traffic below it and changes one thing.
#include "scenario/traffic/overlay.hpp"

#include <algorithm>

namespace spillway {

bool BatchedArrivals::next(Arrival& arrival) {
  if (left_ == 0) {
    if (!of_->next(held_)) return false;
    left_ = batch_;
  }
  --left_;
  arrival = held_;
  return true;
}

double BatchedArrivals::mean_rate(Time from, Time to) const {
  return of_->mean_rate(from, to) * static_cast<double>(batch_);
}

bool BoundedArrivals::next(Arrival& arrival) {
  if (ended_) return false;
  // Checked before adding: the sum of a late arrival and a late start may not be a time.
  if (!of_->next(arrival) || arrival.at >= until_ - start_) {
    ended_ = true;
    return false;
  }
  arrival.at += start_;
  return true;
}

double BoundedArrivals::mean_rate(Time from, Time to) const {
  const Time first = std::max(from, kStart + start_);
  const Time last = std::min(to, until_);
  if (first >= last) return 0;
  const double share = static_cast<double>((last - first).count()) / static_cast<double>((to - from).count());
  return of_->mean_rate(first - start_, last - start_) * share;
}

}  // namespace spillway
