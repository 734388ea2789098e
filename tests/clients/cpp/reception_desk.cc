// A morning at the reception desk, from C++ with generated stubs: finds or creates a customer with a vehicle, records
// its arrival, repeats a request as after a timeout, lists the waiting queue page by page, is refused once, and watches
// the board.
//
//   AFTERSALES_TARGET=127.0.0.1:17000 AFTERSALES_TOKEN=... AFTERSALES_STORE=... [AFTERSALES_TLS=.run/tls/client]
//       reception_desk PHONE PLATE VIN
//
// It uses protoc and grpc_cpp_plugin only, nothing of this project's chassis: what a partner's program would look like.
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "aftersales/crm/v1/customer.grpc.pb.h"
#include "aftersales/crm/v1/vehicle.grpc.pb.h"
#include "aftersales/reception/v1/board.grpc.pb.h"
#include "aftersales/reception/v1/visit.grpc.pb.h"
#include "google/rpc/error_info.pb.h"
#include "google/rpc/status.pb.h"

namespace {

namespace crm = aftersales::crm::v1;
namespace reception = aftersales::reception::v1;

constexpr std::chrono::seconds kDeadline(10);

std::string Environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::string Read(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::shared_ptr<grpc::Channel> OpenChannel() {
  const std::string tls = Environment("AFTERSALES_TLS");
  if (tls.empty()) return grpc::CreateChannel(Environment("AFTERSALES_TARGET"), grpc::InsecureChannelCredentials());
  const grpc::SslCredentialsOptions files{Read(tls + "/ca.crt"), Read(tls + "/tls.key"), Read(tls + "/tls.crt")};
  return grpc::CreateChannel(Environment("AFTERSALES_TARGET"), grpc::SslCredentials(files));
}

// A new one for each intention; a repeat after a timeout keeps it.
std::string NewRequestId() {
  std::string id;
  std::getline(std::ifstream("/proc/sys/kernel/random/uuid") >> std::ws, id);
  return id;
}

// Every call has a deadline, a token and a language.
void Prepare(grpc::ClientContext& context) {
  context.set_deadline(std::chrono::system_clock::now() + kDeadline);
  context.AddMetadata("authorization", "Bearer " + Environment("AFTERSALES_TOKEN"));
  context.AddMetadata("accept-language", "zh-CN");
}

// What a program decides by. status.error_message() is the text for developers.
google::rpc::ErrorInfo ReasonOf(const grpc::Status& status) {
  google::rpc::Status details;
  google::rpc::ErrorInfo info;
  if (details.ParseFromString(status.error_details())) {
    for (const auto& detail : details.details()) {
      if (detail.Is<google::rpc::ErrorInfo>() && detail.UnpackTo(&info)) break;
    }
  }
  return info;
}

template <typename Stub, typename Request, typename Response>
grpc::Status Try(Stub& stub, grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                 const Request& request, Response* response) {
  grpc::ClientContext context;
  Prepare(context);
  return (stub.*method)(&context, request, response);
}

template <typename Stub, typename Request, typename Response>
Response Call(Stub& stub, grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
              const Request& request) {
  Response response;
  const grpc::Status status = Try(stub, method, request, &response);
  if (!status.ok()) throw std::runtime_error(ReasonOf(status).reason() + ": " + status.error_message());
  return response;
}

void Expect(bool holds, const char* what) {
  if (!holds) throw std::runtime_error(what);
}

class ReceptionDesk {
 public:
  ReceptionDesk(const std::shared_ptr<grpc::Channel>& channel, std::string store)
      : store_(std::move(store)), customers_(channel), vehicles_(channel), visits_(channel), board_(channel) {}

  crm::Customer FindOrCreateCustomer(const std::string& phone) {
    crm::FindCustomersRequest find;
    find.set_store_id(store_);
    find.set_phone(phone);
    const auto found = Call(customers_, &crm::CustomerService::Stub::FindCustomers, find);
    if (found.customers_size() > 0) return found.customers(0);
    crm::CreateCustomerRequest create;
    create.set_store_id(store_);
    create.set_request_id(NewRequestId());
    create.mutable_customer()->set_kind(crm::Customer::KIND_PERSON);
    create.mutable_customer()->set_name("王芳");
    create.mutable_customer()->set_phone(phone);
    return Call(customers_, &crm::CustomerService::Stub::CreateCustomer, create);
  }

  crm::Vehicle FindOrCreateVehicle(const crm::Customer& customer, const std::string& plate, const std::string& vin) {
    crm::ListVehiclesRequest list;
    list.set_store_id(store_);
    list.set_filter("vin = \"" + vin + "\"");
    const auto known = Call(vehicles_, &crm::VehicleService::Stub::ListVehicles, list);
    if (known.vehicles_size() > 0) return known.vehicles(0);
    crm::CreateVehicleRequest create;
    create.set_store_id(store_);
    create.set_request_id(NewRequestId());
    crm::Vehicle& vehicle = *create.mutable_vehicle();
    vehicle.set_vin(vin);
    vehicle.set_plate(plate);
    vehicle.set_plate_colour(crm::Vehicle::PLATE_COLOUR_BLUE);
    vehicle.set_model_code("PASSAT-2024");
    vehicle.set_customer_id(customer.customer_id());
    return Call(vehicles_, &crm::VehicleService::Stub::CreateVehicle, create);
  }

  reception::RecordArrivalRequest ArrivalOf(const std::string& plate) const {
    reception::RecordArrivalRequest arrival;
    arrival.set_store_id(store_);
    arrival.set_request_id(NewRequestId());
    arrival.set_plate(plate);
    return arrival;
  }
  reception::Visit RecordArrival(const reception::RecordArrivalRequest& arrival) {
    return Call(visits_, &reception::VisitService::Stub::RecordArrival, arrival);
  }
  grpc::Status TryRecordArrival(const reception::RecordArrivalRequest& arrival) {
    reception::Visit visit;
    return Try(visits_, &reception::VisitService::Stub::RecordArrival, arrival, &visit);
  }

  // The queue in the order of arrival, a page at a time.
  std::vector<std::string> WaitingNumbers() {
    std::vector<std::string> numbers;
    reception::ListVisitsRequest list;
    list.set_store_id(store_);
    list.set_filter("state = \"WAITING\"");
    list.set_order_by("arrival_time");
    list.set_page_size(2);
    do {
      const auto page = Call(visits_, &reception::VisitService::Stub::ListVisits, list);
      for (const auto& visit : page.visits()) numbers.push_back(visit.number());
      list.set_page_token(page.next_page_token());
    } while (!list.page_token().empty());
    return numbers;
  }

  // Reads the board until the plate stands on it; returns the revision to resume at.
  int64_t WatchUntil(const std::string& plate) {
    grpc::ClientContext context;
    Prepare(context);
    reception::WatchBoardRequest watch;
    watch.set_store_id(store_);
    const auto stream = board_.WatchBoard(&context, watch);
    for (reception::WatchBoardResponse answer; stream->Read(&answer);) {
      for (const auto& entry : answer.entries()) {
        if (entry.plate() != plate) continue;
        context.TryCancel();
        return answer.revision();
      }
    }
    throw std::runtime_error("the board ended: " + stream->Finish().error_message());
  }

 private:
  const std::string store_;
  crm::CustomerService::Stub customers_;
  crm::VehicleService::Stub vehicles_;
  reception::VisitService::Stub visits_;
  reception::BoardService::Stub board_;
};

void Morning(const std::string& phone, const std::string& plate, const std::string& vin) {
  ReceptionDesk desk(OpenChannel(), Environment("AFTERSALES_STORE"));
  const crm::Customer customer = desk.FindOrCreateCustomer(phone);
  const crm::Vehicle vehicle = desk.FindOrCreateVehicle(customer, plate, vin);
  std::cout << "customer " << customer.name() << ", vehicle " << vehicle.plate() << "\n";

  const reception::RecordArrivalRequest arrival = desk.ArrivalOf(plate);
  const reception::Visit visit = desk.RecordArrival(arrival);
  std::cout << "arrived: " << visit.number() << ", gate card " << visit.gate_card_number() << "\n";
  // As after a timeout: the same request again is the same visit, not a second one.
  Expect(desk.RecordArrival(arrival).visit_id() == visit.visit_id(), "the repeat made another visit");
  std::cout << "repeated: the same visit\n";

  const std::vector<std::string> numbers = desk.WaitingNumbers();
  Expect(std::find(numbers.begin(), numbers.end(), visit.number()) != numbers.end(), "the visit does not wait");
  std::cout << "waiting: " << numbers.size() << "\n";

  // A new request_id is a new intention: a second arrival of a vehicle that is here.
  const grpc::Status refused = desk.TryRecordArrival(desk.ArrivalOf(plate));
  const google::rpc::ErrorInfo info = ReasonOf(refused);
  Expect(info.reason() == "VEHICLE_ALREADY_HERE", "the second arrival was not refused");
  std::cout << "refused: " << refused.error_code() << " " << info.reason() << " (" << info.metadata().at("handbook")
            << ")\n";

  std::cout << "on the board at revision " << desk.WatchUntil(plate) << "\n";
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::cerr << "usage: reception_desk PHONE PLATE VIN\n";
    return 2;
  }
  try {
    Morning(argv[1], argv[2], argv[3]);
    return 0;
  } catch (const std::exception& failure) {
    std::cerr << "reception_desk: " << failure.what() << "\n";
    return 1;
  }
}
