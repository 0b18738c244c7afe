// The program: its verbs, and what an error that ended one means for the shell.

#include <cstdio>
#include <exception>
#include <system_error>

#include <fmt/format.h>
#include <ganymede/tools/command_line.h>
#include <ganymede/tools/exit_code.h>
#include <ganymede/tools/interrupt.h>
#include <ganymede/tools/tell.h>
#include <ganymede/tools/thread_waits.h>
#include <ganymede/tools/verbs/blind.h>
#include <ganymede/tools/verbs/classify.h>
#include <ganymede/tools/verbs/data.h>
#include <ganymede/tools/verbs/detect.h>
#include <ganymede/tools/verbs/doctor.h>
#include <ganymede/tools/verbs/inspect.h>
#include <ganymede/tools/verbs/phantom.h>
#include <ganymede/tools/verbs/recipe.h>
#include <ganymede/tools/verbs/sample.h>
#include <ganymede/tools/verbs/score.h>
#include <ganymede/tools/verbs/study.h>
#include <ganymede/tools/verbs/train.h>

namespace {

using ganymede::CommandLine;

// In the order of the help.
constexpr void (*verbs[])(CommandLine&) = {
    ganymede::add_study,  ganymede::add_train, ganymede::add_sample,  ganymede::add_classify,
    ganymede::add_detect, ganymede::add_score, ganymede::add_blind,   ganymede::add_inspect,
    ganymede::add_recipe, ganymede::add_data,  ganymede::add_phantom, ganymede::add_doctor,
};

}  // namespace

int main(int count, char** words) {
  ganymede::shorten_thread_waits(words);
  try {
    ganymede::install_interrupt_handlers();
    CommandLine program("ganymede", "Does GAN augmentation help on your images?");
    for (const auto add : verbs) add(program);
    const int code = program.run(count, words);
    ganymede::finish_answer();
    return code;
  } catch (const std::system_error& error) {  // fmt's, where stdout takes no more, or a path's
    const bool lost = std::ferror(stdout) != 0;
    ganymede::tell(fmt::format("ganymede: {}\n", lost ? ganymede::lost_answer : error.what()));
    return lost ? ganymede::bad_data : ganymede::exit_code_of(error);
  } catch (const std::exception& error) {
    ganymede::tell(fmt::format("ganymede: {}\n", error.what()));
    return ganymede::exit_code_of(error);
  }
}
