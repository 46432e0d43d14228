"""The peer's side of `load`: python3 load_idl.py <remote> <tables and columns as JSON> replicates the same with the
IDL of python3-openvswitch and prints what it took."""

import json
import resource
import sys
import time

import ovs.db.idl
import ovs.json
import ovs.poller


def cpu_seconds():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def memory_mb(name):
    with open("/proc/self/status", encoding="ascii") as status:
        for line in status:
            if line.startswith(name + ":"):
                return int(line.split()[1]) / 1024
    raise KeyError(name)


def main():
    remote, tables = sys.argv[1], json.loads(sys.argv[2])
    helper = ovs.db.idl.SchemaHelper("/usr/share/openvswitch/vswitch.ovsschema")
    for table, columns in tables.items():
        helper.register_columns(table, columns)
    resident = memory_mb("VmRSS")
    cpu = cpu_seconds()
    wall = time.perf_counter()
    idl = ovs.db.idl.Idl(remote, helper)
    while not idl.has_ever_connected():
        idl.run()
        if idl.has_ever_connected():
            break
        poller = ovs.poller.Poller()
        idl.wait(poller)
        poller.block()
    figures = {
        "load": time.perf_counter() - wall,
        "load-cpu": cpu_seconds() - cpu,
        "load-memory": memory_mb("VmHWM") - resident,
    }
    rows = sum(len(idl.tables[table].rows) for table in tables)
    params = {
        "peer_rows": rows,
        "peer_json_parser": ovs.json.PARSER,
        "python": sys.version.split()[0],
    }
    print(json.dumps({"figures": figures, "params": params}))


main()
