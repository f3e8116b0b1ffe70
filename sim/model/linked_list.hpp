#pragma once
/// Records in the order of their deadlines, in a list threaded through the records themselves, so that a
/// timer costs one pending event a list and not one a record. Where every record waits equally long, as with
/// a timeout, a new record belongs at the end, and insertion is O(1); a record leaves from anywhere in O(1).

#include "spillway/pool.hpp"
#include "spillway/time.hpp"

namespace spillway {

/// Next and Previous are the members that hold the neighbours' ids.
template <class Record, class Id, Id Record::* Previous, Id Record::* Next>
class LinkedList {
 public:
  static constexpr Id kNone{UINT32_MAX};

  bool empty() const { return head_ == kNone; }
  Id front() const { return head_; }
  Id back() const { return tail_; }

  void push_back(Pool<Record, Id>& pool, Id id) {
    Record& record = pool[id];
    record.*Previous = tail_;
    record.*Next = kNone;
    (tail_ == kNone ? head_ : pool[tail_].*Next) = id;
    tail_ = id;
  }
  /// Precondition: not empty.
  void pop_back(Pool<Record, Id>& pool) {
    Record& record = pool[tail_];
    tail_ = record.*Previous;
    (tail_ == kNone ? head_ : pool[tail_].*Next) = kNone;
    record.*Previous = kNone;
  }
  void push_front(Pool<Record, Id>& pool, Id id) { insert_after(pool, kNone, id); }

  /// Keeps the list ordered by `key(record)`; equal keys in the order of insertion. Searches from the end.
  template <class Key>
  void insert_ordered(Pool<Record, Id>& pool, Id id, Key key) {
    Id before = tail_;
    while (before != kNone && key(pool[id]) < key(pool[before])) before = pool[before].*Previous;
    insert_after(pool, before, id);
  }

  void remove(Pool<Record, Id>& pool, Id id) {
    Record& record = pool[id];
    (record.*Previous == kNone ? head_ : pool[record.*Previous].*Next) = record.*Next;
    (record.*Next == kNone ? tail_ : pool[record.*Next].*Previous) = record.*Previous;
    record.*Previous = record.*Next = kNone;
  }

 private:
  void insert_after(Pool<Record, Id>& pool, Id before, Id id) {
    Record& record = pool[id];
    record.*Previous = before;
    record.*Next = before == kNone ? head_ : pool[before].*Next;
    (before == kNone ? head_ : pool[before].*Next) = id;
    (record.*Next == kNone ? tail_ : pool[record.*Next].*Previous) = id;
  }

  Id head_ = kNone;
  Id tail_ = kNone;
};

}  // namespace spillway
