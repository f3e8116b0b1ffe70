#pragma once
/// Paths through a flow: the shortest, the longest, and whether there is a loop. For outline.cpp.

#include <vector>

#include "formats/asl/outline.hpp"

namespace spillway::asl {

/// Sums, products and the worse of two; what has no bound keeps its reason, and nothing times anything is
/// nothing.
Bound plus(const Bound& a, const Bound& b);
Bound times(const Bound& a, const Bound& b);
Bound worse(const Bound& a, const Bound& b);

/// What one run of a flow comes to, of the extents of its states; notes which of these can be reached, and
/// the flow's loops.
Extent flow_extent(const Machine& machine, FlowIndex flow, Outline& outlined);

}  // namespace spillway::asl
