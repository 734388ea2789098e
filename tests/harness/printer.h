// A printer for tests: headless Chromium turns a form into A4 pages, poppler reads back what stands on them. Both are
// Debian packages that `./dev deps` installs; without them the test program ends and says so. A page with scripts can
// be looked at as well.
#pragma once

#include <string>
#include <vector>

namespace harness {

// The text of each page, in reading order. AFTERSALES_PICTURES names a directory that also gets a picture of each page,
// `name`-1.png and so on: for people.
std::vector<std::string> PagesOf(const std::string& html, const std::string& name);

// What a page with scripts has become once they ran: its DOM as HTML, opened at `fragment`.
std::string DomOf(const std::string& html, const std::string& fragment);

// Whether the page says this. Spaces do not count: in Chinese they are only the distance between glyphs.
bool Says(const std::string& page, const std::string& words);

}  // namespace harness
