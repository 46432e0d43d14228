import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { flowFingerprint, flowKey } from "../of13/flow-identity.ts";
import { decodeMessage, type Envelope } from "../of13/messages.ts";
import { formatFlowStats } from "./format-flow.ts";
import { formatMessage } from "./format-message.ts";
import { parseFlow } from "./parse/parse-flow.ts";

const folder = new URL("../../vectors/of13/", import.meta.url);

/** The message in a file of hexadecimal bytes with a comment on each line. */
function messageIn(name: string): Envelope {
  const [bytes = ""] = readFileSync(new URL(name, folder), "utf8").split("\n---\n");
  const lines = bytes.split("\n");
  const hex = lines.map((line) => /^\s*([0-9a-f]{2}(?: ?[0-9a-f]{2})*)\s*(?:#|;|$)/.exec(line)?.[1] ?? "");
  return decodeMessage(Uint8Array.from(Buffer.from(hex.join("").replaceAll(" ", ""), "hex")));
}

const names = readdirSync(folder).filter((name) => name.endsWith(".vec"));

test.each(names)("%s has a text with its kind and transaction id", (name) => {
  const envelope = messageIn(name);
  const text = formatMessage(envelope);
  expect(text).toMatch(/^[A-Z0-9_ ]+ \(OF1\.\d\) \(xid=0x[0-9a-f]+\)(: |$)/);
  expect(text).not.toContain("[object");
  expect(text).not.toContain("undefined");
});

const flowReplies = names.filter(
  (name) => name.startsWith("multipart.flow-reply.action") && !name.includes("output-reg"),
);

test.each(flowReplies)("the flows of %s are read from their lines", (name) => {
  const { message } = messageIn(name);
  if (message.kind !== "multipartReply" || message.body.kind !== "flow") throw new Error("no flows");
  for (const flow of message.body.entries) {
    const back = parseFlow(formatFlowStats(flow));
    expect(flowKey(back)).toBe(flowKey(flow));
    expect(back.counters?.packetCount).toBe(flow.packetCount);
    if (!name.includes("controller")) expect(flowFingerprint(back)).toBe(flowFingerprint(flow));
  }
});
