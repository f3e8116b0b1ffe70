// spillway completion: a script that completes commands, flags, the words that flags take, and files. It is
// written from the same description of the command line that parses it.

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "arguments.hpp"
#include "command.hpp"

namespace spillway::cli {

namespace {

struct Flag {
  std::vector<std::string> names{};  ///< with their dashes
  std::vector<std::string> words{};  ///< that its value may be; none: any value
  std::string help;
  bool takes_value = false;
};

/// The words of a one_of() validator: "{text,json}".
std::vector<std::string> words_of(const std::string& type) {
  std::vector<std::string> words;
  const std::size_t open = type.find('{');
  const std::size_t close = type.find('}', open == std::string::npos ? 0 : open);
  if (open == std::string::npos || close == std::string::npos) return words;
  std::string word;
  for (const char c : type.substr(open + 1, close - open - 1) + ",") {
    if (c != ',') {
      word += c;
    } else if (!word.empty()) {
      words.push_back(std::exchange(word, {}));
    }
  }
  return words;
}

std::vector<Flag> flags_of(const CLI::App& command) {
  std::vector<Flag> flags;
  for (const CLI::Option* const option : command.get_options()) {
    if (option->get_group().empty()) continue;  // hidden
    Flag flag{.help = option->get_description(), .takes_value = option->get_type_size() != 0};
    for (const std::string& name : option->get_snames()) flag.names.push_back("-" + name);
    for (const std::string& name : option->get_lnames()) flag.names.push_back("--" + name);
    if (flag.takes_value) flag.words = words_of(option->get_type_name());
    if (!flag.names.empty()) flags.push_back(std::move(flag));
  }
  return flags;
}

std::vector<const CLI::App*> commands_of(const CLI::App& app) {
  std::vector<const CLI::App*> commands;
  for (const CLI::App* const command : app.get_subcommands({})) commands.push_back(command);
  return commands;
}

/// In single quotes, for any of the shells.
std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

std::string bash_script(const CLI::App& app) {
  std::string names;
  std::string flags;
  std::string values;
  for (const CLI::App* const command : commands_of(app)) {
    std::vector<std::string> own;
    for (const Flag& flag : flags_of(*command)) {
      own.insert(own.end(), flag.names.begin(), flag.names.end());
      if (!flag.takes_value) continue;
      std::string patterns;
      for (const std::string& name : flag.names)
        patterns += fmt::format("{}{}:{}", patterns.empty() ? "" : "|", command->get_name(), name);
      values += flag.words.empty()
                    ? fmt::format("    {}) COMPREPLY=($(compgen -f -- \"$word\")); return ;;\n", patterns)
                    : fmt::format("    {}) COMPREPLY=($(compgen -W '{}' -- \"$word\")); return ;;\n",
                                  patterns, fmt::join(flag.words, " "));
    }
    names += (names.empty() ? "" : " ") + command->get_name();
    flags += fmt::format("    {}) flags='{}' ;;\n", command->get_name(), fmt::join(own, " "));
  }
  return fmt::format(R"(# bash completion of spillway: source it.
_spillway() {{
  local word="${{COMP_WORDS[COMP_CWORD]}}" before="${{COMP_WORDS[COMP_CWORD-1]}}"
  local command="${{COMP_WORDS[1]}}" flags=
  if [ "$COMP_CWORD" -le 1 ]; then
    COMPREPLY=($(compgen -W '{} --help --version' -- "$word"))
    return
  fi
  case "$command:$before" in
{}  esac
  case "$command" in
{}  esac
  case "$word" in
    -*) COMPREPLY=($(compgen -W "$flags" -- "$word")) ;;
    *) COMPREPLY=($(compgen -f -- "$word")) ;;
  esac
}}
complete -o filenames -F _spillway spillway
)",
                     names, values, flags);
}

std::string fish_script(const CLI::App& app) {
  std::string out = "# fish completion of spillway: put it into ~/.config/fish/completions/spillway.fish.\n";
  for (const CLI::App* const command : commands_of(app)) {
    out += fmt::format("complete -c spillway -n __fish_use_subcommand -f -a {} -d {}\n", command->get_name(),
                       quoted(command->get_description()));
    for (const Flag& flag : flags_of(*command)) {
      out += fmt::format("complete -c spillway -n '__fish_seen_subcommand_from {}'", command->get_name());
      for (const std::string& name : flag.names)
        out += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
      if (!flag.words.empty()) {
        out += fmt::format(" -x -a '{}'", fmt::join(flag.words, " "));
      } else if (flag.takes_value) {
        out += " -r";
      }
      out += fmt::format(" -d {}\n", quoted(flag.help));
    }
  }
  return out;
}

/// zsh reads bash's script.
std::string zsh_script(const CLI::App& app) {
  return "#compdef spillway\n# zsh completion of spillway: source it after compinit.\n"
         "autoload -U +X bashcompinit && bashcompinit\n" +
         bash_script(app);
}

}  // namespace

int completion(const CLI::App& app, const std::string& shell) {
  print(shell == "fish" ? fish_script(app) : shell == "zsh" ? zsh_script(app) : bash_script(app));
  return kDone;
}

}  // namespace spillway::cli
