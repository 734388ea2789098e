// The parts store: catalogue, stock, reservations, issues.
#include "parts-svc/parts.h"

int main(int argc, char** argv) { return chassis::Run(argc, argv, parts::Definition()); }
