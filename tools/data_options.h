#pragma once

#include <ganymede/tools/command_line.h>
#include <ganymede/tools/study/prepared.h>

namespace ganymede {

/// --groups and --split.
void declare_lists(CommandLine& verb, std::string& groups, std::string& split);

/// --window and --label-set, where no recipe says them.
void declare_dicom(CommandLine& verb, OpenOptions& options);

/// --skip-broken.
void declare_skip_broken(CommandLine& verb, bool& skip);

/// --data, the lists beside it and --skip-broken.
void declare_data(CommandLine& verb, study::DataSource& source);

}  // namespace ganymede
