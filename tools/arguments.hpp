#pragma once
/// What CLI11 does not do for a mistyped command line: name the word that is wrong and the one that was
/// probably meant.

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

namespace spillway::cli {

/// The value is one of these words.
CLI::Validator one_of(const std::vector<std::string>& words);
/// The value is not the empty text, as of an unset variable in --seed "$SEED".
CLI::Validator not_empty();

/// Says to stderr what was wrong with the arguments; the exit code.
int refuse(const CLI::App& app, const CLI::ParseError& error);

}  // namespace spillway::cli
