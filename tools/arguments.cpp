#include "arguments.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "command.hpp"
#include "scenario/diagnostic.hpp"

namespace spillway::cli {

namespace {

std::string meant(const std::string& word, const std::vector<std::string>& words) {
  const std::string found = nearest(word, words);
  return found.empty() ? "" : fmt::format(" (did you mean '{}'?)", found);
}

std::vector<std::string> commands_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* const command : app.get_subcommands({})) names.push_back(command->get_name());
  return names;
}

std::vector<std::string> flags_of(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::Option* const option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    for (const std::string& name : option->get_snames()) names.push_back("-" + name);
  }
  return names;
}

bool is_flag(const std::string& word) { return word.size() > 1 && word.front() == '-'; }

/// A word that nothing took, or nothing: the mistake is another one.
std::string about_unknown_word(const CLI::App& app, const CLI::App* command) {
  const std::vector<std::string> left = (command != nullptr ? *command : app).remaining();
  if (left.empty()) return {};
  // The value of an unknown flag is left over too, but it is not what is wrong.
  const auto flag = std::ranges::find_if(left, is_flag);
  const std::string word = flag == left.end() ? left.front() : flag->substr(0, flag->find('='));
  if (command == nullptr && !is_flag(word))
    return fmt::format("there is no command '{}'{}", word, meant(word, commands_of(app)));
  const std::string whose = command == nullptr ? "spillway" : "'" + command->get_name() + "'";
  if (is_flag(word))
    return fmt::format("{} has no flag '{}'{}", whose, word,
                       meant(word, flags_of(command == nullptr ? app : *command)));
  return fmt::format("{} takes no further argument '{}'", whose, word);
}

/// "--seed: 1 required N missing" in plain words.
std::string plainly(std::string text) {
  const std::size_t at = text.find(" 1 required ");
  return at != std::string::npos && text.ends_with(" missing") ? text.substr(0, at) + " needs a value" : text;
}

}  // namespace

CLI::Validator one_of(const std::vector<std::string>& words) {
  const auto check = [words](const std::string& word) {
    if (std::ranges::find(words, word) != words.end()) return std::string{};
    return fmt::format("'{}' is none of {}{}", word, fmt::join(words, ", "), meant(word, words));
  };
  return {check, fmt::format("{{{}}}", fmt::join(words, ","))};
}

CLI::Validator not_empty() {
  return {[](const std::string& text) { return text.empty() ? std::string{"needs a value"} : std::string{}; },
          ""};
}

int refuse(const CLI::App& app, const CLI::ParseError& error) {
  const std::vector<CLI::App*> used = app.get_subcommands();
  const CLI::App* const command = used.empty() ? nullptr : used.back();
  const std::string unknown = about_unknown_word(app, command);
  if (!unknown.empty()) {
    complain("spillway: " + unknown);
  } else if (command == nullptr) {
    complain(fmt::format("spillway: a command is needed: {}", fmt::join(commands_of(app), ", ")));
  } else {
    complain(fmt::format("spillway {}: {}", command->get_name(), plainly(error.what())));
  }
  complain(fmt::format("Run 'spillway{} --help' for {}.", command == nullptr ? "" : " " + command->get_name(),
                       command == nullptr ? "the commands" : "its arguments"));
  return kUsage;
}

}  // namespace spillway::cli
