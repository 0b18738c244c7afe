#include <ganymede/data/dicom_set.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include <fmt/core.h>

#include <ganymede/data/parallel.h>
#include <ganymede/kernels/error.h>

namespace ganymede {
namespace {

namespace fs = std::filesystem;

/// "a/b.dcm: the file is empty; ..." without the path, which is said beside it.
std::string reason_in(const std::string& message, const std::string& file) {
  return message.starts_with(file + ": ") ? message.substr(file.size() + 2) : message;
}

template <class Is>
std::ptrdiff_t count(const Dataset& dataset, Is is) {
  return std::count_if(dataset.samples.begin(), dataset.samples.end(),
                       [&](const Sample& sample) { return sample.dicom && is(sample); });
}

}  // namespace

DicomSet::DicomSet(const Folder& folder) {
  std::vector<std::string> paths;
  for (const std::string& path : folder.images)
    if (!has_image_name(path)) paths.push_back(path);
  if (paths.empty()) return;
  std::vector<Entry> entries(paths.size());
  std::vector<PrivateNames::File> files(paths.size());
  parallel_for(paths.size(), [&](std::size_t i) {
    const std::string file = (fs::path(folder.root) / paths[i]).string();
    files[i].path = paths[i];
    try {
      DicomFacts facts = read_dicom_header(file);
      entries[i].header = std::make_shared<const DicomHeader>(std::move(facts.header));
      entries[i].patient = std::move(facts.patient);
      files[i].secrets = std::move(facts.secrets);
    } catch (const Error& error) {
      entries[i].fault = reason_in(error.what(), file);
    }
  });
  for (std::size_t i = 0; i < paths.size(); ++i) entries_.emplace(paths[i], std::move(entries[i]));
  for (const std::string& path : folder.images)
    if (has_image_name(path)) files.push_back({path, {}});
  names_ = std::make_shared<const PrivateNames>(files);
}

bool DicomSet::has_archive_folders() const {
  bool by_patient = true, any = false, other = false;
  for (const auto& [path, entry] : entries_) {
    const std::string top = path.substr(0, path.find('/'));
    if (top == path || !entry.header) continue;
    any = true;
    by_patient = by_patient && top == entry.patient;
    other = other || names_->is_secret(top) || top.starts_with("stage_");
  }
  return other || (any && by_patient);
}

void DicomSet::describe(Dataset& dataset) const {
  std::vector<Sample> whole;
  std::string first_fault;
  for (Sample& sample : dataset.samples) {
    const auto found = entries_.find(sample.path);
    if (found == entries_.end()) {
      whole.push_back(std::move(sample));
      continue;
    }
    const Entry& entry = found->second;
    if (!entry.header) {
      if (first_fault.empty()) first_fault = sample.path + ": " + entry.fault;
      dataset.skipped.push_back({sample.path, entry.fault});
      continue;
    }
    sample.dicom = entry.header;
    sample.header = {entry.header->height, entry.header->width, 1, 16};
    if (sample.patient.empty()) sample.patient = entry.patient;
    whole.push_back(std::move(sample));
  }
  if (whole.empty() && !first_fault.empty())
    throw DataError(
        fmt::format("{}: no image can be read, the first because {}", dataset.root, first_fault));
  dataset.samples = std::move(whole);
  note_tags(dataset);
}

void DicomSet::note_tags(Dataset& dataset) const {
  const auto note = [&](std::ptrdiff_t n, const char* text) {
    if (n > 0) dataset.notes.push_back(fmt::format("{} of the DICOM files {}", n, text));
  };
  note(count(dataset, [](const Sample& s) { return s.patient.empty(); }),
       "name no patient: each counts as a patient of its own, unless --groups says otherwise");
  note(count(dataset, [](const Sample& s) { return !s.dicom->is_ct; }),
       "are no CT, so their values are no Hounsfield units; data.window = file takes each file's "
       "own window");
  note(count(dataset, [](const Sample& s) { return s.dicom->is_ct && !s.dicom->has_rescale; }),
       "have no rescale slope and intercept: their stored values are taken for Hounsfield units");
  note(count(dataset, [](const Sample& s) { return has_wrapped_values(*s.dicom); }),
       "hold unsigned 12-bit values that lie 1000 too low and have wrapped around; they are put "
       "right");
  std::set<std::string> patients;
  for (const Sample& sample : dataset.samples) patients.insert(sample.patient);
  if (dataset.samples.size() > 1 && patients.size() == 1 && !patients.begin()->empty())
    dataset.notes.push_back(
        "all files name the same patient, so they cannot be split; if that is what an "
        "anonymisation left, give the patients with --groups");
}

void DicomSet::publish(Dataset& dataset) const {
  if (!names_) return;
  for (const std::string& name : dataset.classes)
    if (names_->is_secret(name))
      throw DataError(fmt::format(
          "{}: a class is called like a patient, a date or a UID in the files, which no output may "
          "show; give the classes other names",
          dataset.root));
  for (Sample& sample : dataset.samples) {
    sample.file = (fs::path(dataset.root) / sample.path).string();
    sample.path = names_->public_path(sample.path);
  }
  number_patients(dataset);
  std::map<std::string, std::string> reasons;  // there are few, and many files
  for (Skipped& skipped : dataset.skipped) {
    skipped.path = names_->public_path(skipped.path);
    std::string& reason = reasons[skipped.reason];
    if (reason.empty()) reason = names_->hidden(skipped.reason);
    skipped.reason = reason;
  }
  for (std::string& note : dataset.notes) note = names_->hidden(note);
  dataset.root = names_->public_path(dataset.root);
  dataset.names = names_;
}

void number_patients(Dataset& dataset) {
  std::map<std::string, std::string> numbers;
  for (Sample& sample : dataset.samples) {
    if (sample.patient.empty()) continue;
    const std::string next = std::to_string(numbers.size() + 1);
    sample.patient = numbers.emplace(sample.patient, next).first->second;
  }
}

}  // namespace ganymede
