import { code } from "../code.ts";

/**
 * Where in a transaction an error happened: `index` counts from 0, and is one past the last operation for an error at
 * commit (RFC 7047, 4.1.3).
 */
const where = "{operation} (operation {index} of the transaction on {remote})";

export const ovsdbCodes = {
  OVSDB__INVALID_REMOTE: code(
    "caller",
    "{remote} is not an OVSDB server's address: write tcp:<address>[:<port>], ssl:<address>[:<port>] or unix:<path>",
  ),
  OVSDB__INVALID_PASSIVE_REMOTE: code(
    "caller",
    "{remote} is not an address to listen at: write ptcp:[<port>][:<address>], pssl:[<port>][:<address>] or punix:<path>",
  ),
  OVSDB__LISTEN_FAILED: code(
    "environment",
    "can't listen for OVSDB servers at {remote}: {reason}; see that nothing else listens there",
  ),
  OVSDB__TLS_REQUIRED: code("caller", "{remote} needs a key, a certificate and a CA certificate; configure them"),
  OVSDB__INVALID_TLS: code(
    "caller",
    "the key, the certificate or the CA certificate for {remote} can't be used: {reason}",
  ),
  OVSDB__CONNECT_FAILED: code(
    "environment",
    "can't connect to the OVSDB server at {remote}: {reason}; see that ovsdb-server runs and listens there",
  ),
  OVSDB__CONNECT_TIMEOUT: code(
    "environment",
    "the OVSDB server at {remote} didn't accept the connection within {limitMs} ms; see that it can be reached",
  ),
  OVSDB__CONNECTION_LOST: code("environment", "the connection to the OVSDB server at {remote} was lost: {reason}"),
  OVSDB__PEER_SILENT: code(
    "environment",
    "the OVSDB server at {remote} has said nothing for {silentMs} ms, not even to an echo",
  ),
  OVSDB__CLOSED: code("caller", "the connection to the OVSDB server at {remote} is closed; {what} can't be done on it"),
  OVSDB__NOT_CONNECTED: code(
    "environment",
    "none of the OVSDB servers at {remotes} is connected now; {what} can't be done until one is",
  ),
  OVSDB__DATABASE_ABSENT: code(
    "environment",
    "the OVSDB server at {remote} has no database {database}; see that it serves that one, or leave it out",
  ),
  OVSDB__NOT_IN_CLUSTER: code(
    "environment",
    "the OVSDB server at {remote} isn't connected to the rest of the {model} database {database}; see that it reaches the other servers",
  ),
  OVSDB__NOT_LEADER: code(
    "environment",
    "the OVSDB server at {remote} doesn't lead the {model} database {database}; name all servers of the cluster, or allow followers (leaderOnly)",
  ),
  OVSDB__OTHER_CLUSTER: code(
    "environment",
    "the OVSDB server at {remote} serves database {database} of cluster {cid}, not of {expectedCid}; see that all remotes belong to one cluster",
  ),
  OVSDB__STALE: code(
    "environment",
    "the OVSDB server at {remote} has database {database} as of index {index}, older than index {seenIndex}, which was seen before; see that it catches up with its cluster",
  ),
  OVSDB__NOT_REPEATABLE: code(
    "caller",
    "a transaction on database {database} can't be repeated safely: let its first operation insert a row under a UUID of your own",
  ),
  OVSDB__REQUEST_TIMEOUT: code(
    "environment",
    "the OVSDB server at {remote} didn't answer {method} within {limitMs} ms",
  ),
  OVSDB__REQUEST_REFUSED: code("caller", "the OVSDB server at {remote} refused {method}: {reason}"),
  OVSDB__UNKNOWN_DATABASE: code(
    "caller",
    "the OVSDB server at {remote} refused {method}, as it has no such database: {reason}; list_dbs tells which it has",
  ),
  OVSDB__DATABASE_UNAVAILABLE: code(
    "environment",
    "the OVSDB server at {remote} can't do {method} yet: {reason}; try again when it has joined its cluster",
  ),
  OVSDB__UNKNOWN_METHOD: code(
    "environment",
    "the OVSDB server at {remote} doesn't know {method}: {reason}; update it to a newer Open vSwitch",
  ),
  OVSDB__CANCELED: code(
    "environment",
    "the OVSDB server at {remote} stopped watching {method}, because it was asked to or the database was removed or converted: {reason}; it may have been done",
  ),
  OVSDB__REQUEST_NOT_PERMITTED: code(
    "environment",
    "the OVSDB server at {remote} doesn't permit {method} to this client: {reason}; see its role, and that the server isn't read-only",
  ),
  OVSDB__DUPLICATE_MONITOR_ID: code(
    "caller",
    "the OVSDB server at {remote} refused {method}, as the id is that of another monitor of this connection: {reason}",
  ),
  OVSDB__UNKNOWN_MONITOR: code(
    "caller",
    "the OVSDB server at {remote} refused {method}, as this connection has no such monitor: {reason}",
  ),
  OVSDB__LOCK_REQUESTED_TWICE: code(
    "caller",
    "the OVSDB server at {remote} refused {method}, as this connection holds the lock or waits for it already: {reason}; give it back first",
  ),
  OVSDB__LOCK_NOT_REQUESTED: code(
    "caller",
    "the OVSDB server at {remote} refused {method}, as this connection hasn't asked for that lock: {reason}",
  ),
  OVSDB__PENDING_EXCEEDED: code(
    "environment",
    "{limit} requests wait for the OVSDB server at {remote}; {method} was not sent",
  ),
  OVSDB__SEND_BUFFER_EXCEEDED: code(
    "environment",
    "the OVSDB server at {remote} doesn't read what it is sent; more than {limitBytes} bytes wait",
  ),
  OVSDB__MALFORMED_MESSAGE: code("peer", "a message that isn't JSON-RPC as in RFC 7047: {reason}"),
  OVSDB__MESSAGE_SIZE_EXCEEDED: code("peer", "a message of more than {limitBytes} bytes"),
  OVSDB__MALFORMED_VALUE: code("peer", "{label} was sent wrongly: {reason}"),
  OVSDB__MALFORMED_SCHEMA: code("peer", "the schema can't be read at {path}: {reason}"),
  OVSDB__INCONSISTENT_UPDATE: code("peer", "an update of row {uuid} in table {table} can't be right: {reason}"),
  OVSDB__CONDITIONS_UNSUPPORTED: code(
    "environment",
    "the OVSDB server at {remote} can't monitor with conditions; monitor all rows, or update it to Open vSwitch 2.6 or newer",
  ),
  OVSDB__MONITOR_CANCELED: code(
    "environment",
    "the OVSDB server at {remote} ended its monitor of database {database}: it is stopping, or has removed or converted the database; monitor anew",
  ),
  OVSDB__EVENTS_EXCEEDED: code(
    "caller",
    "more than {limit} events of database {database} at {remote} wait to be read; read them faster, or watch less",
  ),
  OVSDB__INVALID_VALUE: code("caller", "{label} can't hold this value: {reason}"),
  OVSDB__UNKNOWN_TABLE: code("caller", "schema {schema} has no table {table}"),
  OVSDB__UNKNOWN_COLUMN: code("caller", "table {table} of schema {schema} has no column {column}"),
  OVSDB__NOT_ON_SERVER: code(
    "environment",
    "{label} can't be written: the server's schema ({schema} {version}) doesn't have it, or has it with another type; leave it out, or update the server",
  ),
  OVSDB__NO_SUCH_ROW: code(
    "caller",
    "table {table} of the replica has no row {uuid}: it was deleted, or it isn't replicated",
  ),

  OVSDB__NOT_INITIALIZED: code(
    "environment",
    "database {database} has no row in table Open_vSwitch: start Open vSwitch on that machine, or run ovs-vsctl init",
  ),
  OVSDB__NOT_OBSERVED: code(
    "caller",
    "{label} is to be set, but isn't among the columns that are replicated; add it to the selection of the monitor",
  ),
  OVSDB__NO_SUCH_RECORD: code("caller", "{wanted} needs {missing}, which isn't there; make that first"),
  OVSDB__NAME_TAKEN: code(
    "caller",
    "{wanted} can't be made: {holder} has that name; choose another, or remove that one",
  ),
  OVSDB__RECORD_DIFFERS: code(
    "caller",
    "{record} is there, but isn't what was meant: {difference}; nothing was changed",
  ),
  OVSDB__INTERFACE_REFUSED: code(
    "environment",
    "Open vSwitch can't set up {interfaces}: {reason}; its configuration stays in the database until it is changed or removed",
  ),

  OVSDB__REFERENTIAL_INTEGRITY_VIOLATION: code(
    "caller",
    `${where} would leave a reference to a row that isn't there: {details}`,
  ),
  OVSDB__CONSTRAINT_VIOLATION: code("caller", `${where} violates a constraint of the schema: {details}`),
  OVSDB__RESOURCES_EXHAUSTED: code("environment", `${where} needs more memory or disk than the server has: {details}`),
  OVSDB__IO_ERROR: code("environment", `${where} couldn't be written to the server's disk: {details}`),
  OVSDB__DUPLICATE_UUID_NAME: code("caller", `${where} uses a uuid-name for the second time: {details}`),
  OVSDB__DUPLICATE_UUID: code("caller", `${where} uses the UUID of another row: {details}`),
  OVSDB__DOMAIN_ERROR: code("caller", `${where} computes something undefined, such as a division by zero: {details}`),
  OVSDB__RANGE_ERROR: code("caller", `${where} computes a value that is out of range: {details}`),
  OVSDB__TIMED_OUT: code("environment", `${where} waited for rows that didn't come: {details}`),
  OVSDB__NOT_SUPPORTED: code("environment", `${where} isn't supported by this server: {details}`),
  OVSDB__ABORTED: code("caller", `${where} aborted the transaction, as asked: {details}`),
  OVSDB__NOT_OWNER: code("environment", `${where} needs a lock that another client holds: {details}`),
  OVSDB__NOT_ALLOWED: code("caller", `${where} is not allowed: {details}`),
  OVSDB__PERMISSION_ERROR: code("environment", `${where} is not permitted to this client: {details}`),
  OVSDB__SYNTAX_ERROR: code("caller", `${where} isn't understood by the server: {details}`),
  OVSDB__INTERNAL_ERROR: code("peer", `${where} ran into a defect of the server: {details}`),
  OVSDB__OPERATION_FAILED: code("environment", `${where} failed: {error}: {details}`),
} as const;
