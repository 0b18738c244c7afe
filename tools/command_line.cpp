#include <ganymede/tools/command_line.h>

#include <fmt/format.h>
#include <ganymede/config.h>
#include <ganymede/kernels/error.h>
#include <ganymede/models/recipe_keys.h>
#include <CLI/CLI.hpp>

namespace ganymede {

struct CommandLine::State {
  std::unique_ptr<CLI::App> owned;  ///< the program's; verbs belong to their parent
  CLI::App* app = nullptr;
  std::vector<std::unique_ptr<CommandLine>> verbs;
  std::function<int()> body;
};

namespace {

std::string full_name(const CLI::App* app) {
  const std::string& name = app->get_name();
  return app->get_parent() ? full_name(app->get_parent()) + " " + name : name;
}

/// The innermost verb on the command line.
const CLI::App* chosen(const CLI::App* app) {
  const auto verbs = app->get_subcommands();
  return verbs.empty() ? app : chosen(verbs.front());
}

/// The first word is not a verb: says which one was meant.
void check_verb(const CLI::App* app, const std::string& word) {
  if (word.empty() || word.front() == '-') return;
  std::vector<std::string> names;
  for (const CLI::App* verb : app->get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(verb->get_name());
  if (std::find(names.begin(), names.end(), word) != names.end()) return;
  throw SettingError(fmt::format("no verb '{}'; did you mean '{}'? `{} --help` names all", word,
                                 nearest_name(word, names), app->get_name()));
}

}  // namespace

CommandLine::CommandLine(std::unique_ptr<State> state) : state_(std::move(state)) {}

CommandLine::CommandLine(const std::string& name, const std::string& about)
    : state_(std::make_unique<State>()) {
  state_->owned = std::make_unique<CLI::App>(about, name);
  state_->app = state_->owned.get();
  state_->app->set_version_flag("--version", std::string(name) + " " + GANYMEDE_VERSION);
  state_->app->require_subcommand(1);
}

CommandLine::~CommandLine() = default;

CommandLine& CommandLine::verb(const std::string& name, const std::string& about,
                               const std::string& example) {
  auto state = std::make_unique<State>();
  state->app = state_->app->add_subcommand(name, about);
  state->app->footer("Example:\n  " + example + "\n");
  // A verb that does something itself may go without one below it.
  state_->app->require_subcommand(state_->body ? 0 : 1, state_->body ? 1 : 0);
  state_->verbs.push_back(std::unique_ptr<CommandLine>(new CommandLine(std::move(state))));
  return *state_->verbs.back();
}

void CommandLine::argument(const std::string& name, std::string& value, const std::string& help) {
  state_->app->add_option(name, value, help)->required();
}

void CommandLine::optional_argument(const std::string& name, std::string& value,
                                    const std::string& help) {
  state_->app->add_option(name, value, help);
}

void CommandLine::option(const std::string& name, std::string& value, const std::string& help) {
  auto* option = state_->app->add_option(name, value, help);
  if (!value.empty()) option->capture_default_str();
}

void CommandLine::option(const std::string& name, std::int64_t& value, const std::string& help) {
  state_->app->add_option(name, value, help)->capture_default_str();
}

void CommandLine::option(const std::string& name, double& value, const std::string& help) {
  state_->app->add_option(name, value, help)->capture_default_str();
}

void CommandLine::option(const std::string& name, std::vector<std::string>& values,
                         const std::string& help) {
  state_->app->add_option(name, values, help)->allow_extra_args(false);
}

void CommandLine::required(const std::string& name, std::string& value, const std::string& help) {
  state_->app->add_option(name, value, help)->required();
}

void CommandLine::flag(const std::string& name, bool& value, const std::string& help) {
  state_->app->add_flag(name, value, help);
}

void CommandLine::action(std::function<int()> body) { state_->body = std::move(body); }

int CommandLine::run(int count, const char* const* words) {
  if (count > 1) check_verb(state_->app, words[1]);
  try {
    state_->app->parse(count, words);
  } catch (const CLI::Success& help) {
    return state_->app->exit(help);
  } catch (const CLI::ParseError& error) {
    throw SettingError(
        fmt::format("{}; `{} --help` shows how", error.what(), full_name(chosen(state_->app))));
  }
  const CommandLine* verb = this;
  for (bool deeper = true; deeper;) {
    const auto& verbs = verb->state_->verbs;
    const auto next = std::find_if(verbs.begin(), verbs.end(),
                                   [](const auto& v) { return v->state_->app->parsed(); });
    deeper = next != verbs.end();
    if (deeper) verb = next->get();
  }
  if (!verb->state_->body) throw UsageError("verb without an action");
  return verb->state_->body();
}

}  // namespace ganymede
