// Every command on a record in every state: what the transition table does not allow is refused. `Base` is a fixture
// on a database.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>

#include "parts-svc/parts_for_test.h"

namespace parts {

template <typename Base>
class TransitionsOf : public Base {
 protected:
  struct Command {
    std::set<int> allowed;  // states it may be given in
    std::function<absl::Status()> run;
  };
  // Puts the rows of `table` into each state behind the room's back and gives the commands that must be refused there.
  void ExpectRefusedElsewhere(const std::string& table, const google::protobuf::EnumDescriptor* states,
                              const std::map<std::string, Command>& commands) {
    for (int i = 1; i < states->value_count(); ++i) {
      const int state = states->value(i)->number();
      const std::string name(chassis::StateName(states, state));
      for (const auto& [what, command] : commands) {
        if (command.allowed.count(state) > 0) continue;
        this->Execute(absl::StrCat("UPDATE ", table, " SET state = '", name, "'"));
        const absl::Status status = command.run();
        EXPECT_TRUE(IsRefusal(status, aftersales::common::v1::ERROR_REASON_WRONG_STATE))
            << what << " in " << name << ": " << status;
      }
    }
  }
};

}  // namespace parts
