// openapi DESCRIPTORS DOCUMENT: reads the descriptor set of the whole API and writes its OpenAPI document. Run by the
// build.
#include <cstdio>
#include <fstream>

#include "gateway/openapi/document.h"

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: openapi DESCRIPTORS DOCUMENT\n");
    return 2;
  }
  std::ifstream input(argv[1], std::ios::binary);
  google::protobuf::FileDescriptorSet files;
  if (!input || !files.ParseFromIstream(&input)) {
    std::fprintf(stderr, "openapi: %s is not a descriptor set\n", argv[1]);
    return 1;
  }
  const auto document = gateway::openapi::Document(files);
  if (!document.ok()) {
    std::fprintf(stderr, "openapi: %s\n", document.status().ToString().c_str());
    return 1;
  }
  std::ofstream output(argv[2], std::ios::binary);
  output << document->dump() << "\n";
  output.close();
  if (!output) {
    std::fprintf(stderr, "openapi: cannot write %s\n", argv[2]);
    return 1;
  }
  return 0;
}
