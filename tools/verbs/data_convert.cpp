#include <ganymede/tools/verbs/data_convert.h>

#include <filesystem>
#include <system_error>

#include <fmt/format.h>

#include <ganymede/data/convert.h>
#include <ganymede/tools/amounts.h>
#include <ganymede/tools/data_options.h>
#include <ganymede/tools/study/requirements.h>

namespace ganymede {
namespace {

struct Options {
  std::string path, out;
  OpenOptions open;
  bool skip_broken = false;
  std::int64_t bits = 16;
};

int convert(const Options& o) {
  // Beside a table its rows would fit the converted images too.
  std::error_code ignored;  // what cannot be looked at, opening it names
  const bool is_table = std::filesystem::is_regular_file(o.path, ignored);
  const auto folder = std::filesystem::absolute(o.path).parent_path();
  study::require_outside(o.out, is_table ? folder.string() : o.path);
  const Dataset dataset = open_dataset(o.path, o.open);
  const std::string table = write_converted(dataset, o.out, static_cast<int>(o.bits));
  fmt::print("{}: {} of {} bits{}\n", o.out, counted(std::ssize(dataset.samples), "image"), o.bits,
             table.empty() ? "" : ", " + table);
  for (const Skipped& file : dataset.skipped)
    fmt::print("skipped {}: {}\n", file.path, file.reason);
  return 0;
}

}  // namespace

void add_data_convert(CommandLine& data) {
  CommandLine& verb =
      data.verb("convert", "Write a set, DICOM or not, as PNG files that --data reads again",
                "ganymede data convert ~/rsna --out ~/rsna-png --window brain --bits 8");
  auto options = std::make_shared<Options>();
  verb.argument("PATH", options->path, "a folder, a labels file, or phantom:KIND");
  verb.required("--out", options->out, "an empty or new folder");
  declare_dicom(verb, options->open);
  declare_skip_broken(verb, options->skip_broken);
  verb.option("--bits", options->bits, "8 or 16 of each value");
  verb.action([options] {
    if (options->skip_broken) options->open.broken = Broken::skip;
    return convert(*options);
  });
}

}  // namespace ganymede
