// Child processes and small things of the operating system that the harness needs.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "absl/time/time.h"

namespace harness {

// Says what and ends the test program: the harness itself is not under test.
[[noreturn]] void FailHarness(const std::string& what);
// Starts `command` with its output appended to a file; it dies with this program.
pid_t Spawn(const std::vector<std::string>& command, const std::string& output);
// Runs it to its end and returns its exit status.
int RunToEnd(const std::vector<std::string>& command, const std::string& output);
// Lets other processes get on: for polling what tells nobody when it is done.
void WaitFor(absl::Duration duration);
// Body of an HTTP/1.0 answer on loopback; "" when nobody answers.
std::string HttpGet(int port, const std::string& path);
// A port that was free a moment ago on loopback.
int FreePort();
bool Accepts(int port);

}  // namespace harness
