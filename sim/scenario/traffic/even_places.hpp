#pragma once
/// The middles of k equal parts of a step: floor((2 j + 1) * step / 2 k) for j = 0, 1, ... k - 1, exactly,
/// with additions alone (Bresenham's line).

#include <cstdint>

namespace spillway {

class EvenPlaces {
 public:
  EvenPlaces() = default;
  /// k is above zero and below 2^61.
  EvenPlaces(std::int64_t step_ns, std::int64_t k)
      : parts_(2 * k),
        whole_ns_(step_ns / k),
        part_(2 * (step_ns % k)),
        place_ns_(step_ns / (2 * k)),
        rest_(step_ns % (2 * k)) {}

  std::int64_t next() {
    const std::int64_t place_ns = place_ns_;
    place_ns_ += whole_ns_;
    rest_ += part_;
    if (rest_ >= parts_) {
      rest_ -= parts_;
      ++place_ns_;
    }
    return place_ns;
  }
  /// What next() will say.
  std::int64_t ahead() const { return place_ns_; }

 private:
  std::int64_t parts_ = 1;
  std::int64_t whole_ns_ = 0;
  std::int64_t part_ = 0;
  std::int64_t place_ns_ = 0;
  std::int64_t rest_ = 0;
};

}  // namespace spillway
