#pragma once

#include <string>
#include <vector>

namespace ganymede {

/// A CSV file as people have them: byte-order mark, CRLF, `;` or tab instead of `,`, quotes, blank
/// header cells and rows of spaces are all taken. Cells and headers are trimmed.
struct Table {
  std::string path;  ///< named in errors
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> rows;  ///< each as long as the header
  std::vector<int> lines;                      ///< 1-based line of each row in the file

  /// Index of the column, compared without case; -1 when it is missing.
  int find_column(const std::string& name) const;
  /// The first of these names that is there. Throws DataError that lists the columns found.
  int column(const std::vector<std::string>& names) const;
  /// The column of the patients, under any of the names in patient_columns; -1 when it is missing.
  int patient_column() const;
  /// "labels.csv row 12"
  std::string place(std::size_t row) const;
};

/// What a column of patients may be called, for a person: "'patient', 'patient_id', ...". Case,
/// blanks, '-' and '_' in it make no difference.
extern const char* const patient_columns;

/// Throws FileError, or DataError naming the row: no header, a row longer than the header, an open
/// quote.
Table read_table(const std::string& path);
/// Cells are quoted where they must be; written atomically. Throws FileError.
void write_table(const std::string& path, const std::vector<std::string>& header,
                 const std::vector<std::vector<std::string>>& rows);

}  // namespace ganymede
