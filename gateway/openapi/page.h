// The page that shows the OpenAPI document to people: one file, no framework, nothing from elsewhere.
#pragma once

#include <string_view>

namespace gateway::openapi {

// HTML in UTF-8. It fetches `openapi.json` beside itself, unless its element with the id `document` holds the document
// already. Its content policy stands in it: scripts and styles of its own, connections to its own origin.
std::string_view OpenApiPage();

}  // namespace gateway::openapi
