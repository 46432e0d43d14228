import type { Measurement } from "./measure.ts";
import type { StreamCount } from "./packet-stream.ts";

/** When and with what a run was made. */
export interface RunFacts {
  readonly date: string;
  readonly versions: string;
}

const longestReason = 110;

const introduction = `# Reliability
Written by \`npm run reliability\`, which lets each of these things happen on the lab (two hypervisors with the real ovsdb-server and ovs-vswitchd, the
userspace datapath) while established pairs of guests send 50 packets/s each, and ends with exit status 1 when something that has to be 0 is not.`;

const legend = `- **lost**: packets that an established pair lost, on one hypervisor / across the overlay. Where Open vSwitch itself keeps forwarding (**yes** in the column
  before) it has to be 0/0. **plain** is the same for two pairs on bridges without a controller (\`NORMAL\`, and VXLAN between them) at the same time: what
  Open vSwitch loses by itself.
- **flow mods**: what the controller sent, by the log of the switches of both hypervisors. **disturbed**: flows that were right and were removed or sent again
  all the same, by that log, the flows before and after, and their ages. Has to be 0. A flow that Open vSwitch lost may be sent once.
- **cause**: from the beginning until the process was started again or the connection was there again. **correct**: from then until all hypervisors were ready,
  all ports ACTIVE, and the flows that the switches hold were those that the controller wants, for a second on end.
- **said**: what the controller's API said of the hypervisor and of the ports meanwhile, in the list below.`;

const advice = `## What an administrator gets

- **The controller may be stopped, killed or upgraded at any time.** Its flows stay, and when it is back it compares before it sends anything.
- **\`ovs-ctl restart\`** (what packages do on an upgrade of Open vSwitch) saves the flows of all bridges, sets \`other_config:flow-restore-wait\`, starts
  ovs-vswitchd, restores the flows with ovs-ofctl, and takes the setting away. For bridges with a controller that is not worth much: while the setting is
  there ovs-vswitchd connects to no controller, and once it is taken away the bridges get their controller, and a bridge that goes from no controller to one is
  emptied by Open vSwitch itself (\`connmgr_set_controllers\`). So the controller sends each flow once, as after a plain restart. It can't use the setting for itself,
  and never clears it: one that is left over after an \`ovs-ctl restart\` that failed keeps the hypervisor unconnected until somebody takes it away
  (\`ovs-vsctl remove Open_vSwitch . other_config flow-restore-wait\`).
- **A plain restart or a crash of ovs-vswitchd** costs the time until it has connected and has got its flows. In the lab a hypervisor's address is on br-phy,
  behind the userspace datapath: packets stop with ovs-vswitchd, and its first attempt to connect goes through a bridge that doesn't forward yet, is given up after
  1 s, and tried again 1 s later. That is most of what a pair loses there beyond a plain bridge. A management address outside of Open vSwitch spares it. With the
  kernel's datapath the address and cached flows outlive ovs-vswitchd; the lab doesn't measure that.
- **A daemon that hangs** is missed within 6 s, and its ports say so. Nothing is sent when it goes on: its flows are still there.
- **A database restored from yesterday** has no ports that were plugged since; ovs-vswitchd removes them by itself. Their ports are DOWN, with the reason, until
  the interfaces are plugged again. **A store restored from yesterday** makes yesterday's intent true: the flows of ports that it doesn't know are removed, a port
  that was deleted since is back (DOWN while it has no interface); interfaces, and all that is somebody else's, stay as they are.`;

/** docs/reliability.md: the tables and what they mean. */
export function reliabilityDocument(facts: RunFacts, measurements: readonly Measurement[]): string {
  return [
    introduction,
    `${facts.date}; ${facts.versions}.`,
    resultTable(measurements),
    legend,
    ...failureSection(measurements),
    "## What the controller said meanwhile",
    measurements.map(saidLine).join("\n"),
    `${advice}\n`,
  ].join("\n\n");
}

export function resultTable(measurements: readonly Measurement[]): string {
  const head = [
    "| what happens | forwards | lost | plain | flow mods | disturbed | cause, s | correct, s |",
    "|---|---|---|---|---|---|---|---|",
  ];
  const rows = measurements.map(({ scenario, streams, flows, causeMs, correctMs, failures }) =>
    [
      `| ${failures.length > 0 ? "**WRONG** " : ""}${scenario.title} | ${scenario.forwards ? "yes" : "no"}`,
      `${lostOf(streams.local)} / ${lostOf(streams.overlay)}`,
      `${lostOf(streams["plain local"])} / ${lostOf(streams["plain overlay"])}`,
      `${flows.flowMods} | ${flows.disturbedFlows}`,
      `${seconds(causeMs)} | ${seconds(correctMs)} |`,
    ].join(" | "),
  );
  return [...head, ...rows].join("\n");
}

function lostOf({ lost, longestSilenceMs }: StreamCount): string {
  return lost === 0 ? "0" : `${lost} (${seconds(longestSilenceMs)} s)`;
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(2);
}

function failureSection(measurements: readonly Measurement[]): string[] {
  const lines = measurements.flatMap(({ scenario, failures }) =>
    failures.map((failure) => `- ${scenario.title}: ${failure}`),
  );
  return lines.length === 0 ? [] : ["## What is wrong", lines.join("\n")];
}

function saidLine({ scenario, said, note }: Measurement): string {
  const steps = said
    .map(({ atMs, hypervisor, ports }) => ({ atMs, text: shortened(hypervisor), ports: ports.split(":")[0] ?? "" }))
    .filter(({ text, ports }, index, all) => text !== all[index - 1]?.text || ports !== all[index - 1]?.ports)
    .map(({ atMs, text, ports }) => `${seconds(atMs)} s *${text}*${text === ports ? "" : ` (ports: ${ports})`}`);
  return `- ${scenario.title}${note === "" ? "" : ` (${note})`}: ${steps.join("; ")}`;
}

function shortened(text: string): string {
  return text.length <= longestReason ? text : `${text.slice(0, longestReason)}…`;
}
