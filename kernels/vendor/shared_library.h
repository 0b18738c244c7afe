#pragma once
// For .cpp files only: a library that is looked for when it is first needed, so that programs run
// on machines without it.

#include <memory>
#include <string>

namespace ganymede::kernels::vendor {

/// Stays open until the process ends.
class SharedLibrary {
 public:
  /// `name` as in "libcudnn.so.9". Looks in the folders of GANYMEDE_VENDOR_PATH (separated by ':')
  /// where that is set, else where the system's loader looks. Throws DeviceError.
  explicit SharedLibrary(std::string name);

  /// Throws DeviceError where the library is too old to have it.
  template <class Function>
  Function function(const char* name) const {
    return reinterpret_cast<Function>(symbol(name));
  }

 private:
  void* symbol(const char* name) const;
  std::string name_;
  void* handle_ = nullptr;
};

/// A vendor's object with its own destructor.
template <class Handle, class Status>
using Owned = std::unique_ptr<std::remove_pointer_t<Handle>, Status (*)(Handle)>;

}  // namespace ganymede::kernels::vendor
