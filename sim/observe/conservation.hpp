#pragma once
/// Nothing is lost and nothing is made: what came in has ended or is still there. Any violation is a defect
/// in Spillway, never in a scenario, so every run checks it (GOALS.md, F7).
///
///   journeys   of each client and class: born = ended + in flight, and no more answers than journeys; all
///   that are in
///              flight have a record, and every other record of a journey is held by a call or a message of
///              it
///   calls      each record of a call is an attempt in a callee's hands or a call that waits between two
///   attempts Little     both sides of Little's law are equal on every edge gauges     none is ever negative;
///   when no journey, call or message is left, all that count something are zero

#include <string>
#include <vector>

#include "observe/metrics.hpp"

namespace spillway {

/// One sentence for each violation; empty when all is well. Ask between two events, when the run has ended.
std::vector<std::string> broken_conservation(const Metrics& metrics, World& world);

}  // namespace spillway
