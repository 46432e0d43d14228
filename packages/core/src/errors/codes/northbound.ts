import { code } from "../code.ts";

export const northboundCodes = {
  NORTHBOUND__UNAUTHORIZED: code(
    "caller",
    "the call needs a valid user name and password (HTTP Basic), or a token (X-Auth-Token) that has not expired",
  ),
  NORTHBOUND__FORBIDDEN: code("caller", "user {user} may not call {method} {path}; ask an administrator"),
  NORTHBOUND__NOT_FOUND: code("caller", "there is no {method} {path} here"),
  NORTHBOUND__MALFORMED: code("caller", "{where}: {reason}"),
  NORTHBOUND__EXCEEDED: code("caller", "{what} may have at most {limit} {unit}, and this has {given}; split it"),
  NORTHBOUND__INVALID_NODE: code("caller", "node {node} can't be connected: {reason}"),
  NORTHBOUND__BUSY: code("caller", "{limit} {what} are under way already; ask again a little later"),
  NORTHBOUND__INTERNAL: code("bug", "the call failed inside the controller; its log says why"),
} as const;
