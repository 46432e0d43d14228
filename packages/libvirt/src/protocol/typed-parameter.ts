import { i32, i64, struct, u32, u64, type ValueOf } from "@loomstack/wire";
import { double } from "../xdr/scalars.ts";
import { union } from "../xdr/union.ts";
import { Text } from "./domain.ts";

/**
 * A named value of one of seven types (remote_protocol.x, remote_typed_param; libvirt-common.h, virTypedParameterType).
 */
export const TypedParameter = struct({
  field: Text,
  value: union(i32, {
    int: [1, i32],
    unsigned: [2, u32],
    long: [3, i64],
    unsignedLong: [4, u64],
    double: [5, double],
    boolean: [6, i32],
    text: [7, Text],
  }),
});
export type TypedParameter = ValueOf<typeof TypedParameter>;
