"""The ovs library as the other client: python3 interoperate.py REMOTE SCHEMA

Each line of the standard input is a request, each line of the standard output its answer, both JSON. Values are in the
notation of RFC 7047, 5.1.

    {"transact": [["insert" | "update" | "delete", TABLE, NAME, {COLUMN: VALUE, ...}], ...]}   -> the status
    {"until": [TABLE, NAME, {COLUMN: VALUE, ...} | null]}   -> true, once there is such a row, or no row of the name
    {"dump": [TABLE, ...]}   -> {TABLE: {UUID: {COLUMN: VALUE, ...}}}
    {"lock": NAME | null, "until": true | false}   -> who has it, once that is so: {"has": BOOL, "contended": BOOL}
"""

import json
import select
import signal
import sys

import ovs.db.data
import ovs.db.idl
import ovs.poller


def turn(idl, file=None):
    """Waits for the server or, if there is a file, for that."""
    poller = ovs.poller.Poller()
    idl.wait(poller)
    if file is not None:
        poller.fd_wait(file.fileno(), select.POLLIN)
    poller.block()
    idl.run()


def requests(idl, file):
    """The lines of the file; while none comes the server is answered."""
    while True:
        while not select.select([file], [], [], 0)[0]:
            turn(idl, file)
        line = file.readline()
        if not line:
            return
        yield json.loads(line)


def find(idl, table, name):
    return next((row for row in idl.tables[table].rows.values() if row.name == name), None)


def value(row, column, given):
    return ovs.db.data.Datum.from_json(row._table.columns[column].type, given)


def write(row, columns):
    for column, given in columns.items():
        setattr(row, column, value(row, column, given).to_python(lambda atom, base: atom))


def transact(idl, operations):
    txn = ovs.db.idl.Transaction(idl)
    for verb, table, name, columns in operations:
        row = find(idl, table, name)
        if verb == "delete":
            row.delete()
            continue
        if verb == "insert":
            row = txn.insert(idl.tables[table])
            row.name = name
        write(row, columns)
    return txn.status_to_string(txn.commit_block())


def satisfies(idl, table, name, columns):
    row = find(idl, table, name)
    if row is None or columns is None:
        return row is columns
    return all(getattr(row, c) == value(row, c, v).to_python(lambda atom, base: atom) for c, v in columns.items())


def until(idl, *wanted):
    while not satisfies(idl, *wanted):
        turn(idl)
    return True


def dump(idl, tables):
    idl.run()
    shown = {}
    for name in tables:
        table = idl.tables[name]
        shown[name] = {str(u): {c: row._data[c].to_json() for c in table.columns} for u, row in table.rows.items()}
    return shown


def lock(idl, name, has):
    idl.set_lock(name)
    while name is not None and (idl.has_lock != has or not (idl.has_lock or idl.is_lock_contended)):
        turn(idl)
    return {"has": idl.has_lock, "contended": idl.is_lock_contended}


def answer(idl, request):
    if "transact" in request:
        return transact(idl, request["transact"])
    if "dump" in request:
        return dump(idl, request["dump"])
    if "lock" in request:
        return lock(idl, request["lock"], request["until"])
    return until(idl, *request["until"])


class InVain(Exception):
    pass


def give_up(_signal, _frame):
    raise InVain


def main():
    schema = ovs.db.idl.SchemaHelper(location=sys.argv[2])
    schema.register_all()
    idl = ovs.db.idl.Idl(sys.argv[1], schema, probe_interval=0)
    while not idl.has_ever_connected():
        turn(idl)
    signal.signal(signal.SIGALRM, give_up)
    for request in requests(idl, sys.stdin):
        # Whoever asked may have gone: nothing is waited for without end.
        signal.alarm(10)
        try:
            print(json.dumps(answer(idl, request)), flush=True)
        except InVain:
            sys.exit("in vain: %s; there is %s" % (json.dumps(request), json.dumps(dump(idl, idl.tables))))
        signal.alarm(0)


main()
