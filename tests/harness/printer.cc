#include "tests/harness/printer.h"

#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/harness/database.h"
#include "tests/harness/processes.h"

namespace harness {
namespace {

std::string Read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// The first of `names` that can be run; ends the program when there is none.
std::string Program(const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    const std::string path = "/usr/bin/" + name;
    if (access(path.c_str(), X_OK) == 0) return path;
  }
  FailHarness("/usr/bin/" + names.front() + " is missing; ./dev deps installs it");
}

class Place {
 public:
  ~Place() { std::filesystem::remove_all(path_); }
  std::string File(const std::string& name) const { return path_ + "/" + name; }

 private:
  const std::string path_ = ScratchDirectory("print");
};

// Chromium has no sandbox as root; what it opens here is our own file, and its content policy loads nothing.
std::vector<std::string> Chromium(const Place& place) {
  return {Program({"chromium-headless-shell", "chromium"}),
          "--headless",
          "--no-sandbox",
          "--disable-gpu",
          "--disable-dev-shm-usage",
          "--no-first-run",
          "--user-data-dir=" + place.File("profile")};
}

void PrintTo(const Place& place, const std::string& html) {
  std::ofstream(place.File("form.html"), std::ios::binary) << html;
  std::vector<std::string> command = Chromium(place);
  for (const std::string& more : {std::string("--no-pdf-header-footer"), "--print-to-pdf=" + place.File("form.pdf"),
                                  "file://" + place.File("form.html")}) {
    command.push_back(more);
  }
  if (RunToEnd(command, place.File("log")) != 0 || !std::filesystem::exists(place.File("form.pdf"))) {
    FailHarness("Chromium did not print: " + Read(place.File("log")));
  }
}

void KeepPictures(const Place& place, const std::string& directory, const std::string& name) {
  std::filesystem::create_directories(directory);
  const std::vector<std::string> command = {Program({"pdftoppm"}), "-png", "-r", "100", place.File("form.pdf"),
                                            directory + "/" + name};
  if (RunToEnd(command, place.File("log")) != 0) FailHarness("pdftoppm failed: " + Read(place.File("log")));
}

std::string WithoutSpaces(std::string text) {
  text.erase(std::remove_if(text.begin(), text.end(), [](unsigned char c) { return std::isspace(c); }), text.end());
  return text;
}

}  // namespace

std::vector<std::string> PagesOf(const std::string& html, const std::string& name) {
  const Place place;
  PrintTo(place, html);
  if (const char* directory = std::getenv("AFTERSALES_PICTURES")) KeepPictures(place, directory, name);
  const std::vector<std::string> command = {Program({"pdftotext"}), "-enc", "UTF-8", place.File("form.pdf"),
                                            place.File("form.txt")};
  if (RunToEnd(command, place.File("log")) != 0) FailHarness("pdftotext failed: " + Read(place.File("log")));
  std::vector<std::string> pages;
  std::istringstream text(Read(place.File("form.txt")));
  // A form feed ends each page.
  for (std::string page; std::getline(text, page, '\f');) pages.push_back(page);
  return pages;
}

std::string DomOf(const std::string& html, const std::string& fragment) {
  const Place place;
  std::ofstream(place.File("page.html"), std::ios::binary) << html;
  const std::string address = "file://" + place.File("page.html") + "#" + fragment;
  std::vector<std::string> command = Chromium(place);
  command.insert(command.end(), {"--dump-dom", address});
  if (RunToEnd(command, place.File("dom")) != 0) FailHarness("Chromium did not show it: " + Read(place.File("dom")));
  return Read(place.File("dom"));
}

bool Says(const std::string& page, const std::string& words) {
  return WithoutSpaces(page).find(WithoutSpaces(words)) != std::string::npos;
}

}  // namespace harness
