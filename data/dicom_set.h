#pragma once

#include <map>
#include <memory>
#include <string>

#include <ganymede/data/dataset.h>
#include <ganymede/data/layouts/layout.h>
#include <ganymede/data/private_names.h>

namespace ganymede {

/// What the DICOM files of a folder say, read before a layout is asked, and what a data set needs
/// of it afterwards.
class DicomSet {
 public:
  /// Reads every DICOM header on all threads. Throws nothing for a broken file.
  explicit DicomSet(const Folder& folder);

  /// Null where there is no DICOM file.
  const std::shared_ptr<const PrivateNames>& names() const { return names_; }

  /// Whether the folders of the top are no classes: called by patients, examinations or dates, as
  /// archives are, or by the stages of the RSNA set.
  bool has_archive_folders() const;
  /// Gives samples their header and, where the layout names none, their patient; moves those that
  /// cannot be read to Dataset::skipped. Adds the notes on tags that a person should know.
  void describe(Dataset& dataset) const;
  /// Takes all secrets out of the data set: paths, patients, reasons, notes, root. Throws DataError
  /// where a class is called like a patient.
  void publish(Dataset& dataset) const;

 private:
  struct Entry {
    std::shared_ptr<const DicomHeader> header;  // null: cannot be read
    std::string patient, fault;
  };
  void note_tags(Dataset& dataset) const;

  std::map<std::string, Entry> entries_;
  std::shared_ptr<const PrivateNames> names_;
};

/// Patients by number, in the order in which the samples name them.
void number_patients(Dataset& dataset);

}  // namespace ganymede
