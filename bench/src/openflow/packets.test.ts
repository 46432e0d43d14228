import { decodeMessage, encodeMessage, type PacketIn } from "@loomstack/openflow";
import { expect, test } from "vitest";
import { LearningSwitch } from "./learning-switch.ts";
import { MessageCutter, messageBytes } from "./message-bytes.ts";
import { frameSize, hosts, packetInBytes, packetOutBytes, packetOutSize, ports } from "./packets.ts";

const all = packetInBytes();
const size = all.byteLength / hosts;
const packetInOf = (host: number): PacketIn =>
  decodeMessage(all.subarray(host * size, (host + 1) * size)).message as PacketIn;

test("packet-ins are such as the library reads", () => {
  expect(packetInOf(70)).toMatchObject({ kind: "packetIn", reason: "action", match: { inPort: 1 + (70 % ports) } });
  expect(packetInOf(70).data).toHaveLength(frameSize);
});

test("packet-outs are as long as the library writes them", () => {
  const learning = new LearningSwitch();
  const answer = learning.answer(packetInOf(0));
  expect(answer && encodeMessage(answer, 1)).toHaveLength(packetOutSize);
  expect(decodeMessage(packetOutBytes()).message).toMatchObject({ kind: "packetOut" });
});

test("a packet is sent to the port where its receiver was heard", () => {
  const learning = new LearningSwitch();
  learning.answer(packetInOf(8));
  expect(learning.answer(packetInOf(7))?.actions).toEqual([{ kind: "output", port: 9 }]);
});

test("a stream is cut into messages, wherever its chunks end", () => {
  const messages = [messageBytes(2, 7), messageBytes(3, 8, Buffer.from("body")), messageBytes(2, 9)];
  const found: string[] = [];
  const cutter = new MessageCutter((bytes, start, end) => found.push(bytes.toString("hex", start, end)));
  for (const octet of Buffer.concat(messages)) cutter.push(Buffer.of(octet));
  expect(found).toEqual(messages.map((message) => message.toString("hex")));
});
