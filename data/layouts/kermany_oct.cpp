// Retinal OCT (Kermany et al. 2018) as downloaded: the folder is `OCT2017 ` with a trailing space,
// {train,test,val}/{CNV,DME,DRUSEN,NORMAL}/CNV-1016042-1.jpeg: class, patient, index.

#include <ganymede/data/layouts/part_class_folders.h>

namespace ganymede {
namespace {

/// The number alone: the two eyes of a patient may have different diseases.
std::string patient_of(const std::string& stem) {
  const std::vector<std::string> pieces = pieces_of(stem, '-');
  return pieces.size() >= 3 && is_digits(pieces[1]) ? pieces[1] : "";
}

const PartClassSet& oct() {
  static const PartClassSet set{
      "kermany-oct",
      {"NORMAL", "CNV", "DME", "DRUSEN"},
      {"CNV", "DME", "DRUSEN"},
      patient_of,
      "patients are told by the number in the file names, whatever the class: some have very "
      "many images, so intervals go by patient"};
  return set;
}

bool recognise(const Folder& folder) { return recognise_part_classes(folder, oct()); }
Dataset read(const Folder& folder) { return read_part_classes(folder, oct()); }

}  // namespace

const Layout kermany_oct_layout{"kermany-oct", recognise, read};

}  // namespace ganymede
