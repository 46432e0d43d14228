/** What must hold of any bytes whatever: for fuzzing, and for the corpus that it has left. */
import { isDeepStrictEqual } from "node:util";
import { isLoomstackError } from "@loomstack/core";
import type { ReceivedMessage } from "../of13/messages.ts";
import { type Dialect, dialectOf } from "./dialect.ts";
import { type OpenFlowVersion, versionOf } from "./version.ts";

/** What became of the bytes: a message, or the typed error that they were refused with. */
export type Outcome =
  | { readonly kind: "message"; readonly message: ReceivedMessage }
  | { readonly kind: "refused"; readonly code: string; readonly text: string };

const dialects: Readonly<Record<OpenFlowVersion, Dialect>> = {
  "1.0": dialectOf("1.0", { flowModTableId: true }),
  "1.3": dialectOf("1.3"),
  "1.5": dialectOf("1.5"),
};

/** The dialect that bytes claim to be of; 1.3 where they claim none of ours. */
export function dialectOfBytes(bytes: Uint8Array): Dialect {
  return dialects[versionOf(bytes[0] ?? 0) ?? "1.3"];
}

/**
 * Reads the bytes as a message, and where that gives one, writes it and reads it again.
 *
 * @throws TypeError where the message isn't the same then, and whatever is thrown that isn't a typed error of ours
 */
export function checkRoundTrip(bytes: Uint8Array): Outcome {
  const { decode, encode } = dialectOfBytes(bytes);
  try {
    const { message, xid } = decode(bytes);
    const written = encode(message, xid);
    const again = decode(written).message;
    if (!isDeepStrictEqual(again, message))
      throw new TypeError(`another message after writing: ${hex(bytes)} became ${hex(written)}`);
    return { kind: "message", message };
  } catch (error) {
    if (!isLoomstackError(error) || !/^(WIRE|OPENFLOW)__/.test(error.code)) throw error;
    return { kind: "refused", code: error.code, text: error.message };
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
