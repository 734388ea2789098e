#include "reception-svc/reception.h"

int main(int argc, char** argv) { return chassis::Run(argc, argv, reception::Definition()); }
