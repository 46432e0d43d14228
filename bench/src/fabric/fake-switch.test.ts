import { type Dpid, silentLogger, systemClock } from "@loomstack/core";
import {
  type Flow,
  flowFingerprint,
  flowKey,
  flowMod,
  listenForSwitches,
  packetOut,
  Port,
  type SwitchConnection,
} from "@loomstack/openflow";
import { afterEach, beforeEach, expect, test } from "vitest";
import { realisticFlows } from "../openflow/flows.ts";
import { FakeSwitch } from "./fake-switch.ts";
import { endpointOf } from "./work.ts";

let stack: AsyncDisposableStack;
let fake: FakeSwitch;
let connection: SwitchConnection;
let transmitted: string[];

const flows = realisticFlows(1_000).slice(0, 300);
const sorted = (all: readonly Flow[]): readonly string[] =>
  all.map((flow) => `${flowKey(flow)} ${flowFingerprint(flow)}`).sort();

async function connect(): Promise<SwitchConnection> {
  const { promise, resolve } = Promise.withResolvers<SwitchConnection>();
  const options = { host: "127.0.0.1", port: 0, clock: systemClock, logger: silentLogger, onSwitch: resolve };
  const listener = stack.use(await listenForSwitches(options));
  fake.target = `tcp:127.0.0.1:${listener.port}`;
  return promise;
}

beforeEach(async () => {
  stack = new AsyncDisposableStack();
  transmitted = [];
  const transmit = (endpoint: string, frame: Uint8Array): void => void transmitted.push(`${endpoint} ${frame.length}`);
  fake = stack.use(new FakeSwitch({ dpid: 0xa1n, transmit }));
  connection = await connect();
});

afterEach(() => stack.disposeAsync());

test("it takes a role, has a flow monitor, and says who it is", async () => {
  expect(connection.dpid).toBe(0xa1n as Dpid);
  await connection.setRole("primary", 7n);
  await connection.monitorFlows();
});

test("it gives back the flows of a bundle as they were, also to the next controller", async () => {
  await connection.applyBundle(flows.map((flow) => flowMod("add", flow)));
  expect(sorted(await connection.dumpFlows())).toEqual(sorted(flows));
  const next = await connect();
  expect(sorted(await next.dumpFlows())).toEqual(sorted(flows));
});

test("a flow that is deleted is gone, and one that is added twice is there once", async () => {
  const [first, ...others] = flows;
  if (first === undefined) return expect.fail("there are no flows");
  await connection.applyBundle([...flows, ...flows].map((flow) => flowMod("add", flow)));
  await connection.applyBundle([flowMod("delete-strict", first)]);
  expect(sorted(await connection.dumpFlows())).toEqual(sorted(others));
});

test("a packet that is sent along a tunnel comes out of it, and one that comes in is shown to the controller", async () => {
  const data = new Uint8Array(60).fill(7);
  const tunnel = { kind: "setField", field: "tunIpv4Dst", value: endpointOf(1) } as const;
  connection.send(packetOut({ inPort: Port.controller, actions: [tunnel], data }));
  await connection.barrier();
  expect(transmitted).toEqual(["10.200.0.2 60"]);
  const { promise, resolve } = Promise.withResolvers<Uint8Array>();
  connection.packetIns.add((packet) => resolve(packet.data));
  fake.receive(data);
  expect(await promise).toEqual(data);
});
