import type { Variants } from "@loomstack/wire";
import { type OpenFlowVersion, unsayable } from "./version.ts";

/**
 * A family that only later versions have: part of the vocabulary of all, so that a value of it has a type, but nothing
 * that `version` says or hears.
 *
 * @throws OPENFLOW__UNSUPPORTED_BY_VERSION when it is written
 */
export function laterThan<Value, Input>(
  version: OpenFlowVersion,
  family: Variants<Value, Input>,
): Variants<Value, Input> {
  return {
    ...family,
    formOf: (kind) => {
      if (family.kinds.has(kind)) throw unsayable(version, `the message ${kind}`);
      return undefined;
    },
    readBody: () => undefined,
  };
}
