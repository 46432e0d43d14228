import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { promisify } from "node:util";
import type { Mac } from "@loomstack/core";
import { describe, expect, test } from "vitest";
import { encodeMessage, type Message } from "../of13/messages.ts";
import { ofPort } from "../of13/ports.ts";
import { formatPort } from "./format-port.ts";
import { formatTableStats } from "./format-table-stats.ts";

const run = promisify(execFile);
const program = "/usr/bin/ovs-ofctl";

/** What ovs-ofctl prints of a message, without its first line. */
async function printedByOvs(message: Message): Promise<string> {
  const hex = Buffer.from(encodeMessage(message, 1)).toString("hex");
  const { stdout } = await run(program, ["ofp-print", hex]);
  return stdout.slice(stdout.indexOf("\n") + 1).trimEnd();
}

const port = {
  ...{ portNo: ofPort(12), hwAddr: "00:11:22:33:44:55" as Mac, name: "eth\u0007x", peer: {} },
  config: { portDown: true, noReceive: true, noForward: true, noPacketIn: true },
  state: { linkDown: true, blocked: true, live: true },
  current: { half10Mb: true, full10Mb: true, half100Mb: true, full100Mb: true, half1Gb: true, full1Gb: true },
  advertised: { full10Gb: true, full40Gb: true, full100Gb: true, full1Tb: true, otherSpeed: true, copper: true },
  supported: { fiber: true, autoNegotiation: true, pause: true, asymmetricPause: true },
  ...{ currentSpeedKbps: 1500, maxSpeedKbps: 10_000_000 },
};

const tables = [2, 1, 1, 1, 0, 0, 4, 0, 0].map((activeCount, tableId) => ({
  ...{ tableId, activeCount, lookupCount: 5n, matchedCount: 3n },
}));

describe.skipIf(!existsSync(program))("with ovs-ofctl", () => {
  test("a port is printed with all that can be set of it, up to the first character that can't be printed", async () => {
    const theirs = await printedByOvs({
      ...{ kind: "multipartReply", more: false },
      body: { kind: "portDescription", entries: [port] },
    });
    expect(formatPort(port)).toBe(theirs);
    expect(theirs).toContain("(eth): addr:");
  });

  test("tables that have counted the same as the one before are one line", async () => {
    const theirs = await printedByOvs({
      ...{ kind: "multipartReply", more: false },
      body: { kind: "table", entries: tables },
    });
    expect(formatTableStats(tables)).toBe(theirs);
    expect(theirs).toMatch(/tables 2\.\.\.3: ditto[^]*table 5: ditto/);
  });
});
