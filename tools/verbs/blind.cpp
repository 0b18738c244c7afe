#include <ganymede/tools/verbs/blind.h>

#include <filesystem>

#include <fmt/format.h>

#include <ganymede/kernels/error.h>
#include <ganymede/kernels/file.h>
#include <ganymede/tools/blind/draw.h>
#include <ganymede/tools/report/blind_page.h>

namespace ganymede {
namespace {

namespace fs = std::filesystem;

struct Options {
  blind::DrawOptions draw;
  std::string out;
  std::int64_t count = 0, size = 0, channels = 0, seed = 0;
};

/// Whole numbers as the options hold them; what is out of range stays so.
int narrow(std::int64_t value) { return value < -1 || value > 1 << 20 ? -1 : int(value); }

/// Readers may be at work with the page that is there: their answers belong to its pictures.
void require_new_page(const std::string& out) {
  if (fs::path(out).extension() != ".html")
    throw SettingError("blind: --out " + out + ": name a file that ends in .html");
  if (fs::exists(out))
    throw SettingError("blind: --out " + out + " is there already; name a new file");
}

int write(Options& o) {
  require_new_page(o.out);
  o.draw.count = narrow(o.count);
  o.draw.size = narrow(o.size);
  o.draw.channels = narrow(o.channels);
  o.draw.seed = std::uint64_t(o.seed);
  blind::Drawn drawn = blind::draw(o.draw);
  drawn.reading.name = fs::path(o.out).stem().string();
  if (const fs::path folder = fs::path(o.out).parent_path(); !folder.empty())
    make_folder(folder.string());
  write_file(o.out, report::blind_page(drawn.reading));
  for (const std::string& note : drawn.notes) fmt::print("note: {}\n", note);
  fmt::print("{}: {} real and {} {} fake pictures, shuffled; open it in a browser\n", o.out,
             drawn.count, drawn.count, drawn.reading.picked ? "hand-picked" : "random");
  return 0;
}

}  // namespace

void add_blind(CommandLine& program) {
  CommandLine& verb = program.verb("blind", "A page on which people say which images are real",
                                   "ganymede blind --real ~/held-out --class hemorrhage --fake "
                                   "runs/first/synthetic/hemorrhage/seed0 --out reading.html");
  auto o = std::make_shared<Options>();
  verb.required("--real", o->draw.real, "real images, best those that the generator has not seen");
  verb.required("--fake", o->draw.fake, "generated images");
  verb.required("--out", o->out, "a new .html file that needs nothing else");
  verb.option("--pick", o->draw.pick,
              "file naming the fakes to show, one a line; the page declares that they were picked");
  verb.option("--class", o->draw.of_class, "of labelled sets this class alone");
  verb.option("--count", o->count, "of each kind (0: 12, or as many as --pick names)");
  verb.option("--seed", o->seed, "which images are drawn, and their order");
  verb.option("--size", o->size, "bring all images to this side (0: the fakes' size)");
  verb.option("--channels", o->channels, "show all with 1 or 3 channels (0: as the fakes)");
  verb.option("--window", o->draw.window,
              "of DICOM images, as data --window (without: that of the run whose folder the fakes "
              "lie in, else brain)");
  verb.action([o] { return write(*o); });
}

}  // namespace ganymede
