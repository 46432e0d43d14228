/** Whether a match says of a packet what a field needs to mean anything. @see OpenFlow 1.3.5, 7.2.3.8 */
import { type AskedBits, type Lack, lackOf, packetOf } from "../../of13/consistency/known-packet.ts";
import type { FieldRow } from "../../of13/oxm.ts";

/** What `row` requires and the match doesn't say, in words; undefined for nothing. */
export function missingPrerequisite(row: FieldRow, match: AskedBits): Lack | undefined {
  return lackOf(row, packetOf(match));
}
