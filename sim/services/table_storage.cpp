#include "services/table_storage.hpp"

#include <algorithm>

namespace spillway {

void TableStorage::change(Time now, std::int64_t by) {
  stored_.set(now, std::max<std::int64_t>(0, stored_.level() + by));
}

void TableStorage::add(Time now, std::int64_t bytes) {
  expire(now);
  change(now, bytes);
  if (lives_ == Duration::max()) return;
  const Time hour_ends = kStart + ((now - kStart) / 1h + 1) * Duration{1h};
  const Time until = hour_ends + lives_;
  if (hours_.empty() || hours_.back().until != until) hours_.push_back({until, 0});
  hours_.back().bytes += bytes;
}

void TableStorage::remove(Time now, std::int64_t bytes) {
  expire(now);
  change(now, -bytes);
}

void TableStorage::expire(Time now) {
  for (; !hours_.empty() && hours_.front().until <= now; hours_.pop_front())
    change(hours_.front().until, -hours_.front().bytes);
}

}  // namespace spillway
