/** What has no name, by its numbers and its bytes: a syntax of ours, for which ovs-ofctl has none. */
import type { UnknownField } from "../../of13/oxm-tlv.ts";
import { fieldByNumber } from "../../of13/oxm.ts";
import { numberU16, numberUpTo } from "./numbers.ts";
import { pieces, refused, type TextSlice, textOf } from "./text-slice.ts";

const mostFieldNumber = 0x7f;
const mostFieldBytes = 0xff;

/** `<class>,<number>,0x<bytes>`, with `masked` in front of the bytes where half of them are a mask. */
export function unknownFieldIn(slice: TextSlice): UnknownField {
  const [oxmClass, number, ...rest] = pieces(slice, /,/);
  const hasMask = rest.length === 2 && rest[0] !== undefined && textOf(rest[0]) === "masked";
  const bytes = rest.at(-1);
  if (oxmClass === undefined || number === undefined || bytes === undefined || rest.length > (hasMask ? 2 : 1))
    throw refused(slice, "is no field", "<class>,<number>,0x<bytes>, with masked, in front of bytes that have a mask");
  const field = {
    ...{ oxmClass: numberU16(oxmClass, "class"), number: numberUpTo(number, mostFieldNumber, "number of a field") },
    ...{ hasMask, bytes: bytesIn(bytes) },
  };
  const known = fieldByNumber(field.oxmClass, field.number);
  if (known !== undefined) throw refused(slice, "is a field that has a name", known.row.matchName);
  if (field.bytes.byteLength > mostFieldBytes) throw refused(bytes, "is too long", `at most ${mostFieldBytes} bytes`);
  return field;
}

/** `<type>,0x<bytes>`, as actions and instructions have it. */
export function unknownPartIn(slice: TextSlice): {
  readonly kind: "unknown";
  readonly type: number;
  readonly bytes: Uint8Array;
} {
  const [type, bytes, surplus] = pieces(slice, /,/);
  if (type === undefined || bytes === undefined || surplus !== undefined)
    throw refused(slice, "isn't what an unknown one has", "<type>,0x<bytes>");
  return { kind: "unknown", type: numberU16(type, "type"), bytes: bytesIn(bytes) };
}

/** Two digits for each byte, behind 0x; none for none. */
export function bytesIn(slice: TextSlice): Uint8Array {
  const [, digits] = /^0x((?:[0-9a-fA-F]{2})*)$/.exec(textOf(slice)) ?? [];
  if (digits === undefined) throw refused(slice, "is no list of bytes", "0x and two digits for each byte");
  return Uint8Array.from(Buffer.from(digits, "hex"));
}
