#include <ganymede/tools/verbs/phantom.h>

#include <fmt/format.h>

#include <ganymede/data/phantom/phantom.h>
#include <ganymede/tools/amounts.h>

namespace ganymede {
namespace {

struct Options {
  std::string kind, folder, layout = "folders";
};

int write(const Options& options) {
  const std::string path = is_phantom(options.kind) ? options.kind : "phantom:" + options.kind;
  const PhantomOptions phantom = parse_phantom(path);
  write_phantom(phantom, options.folder, options.layout);
  fmt::print("{}: {} of each class ({}), layout {}; what is true of them is in truth.csv\n",
             options.folder, counted(phantom.per_class, "image"),
             fmt::join(phantom_classes(phantom.kind), ", "), options.layout);
  return 0;
}

}  // namespace

void add_phantom(CommandLine& program) {
  CommandLine& verb = program.verb("phantom", "Write a procedural data set with known truth",
                                   "ganymede phantom 'head-ct?n=50&difficulty=2' --out /tmp/heads "
                                   "--layout head-ct-hemorrhage");
  auto options = std::make_shared<Options>();
  verb.argument("KIND", options->kind,
                "head-ct, chest-xray or fundus, with ?key=value&... of n, size, seed, difficulty, "
                "shuffle_labels");
  verb.required("--out", options->folder, "an empty or new folder");
  verb.option(
      "--layout", options->layout,
      "folders or labels.csv; of head-ct also head-ct-hemorrhage and rsna (DICOM), of chest-xray "
      "chest-xray-pneumonia, of fundus messidor-2, "
      "aptos, eyepacs, idrid");
  verb.action([options] { return write(*options); });
}

}  // namespace ganymede
