#pragma once
/// Memory for many small records. What is used here and there in several megabytes misses the processor's
/// table of pages before it misses its cache, and each such miss is a walk through tables that are in memory
/// themselves. A block of a huge page is one entry there, where pages of 4 KB would be 512.

#include <sys/mman.h>

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <new>

namespace spillway {

inline constexpr std::size_t kHugePage = std::size_t{2} << 20;

/// Uninitialised memory, aligned to a cache line. One of kHugePage bytes asks for a huge page, and is an
/// ordinary one where there is none. Throws std::bad_alloc.
class MemoryBlock {
 public:
  explicit MemoryBlock(std::size_t bytes) : bytes_(bytes) {
    constexpr std::size_t kLine = 64;
    const std::size_t alignment = bytes == kHugePage ? kHugePage : kLine;
    memory_.reset(static_cast<std::byte*>(std::aligned_alloc(alignment, bytes)));
    if (memory_ == nullptr) throw std::bad_alloc();
#ifdef MADV_HUGEPAGE
    if (bytes == kHugePage) madvise(memory_.get(), bytes, MADV_HUGEPAGE);
#endif
  }

  std::byte* begin() const { return memory_.get(); }
  std::size_t bytes() const { return bytes_; }

 private:
  struct Free {
    void operator()(std::byte* memory) const { std::free(memory); }
  };
  std::size_t bytes_;
  std::unique_ptr<std::byte, Free> memory_;
};

}  // namespace spillway
