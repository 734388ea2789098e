#!/usr/bin/env python3
"""The peer: repair orders of the suite beside sale orders of Tryton over its own JSON-RPC API, on this machine in one
run. Blocks of both alternate, so that other load on the machine meets both; commits are durable on both sides. Prints
figures and asserts only that every order it counts was done."""
import argparse
import base64
import http.client
import json
import os
import pathlib
import signal
import subprocess
import sys
import threading
import time

sys.dont_write_bytecode = True  # nothing is left among the sources
from tryton_house import DATABASE, TrytonHouse  # noqa: E402

LEVELS = (1, 8)
TRYTON_ORDERS = {1: 16, 8: 32}  # half a block; the suite's block stands between the halves
SUITE_ORDERS = {1: 160, 8: 320}
SUITE_WARM_UP = 64
ROUNDS_MOST = 4  # the oil in the suite's store
WORKERS_TRIED = (2, 3, 4)
SUITE_PROCESSES = ("reception", "workshop", "parts", "crm", "mariadb")
TRYTON_PROCESSES = ("trytond", "postgresql")


def say(what):
    print(f"  {what} ...", file=sys.stderr, flush=True)


def median(values):
    values = sorted(values)
    return values[len(values) // 2]


def quantile(values, part):
    return sorted(values)[int(part * (len(values) - 1))]


class Refused(Exception):
    """Tryton's answer was an error."""


class SalesClient:
    """One person at Tryton's API: a session and a connection of its own, a product of its own."""

    def __init__(self, port, password, ids, number):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
        self.headers = {"Content-Type": "application/json", "Accept": "application/json"}
        self.context = {"company": ids["company"], "language": "en"}
        self.ids, self.oil = ids, ids["oils"][number]
        user, session = self.rpc("common.db.login", "admin", {"password": password})
        token = base64.b64encode(f"admin:{user}:{session}".encode()).decode()
        self.headers["Authorization"] = f"Session {token}"

    def rpc(self, method, *parameters):
        body = json.dumps({"id": 0, "method": method, "params": parameters})
        self.connection.request("POST", f"/{DATABASE}/", body, self.headers)
        answer = self.connection.getresponse()
        text = answer.read()
        if answer.status != 200:
            raise Refused(f"{method}: HTTP {answer.status} {text[:300]!r}")
        content = json.loads(text)
        if "error" in content:
            raise Refused(f"{method}: {str(content['error'])[:600]}")
        return content["result"]

    def call(self, method, *parameters):
        return self.rpc(f"model.{method}", *parameters, self.context)

    def _line(self, product, unit, quantity, price):
        return {"type": "line", "product": product, "unit": unit, "quantity": quantity,
                "unit_price": {"__class__": "Decimal", "decimal": price}, "taxes": [["add", [self.ids["tax"]]]]}

    def order(self):
        """Created with a line of labour and one of oil, quoted, confirmed (which processes it: the shipment and its
        moves are made), assigned: the oil is reserved."""
        sale, = self.call("sale.sale.create", [{
            "company": self.ids["company"], "currency": self.ids["currency"], "party": self.ids["party"],
            "invoice_address": self.ids["address"], "shipment_address": self.ids["address"],
            "warehouse": self.ids["warehouse"], "invoice_method": "shipment", "shipment_method": "order",
            "lines": [["create", [self._line(self.ids["labour"], self.ids["hour"], 0.6, "240.00"),
                                  self._line(self.oil, self.ids["litre"], 0.1, "98.00")]]]}])
        self.call("sale.sale.quote", [sale])
        self.call("sale.sale.confirm", [sale])
        stored, = self.call("sale.sale.read", [sale], ["state", "shipments"])
        if stored["state"] != "processing" or len(stored["shipments"]) != 1:
            raise Refused(f"the sale is {stored}")
        if not self.call("stock.shipment.out.assign_try", list(stored["shipments"])):
            raise Refused("the shipment was not assigned")


class Side:
    """What one side did, over all rounds."""

    def __init__(self):
        self.per_second, self.p50, self.p99 = [], [], []
        self.orders = self.failures = 0
        self.cpu_seconds = {}

    def add(self, block):
        self.per_second.append(block["per_second"])
        self.p50.append(block["p50_ms"])
        self.p99.append(block["p99_ms"])
        self.orders += block["orders"]
        self.failures += block["failures"]
        for name, seconds in block["cpu_seconds"].items():
            self.cpu_seconds[name] = self.cpu_seconds.get(name, 0) + seconds

    def cpu_ms(self, names):
        return sum(self.cpu_seconds[name] for name in names) * 1000 / self.orders


class TrytonSide:
    """Clients of the house's trytond. Failed orders take their time but do not count."""

    def __init__(self, house, ids):
        self.house, self.ids, self.clients, self.done = house, ids, [], 0

    def start(self, workers):
        port = self.house.start_trytond(workers)
        self.clients = [SalesClient(port, self.house.password, self.ids, i) for i in range(max(LEVELS))]
        self.play(max(LEVELS), 2 * max(LEVELS))  # every worker has met every call

    def play(self, callers, orders):
        waiting, milliseconds, refusals = list(range(orders)), [], []

        def work(client):
            while True:
                try:
                    waiting.pop()
                except IndexError:
                    return
                start = time.monotonic()
                try:
                    client.order()
                    milliseconds.append((time.monotonic() - start) * 1000)
                except (Refused, OSError, http.client.HTTPException) as refused:
                    client.connection.close()
                    refusals.append(refused)

        before = self.house.cpu_seconds()
        start = time.monotonic()
        crowd = [threading.Thread(target=work, args=(client,)) for client in self.clients[:callers]]
        for thread in crowd:
            thread.start()
        for thread in crowd:
            thread.join()
        seconds = time.monotonic() - start
        after = self.house.cpu_seconds()
        if refusals:
            say(f"Tryton refused {len(refusals)} of {orders} orders, first {refusals[0]}")
        if not milliseconds:
            raise SystemExit("tryton_ratio: Tryton did no order")
        self.done += len(milliseconds)
        return {"orders": len(milliseconds), "failures": len(refusals), "per_second": len(milliseconds) / seconds,
                "milliseconds": milliseconds, "seconds": seconds,
                "cpu_seconds": {name: after[name] - before[name] for name in after}}

    def verify(self):
        """As many sales in process and shipments assigned as orders were counted."""
        client = self.clients[0]
        sales = client.call("sale.sale.search_count", [["state", "=", "processing"]])
        shipments = client.call("stock.shipment.out.search_count", [["state", "=", "assigned"]])
        if shipments != self.done or sales < shipments:
            raise SystemExit(f"tryton_ratio: {self.done} orders counted, {sales} sales and {shipments} shipments found")
        print(f"\nTryton's database has {shipments} assigned shipments, as many as orders were counted")


class SuiteSide:
    """order_blocks, which plays a block for every line."""

    def __init__(self, program, tls_root, visits):
        self.process = subprocess.Popen([program, f"--visits={visits}", f"--tls-root={tls_root}"],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._answer()

    def _answer(self):
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit("tryton_ratio: order_blocks ended")
        return line

    def play(self, callers, orders):
        self.process.stdin.write(f"{callers} {orders}\n")
        self.process.stdin.flush()
        block = json.loads(self._answer())
        if block["failures"]:
            raise SystemExit(f"tryton_ratio: the suite failed {block['failures']} of {orders} orders")
        return block

    def close(self):
        self.process.stdin.close()
        self.process.wait(60)


def together(halves):
    milliseconds = [one for half in halves for one in half["milliseconds"]]
    block = {name: sum(half[name] for half in halves) for name in ("orders", "failures", "seconds")}
    return {**block, "per_second": block["orders"] / block["seconds"], "p50_ms": quantile(milliseconds, 0.5),
            "p99_ms": quantile(milliseconds, 0.99),
            "cpu_seconds": {name: sum(half["cpu_seconds"][name] for half in halves) for name in TRYTON_PROCESSES}}


def best_workers(tryton, tried):
    """Tryton's best number of worker processes, from a block of eight clients each."""
    if len(tried) == 1:
        tryton.start(tried[0])
        return tried[0]
    rates = {}
    for workers in tried:
        say(f"trying trytond with {workers} worker processes")
        tryton.start(workers)
        rates[workers] = tryton.play(max(LEVELS), TRYTON_ORDERS[max(LEVELS)])["per_second"]
    print("\ntrytond's worker processes tried, orders/s with 8 clients: " +
          ", ".join(f"{workers}: {rate:.2f}" for workers, rate in rates.items()))
    best = max(rates, key=rates.get)
    if best != tried[-1]:
        tryton.start(best)
    return best


def table(rows):
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        print("  ".join(cell.ljust(width) if i == 0 else cell.rjust(width)
                        for i, (cell, width) in enumerate(zip(row, widths))))


def spread(values, decimals):
    return f"{min(values):.{decimals}f}-{max(values):.{decimals}f}"


def report(sides, rounds):
    print(f"\norders per second, medians of {rounds} rounds")
    rows = [["clients", "Tryton/s", "from-to", "p50 ms", "p99 ms", "failed", "suite/s", "from-to", "p50 ms", "p99 ms",
             "ratio", "from-to"]]
    for level in LEVELS:
        tryton, suite = sides[level]
        ratios = [ours / theirs for ours, theirs in zip(suite.per_second, tryton.per_second)]
        rows.append([str(level)])
        for side, decimals in ((tryton, 2), (suite, 1)):
            rows[-1] += [f"{median(side.per_second):.{decimals}f}", spread(side.per_second, decimals),
                         f"{median(side.p50):.0f}", f"{median(side.p99):.0f}"]
            if side is tryton:
                rows[-1].append(str(side.failures))
        rows[-1] += [f"{median(ratios):.1f}", spread(ratios, 1)]
    table(rows)
    print("\nCPU milliseconds per order and process, clients left out")
    rows = [["clients", *TRYTON_PROCESSES, "sum", *SUITE_PROCESSES, "sum", "ratio"]]
    for level in LEVELS:
        tryton, suite = sides[level]
        rows.append([str(level)])
        for side, names in ((tryton, TRYTON_PROCESSES), (suite, SUITE_PROCESSES)):
            rows[-1] += [f"{side.cpu_ms([name]):.1f}" for name in names] + [f"{side.cpu_ms(names):.1f}"]
        rows[-1].append(f"{tryton.cpu_ms(TRYTON_PROCESSES) / suite.cpu_ms(SUITE_PROCESSES):.1f}")
    table(rows)


def versions():
    names = ("tryton-server", "tryton-modules-sale", "gunicorn", "postgresql-15")
    told = subprocess.run(["dpkg-query", "-W", "-f", "${Package} ${Version}, ", *names], capture_output=True, text=True,
                          check=False).stdout
    return told.rstrip(", ")


def main():
    words = argparse.ArgumentParser(prog="tryton_ratio", description=__doc__)
    words.add_argument("--order-blocks", required=True, help="the program of that name")
    words.add_argument("--tls-root", default="", help="certificates as of ./dev up: mTLS on every channel of the suite")
    words.add_argument("--directory", required=True, help="where the private PostgreSQL and trytond live; made anew")
    words.add_argument("--rounds", type=int, choices=range(1, ROUNDS_MOST + 1), default=3)
    words.add_argument("--workers", type=int, nargs="+", default=WORKERS_TRIED,
                       help="worker processes of trytond; of several the quickest is taken")
    words.add_argument("--one-product", action="store_true", help="all of Tryton's clients sell the same oil")
    flags = words.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is stopped

    print(f"{versions()}; load {os.getloadavg()[0]:.1f}")
    visits = SUITE_WARM_UP + flags.rounds * sum(SUITE_ORDERS.values())
    with TrytonHouse(pathlib.Path(flags.directory).absolute()) as house:
        say("opening Tryton: a PostgreSQL cluster, its modules, a dealership")
        ids = house.open(max(LEVELS))
        if flags.one_product:
            ids["oils"] = ids["oils"][:1] * max(LEVELS)
        tryton = TrytonSide(house, ids)
        workers = best_workers(tryton, flags.workers)
        say(f"opening the suite, checking in {visits} vehicles")
        suite = SuiteSide(flags.order_blocks, flags.tls_root, visits)
        suite.play(max(LEVELS), SUITE_WARM_UP)
        sides = {level: (Side(), Side()) for level in LEVELS}
        for number in range(1, flags.rounds + 1):
            for level in LEVELS:
                say(f"round {number} of {flags.rounds}, {level} clients")
                first = tryton.play(level, TRYTON_ORDERS[level])
                sides[level][1].add(suite.play(level, SUITE_ORDERS[level]))
                sides[level][0].add(together([first, tryton.play(level, TRYTON_ORDERS[level])]))
        suite.close()
        print(f"trytond ran with {workers} worker processes; load {os.getloadavg()[0]:.1f}")
        report(sides, flags.rounds)
        tryton.verify()


if __name__ == "__main__":
    main()
