// A printer for tests: headless Chromium turns a form into A4 pages, poppler reads back what stands on them. Both are
// Debian packages that `./dev deps` installs; without them the test program ends and says so.
#pragma once

#include <string>
#include <vector>

namespace harness {

// The text of each page, in reading order. AFTERSALES_PICTURES names a directory that also gets a picture of each page,
// `name`-1.png and so on: for people.
std::vector<std::string> PagesOf(const std::string& html, const std::string& name);

// Whether the page says this. Spaces do not count: in Chinese they are only the distance between glyphs.
bool Says(const std::string& page, const std::string& words);

}  // namespace harness
