// The workshop service's program.
#include "workshop-svc/workshop.h"

int main(int argc, char** argv) { return chassis::Run(argc, argv, workshop::Definition()); }
