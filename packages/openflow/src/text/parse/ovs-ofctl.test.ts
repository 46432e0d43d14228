/** What ours makes of a text, compared with what the real ovs-ofctl sends for it. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { isLoomstackError } from "@loomstack/core";
import { describe, expect, test } from "vitest";
import { flowFingerprint, flowKey } from "../../of13/flow-identity.ts";
import { decodeMessage, encodeMessage } from "../../of13/messages.ts";
import { flowLines } from "./flow-lines.samples.ts";
import { parseFlowMod } from "./parse-flow.ts";

const run = promisify(execFile);
const program = "/usr/bin/ovs-ofctl";

/**
 * Where the bytes differ and not the meaning: ovs-ofctl writes masks of all bits for flags and for ERSPAN, several loads
 * for one set_field with a mask, another length for a port that isn't the controller, and bytes of options of Geneve that
 * the mask leaves out.
 */
const otherBytes = /ct_state=new|tun_flags|tun_metadata|tun_erspan|set_field:[^>]*\/|enqueue/;

/** Why ovs-ofctl refuses what ours reads: it looks at actions and match together, and knows its own fields only. */
const inconsistent = /actions are invalid with specified match|no usable protocol/;

/**
 * Why ours refuses what ovs-ofctl reads: it leaves out conditions without their prerequisites, cuts off what is too
 * long, and takes what isn't a number for zero, or for the number that it starts with.
 */
const strict =
  /has no meaning in this match|doesn't fit|is no |nothing|can't be masked|has a mask|says nothing|sets nothing|bits/;

/** Sends `lines` to a switch that takes everything, and returns the messages that came. */
async function sent(lines: readonly string[]): Promise<readonly Uint8Array[]> {
  const messages: Uint8Array[] = [];
  const server = createServer((socket) => {
    let bytes = Buffer.alloc(0);
    socket.on("error", () => undefined);
    socket.write(Uint8Array.of(4, 0, 0, 8, 0, 0, 0, 1));
    socket.on("data", (chunk) => {
      bytes = Buffer.concat([bytes, chunk]);
      while (bytes.length >= 8 && bytes.length >= bytes.readUInt16BE(2)) {
        const message = bytes.subarray(0, bytes.readUInt16BE(2));
        bytes = bytes.subarray(message.length);
        if (message[1] === flowModType) messages.push(message);
        if (message[1] === barrierType)
          socket.write(Uint8Array.of(4, barrierType + 1, 0, 8, ...message.subarray(4, 8)));
      }
    });
  });
  const folder = await mkdtemp(path.join(tmpdir(), "flow-lines-"));
  const file = path.join(folder, "flows");
  await writeFile(file, `${lines.join("\n")}\n`);
  const listening = Promise.withResolvers<undefined>();
  server.listen(0, "127.0.0.1", () => {
    listening.resolve(undefined);
  });
  await listening.promise;
  const remote = `tcp:127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    const options = ["--no-names", "--timeout=20", "-O", "OpenFlow13"];
    await run(program, [...options, "add-flows", remote, file]);
  } finally {
    server.close();
    await rm(folder, { recursive: true });
  }
  return messages;
}

const flowModType = 14;
const barrierType = 20;

/** The message of ours with the transaction id of theirs, and what both mean. */
function compared(
  line: string,
  theirs: Uint8Array,
): { readonly same: boolean; readonly ours: string; readonly ovs: string } {
  const xid = Buffer.from(theirs).readUInt32BE(4);
  const ours = encodeMessage(parseFlowMod(line), xid);
  return { same: Buffer.from(ours).equals(theirs), ours: meaning(ours), ovs: meaning(theirs) };
}

function meaning(bytes: Uint8Array): string {
  const { message } = decodeMessage(bytes);
  if (message.kind !== "flowMod") return message.kind;
  const { idleTimeoutSec, hardTimeoutSec } = message;
  return `${flowKey(message)} ${flowFingerprint(message)} ${idleTimeoutSec} ${hardTimeoutSec} ${JSON.stringify(message.flags)}`;
}

/** Lines with something left out, put in or exchanged: the same ones each time. */
function mutations(count: number): readonly string[] {
  let seed = 11;
  const below = (limit: number): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((seed / 2 ** 32) * limit);
  };
  const pieces = [
    "0",
    "1",
    "f",
    "-",
    "+",
    "/",
    "(",
    ")",
    ",",
    "=",
    "->",
    "[",
    "]",
    "..",
    "reg0",
    "tcp",
    "*",
    ":",
    "0x",
    "256",
  ];
  return Array.from({ length: count }, () => {
    const line = flowLines[below(flowLines.length)] ?? "";
    const other = (flowLines[below(flowLines.length)] ?? "").split(",");
    const at = below(line.length);
    const piece = pieces[below(pieces.length)] ?? "";
    const parts = line.split(",");
    switch (below(4)) {
      case 0:
        return line.slice(0, at) + line.slice(at + 1);
      case 1:
        return line.slice(0, at) + piece + line.slice(at);
      case 2:
        return line.slice(0, at) + piece + line.slice(at + 1);
      default:
        return parts.with(below(parts.length), other[below(other.length)] ?? "").join(",");
    }
  });
}

/** The last line of what ovs-ofctl says where it refuses. */
async function refusalOf(line: string): Promise<string | undefined> {
  try {
    await run(program, ["-O", "OpenFlow13", "parse-flow", line]);
    return undefined;
  } catch (error) {
    return (error as { readonly stderr: string }).stderr.trim().split("\n").at(-1) ?? "";
  }
}

function ourRefusalOf(line: string): string | undefined {
  try {
    encodeMessage(parseFlowMod(line), 1);
    return undefined;
  } catch (error) {
    if (!isLoomstackError(error, "OPENFLOW__INVALID_TEXT")) throw error;
    return error.context.problem.toString();
  }
}

describe.skipIf(!existsSync(program))("with ovs-ofctl", () => {
  test("it sends the same bytes for a flow, or others that mean the same where that is known", async () => {
    const messages = await sent(flowLines);
    expect(messages).toHaveLength(flowLines.length);
    for (const [index, line] of flowLines.entries()) {
      const { same, ours, ovs } = compared(line, messages[index] ?? new Uint8Array());
      // Which bits of an option of Geneve count, is in the bytes only.
      if (!/tun_metadata\d+(?:,|=0[,/]|=\w+\/)/.test(line)) expect(ours, line).toBe(ovs);
      expect(same || otherBytes.test(line), line).toBe(true);
    }
  }, 60_000);

  test("what is spoilt is refused by both, or means the same to both, but for known reasons", async () => {
    const read: string[] = [];
    for (const line of mutations(400)) {
      const [ovs, ours] = [await refusalOf(line), ourRefusalOf(line)];
      if (ovs === undefined && ours === undefined) read.push(line);
      else if (ovs !== undefined && ours === undefined) expect(ovs, line).toMatch(inconsistent);
      else if (ovs === undefined) expect(ours, line).toMatch(strict);
    }
    const messages = await sent(read);
    expect(messages).toHaveLength(read.length);
    for (const [index, line] of read.entries()) {
      const { ours, ovs } = compared(line, messages[index] ?? new Uint8Array());
      if (!line.includes("tun_metadata")) expect(ours, line).toBe(ovs);
    }
  }, 60_000);
});
