/** The names of OpenFlow 1.0's errors. @see OpenFlow 1.0.0, 5.4.4; nicira-ext.h of Open vSwitch (NXET_VENDOR) */
import type { ErrorBody } from "../of13/messages/error.ts";

const names: Readonly<Record<number, readonly [prefix: string, ...codes: string[]]>> = {
  0: ["OFPHFC", "INCOMPATIBLE", "EPERM"],
  1: [
    "OFPBRC",
    ...["BAD_VERSION", "BAD_TYPE", "BAD_STAT", "BAD_VENDOR", "BAD_SUBTYPE", "EPERM", "BAD_LEN"],
    ...["BUFFER_EMPTY", "BUFFER_UNKNOWN"],
  ],
  2: [
    "OFPBAC",
    ...["BAD_TYPE", "BAD_LEN", "BAD_VENDOR", "BAD_VENDOR_TYPE", "BAD_OUT_PORT", "BAD_ARGUMENT", "EPERM", "TOO_MANY"],
    "BAD_QUEUE",
  ],
  3: ["OFPFMFC", "ALL_TABLES_FULL", "OVERLAP", "EPERM", "BAD_EMERG_TIMEOUT", "BAD_COMMAND", "UNSUPPORTED"],
  4: ["OFPPMFC", "BAD_PORT", "BAD_HW_ADDR"],
  5: ["OFPQOFC", "BAD_PORT", "BAD_QUEUE", "EPERM"],
};

/** The type of errors that a vendor defines: the data starts with who it is, a type and a code. */
const vendorError = 0xb0c2;

/** The name of an error with its numbers: `OFPFMFC_OVERLAP (3,1)`. */
export function errorName10({ type, code, data }: Pick<ErrorBody, "type" | "code" | "data">): string {
  if (type === vendorError && data.byteLength >= 8) {
    const view = new DataView(data.buffer, data.byteOffset);
    return `NXET_VENDOR (0x${view.getUint32(0).toString(16)},${view.getUint16(4)},${view.getUint16(6)})`;
  }
  const [prefix, ...codes] = names[type] ?? ["OFPET_UNKNOWN"];
  const name = prefix === "OFPET_UNKNOWN" ? prefix : `${prefix}_${codes[code] ?? "UNKNOWN_CODE"}`;
  return `${name} (${type},${code})`;
}
