#pragma once
/// The command as a user meets it: a program that is started in a folder with arguments, and what it wrote to
/// stdout and stderr. Nothing of it is linked in: what is tested is what is shipped.

#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

namespace spillway::testing {

struct Said {
  int code = -1;  ///< as a shell shows it: 128 + the signal's number for a program that was killed
  std::string out;
  std::string err;
};

struct Around {
  std::string input{};  ///< of stdin
  std::vector<std::string>
      environment{};      ///< NAME=VALUE beside what the tests run in; no NO_COLOR of its own
  bool terminal = false;  ///< stdout is a terminal
  std::string output{};   ///< stdout is this file instead
};

/// A folder that is gone when the test is.
class Scratch {
 public:
  Scratch() {
    std::string name = (std::filesystem::temp_directory_path() / "spillway-cli-XXXXXX").string();
    if (mkdtemp(name.data()) != nullptr) path_ = name;
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() { std::filesystem::remove_all(path_); }

  const std::filesystem::path& path() const { return path_; }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / name, std::ios::binary) << text;
  }
  std::string read(const std::string& name) const {
    std::ifstream file(path_ / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

 private:
  std::filesystem::path path_;
};

/// "run a.yaml --seed ''" as a shell splits it: at spaces; '' is the empty argument.
inline std::vector<std::string> split(const std::string& line) {
  std::vector<std::string> words;
  for (std::size_t from = 0; from < line.size();) {
    const std::size_t to = std::min(line.find(' ', from), line.size());
    if (to > from) words.push_back(line.substr(from, to - from));
    if (!words.empty() && words.back() == "''") words.back().clear();
    from = to + 1;
  }
  return words;
}

class Process {
 public:
  Process(const Scratch& folder, const std::string& words, const Around& around = {}) {
    std::ofstream(folder.path() / ".stdin", std::ios::binary) << around.input;
    int out[2] = {-1, -1};
    int err[2] = {-1, -1};
    if (pipe(err) != 0 || !open_output(out, folder, around)) return;
    pid_ = fork();
    if (pid_ == 0) {
      dup2(open((folder.path() / ".stdin").c_str(), O_RDONLY), STDIN_FILENO);
      dup2(out[1], STDOUT_FILENO);
      dup2(err[1], STDERR_FILENO);
      for (const int each : {out[0], out[1], err[0], err[1]}) close(each);
      become(folder, split(words), around);
    }
    close(out[1]);
    close(err[1]);
    out_ = out[0];
    err_ = err[0];
  }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process() {
    if (pid_ > 0) {
      kill(pid_, SIGKILL);
      waitpid(pid_, nullptr, 0);
    }
    close_output();
    if (err_ >= 0) close(err_);
  }

  /// Returns when something stands on stderr.
  void wait_for_talk() {
    while (said_.err.empty() && err_ >= 0) take(err_, said_.err);
  }
  void send(int signal) const { kill(pid_, signal); }
  /// As `| head` does once it has seen enough.
  void close_output() {
    if (out_ >= 0) close(out_);
    out_ = -1;
  }

  Said finish() {
    while (out_ >= 0 || err_ >= 0) {
      pollfd ready[2] = {{out_, POLLIN, 0}, {err_, POLLIN, 0}};
      if (poll(ready, 2, -1) < 0) break;
      if (ready[0].revents != 0) take(out_, said_.out);
      if (ready[1].revents != 0) take(err_, said_.err);
    }
    int status = 0;
    waitpid(pid_, &status, 0);
    pid_ = 0;
    said_.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return said_;
  }

 private:
  static bool open_output(int (&out)[2], const Scratch& folder, const Around& around) {
    if (around.terminal) {
      out[0] = posix_openpt(O_RDWR | O_NOCTTY);
      if (out[0] < 0 || grantpt(out[0]) != 0 || unlockpt(out[0]) != 0) return false;
      out[1] = open(ptsname(out[0]), O_RDWR | O_NOCTTY);
      return out[1] >= 0;
    }
    if (pipe(out) != 0) return false;
    if (around.output.empty()) return true;
    close(out[1]);
    out[1] = open((folder.path() / around.output).c_str(), O_WRONLY | O_CREAT, 0644);
    return out[1] >= 0;
  }

  [[noreturn]] static void become(const Scratch& folder, const std::vector<std::string>& words,
                                  const Around& around) {
    alarm(120);  // what hangs is ended, and fails, without the others
    unsetenv("NO_COLOR");
    setenv("TERM", "xterm", 1);
    for (const std::string& entry : around.environment) putenv(const_cast<char*>(entry.c_str()));
    std::vector<char*> arguments{const_cast<char*>("spillway")};
    for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    if (chdir(folder.path().c_str()) == 0) execv(SPILLWAY_COMMAND, arguments.data());
    _exit(127);
  }

  static void take(int& from, std::string& into) {
    char part[4096];
    const ssize_t got = ::read(from, part, sizeof part);
    if (got > 0) {
      into.append(part, static_cast<std::size_t>(got));
    } else {
      close(from);
      from = -1;
    }
  }

  pid_t pid_ = 0;
  int out_ = -1;
  int err_ = -1;
  Said said_;
};

inline Said spillway(const Scratch& folder, const std::string& words, const Around& around = {}) {
  return Process(folder, words, around).finish();
}

/// Five simulated seconds of a function that writes to a table, and what the tests need beside it.
inline void write_scenarios(const Scratch& folder) {
  folder.write("small.spillway.yaml", R"(spillway: 1
name: small
horizon: 5s
resources:
  store: { type: aws.dynamodb.table }
  worker:
    type: aws.lambda.function
    runtime: python3.13
    program: [ { compute: 10ms }, { call: store, op: put, bytes: 1KiB } ]
traffic:
  callers: { to: worker, arrivals: { poisson: 20/s } }
)");
  folder.write("slower.spillway.yaml", R"(extends: small.spillway.yaml
name: slower
resources: { worker: { program: [ { compute: 50ms } ] } }
)");
  folder.write("failing.spillway.yaml", R"(extends: small.spillway.yaml
thresholds: { journeys.response: "p(50) < 1ms" }
)");
  // Two replications of a hundred arrivals or so cannot tell on which side of a hundred their mean lies.
  folder.write("undecided.spillway.yaml", R"(extends: small.spillway.yaml
thresholds: { journeys.arrivals: "value > 100" }
)");
  folder.write("broken.spillway.yaml", R"(extends: small.spillway.yaml
resources: { worker: { memry: 1GiB } }
)");
  folder.write("log.csv", "t_s,duration_s\n0,0.1\n1,0.1\nsoon,0.1\n");
  folder.write("broken-off.spillway.yaml", R"(extends: small.spillway.yaml
traffic: { callers: { arrivals: { poisson: null, requests: { file: log.csv, time: t_s } } } }
)");
  folder.write("orders.asl.json", R"({"StartAt": "Pay", "States": {"Pay": {
  "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "TimeoutSeconds": 5, "End": true,
  "Retry": [{"ErrorEquals": ["States.ALL"]}]}}}
)");
  folder.write("broken.asl.yaml", R"(StartAt: Pay
States:
  Pay: { Type: Tsak, End: true }
  Ship: { Type: Pass, Nxt: Pay, End: true }
)");
  folder.write("empty.yaml", "");
  std::filesystem::create_directory(folder.path() / "folder");
}

}  // namespace spillway::testing
