#!/usr/bin/python3
"""A morning at the reception desk, from Python: finds or creates a customer with a vehicle, records its arrival, repeats
a request as after a timeout, lists the waiting queue page by page, is refused once, and watches the board.

    AFTERSALES_TARGET=127.0.0.1:17000 AFTERSALES_TOKEN=... AFTERSALES_STORE=... [AFTERSALES_TLS=.run/tls/client] \\
        reception_desk.py PHONE PLATE VIN

The modules ending in _pb2 come from protoc and grpc_python_plugin (see CMakeLists.txt); their directory stands in
PYTHONPATH."""
import os
import pathlib
import sys
import uuid

import grpc

from aftersales.crm.v1 import customer_pb2, customer_pb2_grpc, vehicle_pb2, vehicle_pb2_grpc
from aftersales.reception.v1 import board_pb2, board_pb2_grpc, visit_pb2, visit_pb2_grpc
from google.rpc import error_info_pb2, status_pb2

STORE = os.environ["AFTERSALES_STORE"]
DEADLINE_SECONDS = 10


def open_channel():
    target, tls = os.environ["AFTERSALES_TARGET"], os.environ.get("AFTERSALES_TLS")
    if not tls:
        return grpc.insecure_channel(target)
    ca, key, certificate = (pathlib.Path(tls, name).read_bytes() for name in ("ca.crt", "tls.key", "tls.crt"))
    return grpc.secure_channel(target, grpc.ssl_channel_credentials(ca, key, certificate))


def call(method, request):
    """One call with deadline, token and language. What may be repeated safely is repeated by whoever calls this."""
    metadata = [("authorization", "Bearer " + os.environ["AFTERSALES_TOKEN"]), ("accept-language", "zh-CN")]
    return method(request, timeout=DEADLINE_SECONDS, metadata=metadata)


def reason_of(error):
    """The ErrorInfo of a refusal: what a program decides by. error.details() is the text for developers."""
    for name, value in error.trailing_metadata() or ():
        if name == "grpc-status-details-bin":
            for detail in status_pb2.Status.FromString(value).details:
                info = error_info_pb2.ErrorInfo()
                if detail.Unpack(info):
                    return info
    return error_info_pb2.ErrorInfo()


def new_request_id():
    return str(uuid.uuid4())


def find_or_create_customer(customers, phone):
    found = call(customers.FindCustomers, customer_pb2.FindCustomersRequest(store_id=STORE, phone=phone))
    if found.customers:
        return found.customers[0]
    return call(customers.CreateCustomer, customer_pb2.CreateCustomerRequest(
        store_id=STORE, request_id=new_request_id(),
        customer=customer_pb2.Customer(kind=customer_pb2.Customer.KIND_PERSON, name="李娜", phone=phone)))


def find_or_create_vehicle(vehicles, customer, plate, vin):
    known = call(vehicles.ListVehicles, vehicle_pb2.ListVehiclesRequest(store_id=STORE, filter=f'vin = "{vin}"'))
    if known.vehicles:
        return known.vehicles[0]
    return call(vehicles.CreateVehicle, vehicle_pb2.CreateVehicleRequest(
        store_id=STORE, request_id=new_request_id(),
        vehicle=vehicle_pb2.Vehicle(vin=vin, plate=plate, plate_colour=vehicle_pb2.Vehicle.PLATE_COLOUR_BLUE,
                                    model_code="PASSAT-2024", customer_id=customer.customer_id)))


def waiting_visits(visits):
    """The queue in the order of arrival, a page at a time."""
    request = visit_pb2.ListVisitsRequest(store_id=STORE, filter='state = "WAITING"', order_by="arrival_time", page_size=2)
    while True:
        page = call(visits.ListVisits, request)
        yield from page.visits
        if not page.next_page_token:
            return
        request.page_token = page.next_page_token


def main(phone, plate, vin):
    with open_channel() as channel:
        visits = visit_pb2_grpc.VisitServiceStub(channel)
        customer = find_or_create_customer(customer_pb2_grpc.CustomerServiceStub(channel), phone)
        vehicle = find_or_create_vehicle(vehicle_pb2_grpc.VehicleServiceStub(channel), customer, plate, vin)
        print(f"customer {customer.name}, vehicle {vehicle.plate}")

        arrival = visit_pb2.RecordArrivalRequest(store_id=STORE, request_id=new_request_id(), plate=plate)
        visit = call(visits.RecordArrival, arrival)
        print(f"arrived: {visit.number}, gate card {visit.gate_card_number}")
        # As after a timeout: the same request again is the same visit, not a second one.
        assert call(visits.RecordArrival, arrival).visit_id == visit.visit_id
        print("repeated: the same visit")

        numbers = [waiting.number for waiting in waiting_visits(visits)]
        assert visit.number in numbers
        print(f"waiting: {len(numbers)}")

        try:
            # A new request_id is a new intention: a second arrival of a vehicle that is here.
            call(visits.RecordArrival, visit_pb2.RecordArrivalRequest(store_id=STORE, request_id=new_request_id(), plate=plate))
            raise AssertionError("the second arrival was not refused")
        except grpc.RpcError as error:
            info = reason_of(error)
            print(f"refused: {error.code().name} {info.reason} ({info.metadata['handbook']})")
            assert info.reason == "VEHICLE_ALREADY_HERE"

        board = call(board_pb2_grpc.BoardServiceStub(channel).WatchBoard, board_pb2.WatchBoardRequest(store_id=STORE))
        for answer in board:
            if any(entry.plate == plate for entry in answer.entries):
                # To go on after a break: WatchBoardRequest(after_revision=answer.revision).
                print(f"on the board at revision {answer.revision}")
                break
        board.cancel()


if __name__ == "__main__":
    main(*sys.argv[1:])
