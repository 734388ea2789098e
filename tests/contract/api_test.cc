// What the descriptors of the whole API promise: access, REST bindings, pages, money without fractions, refusals in two
// languages, state tables that hold together, and the handbook beside every RPC. Nothing runs here; the protos are
// read.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "aftersales/options/v1/options.pb.h"
#include "chassis/client/methods.h"
#include "google/api/annotations.pb.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/descriptor_database.h"
#include "tests/harness/database.h"

namespace {

namespace options = aftersales::options::v1;
using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::EnumDescriptor;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::MethodDescriptor;

constexpr const char* kPackages[] = {"aftersales.reception.v1", "aftersales.workshop.v1", "aftersales.parts.v1",
                                     "aftersales.crm.v1"};

bool IsOfTheSuite(const std::string& package) {
  return package == "aftersales.common.v1" ||
         std::find(std::begin(kPackages), std::end(kPackages), package) != std::end(kPackages);
}

std::vector<const FileDescriptor*> Files() {
  std::vector<std::string> names;
  DescriptorPool::internal_generated_database()->FindAllFileNames(&names);
  std::sort(names.begin(), names.end());
  std::vector<const FileDescriptor*> files;
  for (const std::string& name : names) {
    if (!absl::StartsWith(name, "aftersales/")) continue;
    const FileDescriptor* file = DescriptorPool::generated_pool()->FindFileByName(name);
    if (file != nullptr && IsOfTheSuite(file->package())) files.push_back(file);
  }
  return files;
}

std::vector<const MethodDescriptor*> Methods() {
  std::vector<const MethodDescriptor*> methods;
  for (const FileDescriptor* file : Files()) {
    for (int s = 0; s < file->service_count(); ++s) {
      for (int m = 0; m < file->service(s)->method_count(); ++m) methods.push_back(file->service(s)->method(m));
    }
  }
  return methods;
}

void WithNested(const Descriptor* message, const std::function<void(const Descriptor*)>& visit) {
  if (message->options().map_entry()) return;
  visit(message);
  for (int i = 0; i < message->nested_type_count(); ++i) WithNested(message->nested_type(i), visit);
}
void ForEachMessage(const std::function<void(const Descriptor*)>& visit) {
  for (const FileDescriptor* file : Files()) {
    for (int i = 0; i < file->message_type_count(); ++i) WithNested(file->message_type(i), visit);
  }
}
void ForEachField(const std::function<void(const FieldDescriptor*)>& visit) {
  ForEachMessage([&](const Descriptor* message) {
    for (int i = 0; i < message->field_count(); ++i) visit(message->field(i));
  });
}

const options::Access& AccessOf(const MethodDescriptor* method) {
  return method->options().GetExtension(options::access);
}
bool RequiresStore(const FieldDescriptor* store_id) {
  return store_id->options().GetExtension(options::rules).required();
}

// One REST binding: "GET", "/v1/stores/{store_id}/visits".
struct Binding {
  std::string verb;
  std::string path;
  std::string body;
};
Binding BindingOf(const google::api::HttpRule& rule) {
  if (!rule.get().empty()) return {"GET", rule.get(), rule.body()};
  if (!rule.post().empty()) return {"POST", rule.post(), rule.body()};
  if (!rule.patch().empty()) return {"PATCH", rule.patch(), rule.body()};
  if (!rule.put().empty()) return {"PUT", rule.put(), rule.body()};
  if (!rule.delete_().empty()) return {"DELETE", rule.delete_(), rule.body()};
  return {};
}
std::vector<Binding> BindingsOf(const MethodDescriptor* method) {
  const google::api::HttpRule& rule = method->options().GetExtension(google::api::http);
  std::vector<Binding> bindings = {BindingOf(rule)};
  for (const auto& more : rule.additional_bindings()) bindings.push_back(BindingOf(more));
  return bindings;
}
std::vector<std::string> Matches(const std::string& text, const std::string& pattern) {
  std::vector<std::string> found;
  const std::regex expression(pattern);
  for (std::sregex_iterator at(text.begin(), text.end(), expression), end; at != end; ++at) {
    found.push_back((*at)[1].str());
  }
  return found;
}
// The field a path variable such as "customer.customer_id" names.
const FieldDescriptor* FieldAt(const Descriptor* message, const std::string& path) {
  const FieldDescriptor* field = nullptr;
  for (const std::string& name : std::vector<std::string>(absl::StrSplit(path, '.'))) {
    if (message == nullptr) return nullptr;
    field = message->FindFieldByName(name);
    if (field == nullptr) return nullptr;
    message = field->message_type();
  }
  return field;
}

bool HasChinese(const std::string& text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0x80) != 0; });
}

TEST(Descriptors, HoldTheWholeSuite) {
  std::set<std::string> packages;
  for (const FileDescriptor* file : Files()) packages.insert(file->package());
  EXPECT_EQ(packages.size(), 5u);
  EXPECT_GT(Methods().size(), 200u);
}

// Handbook: G-02
TEST(EveryRpc, SaysWhoMayCallIt) {
  for (const MethodDescriptor* method : Methods()) {
    const options::Access& access = AccessOf(method);
    EXPECT_GT(access.roles_size(), 0) << method->full_name();
    const std::set<int> roles(access.roles().begin(), access.roles().end());
    EXPECT_EQ(roles.size(), static_cast<size_t>(access.roles_size())) << method->full_name() << " names a role twice";
    EXPECT_EQ(roles.count(options::ROLE_UNSPECIFIED), 0u) << method->full_name();
    for (const int unmasked : access.unmasked_roles()) {
      EXPECT_EQ(roles.count(unmasked), 1u)
          << method->full_name() << " shows clear data to " << options::Role_Name(unmasked) << ", who may not call it";
    }
  }
}

// Handbook: G-01
TEST(EveryRpc, NamesItsStoreOrIsForTheGroup) {
  for (const MethodDescriptor* method : Methods()) {
    const FieldDescriptor* store_id = method->input_type()->FindFieldByName("store_id");
    if (AccessOf(method).scope() == options::SCOPE_GROUP) continue;
    ASSERT_NE(store_id, nullptr) << method->full_name() << " belongs to no store and not to the group";
    EXPECT_EQ(store_id->number(), 1) << method->full_name();
    EXPECT_EQ(store_id->type(), FieldDescriptor::TYPE_STRING) << method->full_name();
    if (RequiresStore(store_id)) {
      EXPECT_THAT(BindingsOf(method).front().path, testing::HasSubstr("{store_id}")) << method->full_name();
      continue;
    }
    // Without a store only for who acts for the group: the feed, the audit trail and the books.
    EXPECT_EQ(method->input_type()->file()->package(), "aftersales.common.v1") << method->full_name();
    EXPECT_FALSE(chassis::IsCommand(method)) << method->full_name();
  }
}

TEST(EveryRpc, HasARestBindingOfItsOwn) {
  std::map<std::string, std::string> taken;
  const std::regex path_shape("/v1(/[a-zA-Z]+|/\\{[a-z_.]+\\})+(:[a-zA-Z]+)?");
  for (const MethodDescriptor* method : Methods()) {
    for (const Binding& binding : BindingsOf(method)) {
      ASSERT_FALSE(binding.verb.empty()) << method->full_name() << " has no google.api.http binding";
      EXPECT_TRUE(std::regex_match(binding.path, path_shape)) << method->full_name() << ": " << binding.path;
      // Variables differ in name only: two bindings of one shape cannot be told apart.
      const std::string shape =
          binding.verb + " " + std::regex_replace(binding.path, std::regex("\\{[a-z_.]+\\}"), "{}");
      const auto [other, fresh] = taken.emplace(shape, method->full_name());
      EXPECT_TRUE(fresh) << method->full_name() << " and " << other->second << " share " << shape;
      for (const std::string& variable : Matches(binding.path, "\\{([a-z_.]+)\\}")) {
        const FieldDescriptor* field = FieldAt(method->input_type(), variable);
        EXPECT_TRUE(field != nullptr && field->type() == FieldDescriptor::TYPE_STRING && !field->is_repeated())
            << method->full_name() << ": {" << variable << "} is no text field of the request";
      }
      if (binding.verb == "GET") {
        EXPECT_EQ(binding.body, "") << method->full_name();
      } else {
        // All of the request, or the one record it carries.
        const FieldDescriptor* body = method->input_type()->FindFieldByName(binding.body);
        EXPECT_TRUE(binding.body == "*" || (body != nullptr && body->message_type() != nullptr))
            << method->full_name() << ": body is '" << binding.body << "'";
      }
    }
  }
}

// Handbook: G-07
TEST(EveryCommand, CarriesARequiredRequestIdAndIsNoGet) {
  for (const MethodDescriptor* method : Methods()) {
    const FieldDescriptor* request_id = method->input_type()->FindFieldByName("request_id");
    const bool reads = absl::StartsWith(method->name(), "Get") || absl::StartsWith(method->name(), "List") ||
                       method->server_streaming();
    if (reads) {
      EXPECT_EQ(request_id, nullptr) << method->full_name() << " only reads";
      EXPECT_EQ(BindingsOf(method).front().verb, "GET") << method->full_name();
    }
    if (request_id == nullptr) continue;
    EXPECT_EQ(request_id->type(), FieldDescriptor::TYPE_STRING) << method->full_name();
    EXPECT_TRUE(request_id->options().GetExtension(options::rules).required()) << method->full_name();
    for (const Binding& binding : BindingsOf(method)) EXPECT_NE(binding.verb, "GET") << method->full_name();
  }
}

// A method that changes something and has no request_id would pass the test above unseen: what has none must be a
// query. Handbook: G-07
TEST(EveryCommand, IsToldFromAQueryByItsVerb) {
  const std::set<std::string> reading_verbs = {"Get",  "List",   "Watch",  "Read", "Search",
                                               "Find", "Verify", "Export", "Print"};
  const std::set<std::string> other_queries = {"ProposeAssignment", "ForecastCompletion", "LookUpParts", "ExplodeKit",
                                               "EvaluateSupplier"};
  for (const MethodDescriptor* method : Methods()) {
    if (chassis::IsCommand(method) || other_queries.count(method->name()) > 0) continue;
    const std::string verb = Matches(method->name(), "^([A-Z][a-z]+)").front();
    EXPECT_EQ(reading_verbs.count(verb), 1u) << method->full_name() << " has no request_id; does it change nothing?";
  }
}

TEST(EveryList, ComesInPages) {
  int lists = 0;
  for (const MethodDescriptor* method : Methods()) {
    if (!absl::StartsWith(method->name(), "List")) continue;
    ++lists;
    const FieldDescriptor* size = method->input_type()->FindFieldByName("page_size");
    const FieldDescriptor* token = method->input_type()->FindFieldByName("page_token");
    const FieldDescriptor* next = method->output_type()->FindFieldByName("next_page_token");
    ASSERT_TRUE(size != nullptr && token != nullptr && next != nullptr) << method->full_name();
    EXPECT_EQ(size->type(), FieldDescriptor::TYPE_INT32) << method->full_name();
    EXPECT_EQ(token->type(), FieldDescriptor::TYPE_STRING) << method->full_name();
    EXPECT_EQ(next->type(), FieldDescriptor::TYPE_STRING) << method->full_name();
    bool lists_something = false;
    for (int i = 0; i < method->output_type()->field_count(); ++i) {
      lists_something = lists_something || method->output_type()->field(i)->is_repeated();
    }
    EXPECT_TRUE(lists_something) << method->full_name();
  }
  EXPECT_GT(lists, 40);
}

TEST(EveryField, KeepsMoneyAndStockInWholeNumbers) {
  int amounts = 0;
  ForEachField([&](const FieldDescriptor* field) {
    const std::string& name = field->name();
    EXPECT_NE(field->type(), FieldDescriptor::TYPE_DOUBLE) << field->full_name();
    EXPECT_NE(field->type(), FieldDescriptor::TYPE_FLOAT) << field->full_name();
    if (name == "amount" || absl::EndsWith(name, "_amount")) {
      ++amounts;
      EXPECT_EQ(field->type(), FieldDescriptor::TYPE_INT64) << field->full_name();
    }
    if (absl::EndsWith(name, "_milli")) {
      EXPECT_EQ(field->type(), FieldDescriptor::TYPE_INT64) << field->full_name();
    }
    if (absl::EndsWith(name, "_basis_points")) {
      EXPECT_EQ(field->type(), FieldDescriptor::TYPE_INT32) << field->full_name();
    }
  });
  EXPECT_GT(amounts, 80);
}

TEST(EveryField, IsCalledAfterItsKind) {
  ForEachField([](const FieldDescriptor* field) {
    const std::string& name = field->name();
    if (absl::EndsWith(name, "_id") || absl::EndsWith(name, "_ids")) {
      EXPECT_EQ(field->type(), FieldDescriptor::TYPE_STRING) << field->full_name();
    }
    if (absl::EndsWith(name, "_time") && field->message_type() != nullptr) {
      EXPECT_EQ(field->message_type()->full_name(), "google.protobuf.Timestamp") << field->full_name();
    }
    if (absl::EndsWith(name, "_date")) {
      EXPECT_EQ(field->type(), FieldDescriptor::TYPE_STRING) << field->full_name();
    }
  });
}

// Handbook: G-13
TEST(PersonalData, IsDeclaredWhereverATelephoneOrAnAddressOfAPersonStands) {
  ForEachField([](const FieldDescriptor* field) {
    const std::string& name = field->name();
    for (const char* personal : {"phone", "address", "id_number", "contact_name", "customer_name"}) {
      if (name != personal && !absl::EndsWith(name, absl::StrCat("_", personal))) continue;
      EXPECT_NE(field->options().GetExtension(options::privacy), options::PRIVACY_UNSPECIFIED) << field->full_name();
    }
  });
}

void ExpectNothingPersonal(const Descriptor* message, const std::string& path, std::set<const Descriptor*>& seen) {
  if (!seen.insert(message).second) return;
  for (int i = 0; i < message->field_count(); ++i) {
    const FieldDescriptor* field = message->field(i);
    const std::string at = path + "." + field->name();
    EXPECT_EQ(field->options().GetExtension(options::privacy), options::PRIVACY_UNSPECIFIED) << at;
    if (field->message_type() != nullptr) ExpectNothingPersonal(field->message_type(), at, seen);
  }
}

// Handbook: G-13, G-14
TEST(PersonalData, StandsInNoEvent) {
  int events = 0;
  for (const FileDescriptor* file : Files()) {
    if (!absl::EndsWith(file->name(), "/events.proto") && !absl::EndsWith(file->name(), "/event.proto")) continue;
    for (int i = 0; i < file->message_type_count(); ++i) {
      std::set<const Descriptor*> seen;
      ExpectNothingPersonal(file->message_type(i), file->message_type(i)->full_name(), seen);
      ++events;
    }
  }
  EXPECT_GT(events, 25);
}

// Handbook: G-11
TEST(EveryRefusal, IsWordedInBothLanguagesWithTheSameFacts) {
  int reasons = 0;
  for (const FileDescriptor* file : Files()) {
    for (int e = 0; e < file->enum_type_count(); ++e) {
      const EnumDescriptor* list = file->enum_type(e);
      if (!absl::EndsWith(list->name(), "ErrorReason")) continue;
      for (int v = 0; v < list->value_count(); ++v) {
        const EnumValueDescriptor* reason = list->value(v);
        if (reason->number() == 0) continue;
        ++reasons;
        const options::Text& text = reason->options().GetExtension(options::text);
        EXPECT_NE(text.code(), options::CODE_UNSPECIFIED) << reason->full_name();
        EXPECT_TRUE(HasChinese(text.zh())) << reason->full_name() << ": " << text.zh();
        EXPECT_FALSE(text.en().empty() || HasChinese(text.en())) << reason->full_name() << ": " << text.en();
        // A fact that is itself in words has one form per language: {why_zh} beside {why_en}.
        const auto facts = [](const std::string& words, const std::string& language) {
          std::set<std::string> found;
          for (const std::string& fact : Matches(words, "\\{([^}]*)\\}")) {
            found.insert(absl::EndsWith(fact, language) ? fact.substr(0, fact.size() - language.size()) : fact);
          }
          return found;
        };
        EXPECT_EQ(facts(text.zh(), "_zh"), facts(text.en(), "_en")) << reason->full_name();
      }
    }
  }
  EXPECT_GT(reasons, 150);
}

// Callers know a refusal by its service and its short name, whichever joint of the trade gives it.
TEST(EveryRefusal, HasAShortNameOfItsOwnInItsService) {
  std::map<std::string, std::string> first;
  for (const FileDescriptor* file : Files()) {
    for (int e = 0; e < file->enum_type_count(); ++e) {
      const EnumDescriptor* list = file->enum_type(e);
      if (!absl::EndsWith(list->name(), "ErrorReason")) continue;
      for (int v = 0; v < list->value_count(); ++v) {
        const std::string& name = list->value(v)->name();
        if (list->value(v)->number() == 0) continue;
        const size_t prefix = name.find("ERROR_REASON_");
        ASSERT_NE(prefix, std::string::npos) << name;
        const std::string known = absl::StrCat(file->package(), "/", name.substr(prefix));
        const auto [it, added] = first.emplace(known, name);
        EXPECT_TRUE(added) << name << " and " << it->second << " are one to the caller";
      }
    }
  }
}

TEST(EveryRefusal, OfTheTradeNamesItsRowOfTheHandbook) {
  const std::regex row("[GRWSPC]-[0-9]{2}");
  for (const FileDescriptor* file : Files()) {
    if (file->package() == "aftersales.common.v1") continue;
    for (int e = 0; e < file->enum_type_count(); ++e) {
      const EnumDescriptor* list = file->enum_type(e);
      if (!absl::EndsWith(list->name(), "ErrorReason")) continue;
      for (int v = 0; v < list->value_count(); ++v) {
        if (list->value(v)->number() == 0) continue;
        const std::string handbook = list->value(v)->options().GetExtension(options::text).handbook();
        EXPECT_TRUE(std::regex_match(handbook, row)) << list->value(v)->full_name() << ": '" << handbook << "'";
      }
    }
  }
}

std::vector<const EnumDescriptor*> StateTables() {
  std::vector<const EnumDescriptor*> tables;
  ForEachMessage([&](const Descriptor* message) {
    for (int i = 0; i < message->enum_type_count(); ++i) {
      if (message->enum_type(i)->name() == "State") tables.push_back(message->enum_type(i));
    }
  });
  return tables;
}

TEST(EveryStateTable, LeadsOnlyToStatesThatExistAndNamesEachInChinese) {
  EXPECT_GT(StateTables().size(), 15u);
  for (const EnumDescriptor* states : StateTables()) {
    for (int v = 0; v < states->value_count(); ++v) {
      const EnumValueDescriptor* from = states->value(v);
      const options::State& table = from->options().GetExtension(options::state);
      if (from->number() == 0) {
        EXPECT_EQ(table.next_size(), 0) << from->full_name();
        continue;
      }
      EXPECT_TRUE(HasChinese(table.zh())) << from->full_name();
      for (const std::string& next : table.next()) {
        const EnumValueDescriptor* to = states->FindValueByName(next);
        EXPECT_TRUE(to != nullptr && to->number() != 0) << from->full_name() << " leads to " << next;
      }
    }
  }
}

TEST(EveryStateTable, ReachesEachStateFromTheFirst) {
  for (const EnumDescriptor* states : StateTables()) {
    std::set<std::string> reached = {states->FindValueByNumber(1)->name()};
    std::vector<std::string> open(reached.begin(), reached.end());
    while (!open.empty()) {
      const EnumValueDescriptor* from = states->FindValueByName(open.back());
      open.pop_back();
      if (from == nullptr) continue;
      for (const std::string& next : from->options().GetExtension(options::state).next()) {
        if (reached.insert(next).second) open.push_back(next);
      }
    }
    for (int v = 0; v < states->value_count(); ++v) {
      if (states->value(v)->number() == 0) continue;
      EXPECT_EQ(reached.count(states->value(v)->name()), 1u) << states->value(v)->full_name() << " cannot be reached";
    }
  }
}

// Comments are not in the descriptors a program links, so the text itself is read.
TEST(EveryRpc, SaysWhichRowsOfTheHandbookItServes) {
  const std::regex rpc("rpc (\\w+)\\(.*");
  const std::regex rows("Handbook: [GRWSPCFM]-[0-9]{2}(, [GRWSPCFM]-[0-9]{2})*\\.$");
  size_t seen = 0;
  for (const FileDescriptor* file : Files()) {
    if (file->service_count() == 0) continue;
    std::ifstream text(harness::SourceDirectory() + "/protos/" + file->name());
    ASSERT_TRUE(text.good()) << file->name();
    std::string comment;
    for (std::string line; std::getline(text, line);) {
      line.erase(0, std::min(line.find_first_not_of(' '), line.size()));
      if (absl::StartsWith(line, "//")) {
        comment += line.substr(2);
        continue;
      }
      std::smatch match;
      if (std::regex_match(line, match, rpc)) {
        ++seen;
        EXPECT_TRUE(std::regex_search(comment, rows)) << file->name() << ": " << match[1] << " says: " << comment;
      }
      comment.clear();
    }
  }
  EXPECT_EQ(seen, Methods().size());
}

}  // namespace
