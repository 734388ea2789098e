// A morning at the reception desk, from Node: finds or creates a customer with a vehicle, records its arrival, repeats a
// request as after a timeout, lists the waiting queue page by page, is refused once, and watches the board.
//
//   AFTERSALES_TARGET=127.0.0.1:17000 AFTERSALES_TOKEN=... AFTERSALES_STORE=... [AFTERSALES_TLS=.run/tls/client] \
//       node reception_desk.js PHONE PLATE VIN
//
// Nothing is generated: the methods come from the descriptor set of the whole API (AFTERSALES_DESCRIPTORS), which the
// build makes and integrators are given.
'use strict';
const crypto = require('crypto');
const fs = require('fs');
const path = require('path');
const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');

const store = process.env.AFTERSALES_STORE;
const DEADLINE_MS = 10000;

// 64-bit numbers as text, enums by name, unset fields filled in, as over REST; fields are spelled as in the protos.
const options = {longs: String, enums: String, defaults: true};
const loaded = loader.loadFileDescriptorSetFromBuffer(fs.readFileSync(process.env.AFTERSALES_DESCRIPTORS), options);
const api = grpc.loadPackageDefinition(loaded).aftersales;

function credentials() {
  const tls = process.env.AFTERSALES_TLS;
  if (!tls) return grpc.credentials.createInsecure();
  const [ca, key, certificate] = ['ca.crt', 'tls.key', 'tls.crt'].map(name => fs.readFileSync(path.join(tls, name)));
  return grpc.credentials.createSsl(ca, key, certificate);
}
function stub(service) { return new service(process.env.AFTERSALES_TARGET, credentials()); }

// Every call has a deadline, a token and a language.
function metadata() {
  const values = new grpc.Metadata();
  values.set('authorization', 'Bearer ' + process.env.AFTERSALES_TOKEN);
  values.set('accept-language', 'zh-CN');
  return values;
}
function call(client, method, request) {
  return new Promise((resolve, reject) => client[method](
    request, metadata(), {deadline: Date.now() + DEADLINE_MS}, (error, answer) => error ? reject(error) : resolve(answer)));
}

// google.rpc.Status and ErrorInfo are three fields each: read with the same loader from a few lines of proto.
const protobuf = require('protobufjs');
const rpc = protobuf.parse(`syntax = "proto3"; package google.rpc;
  message Any { string type_url = 1; bytes value = 2; }
  message Status { int32 code = 1; string message = 2; repeated Any details = 3; }
  message ErrorInfo { string reason = 1; string domain = 2; map<string, string> metadata = 3; }`, {keepCase: true}).root;

// What a program decides by. error.details is the text for developers.
function reasonOf(error) {
  const [bytes] = error.metadata.get('grpc-status-details-bin');
  if (!bytes) return {};
  const detail = rpc.lookupType('google.rpc.Status').decode(bytes).details.find(one => one.type_url.endsWith('/google.rpc.ErrorInfo'));
  return detail ? rpc.lookupType('google.rpc.ErrorInfo').decode(detail.value) : {};
}

function expect(holds, what) { if (!holds) throw new Error(what); }

async function findOrCreateCustomer(customers, phone) {
  const found = await call(customers, 'FindCustomers', {store_id: store, phone});
  if (found.customers.length) return found.customers[0];
  return call(customers, 'CreateCustomer', {store_id: store, request_id: crypto.randomUUID(), customer: {kind: 'KIND_PERSON', name: '赵敏', phone}});
}

async function findOrCreateVehicle(vehicles, customer, plate, vin) {
  const known = await call(vehicles, 'ListVehicles', {store_id: store, filter: `vin = "${vin}"`});
  if (known.vehicles.length) return known.vehicles[0];
  return call(vehicles, 'CreateVehicle', {
    store_id: store, request_id: crypto.randomUUID(),
    vehicle: {vin, plate, plate_colour: 'PLATE_COLOUR_BLUE', model_code: 'PASSAT-2024', customer_id: customer.customer_id}});
}

// The queue in the order of arrival, a page at a time.
async function* waitingVisits(visits) {
  const request = {store_id: store, filter: 'state = "WAITING"', order_by: 'arrival_time', page_size: 2};
  do {
    const page = await call(visits, 'ListVisits', request);
    yield* page.visits;
    request.page_token = page.next_page_token;
  } while (request.page_token);
}

// Reads the board until the plate stands on it; gives the revision to resume at (after_revision).
function watchUntil(board, plate) {
  return new Promise((resolve, reject) => {
    const stream = board.WatchBoard({store_id: store}, metadata(), {deadline: Date.now() + DEADLINE_MS});
    stream.on('data', answer => {
      if (!answer.entries.some(entry => entry.plate === plate)) return;
      resolve(answer.revision);
      stream.cancel();
    });
    stream.on('error', reject);  // after resolve it is our own cancellation and changes nothing
  });
}

async function main([phone, plate, vin]) {
  const visits = stub(api.reception.v1.VisitService);
  const customer = await findOrCreateCustomer(stub(api.crm.v1.CustomerService), phone);
  const vehicle = await findOrCreateVehicle(stub(api.crm.v1.VehicleService), customer, plate, vin);
  console.log(`customer ${customer.name}, vehicle ${vehicle.plate}`);

  const arrival = {store_id: store, request_id: crypto.randomUUID(), plate};
  const visit = await call(visits, 'RecordArrival', arrival);
  console.log(`arrived: ${visit.number}, gate card ${visit.gate_card_number}`);
  // As after a timeout: the same request again is the same visit, not a second one.
  expect((await call(visits, 'RecordArrival', arrival)).visit_id === visit.visit_id, 'the repeat made another visit');
  console.log('repeated: the same visit');

  const numbers = [];
  for await (const waiting of waitingVisits(visits)) numbers.push(waiting.number);
  expect(numbers.includes(visit.number), 'the visit does not wait');
  console.log(`waiting: ${numbers.length}`);

  // A new request_id is a new intention: a second arrival of a vehicle that is here.
  const refused = await call(visits, 'RecordArrival', {...arrival, request_id: crypto.randomUUID()}).then(() => null, error => error);
  expect(refused, 'the second arrival was not refused');
  const info = reasonOf(refused);
  expect(info.reason === 'VEHICLE_ALREADY_HERE', refused.message);
  console.log(`refused: ${grpc.status[refused.code]} ${info.reason} (${info.metadata.handbook})`);

  console.log(`on the board at revision ${await watchUntil(stub(api.reception.v1.BoardService), plate)}`);
}

main(process.argv.slice(2)).then(() => process.exit(0), error => { console.error(error); process.exit(1); });
