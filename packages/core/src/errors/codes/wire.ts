import { code } from "../code.ts";

export const wireCodes = {
  WIRE__TRUNCATED: code("peer", "{path} ends at byte {offset}, {missing} bytes short"),
  WIRE__TRAILING_BYTES: code("peer", "{path} has {surplus} bytes left over at byte {offset}"),
  WIRE__OUT_OF_RANGE: code("caller", "{path}: {value} does not fit into {type}"),
  WIRE__WRONG_TYPE: code("caller", "{path}: {problem}"),
  WIRE__MALFORMED: code("peer", "{path} at byte {offset}: {reason}"),
} as const;
