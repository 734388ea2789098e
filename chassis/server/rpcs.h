// Where rooms register their handlers. The RPC follows from the request's type, so a handler names nothing twice:
//
//   rpcs.On(this, &RepairOrderService::Sign);      // absl::StatusOr<RepairOrder> Sign(Call&, const
//   SignRepairOrderRequest&) rpcs.Watch(this, &BoardService::Watch);        // absl::Status Watch(Call&, const
//   WatchBoardRequest&, Writer<WatchBoardResponse>&) rpcs.Standard<Bay>(bays_, check);              // GetBay,
//   ListBays, CreateBay, UpdateBay as far as the proto has them
//
//   rpcs.Upload(this, &ImportService::Upload);  // absl::StatusOr<PartImport> Upload(Call&,
//   Reader<UploadPartsRequest>&)
//
// A room's own handler for a method that Standard would serve takes its place. Start-up stops when a method of the
// package has no handler, no access option, or is registered twice.
//
// Standard requests look like this (AIP-131..134), with field names as shown:
//   GetBayRequest    {store_id, bay_id}                         -> Bay
//   ListBaysRequest  {store_id, page_size, page_token, filter, order_by} -> ListBaysResponse {bays, next_page_token}
//   CreateBayRequest {store_id, request_id, bay}                -> Bay    (key fields and etag filled by the service)
//   UpdateBayRequest {store_id, request_id, bay, update_mask}   -> Bay    (bay carries its id and etag; mask names
//   fields)
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "chassis/records/table.h"
#include "chassis/server/call.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace chassis {

// Called in the transaction of a standard Create or Update, before the row is written. `before` is null on Create.
// May fill output-only fields of `after`, refuse, publish, owe duties.
template <typename T>
using StandardCheck = std::function<absl::Status(UnitOfWork& work, const T* before, T& after)>;

class Rpcs {
 public:
  using UnaryHandler =
      std::function<absl::Status(Call&, const google::protobuf::Message& request, google::protobuf::Message& response)>;
  using StreamHandler = std::function<absl::Status(Call&, const google::protobuf::Message& request,
                                                   const std::function<bool(const google::protobuf::Message&)>& write,
                                                   const std::function<bool()>& cancelled)>;
  // `next` fills the further messages of a client stream (Reader).
  using UploadHandler =
      std::function<absl::Status(Call&, const google::protobuf::Message& first,
                                 const std::function<absl::StatusOr<bool>(google::protobuf::Message&)>& next,
                                 google::protobuf::Message& response)>;
  struct Entry {
    const google::protobuf::MethodDescriptor* method = nullptr;
    UnaryHandler unary = nullptr;
    StreamHandler stream = nullptr;
    UploadHandler upload = nullptr;
    bool standard = false;  // made by Standard; a room's own handler takes its place
  };

  explicit Rpcs(std::string package) : package_(std::move(package)) {}

  template <typename Room, typename Request, typename Response>
  void On(Room* room, absl::StatusOr<Response> (Room::*handler)(Call&, const Request&)) {
    AddUnary(MethodOf(Request::descriptor()),
             [room, handler](Call& call, const google::protobuf::Message& request,
                             google::protobuf::Message& response) -> absl::Status {
               absl::StatusOr<Response> result = (room->*handler)(call, static_cast<const Request&>(request));
               if (!result.ok()) return std::move(result).status();
               static_cast<Response&>(response).Swap(&*result);
               return absl::OkStatus();
             });
  }

  template <typename Room, typename Request, typename Response>
  void Watch(Room* room, absl::Status (Room::*handler)(Call&, const Request&, Writer<Response>&)) {
    AddStream(MethodOf(Request::descriptor()),
              [room, handler](Call& call, const google::protobuf::Message& request,
                              const std::function<bool(const google::protobuf::Message&)>& write,
                              const std::function<bool()>& cancelled) -> absl::Status {
                Writer<Response> writer(write, cancelled);
                return (room->*handler)(call, static_cast<const Request&>(request), writer);
              });
  }

  template <typename Room, typename Request, typename Response>
  void Upload(Room* room, absl::StatusOr<Response> (Room::*handler)(Call&, Reader<Request>&)) {
    AddUpload(MethodOf(Request::descriptor()),
              [room, handler](Call& call, const google::protobuf::Message& first,
                              const std::function<absl::StatusOr<bool>(google::protobuf::Message&)>& next,
                              google::protobuf::Message& response) -> absl::Status {
                Reader<Request> reader(static_cast<const Request&>(first), next);
                absl::StatusOr<Response> result = (room->*handler)(call, reader);
                if (!result.ok()) return std::move(result).status();
                static_cast<Response&>(response).Swap(&*result);
                return absl::OkStatus();
              });
  }

  template <typename T>
  void Standard(const records::Table<T>& table, StandardCheck<T> check = nullptr) {
    AddStandard(T::descriptor(), table.mapper(),
                [check](UnitOfWork& work, const google::protobuf::Message* before,
                        google::protobuf::Message& after) -> absl::Status {
                  if (!check) return absl::OkStatus();
                  return check(work, static_cast<const T*>(before), static_cast<T&>(after));
                });
  }

  // By full name "Service/Method" within the package; for requests that several services share (the office).
  void AddUnary(const google::protobuf::MethodDescriptor* method, UnaryHandler handler);
  void AddStream(const google::protobuf::MethodDescriptor* method, StreamHandler handler);
  void AddUpload(const google::protobuf::MethodDescriptor* method, UploadHandler handler);
  const google::protobuf::MethodDescriptor* Find(std::string_view service_and_method) const;

  // Every method of the package has a handler and an access option; anything missing is named.
  absl::Status Complete() const;
  const std::map<std::string, Entry>& entries() const { return entries_; }  // by "/package.Service/Method"
  const std::string& package() const { return package_; }

 private:
  const google::protobuf::MethodDescriptor* MethodOf(const google::protobuf::Descriptor* request) const;
  void AddStandard(
      const google::protobuf::Descriptor* resource, const records::TableMapper& table,
      std::function<absl::Status(UnitOfWork&, const google::protobuf::Message*, google::protobuf::Message&)> check);

  std::string package_;
  std::map<std::string, Entry> entries_;
};

}  // namespace chassis
