#include <catch2/catch.hpp>

#include <ganymede/data/table.h>
#include <ganymede/kernels/error.h>

#include "support.h"

using namespace ganymede;
using ganymede::test::message_of;
using ganymede::test::TemporaryFolder;

namespace {

Table table_of(const std::string& text) {
  const TemporaryFolder folder;
  folder.write("t.csv", text);
  return read_table(folder / "t.csv");
}

using Row = std::vector<std::string>;

}  // namespace

TEST_CASE("tables are read as people have them") {
  SECTION("blanks in the header") {
    const Table table = table_of("id, hemorrhage\n0,1\n");
    CHECK(table.header == Row{"id", "hemorrhage"});
    CHECK(table.find_column("Hemorrhage") == 1);
  }
  SECTION("byte-order mark, CRLF, no line end at the end") {
    const Table table = table_of("\xef\xbb\xbfimage,label\r\na.png,x\r\nb.png,y");
    CHECK(table.header[0] == "image");
    CHECK(table.rows == std::vector<Row>{{"a.png", "x"}, {"b.png", "y"}});
  }
  SECTION("semicolons and decimal commas") {
    CHECK(table_of("image;score\na;0,5\n").rows == std::vector<Row>{{"a", "0,5"}});
  }
  SECTION("quotes, separators and line ends inside them") {
    const Table table = table_of("image,note\na,\"x, \"\"y\"\"\nz\"\nb,2\n");
    CHECK(table.rows == std::vector<Row>{{"a", "x, \"y\"\nz"}, {"b", "2"}});
    CHECK(table.lines == std::vector<int>{2, 4});
  }
  SECTION("empty columns, short rows and blank rows") {
    const Table table = table_of("Image name,grade,risk ,,\nI1,2,0,,\n,,,,\nI2,1\n");
    CHECK(table.header == Row{"Image name", "grade", "risk"});
    CHECK(table.rows == std::vector<Row>{{"I1", "2", "0"}, {"I2", "1", ""}});
    CHECK(table.lines == std::vector<int>{2, 4});
  }
}

TEST_CASE("bad tables are refused with the row") {
  CHECK(message_of<DataError>([] { table_of("a,b\n1,2\n1,2,3\n"); }).find("t.csv row 3: 3 cells") !=
        std::string::npos);
  CHECK(message_of<DataError>([] { table_of("a,b\n\"1,2\n"); }).find("row 2") != std::string::npos);
  CHECK_THROWS_AS(table_of(""), DataError);
  CHECK_THROWS_AS(table_of(std::string("a\0b", 3)), DataError);
  CHECK_THROWS_AS(read_table("/no/such/table.csv"), FileError);
  const std::string message = message_of<DataError>([] {
    table_of("a,b\n").column({"image", "path"});
  });
  CHECK(message.find("no column 'image' or 'path' (found: a, b)") != std::string::npos);
}

TEST_CASE("what is written is read back") {
  const TemporaryFolder folder;
  const std::vector<Row> rows{{"a,b", "say \"x\""}, {" padded ", "two\nlines"}, {"", "plain"}};
  write_table(folder / "t.csv", {"one", "two"}, rows);
  const Table table = read_table(folder / "t.csv");
  CHECK(table.rows[0] == rows[0]);
  CHECK(table.rows[1][1] == rows[1][1]);
  CHECK(table.rows[2] == rows[2]);
}
