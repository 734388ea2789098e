// A printer for tests: headless Chromium turns a form into A4 pages, poppler reads back what stands on them. Both are
// Debian packages that `./dev deps` installs; without them the test program ends and says so.
#pragma once

#include <string>
#include <vector>

namespace harness {

// The text of each page, in reading order, layout kept.
std::vector<std::string> PagesOf(const std::string& html);

// A picture of each page as PNG, in `directory`/`name`-1.png and so on: for people.
void Picture(const std::string& html, const std::string& directory, const std::string& name);

}  // namespace harness
