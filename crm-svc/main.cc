// crm-svc: customer relations of an after-sales business. See README.md beside this file.
#include "crm-svc/crm.h"

int main(int argc, char** argv) { return chassis::Run(argc, argv, crm::Definition()); }
