import fc from "fast-check";
import { expect, test } from "vitest";
import { arbitraryFlow } from "./flow.arbitrary.ts";
import { flowFingerprint, flowKey } from "./flow-identity.ts";
import { decodeMessage, encodeMessage, type Message } from "./messages.ts";
import { flowMod } from "./messages/flow-mod.ts";
import { normalMatch } from "./match.ts";
import { ofPort } from "./ports.ts";

test("any flow survives the way to bytes and back", () => {
  fc.assert(
    fc.property(arbitraryFlow, fc.nat(), (flow, xid) => {
      const decoded = decodeMessage(encodeMessage(flowMod("add", flow), xid));
      expect(decoded.xid).toBe(xid);
      expect(decoded.message).toMatchObject({
        kind: "flowMod",
        command: "add",
        tableId: flow.tableId,
        priority: flow.priority,
        cookie: flow.cookie,
      });
      if (decoded.message.kind !== "flowMod") return;
      expect(decoded.message.match).toEqual(normalMatch(flow.match));
      expect(flowKey(decoded.message)).toBe(flowKey(flow));
      expect(flowFingerprint(decoded.message)).toBe(flowFingerprint(flow));
    }),
  );
});

const unknownMessages: readonly Message[] = [
  { kind: "unknown", type: 99, bytes: Uint8Array.of(1, 2, 3) },
  { kind: "unknown", type: 4, bytes: Uint8Array.of(0, 0, 0x23, 0x20, 0, 0, 0, 99) },
  { kind: "multipartReply", more: true, body: { kind: "unknown", type: 99, bytes: Uint8Array.of(7) } },
  {
    kind: "flowMod",
    tableId: 0,
    command: "add",
    match: { unknown: [{ oxmClass: 1, number: 126, hasMask: true, bytes: new Uint8Array(8) }] },
  },
  {
    kind: "flowMod",
    tableId: 0,
    command: "add",
    instructions: [{ kind: "unknown", type: 0xffff, bytes: Uint8Array.of(0, 0, 0, 9) }],
  },
];

test.each(unknownMessages)("what isn't known is kept byte for byte: %o", (message) => {
  const bytes = encodeMessage(message, 7);
  const decoded = decodeMessage(bytes);
  expect(decoded.message).toMatchObject(message);
  expect(encodeMessage(decoded.message, 7)).toEqual(bytes);
});

test("an action on a field that isn't known is an unknown action, not an error", () => {
  // NXAST_REG_LOAD into field 126 of class 1, which the table doesn't have.
  const bytes = Uint8Array.from(Buffer.from("0000232000070" + "01f" + "0001fc04" + "0000000000000001", "hex"));
  const message: Message = {
    kind: "packetOut",
    actions: [{ kind: "unknown", type: 0xffff, bytes }],
    data: new Uint8Array(),
  };
  const decoded = decodeMessage(encodeMessage(message, 1)).message;
  expect(decoded).toMatchObject({ actions: [{ kind: "unknown", type: 0xffff, bytes }] });
});

test("a message of more than 64 KiB is refused", () => {
  const message: Message = { kind: "packetOut", actions: [], data: new Uint8Array(0x10000) };
  expect(() => encodeMessage(message, 1)).toThrow("does not fit into one message");
});

test("an action list that is longer than its message is refused", () => {
  const bytes = encodeMessage(
    { kind: "packetOut", actions: [{ kind: "output", port: ofPort(1) }], data: new Uint8Array() },
    1,
  );
  bytes[17] = 0xff;
  expect(() => decodeMessage(bytes)).toThrow("message.packetOut.actions ends at byte 40");
});

test("a field only takes values of its type", () => {
  const wrong = (): Uint8Array =>
    encodeMessage(
      {
        kind: "packetOut",
        // @ts-expect-error a MAC address is no number
        actions: [{ kind: "setField", field: "ethDst", value: 7 }],
        data: new Uint8Array(),
      },
      1,
    );
  expect(wrong).toThrow(expect.objectContaining({ code: "WIRE__WRONG_TYPE" }));
});
