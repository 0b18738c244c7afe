// The only file that knows GDCM. It never sees a file of the user's, and decodes in a process of
// its own: Debian's GDCM is built with assertions, which end the program at a damaged element, and
// its decoders write past their buffers, print, or never end where a compressed stream is damaged.

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <sstream>

#include <gdcmDicts.h>
#include <gdcmGlobal.h>
#include <gdcmImageReader.h>
#include <gdcmTrace.h>

#include <ganymede/data/dicom_codec.h>
#include <ganymede/kernels/error.h>

namespace ganymede {
namespace {

/// A slice takes milliseconds. But a child is born with every lock that another thread held at the
/// fork (a sanitizer's allocator has many), and waits for it for ever: a child out of time is tried
/// again with twice the time, a minute in all.
constexpr std::chrono::milliseconds first_try{250}, last_try{32'000};

/// Memory that a child's writes reach, and whether it wrote all.
class Shared {
 public:
  explicit Shared(std::size_t size)
      : size_(size),
        place_(mmap(nullptr, size + 1, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)) {
    if (place_ == MAP_FAILED) throw FileError("no memory to decode a DICOM image in");
  }
  ~Shared() { munmap(place_, size_ + 1); }
  Shared(const Shared&) = delete;
  Shared& operator=(const Shared&) = delete;

  char* data() { return static_cast<char*>(place_); }
  std::size_t size() const { return size_; }
  void mark_whole() { data()[size_] = 1; }
  bool is_whole() { return data()[size_] == 1; }

 private:
  std::size_t size_;
  void* place_;
};

/// Whatever happens in this process, nobody hears of it and it ends after `time`.
void go_silent(std::chrono::milliseconds time) {
  for (const int signal : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGALRM})
    std::signal(signal, SIG_DFL);
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  const std::chrono::microseconds rest = time - seconds;
  const itimerval timer{{0, 0}, {seconds.count(), rest.count()}};
  setitimer(ITIMER_REAL, &timer, nullptr);
  const int nowhere = ::open("/dev/null", O_WRONLY);
  dup2(nowhere, STDOUT_FILENO);
  dup2(nowhere, STDERR_FILENO);
  gdcm::Trace::DebugOff();
  gdcm::Trace::WarningOff();
  gdcm::Trace::ErrorOff();
}

/// Explicit VR, little endian, as every compressed file has.
class Stream {
 public:
  Stream() : bytes_(128, '\0') { bytes_ += "DICM"; }

  void number(unsigned element, int value) {
    head(0x0028, element, "US", 2);
    put(unsigned(value), 2);
  }
  void text(unsigned group, unsigned element, const char* type, std::string value) {
    if (value.size() % 2 != 0) value += type == std::string("UI") ? '\0' : ' ';
    head(group, element, type, value.size());
    bytes_ += value;
  }
  void pixels(std::string_view fragments) {
    put(0x7fe0, 2), put(0x0010, 2);
    bytes_ += "OB";
    put(0, 2), put(0xffffffff, 4);
    bytes_ += fragments;
  }
  const std::string& bytes() const { return bytes_; }

 private:
  void put(unsigned value, int size) {
    for (int i = 0; i < size; ++i) bytes_ += static_cast<char>(value >> (8 * i));
  }
  void head(unsigned group, unsigned element, const char* type, std::size_t length) {
    put(group, 2), put(element, 2);
    bytes_ += type;
    put(unsigned(length), 2);
  }

  std::string bytes_;
};

std::string as_file(const DicomHeader& header, const std::string& syntax,
                    std::string_view fragments) {
  constexpr const char* kind = "1.2.840.10008.5.1.4.1.1.7";  // secondary capture: any grey picture
  Stream stream;
  stream.text(0x0002, 0x0002, "UI", kind);
  stream.text(0x0002, 0x0003, "UI", "1.2.3");
  stream.text(0x0002, 0x0010, "UI", syntax);
  stream.text(0x0008, 0x0016, "UI", kind);
  stream.text(0x0008, 0x0018, "UI", "1.2.3");
  stream.number(0x0002, 1);
  stream.text(0x0028, 0x0004, "CS", "MONOCHROME2");
  stream.number(0x0010, header.height);
  stream.number(0x0011, header.width);
  stream.number(0x0100, header.bits_allocated);
  stream.number(0x0101, header.bits_stored);
  stream.number(0x0102, header.high_bit);
  stream.number(0x0103, header.is_signed ? 1 : 0);
  stream.pixels(fragments);
  return stream.bytes();
}

bool decode(const std::string& file, int bits_allocated, Shared& values) {
  std::istringstream stream(file);
  gdcm::ImageReader reader;
  reader.SetStream(stream);
  try {
    if (!reader.Read()) return false;
    const gdcm::Image& image = reader.GetImage();
    return image.GetPixelFormat().GetBitsAllocated() == bits_allocated &&
           image.GetBufferLength() == values.size() && image.GetBuffer(values.data());
  } catch (const std::exception&) {  // the same as an answer of false
    return false;
  }
}

/// How the child ended, as waitpid tells it.
int decode_in_child(const std::string& file, int bits_allocated, Shared& values,
                    std::chrono::milliseconds time) {
  const pid_t child = fork();
  if (child < 0) throw FileError("no process to decode a DICOM image in; free some memory");
  if (child == 0) {
    go_silent(time);
    if (!decode(file, bits_allocated, values)) _exit(1);
    values.mark_whole();
    _exit(0);
  }
  // Where the program that started this one ignores SIGCHLD, children leave no status; waitpid
  // waits for their end all the same.
  int status = SIGALRM;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

}  // namespace

std::string dicom_type(std::uint32_t tag) {
  const gdcm::Dict& dictionary = gdcm::Global::GetInstance().GetDicts().GetPublicDict();
  const auto& entry = dictionary.GetDictEntry(
      gdcm::Tag(static_cast<std::uint16_t>(tag >> 16), static_cast<std::uint16_t>(tag)));
  return gdcm::VR::GetVRString(entry.GetVR());
}

std::string decode_pixels(const DicomHeader& header, const std::string& syntax,
                          std::string_view fragments) {
  const std::string file = as_file(header, syntax, fragments);
  Shared values(std::size_t{1} * header.height * header.width * header.bits_allocated / 8);
  for (auto time = first_try; time <= last_try; time *= 2) {
    const int status = decode_in_child(file, header.bits_allocated, values, time);
    if (values.is_whole()) return std::string(values.data(), values.size());
    if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGALRM) break;
  }
  return "";
}

}  // namespace ganymede
