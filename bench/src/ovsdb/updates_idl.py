"""The peer's side of `updates`: python3 updates_idl.py <remote> <warm-up rounds> <rounds> <interfaces>
<tables and columns as JSON> <name of the first interface> follows recorded statistics with the IDL of
python3-openvswitch and prints how fast."""

import json
import sys
import time

import ovs.db.idl
import ovs.json
import ovs.jsonrpc
import ovs.poller


def main():
    remote = sys.argv[1]
    warm_up_rounds, rounds, interfaces = (int(text) for text in sys.argv[2:5])
    tables, first_name = json.loads(sys.argv[5]), sys.argv[6]
    helper = ovs.db.idl.SchemaHelper("/usr/share/openvswitch/vswitch.ovsschema")
    for table, columns in tables.items():
        helper.register_columns(table, columns)
    idl = ovs.db.idl.Idl(remote, helper)
    first = None

    def current_round():
        nonlocal first
        if first is None:
            rows = idl.tables["Interface"].rows.values()
            first = next((row for row in rows if row.name == first_name), None)
        return 0 if first is None else first.statistics["rx_packets"] // 1000

    def reach(target):
        while current_round() < target:
            idl.run()
            if current_round() < target:
                poller = ovs.poller.Poller()
                idl.wait(poller)
                poller.block()

    reach(warm_up_rounds)
    start = time.perf_counter()
    idl.send_request(ovs.jsonrpc.Message.create_request("list_dbs", []))
    reach(warm_up_rounds + rounds)
    figures = {"updates": rounds * interfaces / (time.perf_counter() - start)}
    print(json.dumps({"figures": figures, "params": {"peer_json_parser": ovs.json.PARSER}}))


main()
