#include <ganymede/tools/command_line.h>

#include <algorithm>

#include <fmt/format.h>
#include <ganymede/config.h>
#include <ganymede/data/text.h>
#include <ganymede/kernels/error.h>
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

std::vector<const CLI::App*> verbs_of(const CLI::App* app) {
  return app->get_subcommands([](const CLI::App*) { return true; });
}

std::string unknown_verb(const CLI::App* app, const std::string& word) {
  std::vector<std::string> names;
  for (const CLI::App* verb : verbs_of(app)) names.push_back(verb->get_name());
  return fmt::format("no verb '{}'{}`{} --help` names all", word, did_you_mean(word, names),
                     full_name(app));
}

std::string unknown_option(const CLI::App* app, const std::string& word) {
  const std::string name = word.substr(0, word.find('='));
  std::vector<std::string> names;
  for (const CLI::Option* option : app->get_options())
    for (const std::string& known : option->get_lnames()) names.push_back("--" + known);
  return fmt::format("no option '{}'{}`{} --help` names all", name, did_you_mean(name, names),
                     full_name(app));
}

/// Whether a verb takes words of its own beside the verbs below it, as `data PATH` does.
bool takes_words(const CLI::App* app) {
  return !app->get_options([](const CLI::Option* o) { return o->get_positional(); }).empty();
}

std::string unknown_word(const CLI::App* app, const std::string& word) {
  if (word.starts_with('-')) return unknown_option(app, word);
  if (!verbs_of(app).empty() && !takes_words(app)) return unknown_verb(app, word);
  return fmt::format(
      "'{}' is a word too many (one with blanks wants quotes); `{} --help` shows how", word,
      full_name(app));
}

/// What the library says of an option with too few or too many values, in plainer words.
std::string miscounted(const CLI::ArgumentMismatch& error) {
  const std::string text = error.what(), name = text.substr(0, text.find(':'));
  return name + (text.find("At Most") == std::string::npos ? " wants a value behind it"
                                                           : " is given more than once");
}

/// What is wrong with words that did not fit, and the mend. A word that nobody knows comes first:
/// a misspelt option is why the right one is missing.
std::string complaint(const CLI::App* program, const CLI::ParseError& error) {
  const CLI::App* verb = chosen(program);
  for (const CLI::App* at = verb; at; at = at->get_parent())
    if (const auto unknown = at->remaining(); !unknown.empty())
      return unknown_word(at, unknown.front());
  std::string wrong = error.what();
  if (const auto* count = dynamic_cast<const CLI::ArgumentMismatch*>(&error))
    wrong = miscounted(*count);
  if (!verbs_of(verb).empty()) wrong = "a verb is missing";
  return fmt::format("{}; `{} --help` shows how", wrong, full_name(verb));
}

/// As the library wants it of a check: empty where nothing is wrong.
std::string refuse_unless_whole(const std::string& value) {
  std::int64_t number = 0;
  return CLI::detail::lexical_cast(value, number) ? "" : "'" + value + "' is no whole number";
}

/// The first word must be a verb also where --help follows it.
void check_verb(const CLI::App* app, const std::string& word) {
  const auto verbs = verbs_of(app);
  const bool known =
      std::ranges::any_of(verbs, [&](const CLI::App* verb) { return verb->get_name() == word; });
  if (!known && !word.empty() && word.front() != '-') throw SettingError(unknown_verb(app, word));
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
  state_->app->add_option(name, value, help)->capture_default_str()->check(refuse_unless_whole);
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
    throw SettingError(complaint(state_->app, error));
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
