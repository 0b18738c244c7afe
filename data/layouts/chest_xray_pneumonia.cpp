// Chest X-rays of children (Kermany et al. 2018), both downloads. Kaggle's chest-xray-pneumonia:
// chest_xray/{train,test,val}/{NORMAL,PNEUMONIA}/person59_virus_116.jpeg, IM-0115-0001.jpeg or
// NORMAL2-IM-0317-0001.jpeg; the archive holds all of it once more in chest_xray/chest_xray.
// Mendeley's original: {train,test}/{NORMAL,PNEUMONIA}/BACTERIA-7422-0001.jpeg, without val.

#include <ganymede/data/layouts/part_class_folders.h>

namespace ganymede {
namespace {

/// "person59" but not "person".
bool is_person(const std::string& piece) {
  return piece.starts_with("person") && is_digits(piece.substr(6));
}

/// Kaggle numbers the patients anew for each pathogen and series, so that these are in the key.
std::string kaggle_patient(const std::string& stem) {
  const std::vector<std::string> bars = pieces_of(stem, '_'), dashes = pieces_of(stem, '-');
  if (bars.size() >= 3 && is_person(bars[0]) && (bars[1] == "bacteria" || bars[1] == "virus"))
    return bars[0] + "_" + bars[1];
  if (dashes.size() >= 3 && dashes[0] == "IM" && is_digits(dashes[1])) return "IM-" + dashes[1];
  if (dashes.size() >= 4 && dashes[0] == "NORMAL2" && dashes[1] == "IM" && is_digits(dashes[2]))
    return "NORMAL2-IM-" + dashes[2];
  return "";
}

std::string mendeley_patient(const std::string& stem) {
  const std::vector<std::string> dashes = pieces_of(stem, '-');
  const bool known = dashes.size() >= 3 && is_digits(dashes[1]) &&
                     (dashes[0] == "NORMAL" || dashes[0] == "BACTERIA" || dashes[0] == "VIRUS");
  return known ? dashes[0] + "-" + dashes[1] : "";
}

std::string patient_of(const std::string& stem) {
  const std::string patient = kaggle_patient(stem);
  return patient.empty() ? mendeley_patient(stem) : patient;
}

const PartClassSet& chest_xrays() {
  static const PartClassSet set{
      "chest-xray-pneumonia",
      {"NORMAL", "PNEUMONIA"},
      {"PNEUMONIA"},
      patient_of,
      "patients are told by the file names (personN_bacteria, personN_virus, IM-N, NORMAL2-IM-N; "
      "in Mendeley's copy the first two parts): some have 30 images, so intervals go by patient"};
  return set;
}

bool recognise(const Folder& folder) { return recognise_part_classes(folder, chest_xrays()); }
Dataset read(const Folder& folder) { return read_part_classes(folder, chest_xrays()); }

}  // namespace

const Layout chest_xray_pneumonia_layout{"chest-xray-pneumonia", recognise, read};

}  // namespace ganymede
