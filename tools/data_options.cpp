#include <ganymede/tools/data_options.h>

namespace ganymede {

void declare_lists(CommandLine& verb, std::string& groups, std::string& split) {
  verb.option("--groups", groups, "CSV with image and group: what must stay together");
  verb.option("--split", split, "CSV with image and split: train, validation, test, rest");
}

void declare_dicom(CommandLine& verb, OpenOptions& options) {
  verb.option("--window", options.window,
              "of DICOM images: paper, brain, subdural, bone, soft, file or [lo,hi]");
  verb.option("--label-set", options.label_set, "of the RSNA set: any, one of its types, or multi");
}

void declare_skip_broken(CommandLine& verb, bool& skip) {
  verb.flag("--skip-broken", skip, "leave out images that cannot be read, each with its reason");
}

void declare_data(CommandLine& verb, study::DataSource& source) {
  verb.required("--data", source.path,
                "a folder, a labels file, phantom:head-ct, phantom:chest-xray or phantom:fundus");
  declare_lists(verb, source.groups, source.split);
  declare_skip_broken(verb, source.skip_broken);
}

}  // namespace ganymede
