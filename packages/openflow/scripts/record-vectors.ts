/**
 * Records packages/openflow/vectors anew: starts an Open vSwitch of its own (dummy datapath, no privileges), lets
 * ovs-ofctl and this library talk to it in each version, and writes down what is said.
 *
 *   node packages/openflow/scripts/record-vectors.ts [folder] [of10|of13|of15 …]
 *
 * Needs ovs-vswitchd, ovsdb-server and ovs-ofctl (Debian's openvswitch-switch). A vector that says the same as before but
 * for what legitimately varies (durations, counters, transaction ids, addresses and ids that the switch has made up) isn't
 * written: a run without changes to Open vSwitch or to this package leaves the folder as it is. What was written is
 * printed, with the vectors of the folder that no longer have a recording; exit 1 if there are any.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync } from "node:fs";
import path from "node:path";
import { startOpenVSwitch } from "@loomstack/testkit";
import type { OpenFlowVersion } from "../src/version/version.ts";
import { recordOf10 } from "./recording/of10.ts";
import { recordOf13 } from "./recording/of13.ts";
import { recordOf15 } from "./recording/of15.ts";
import { Recorder } from "./recording/recorder.ts";

interface Family {
  readonly name: string;
  readonly version: OpenFlowVersion;
  readonly record: (recorder: Recorder) => Promise<void>;
}

const families: readonly Family[] = [
  { name: "of10", version: "1.0", record: recordOf10 },
  { name: "of13", version: "1.3", record: recordOf13 },
  { name: "of15", version: "1.5", record: recordOf15 },
];

const [given, ...wanted] = process.argv.slice(2);
const root = given ?? path.resolve(import.meta.dirname, "../vectors");
const ovsVersion = /\d+\.\d+\.\d+/.exec(execFileSync("ovs-ofctl", ["--version"]).toString())?.[0] ?? "";

for (const { name, version, record } of families) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const folder = path.join(root, name);
  mkdirSync(folder, { recursive: true });
  await using ovs = await startOpenVSwitch(9);
  await ovs.vsctl("set", "bridge", "br0", `protocols=OpenFlow${version.replace(".", "")}`);
  await using recorder = new Recorder({ ovs, version, folder, ovsVersion });
  await record(recorder);
  report(name, recorder, folder);
}

function report(name: string, { written, changed }: Recorder, folder: string): void {
  const orphans = readdirSync(folder).filter((file) => !written.includes(file));
  const lines = [`${name}: ${written.length} vectors, ${changed.length} of them new`, ...changed];
  console.log([...lines, ...orphans.map((file) => `not recorded: ${file}`)].join("\n"));
  if (orphans.length > 0) process.exitCode = 1;
}
