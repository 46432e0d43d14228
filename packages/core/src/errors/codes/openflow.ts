import { code } from "../code.ts";

export const openflowCodes = {
  OPENFLOW__INVALID_IPV6: code("caller", "{value} is not an IPv6 address such as 2001:db8::1"),
  OPENFLOW__INVALID_MASK: code(
    "caller",
    "the match field {field} can't be masked with {mask}: match its whole value or leave it out",
  ),
  OPENFLOW__UNKNOWN_FIELD: code(
    "caller",
    "{field} is no match field that is known here: the table in packages/openflow/src/of13/oxm.ts has them",
  ),
  OPENFLOW__INVALID_JSON: code("caller", "{path}: {reason}"),
  OPENFLOW__INVALID_TEXT: code("caller", "'{text}' (at character {offset}) {problem}: give {allowed}"),
  OPENFLOW__INCONSISTENT_FLOW: code("caller", "'{action}' {problem}: give {allowed}"),
  OPENFLOW__TEXT_TOO_LONG: code(
    "caller",
    "a text of {characters} characters is too long for a flow, group or meter: give at most {most}",
  ),
  OPENFLOW__UNSUPPORTED_VERSION: code(
    "peer",
    "{peer} doesn't speak {wanted} (it offers {offered}): add {protocols} to its bridge's protocols",
  ),
  OPENFLOW__UNSUPPORTED_BY_VERSION: code(
    "caller",
    "{version} can't say {what}: leave it out, or let the switch speak a version that can",
  ),
  OPENFLOW__AUXILIARY_CONNECTION: code(
    "peer",
    "{peer} opened an auxiliary connection (id {auxiliaryId}), which isn't served here: let it use its main connection only",
  ),
  OPENFLOW__INVALID_REMOTE: code(
    "caller",
    "{remote} is no address of a switch: give tcp:<host>[:<port>], ssl:<host>[:<port>] or unix:<path>",
  ),
  OPENFLOW__CONNECT_FAILED: code("environment", "can't connect to the switch at {remote}: {reason}"),
  OPENFLOW__MALFORMED_MESSAGE: code("peer", "{peer} sent a message that can't be read: {reason}"),
  OPENFLOW__UNEXPECTED_MESSAGE: code("peer", "{peer} sent {found} where {expected} was due"),
  OPENFLOW__REQUEST_REFUSED: code("peer", "{peer} refused {request}: {error}"),
  OPENFLOW__FLOW_REFUSED: code(
    "peer",
    "{peer} refused flow {index} of {count} ({flow}), and with it the whole bundle: {error}",
  ),
  OPENFLOW__MESSAGE_REFUSED: code("peer", "{peer} refused message {index} of {count} ({message}): {error}"),
  OPENFLOW__UNSUPPORTED_REQUEST: code("peer", "{peer} doesn't know {request}: {error}"),
  OPENFLOW__REPLY_TIMEOUT: code("peer", "{peer} didn't answer {request} within {timeoutMs} ms"),
  OPENFLOW__REPLY_EXCEEDED: code("peer", "{peer} answered {request} with more than {limit} entries"),
  OPENFLOW__HANDSHAKE_TIMEOUT: code("peer", "{peer} didn't complete the handshake within {timeoutMs} ms"),
  OPENFLOW__PEER_SILENT: code("environment", "{peer} left {probes} echo requests unanswered"),
  OPENFLOW__CONNECTION_CLOSED: code("environment", "the connection to {peer} is closed: {reason}"),
  OPENFLOW__SEND_BUFFER_EXCEEDED: code("environment", "{peer} doesn't read: {bytes} bytes wait to be sent"),
  OPENFLOW__LISTENER_FAILED: code(
    "bug",
    "what was done with a message of {peer} failed, and the connection was closed: {reason}",
  ),
  OPENFLOW__FAKE_SWITCH_LACKS: code(
    "caller",
    "the fake switch can't do {what}: let a test of this use a real switch, or teach the fake one",
  ),
  OPENFLOW__LISTEN_FAILED: code("environment", "can't listen for switches on {host}:{port}: {reason}"),
} as const;
