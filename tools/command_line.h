#pragma once
// The command line, without its library: verbs declare what they take, and what they do.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace ganymede {

/// The program or one of its verbs. Values that options are bound to must live until `run`.
class CommandLine {
 public:
  CommandLine(const std::string& name, const std::string& about);
  ~CommandLine();
  CommandLine(const CommandLine&) = delete;
  CommandLine& operator=(const CommandLine&) = delete;

  /// A verb of its own, or below a verb (whose action, where it has one, is set before); `example`
  /// is a full command that ends its --help.
  CommandLine& verb(const std::string& name, const std::string& about, const std::string& example);

  /// A required word without dashes; `name` is upper case in the help.
  void argument(const std::string& name, std::string& value, const std::string& help);
  /// The same where a verb below may stand in its place; empty when it is not given.
  void optional_argument(const std::string& name, std::string& value, const std::string& help);
  /// `name` is "--out" or "-o,--out". The value held now is the default.
  void option(const std::string& name, std::string& value, const std::string& help);
  void option(const std::string& name, std::int64_t& value, const std::string& help);
  /// May be given several times.
  void option(const std::string& name, std::vector<std::string>& values, const std::string& help);
  void required(const std::string& name, std::string& value, const std::string& help);
  void flag(const std::string& name, bool& value, const std::string& help);

  /// What the verb does; gives the exit code.
  void action(std::function<int()> body);

  /// Reads the words, prints help or version where asked, runs the verb's action. Throws
  /// SettingError for words that do not fit.
  int run(int count, const char* const* words);

 private:
  struct State;
  explicit CommandLine(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace ganymede
