// Canaries: values in tags and file names that must be in nothing that leaves the program.

#include <catch2/catch.hpp>

#include <ganymede/data/convert.h>
#include <ganymede/data/private_names.h>
#include <ganymede/data/split.h>
#include <ganymede/kernels/error.h>

#include "dicom_support.h"

using namespace ganymede;
using ganymede::test::DicomFile;
using ganymede::test::holds;
using ganymede::test::message_of;
using ganymede::test::slice;
using ganymede::test::TemporaryFolder;
using ganymede::test::text_of;
using ganymede::test::without_dicom;

namespace {

const std::vector<std::string> canaries{"CanaryPid", "Wellensittich", "Adelheid",
                                        "19610417",  "20031123",      "9999.4711",
                                        "4711.0815", "CanAcc",        "1.2.826.0.1.77"};

bool clean(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return char(std::tolower(c)); });
  for (std::string canary : canaries) {
    std::transform(canary.begin(), canary.end(), canary.begin(),
                   [](char c) { return char(std::tolower(c)); });
    if (!holds(text, canary)) continue;
    UNSCOPED_INFO("'" << canary << "' in: " << text);
    return false;
  }
  return true;
}

DicomFile canary(int i) {
  DicomFile file = slice({i, 1024, 1064 + i, 1104, 2024, 3000 + i});
  file.patient = "CanaryPid-" + std::to_string(i / 2);
  file.instance = "9999.4711" + std::to_string(i);  // one dot, as the RSNA files have
  file.study = "1.2.826.0.1.77", file.series = "4711.0815";
  file.more = {{0x0010, 0x0010, "PN", "Wellensittich^Adelheid"},
               {0x0010, 0x0030, "DA", "19610417"},
               {0x0008, 0x0020, "DA", "20031123"},
               {0x0008, 0x0050, "SH", "CanAcc"}};
  return file;
}

/// Everything a data set can tell.
std::string told(const Dataset& dataset) {
  std::string text = dataset.root + "\n" + dataset.layout + "\n";
  for (const std::string& name : dataset.classes) text += name + "\n";
  for (const Sample& s : dataset.samples)
    text += s.path + " " + s.label + " " + s.patient + " " + s.split + "\n";
  for (const Skipped& s : dataset.skipped) text += s.path + ": " + s.reason + "\n";
  for (const std::string& note : dataset.notes) text += note + "\n";
  return text;
}

/// Names and bytes of all files below a folder.
std::string contents(const std::string& folder) {
  std::string text;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    text += entry.path().lexically_relative(folder).string() + "\n";
    if (!entry.is_regular_file()) continue;
    const std::vector<std::uint8_t> bytes = read_file(entry.path().string());
    text.append(bytes.begin(), bytes.end());
  }
  return text;
}

}  // namespace

TEST_CASE("no secret is in a data set of any layout, nor in what is written of it", "[dicom]") {
  if (without_dicom()) return;
  const TemporaryFolder folder;
  for (int i = 0; i < 6; ++i) {
    const std::string text = text_of(canary(i)), uid = "9999.4711" + std::to_string(i);
    folder.write("flat/" + uid + ".dcm", text);
    folder.write("classes/" + std::string(i % 2 ? "sick/" : "well/") + uid, text);
    folder.write("archive/CanaryPid-" + std::to_string(i / 2) + "/1.2.826.0.1.77/" + uid, text);
    folder.write("named/sick/Wellensittich_" + std::to_string(i) + ".dcm", text);
    folder.write("named/well/scan20031123-" + std::to_string(i) + ".dcm", text_of(canary(i + 10)));
    folder.write("CanaryPid-0/plain/a" + std::to_string(i) + ".dcm", text);
  }
  folder.write("flat/CanaryPid-1.dcm", text_of(canary(1)).substr(0, 700));
  folder.write("flat/notes-CanaryPid-0.txt", "text");
  for (const char* layout : {"flat", "classes", "archive", "named", "CanaryPid-0"}) {
    INFO(layout);
    const Dataset dataset = open_dataset(folder / layout);
    CHECK(clean(told(dataset)));
    CHECK(dataset.samples.size() >= 6);
    write_converted(dataset, folder / ("out-" + std::string(layout == canaries[0] ? "x" : layout)),
                    8);
    for (const Sample& sample : dataset.samples) CHECK(fs::exists(file_of(dataset, sample)));
  }
  CHECK(open_dataset(folder / "classes").classes == std::vector<std::string>{"sick", "well"});
  CHECK(open_dataset(folder / "archive").layout == "flat");
  CHECK(open_dataset(folder / "flat").samples[0].path == "image-00001.dcm");
  CHECK(open_dataset(folder / "CanaryPid-0").samples[0].path == "plain/a0.dcm");  // tells nothing
  for (const char* out : {"out-flat", "out-classes", "out-archive", "out-named"})
    CHECK(clean(contents(folder / out)));
}

TEST_CASE("tables by a person may use the files' names; nothing shows them", "[dicom]") {
  if (without_dicom()) return;
  const TemporaryFolder folder;
  std::string labels = "image,label,patient\n", groups = "image,group\n", parts = "image,split\n";
  for (int i = 0; i < 4; ++i) {
    const std::string uid = "9999.4711" + std::to_string(i);
    folder.write("set/" + uid + ".dcm", text_of(canary(i)));
    labels += uid + ",c" + std::to_string(i % 2) + ",CanaryPid-" + std::to_string(i / 2) + "\n";
    groups += uid + ".dcm,CanaryPid-" + std::to_string(i) + "\n";
    parts += uid + (i < 2 ? ",train\n" : ",test\n");
  }
  folder.write("set/labels.csv", labels);
  folder.write("groups.csv", groups);
  folder.write("parts.csv", parts);
  Dataset dataset = open_dataset(folder / "set");
  CHECK(clean(told(dataset)));
  CHECK(dataset.samples[3].patient == "2");
  apply_groups(dataset, folder / "groups.csv");
  CHECK(dataset.samples[3].patient == "4");
  apply_split(dataset, folder / "parts.csv");
  CHECK(dataset.samples[3].split == "test");
  CHECK(clean(told(dataset)));
  Split split;
  split.part = {Part::train, Part::train, Part::test, Part::test};
  split.group = {0, 0, 1, 1};
  write_split(folder / "split.csv", dataset, split);
  apply_split(dataset, folder / "split.csv");  // the public names are names too
  CHECK(clean(told(dataset)));
  const auto complains = [&](const std::string& text) {
    folder.write("bad.csv", text);
    const std::string message =
        message_of<DataError>([&] { apply_groups(dataset, folder / "bad.csv"); });
    CHECK(clean(message));
    return message;
  };
  CHECK(holds(complains("image,group\n9999.47110,\n"), "row 2: the group is empty"));
  CHECK(holds(complains("image,group\nCanaryPid-3,a\n"), "row 2: no image '(hidden)' in"));
  CHECK(holds(complains("image,group\n9999.47110,a\n9999.47110,CanaryPid-1\n"), "but row 2 says"));
  CHECK(holds(complains("image,group\n9999.47110,a\n"), "no row for image 'image-00002.dcm'"));
  folder.write("set/labels.csv", labels + "1.2.826.0.1.77.5,c0,p\n");
  const std::string missing = message_of<DataError>([&] { open_dataset(folder / "set"); });
  CHECK(holds(missing, "labels.csv row 6: no image '(hidden)' in"));
  folder.write("set/labels.csv", "image,label\n9999.47110,CanaryPid-1\n");
  const std::string named = message_of<DataError>([&] { open_dataset(folder / "set"); });
  CHECK(holds(named, "a class is called like a patient"));
  CHECK(clean(named));
}

TEST_CASE("classes may be called 0 and 1 although patients are too", "[dicom]") {
  if (without_dicom()) return;
  const TemporaryFolder folder;
  for (int i = 0; i < 4; ++i) {
    DicomFile file = canary(i);
    file.patient = std::to_string(i);
    folder.write("set/" + std::to_string(i % 2) + "/a" + std::to_string(i) + ".dcm", text_of(file));
    folder.write("archive/" + file.patient + "/a" + file.patient + ".dcm", text_of(file));
  }
  CHECK(open_dataset(folder / "set").classes == std::vector<std::string>{"0", "1"});
  CHECK(open_dataset(folder / "archive").layout == "flat");
}

TEST_CASE("a file that breaks after the set was opened is not named by its UID", "[dicom]") {
  if (without_dicom()) return;
  const TemporaryFolder folder;
  folder.write("9999.47110.dcm", text_of(canary(0)));
  folder.write("9999.47111.dcm", text_of(canary(1)));
  const Dataset dataset = open_dataset(folder.path());
  folder.write("9999.47110.dcm", "");
  const std::string message =
      message_of<FormatError>([&] { load_image(dataset, dataset.samples[0]); });
  CHECK(holds(message, "image-00001.dcm: the file is empty"));
  CHECK(clean(message));
  fs::remove(folder / "9999.47111.dcm");
  const std::string gone = message_of<FileError>([&] { load_image(dataset, dataset.samples[1]); });
  CHECK(holds(gone, "image-00002.dcm"));
  CHECK(clean(gone));
}

TEST_CASE("which names are kept and which are not", "[dicom]") {
  const PrivateNames names({{"d/slice 1.dcm", {"PAT7", "Doe^Jane", "9999.1"}},
                            {"d/jane.dcm", {"PAT7"}},
                            {"d/xPAT7x.dcm", {"PAT7"}},
                            {"PAT7/b.dcm", {"PAT7"}},
                            {"image-00002.dcm", {}},
                            {"c/1.2.3.4.5", {}},
                            {"c/ID_0123abcd.png", {}},
                            {"c/IMG_0001.dcm", {"A"}},
                            {"c/image-00009.dcm", {}},
                            {"c/doe.DCM", {}}});
  const auto shown = [&](const char* path) { return names.public_path(path); };
  CHECK(shown("d/slice 1.dcm") == "d/slice 1.dcm");
  CHECK(shown("d/jane.dcm") == "d/image-00002.dcm");
  CHECK(shown("d/xPAT7x.dcm") == "d/image-00003.dcm");
  CHECK(shown("PAT7/b.dcm") == "folder-001/b.dcm");
  CHECK(shown("image-00002.dcm") == "image-00002.dcm");
  CHECK(shown("c/1.2.3.4.5") == "c/image-00006");
  CHECK(shown("c/ID_0123abcd.png") == "c/image-00007.png");
  CHECK(shown("c/IMG_0001.dcm") == "c/IMG_0001.dcm");
  CHECK(shown("c/doe.DCM") == "c/image-00010.DCM");
  CHECK(shown("/data/PAT7/x") == "/data/(hidden)/x");
  CHECK(shown("/data/set") == "/data/set");
  CHECK(names.hidden("d/jane.dcm of PAT7: row 9999.1, 1.22.3.4") ==
        "d/image-00002.dcm of (hidden): row (hidden), (hidden)");
  CHECK(names.hidden("c/IMG_0001.dcm has A and 8 bits") == "c/IMG_0001.dcm has A and 8 bits");
}

TEST_CASE("ids in names and messages, at their borders and of any length", "[dicom]") {
  const PrivateNames names({});
  const auto hidden = [&](const std::string& text) { return names.hidden(text); };
  CHECK(hidden("at 1.2.840.10008 in 1.2.3") == "at (hidden) in 1.2.3");
  CHECK(hidden("a1.22.333.4.") == "a(hidden).");
  CHECK(hidden("1.2..3.4 and 1.2.3. and 1.2.3.4.x") == "1.2..3.4 and 1.2.3. and (hidden).x");
  CHECK(hidden("ID_00019828f.dcm, id_abcdef") == "(hidden).dcm, (hidden)");
  CHECK(hidden("kid_abcdef, id_abcde, _id_abcdef") == "kid_abcdef, id_abcde, _id_abcdef");
  CHECK(hidden("") == "");
  const std::string digits(2'000'000, '7');
  CHECK(hidden(digits) == digits);
  CHECK(hidden(digits + ".1.2." + digits) == "(hidden)");
}
