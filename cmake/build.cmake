# How the build is run: its default kind, the flags of each kind, the compiler cache and the linker.
# Nothing here changes what the program computes.

# -O2 and never -march: a binary must give the same bits on every machine of its architecture. Records are
# written member by member and read back at once: joined into wider loads, those wait for the stores before
# them, which costs a chain of calls a tenth.
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -fno-tree-slp-vectorize -DNDEBUG")
# -O1 and line tables only: sanitized tests run several times as fast as at -O0, and still name their lines.
set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g1 -D_GLIBCXX_ASSERTIONS")
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Release, Debug or RelWithDebInfo" FORCE)
endif()

# The cache may reuse what was compiled with a precompiled header: none of ours depends on __TIME__. Paths are
# taken relative to the tree, so that a second clone finds what the first has compiled.
find_program(SPILLWAY_CCACHE ccache)
if(SPILLWAY_CCACHE AND (NOT CMAKE_CXX_COMPILER_LAUNCHER OR CMAKE_CXX_COMPILER_LAUNCHER MATCHES "ccache$"))
  set(CMAKE_CXX_COMPILER_LAUNCHER
    ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros
    CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${SPILLWAY_CCACHE})
endif()

if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  include(CheckLinkerFlag)
  check_linker_flag(CXX -fuse-ld=lld SPILLWAY_HAS_LLD)
  if(SPILLWAY_HAS_LLD)
    add_link_options(-fuse-ld=lld)
  endif()
endif()
