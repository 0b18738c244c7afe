#include <ganymede/data/table.h>

#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include <ganymede/data/text.h>
#include <ganymede/kernels/error.h>
#include <ganymede/kernels/file.h>

namespace ganymede {
namespace {

struct Line {
  int number;
  std::vector<std::string> cells;
};

/// The separator that occurs most often in the first line, outside quotes.
char separator_of(const std::string& text) {
  const std::string line = text.substr(0, text.find('\n'));
  char best = ',';
  long most = 0;
  for (char candidate : {',', ';', '\t'}) {
    long count = 0;
    bool quoted = false;
    for (char c : line) {
      if (c == '"') quoted = !quoted;
      if (c == candidate && !quoted) ++count;
    }
    if (count > most) most = count, best = candidate;
  }
  return best;
}

/// Cuts the text into lines of cells; a quoted cell may hold separators, line ends and "" for ".
class Reader {
 public:
  Reader(std::string path, const std::string& text)
      : path_(std::move(path)), text_(text), separator_(separator_of(text)) {}

  std::vector<Line> lines() {
    for (; at_ < text_.size(); ++at_) take(text_[at_]);
    if (quoted_)
      throw DataError(
          fmt::format("{} row {}: a quote is opened and never closed", path_, line_.number));
    end_line();
    return std::move(lines_);
  }

 private:
  void take(char c) {
    if (c == '\n') ++number_;
    if (c == '"') {
      quote();
    } else if (quoted_ || (c != separator_ && c != '\n' && c != '\r')) {
      cell_ += c;
    } else if (c == separator_) {
      end_cell();
    } else if (c == '\n') {
      end_line();
    }
  }

  void quote() {
    const bool doubled = quoted_ && at_ + 1 < text_.size() && text_[at_ + 1] == '"';
    if (doubled)
      cell_ += text_[++at_];
    else if (quoted_ || trimmed(cell_).empty())
      quoted_ = !quoted_;
    else
      cell_ += '"';  // a quote inside an unquoted cell stands for itself
  }

  void end_cell() {
    line_.cells.push_back(trimmed(cell_));
    cell_.clear();
  }

  void end_line() {
    end_cell();
    const bool blank = std::all_of(line_.cells.begin(), line_.cells.end(),
                                   [](const std::string& cell) { return cell.empty(); });
    if (!blank) lines_.push_back(std::move(line_));
    line_ = {number_, {}};
  }

  std::string path_;
  const std::string& text_;
  char separator_;
  std::size_t at_ = 0;
  int number_ = 1;
  bool quoted_ = false;
  std::string cell_;
  Line line_{1, {}};
  std::vector<Line> lines_;
};

std::string quoted(const std::string& cell) {
  const bool plain = cell.find_first_of(",;\"\n\r\t") == std::string::npos && trimmed(cell) == cell;
  if (plain) return cell;
  std::string out = "\"";
  for (char c : cell) out += c == '"' ? "\"\"" : std::string(1, c);
  return out + '"';
}

std::string line_of(const std::vector<std::string>& cells) {
  std::vector<std::string> words;
  for (const std::string& cell : cells) words.push_back(quoted(cell));
  return joined(words, ",") + '\n';
}

/// Keeps the cells under named columns; a filled cell beyond the header is an error.
void add_row(Table& table, const std::vector<int>& named, std::size_t width, Line line) {
  for (std::size_t i = width; i < line.cells.size(); ++i)
    if (!line.cells[i].empty())
      throw DataError(
          fmt::format("{} row {}: {} cells, the header has {}; quote cells that hold "
                      "the separator",
                      table.path, line.number, line.cells.size(), width));
  line.cells.resize(width);
  std::vector<std::string> row;
  for (int column : named) row.push_back(line.cells[column]);
  table.rows.push_back(std::move(row));
  table.lines.push_back(line.number);
}

/// In small letters, without what people put between words.
std::string bare_name(const std::string& header) {
  std::string name = lower_case(header);
  std::erase_if(name, [](char c) { return c == ' ' || c == '-' || c == '_'; });
  return name;
}

}  // namespace

const char* const patient_columns = "'patient', 'patient_id', 'subject' or 'subject_id'";

int Table::patient_column() const {
  for (const char* name : {"patient", "patientid", "subject", "subjectid"})
    for (std::size_t i = 0; i < header.size(); ++i)
      if (bare_name(header[i]) == name) return static_cast<int>(i);
  return -1;
}

int Table::find_column(const std::string& name) const {
  for (std::size_t i = 0; i < header.size(); ++i)
    if (lower_case(header[i]) == lower_case(name)) return static_cast<int>(i);
  return -1;
}

int Table::column(const std::vector<std::string>& names) const {
  for (const std::string& name : names)
    if (const int found = find_column(name); found >= 0) return found;
  throw DataError(fmt::format("{}: no column '{}' (found: {}); name it so in the first row", path,
                              joined(names, "' or '"), joined(header, ", ")));
}

std::string Table::place(std::size_t row) const {
  return fmt::format("{} row {}", path, lines[row]);
}

Table read_table(const std::string& path) {
  const std::vector<std::uint8_t> bytes = read_file(path, std::size_t{1} << 28);
  std::string text(bytes.begin(), bytes.end());
  if (text.starts_with("\xef\xbb\xbf")) text.erase(0, 3);
  if (text.find('\0') != std::string::npos)
    throw DataError(fmt::format("{}: not a text file; save the table as CSV (UTF-8)", path));
  std::vector<Line> lines = Reader(path, text).lines();
  if (lines.empty())
    throw DataError(
        fmt::format("{}: the table is empty, its first row must name the columns", path));
  Table table{path, {}, {}, {}};
  std::vector<int> named;
  const std::size_t width = lines.front().cells.size();
  for (std::size_t i = 0; i < width; ++i) {
    if (lines.front().cells[i].empty()) continue;
    named.push_back(static_cast<int>(i));
    table.header.push_back(lines.front().cells[i]);
  }
  for (std::size_t i = 1; i < lines.size(); ++i) add_row(table, named, width, std::move(lines[i]));
  return table;
}

void write_table(const std::string& path, const std::vector<std::string>& header,
                 const std::vector<std::vector<std::string>>& rows) {
  std::string text = line_of(header);
  for (const auto& row : rows) text += line_of(row);
  write_file(path, text);
}

}  // namespace ganymede
