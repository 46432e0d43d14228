/** What a controller and a switch of whatever version say to each other. */
import { decodeAnyVersion } from "../../src/json/message-json.ts";
import { dialectOf } from "../../src/version/dialect.ts";
import { versionOf } from "../../src/version/version.ts";
import type { SwitchConnection } from "../../src/connection/switch-connection.ts";
import type { Message, ReceivedMessage } from "../../src/of13/messages.ts";
import { flowMod } from "../../src/of13/messages/flow-mod.ts";
import { echo } from "../../src/of13/requests.ts";
import type { Edit, Recorder } from "./recorder.ts";

const frame = "020000000002020000000001080045000000000000000000000000000000000000000000";
const tcpFlow =
  "cookie=0x4c,priority=6,idle_timeout=60,hard_timeout=600,send_flow_rem," +
  "tcp,nw_src=10.1.0.0/16,nw_dst=10.2.3.4,nw_tos=40,tp_dst=80,actions=mod_nw_dst:10.9.9.9,mod_tp_dst:8080,output:2";
const vlanFlow = "priority=5,in_port=1,dl_vlan=100,dl_vlan_pcp=3,actions=strip_vlan,output:2";

/** A reply about all of 254 tables says little more than one about the first. */
const firstTable: Edit = { bytes: withOneEntry, remark: "Cut to one table." };

export function fromController(edit: Edit = {}): Edit {
  return { ...edit, pick: (message, from) => from === "loomstack" && (edit.pick?.(message, from) ?? true) };
}

/** Hello, echo, configuration, errors, roles, ports. */
export async function recordConnection(recorder: Recorder): Promise<SwitchConnection> {
  const { promise, resolve } = Promise.withResolvers<SwitchConnection>();
  await recorder.record(["hello"], async () => resolve(await recorder.connect()), { pick: isOfSwitch });
  const connection = await promise;
  await recorder.record(["echo-request", "echo-reply"], () => connection.request(echo(Uint8Array.of(1, 2, 3))));
  await recorder.record(["features-request", "features-reply"], () => recorder.ofctl("show"));
  await recorder.record(["multipart.port-description-request", "multipart.port-description-reply"], () =>
    recorder.ofctl("dump-ports-desc"),
  );
  await recorder.record(["get-config-request", "get-config-reply"], () => recorder.ofctl("get-frags"));
  await recorder.record(["set-config"], () => recorder.ofctl("set-frags", "drop"));
  await recorder.ofctl("set-frags", "normal");
  await recorder.record(["error.bad-command"], () => sentAndDone(connection, { ...flowMod("add", plain), command: 9 }));
  await recorder.record(["role-request", "role-reply"], () => connection.setRole("primary", 1n));
  await recorder.record(["barrier-request", "barrier-reply"], () =>
    recorder.ofctl("add-flow", "priority=1,actions=drop"),
  );
  await recorder.record(["port-mod"], () => recorder.ofctl("mod-port", "1", "no-forward"));
  await recorder.ofctl("mod-port", "1", "forward");
  await recorder.record(["port-status"], () =>
    recorder.ovs.vsctl("add-port", "br0", "p20", "--", "set", "Interface", "p20", "type=dummy", "ofport_request=20"),
  );
  await recorder.ovs.vsctl("del-port", "p20");
  return connection;
}

async function sentAndDone(connection: SwitchConnection, message: Message): Promise<void> {
  connection.send(message);
  await connection.barrier();
}

const plain = { tableId: 0, priority: 1, cookie: 0n, match: {}, instructions: [] };

/** Flows and packets. */
export async function recordFlows(recorder: Recorder, connection: SwitchConnection): Promise<void> {
  await recorder.record(["flow-mod.tcp"], () => recorder.ofctl("add-flow", tcpFlow));
  await recorder.record(["flow-mod.vlan"], () => recorder.ofctl("add-flow", vlanFlow));
  await recorder.record(["multipart.flow-request", "multipart.flow-reply"], () => recorder.ofctl("dump-flows"));
  await recorder.record(["multipart.aggregate-request", "multipart.aggregate-reply"], () =>
    recorder.ofctl("dump-aggregate"),
  );
  await recorder.record(["packet-out"], () =>
    recorder.ofctl("packet-out", `in_port=1 packet=${frame} actions=output:2`),
  );
  await recorder.record(["packet-in"], async () => {
    connection.send({ kind: "setConfig", fragments: "normal", missSendBytes: 0xffff });
    await connection.barrier();
    await recorder.ofctl("packet-out", `in_port=2 packet=${frame} actions=controller`);
  });
  await recorder.record(["flow-removed"], () => recorder.ofctl("del-flows"));
  for (const format of ["nxt_packet_in", "nxt_packet_in2"] as const) await recordPacketIn(recorder, connection, format);
}

/** The forms that only Nicira has. */
async function recordPacketIn(recorder: Recorder, connection: SwitchConnection, format: string): Promise<void> {
  const isOld = format === "nxt_packet_in";
  await recorder.record([isOld ? "nxt-packet-in" : "packet-in2"], async () => {
    connection.send({ kind: "setPacketInFormat", format: isOld ? "nxtPacketIn" : "nxtPacketIn2" });
    await connection.barrier();
    await recorder.ofctl("packet-out", `in_port=2 packet=${frame} actions=controller`);
  });
  connection.send({ kind: "setPacketInFormat", format: "standard" });
  await connection.barrier();
}

/** Counters and descriptions. */
export async function recordLists(recorder: Recorder): Promise<void> {
  const lists = [
    ["dump-desc", "description"],
    ["dump-ports", "port"],
    ["queue-stats", "queue"],
  ] as const;
  for (const [command, kind] of lists) {
    await recorder.record([`multipart.${kind}-request`, `multipart.${kind}-reply`], () => recorder.ofctl(command));
  }
  await recorder.record(["multipart.table-request"], () => recorder.ofctl("dump-tables"));
  await recorder.record(["multipart.table-reply"], () => recorder.ofctl("dump-tables"), firstTable);
}

/** Nicira's lists, which OpenFlow 1.0 would have in another form. */
export async function recordIpfix(recorder: Recorder): Promise<void> {
  await recorder.ovs.vsctl(
    "--",
    "--id=@i",
    "create",
    "IPFIX",
    'targets="127.0.0.1:4739"',
    "--",
    "set",
    "bridge",
    "br0",
    "ipfix=@i",
  );
  await recorder.record(["multipart.ipfix-bridge-request", "multipart.ipfix-bridge-reply"], () =>
    recorder.ofctl("dump-ipfix-bridge"),
  );
  const collector = ["create", "Flow_Sample_Collector_Set", "id=1", "bridge=@b", "ipfix=@i"];
  const target = ["--id=@i", "create", "IPFIX", 'targets="127.0.0.1:4740"'];
  await recorder.ovs.vsctl("--", "--id=@b", "get", "bridge", "br0", "--", ...target, "--", ...collector);
  await recorder.record(["multipart.ipfix-flow-request", "multipart.ipfix-flow-reply"], () =>
    recorder.ofctl("dump-ipfix-flow"),
  );
}

/** What Nicira's messages set, in every version. */
export async function recordSettings(recorder: Recorder, connection: SwitchConnection): Promise<void> {
  const sent = async (message: Message): Promise<void> => {
    connection.send(message);
    await connection.barrier();
  };
  await recorder.record(
    ["set-controller-id"],
    () => sent({ kind: "setControllerId", controllerId: 5 }),
    fromController(),
  );
  await recorder.record(["flow-age"], () => sent({ kind: "flowAge" }), fromController()).catch(() => undefined);
  await recorder.record(["set-packet-in-format"], () => sent({ kind: "setPacketInFormat", format: "nxtPacketIn2" }));
  await sent({ kind: "setPacketInFormat", format: "standard" });
  await recorder.record(["tlv-table-mod.add"], () =>
    recorder.ofctl("add-tlv-map", "{class=0x102,type=0x80,len=4}->tun_metadata0"),
  );
  await recorder.record(["tlv-table-request", "tlv-table-reply"], () => recorder.ofctl("dump-tlv-map"));
  await recorder.ofctl("del-tlv-map");
  await recorder.record(["ct-flush-zone"], () => recorder.ofctl("ct-flush-zone", "5"));
  await recorder.record(["ct-flush"], () =>
    recorder.ofctl("ct-flush", "zone=5", "ct_nw_src=10.0.0.1,ct_nw_proto=6,ct_tp_dst=80"),
  );
  await recordResume(recorder, connection);
}

/** A packet that waits for the controller, and goes on. */
async function recordResume(recorder: Recorder, connection: SwitchConnection): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<ReceivedMessage>();
  connection.messages.add((message) => {
    if (message.kind === "packetIn2") resolve(message);
  });
  connection.send({ kind: "setControllerId", controllerId: 0 });
  connection.send({ kind: "setPacketInFormat", format: "nxtPacketIn2" });
  await connection.barrier();
  await recorder.ofctl("add-flow", "in_port=3,actions=controller(pause,userdata=0a.0b,id=0),output:1");
  await recorder.record(["packet-in2.paused"], () =>
    recorder.ofctl("packet-out", `in_port=3 packet=${frame} actions=table`),
  );
  const paused = await promise;
  await recorder.record(["resume"], async () => {
    if (paused.kind === "packetIn2") connection.send({ ...paused, kind: "resume" });
    await connection.barrier();
  });
  connection.send({ kind: "setPacketInFormat", format: "standard" });
  await recorder.ofctl("del-flows", "in_port=3");
}

function isOfSwitch(_: ReceivedMessage, from: string): boolean {
  return from.startsWith("ovs-vswitchd");
}

/** The same message with the first of its entries only, and of what a table can do only a few things of each kind. */
export function withOneEntry(bytes: Uint8Array): Uint8Array {
  const { message, xid, version } = decodeAnyVersion(bytes);
  if (message.kind !== "multipartReply" || !("entries" in message.body)) return bytes;
  const [first] = message.body.entries;
  const body = { ...message.body, entries: [shortened(first)] } as typeof message.body;
  return dialectOf(versionOf(version) ?? "1.3").encode({ ...message, more: false, body }, xid);
}

function shortened<T>(value: T): T {
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
  const members = Object.entries(value).map(([name, member]: [string, unknown]) => [name, shortMember(name, member)]);
  return Object.fromEntries(members) as T;
}

function shortMember(name: string, member: unknown): unknown {
  if (!Array.isArray(member)) return member;
  return name === "properties" ? member.map(shortened) : member.slice(0, 4);
}
