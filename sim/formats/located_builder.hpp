#pragma once
/// The part that reading JSON and reading YAML share: events with byte offsets come in, a located value goes
/// out.

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "formats/located_json.hpp"

namespace spillway {

/// Thrown to leave a parser's call stack when the text is refused.
struct LocatedRefusal {
  std::size_t offset = 0;
  std::string message;
};

class LocatedBuilder {
 public:
  struct Place {
    std::string pointer;
    std::size_t key = 0;
    std::size_t value = 0;
  };

  explicit LocatedBuilder(const LocatedLimits& limits) : limits_(limits) {}

  void key(std::size_t offset, std::string name);
  void scalar(std::size_t offset, Json value);
  void begin(std::size_t offset, bool object);
  void end();

  [[nodiscard]] bool expects_key() const {
    return !open_.empty() && open_.back().value.is_object() && !open_.back().has_key;
  }
  Json root;
  std::vector<Place> places;

 private:
  struct Frame {
    Json value;
    std::string pointer;
    std::size_t at = 0;
    std::size_t key_at = 0;
    std::string name;
    bool has_key = false;
    std::set<std::string, std::less<>> seen;
  };

  std::string note(std::size_t offset);
  void place(Json value);

  const LocatedLimits& limits_;
  std::vector<Frame> open_;
  std::size_t values_ = 0;
};

void read_located_json(const std::string& text, LocatedBuilder& builder);
void read_located_yaml(const std::string& text, LocatedBuilder& builder);

}  // namespace spillway
