import { expect, test } from "vitest";
import type { Flow } from "../of13/flow.ts";
import { flowMod, type FlowMod } from "../of13/messages/flow-mod.ts";
import { KeptFlowMod } from "../of13/messages/kept-flow-mod.ts";
import { decodeMessage } from "../of13/messages.ts";
import { dialectOf } from "../version/dialect.ts";
import { applyBundle, flowModMessage } from "./bundle.ts";

const flows = [1, 2, 3].map((priority): Flow => ({
  ...{ tableId: 7, priority, cookie: 5n, match: { reg0: priority } },
  instructions: [{ kind: "gotoTable", tableId: 10 }],
}));

/** The messages of a bundle, as they are sent. */
async function sent(mods: readonly FlowMod[], bundleId: number, firstXid: number): Promise<readonly string[]> {
  const messages: Uint8Array[] = [];
  const channel = {
    ...{ peer: "s1", dialect: dialectOf("1.3"), reserveXids: () => firstXid },
    sendAll: async (all: Iterable<Uint8Array>) => {
      for (const message of all) messages.push(message.slice());
      await Promise.resolve();
    },
    request: () => Promise.resolve(undefined as never),
    watchErrors: () => ({ [Symbol.dispose]: () => undefined }),
  };
  await applyBundle(channel, bundleId, mods);
  return messages.map((message) => Buffer.from(message).toString("hex"));
}

test("a flow mod that is kept is in every bundle what it would be had it been made anew", async () => {
  const kept = flows.map((flow) => new KeptFlowMod(flow));
  const anew = flows.map((flow) => flowMod("add", flow));
  for (const [bundleId, xid] of [[1, 100] as const, [0x1234_5678, 0xffff_ff00] as const, [2, 5] as const])
    expect(await sent(kept, bundleId, xid)).toEqual(await sent(anew, bundleId, xid));
});

test("a flow mod that is kept is outside of bundles, too, what it would be had it been made anew", async () => {
  const dialect = dialectOf("1.3");
  for (const flow of flows) {
    const kept = new KeptFlowMod(flow);
    for (const xid of [1, 0xffff_ff00]) {
      const anew = dialect.encode(flowMod("add", flow), xid);
      expect(Buffer.from(flowModMessage(dialect, kept, xid)).toString("hex")).toBe(Buffer.from(anew).toString("hex"));
      await sent([kept], 7, 8);
    }
  }
});

test("each message of a bundle has the bundle's id, and its own transaction id twice", async () => {
  const messages = await sent(
    flows.map((flow) => new KeptFlowMod(flow)),
    9,
    100,
  );
  for (const [index, hex] of messages.entries()) {
    const { xid, message } = decodeMessage(Buffer.from(hex, "hex"));
    expect([xid, message.kind]).toEqual([100 + index, "bundleAdd"]);
    if (message.kind !== "bundleAdd") continue;
    expect([message.bundleId, decodeMessage(message.message).xid]).toEqual([9, 100 + index]);
  }
});
