/** One suite for every kind of server. */
import {
  makeTlsIdentities,
  missingOpenVSwitch,
  type OvsdbDaemonOptions,
  type OvsdbServerOptions,
  startOvsdbServer,
  startRefusingRelay,
  startSchemaDaemon,
} from "@loomstack/testkit";
import { describe, expect, test } from "vitest";
import { conditions, misspelt } from "./conditions.ts";
import { databases } from "./databases.ts";
import { functions } from "./functions.ts";
import { locks } from "./locks.ts";
import { monitors } from "./monitors.ts";
import { rawMonitors } from "./raw-monitors.ts";
import { refusals } from "./refusals.ts";
import { rows } from "./rows.ts";
import { conformance } from "./schema.ts";
import { type Candidate, serve, type ServedDatabase } from "./subject.ts";
import { waits } from "./waits.ts";

/** A real ovsdb-server with the database of the suite. @param refused the methods that it seems to lack */
async function startDaemon(options: OvsdbDaemonOptions = {}, refused: readonly string[] = []): Promise<ServedDatabase> {
  const stack = new AsyncDisposableStack();
  const { daemon } = stack.use(await startSchemaDaemon(conformance, options));
  const remote = daemon.networkRemote ?? daemon.remote;
  const seen = refused.length === 0 ? remote : stack.use(await startRefusingRelay(remote, refused)).remote;
  return { remote: seen, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

async function startTlsDaemon(): Promise<ServedDatabase> {
  const stack = new AsyncDisposableStack();
  const { serverFiles, client } = stack.use(await makeTlsIdentities());
  const { remote } = stack.use(await startDaemon({ listen: "ssl", tlsFiles: serverFiles }));
  return { remote, tls: client, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

const inProcess = (options: OvsdbServerOptions = {}): Promise<ServedDatabase> =>
  startOvsdbServer({ schema: conformance, ...options });

const forgets = { "tell changes since a transaction": "a standalone database remembers no transactions" };
const isOld = { "know update3": "monitor_cond_since came with Open vSwitch 2.12", ...forgets };
const isAncient = {
  ...isOld,
  "know update2": "monitor_cond came with Open vSwitch 2.6",
  "monitor with conditions": "conditions came with Open vSwitch 2.6",
};
const since2_12 = ["monitor_cond_since"];
const since2_6 = [...since2_12, "monitor_cond", "monitor_cond_change"];

const daemons: readonly Candidate[] = [
  { name: "ovsdb-server over a unix socket", start: () => startDaemon(), lacks: forgets },
  { name: "ovsdb-server over TCP", start: () => startDaemon({ listen: "tcp" }), lacks: forgets },
  { name: "ovsdb-server over TLS", start: startTlsDaemon, lacks: forgets },
  { name: "ovsdb-server with a clustered database", start: () => startDaemon({ clustered: true }), lacks: {} },
  { name: "ovsdb-server as old as 2.6", start: () => startDaemon({}, since2_12), lacks: isOld },
  { name: "ovsdb-server with nothing but RFC 7047", start: () => startDaemon({}, since2_6), lacks: isAncient },
];

const inProcessServers: readonly Candidate[] = [
  { name: "the in-process server", start: () => inProcess(), lacks: {} },
  {
    name: "an in-process server as old as 2.6",
    start: () => inProcess({ monitorMethods: ["monitor", "monitor_cond"] }),
    lacks: isOld,
  },
  {
    name: "an in-process server with nothing but RFC 7047",
    start: () => inProcess({ monitorMethods: ["monitor"] }),
    lacks: isAncient,
  },
];

describe.each([...(missingOpenVSwitch === undefined ? daemons : []), ...inProcessServers])("$name", (candidate) => {
  const subject = serve(candidate);
  rows(subject);
  functions(subject);
  refusals(subject);
  waits(subject);
  monitors(subject);
  conditions(subject);
  rawMonitors(subject);
  locks(subject);
  databases(subject);
});

test.skipIf(missingOpenVSwitch === undefined)(`real servers are left out: there is no ${missingOpenVSwitch}`, () => {
  expect(missingOpenVSwitch).toBeUndefined();
});

test("misspelt tables, columns and conditions of a monitor don't compile", () => {
  expect(misspelt).toBeTypeOf("function");
});
