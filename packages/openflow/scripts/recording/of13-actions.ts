import type { SwitchConnection } from "../../src/connection/switch-connection.ts";
import { encodeMessage } from "../../src/of13/messages.ts";
import { flowMod } from "../../src/of13/messages/flow-mod.ts";
import { type ActionSample, actionSamples } from "../../src/of13/action.samples.ts";
import { recordFlowReply } from "./of13-fields.ts";
import type { Edit, Recorder } from "./recorder.ts";

/** Open vSwitch makes other actions of these. */
const rewritten = /setVlan|setDl|setNwSrc|setNwEcn|setMplsLabel|setTunnel|writeMetadata|^no instruction$|^gotoTable$/;
const niciraAction = "ffff002000002320";

/** Better names than a number for further samples of the same actions. */
const variants: Readonly<Record<string, string>> = {
  "bundle-2": "bundle-without-members",
  "clone-2": "clone-empty",
  controller2: "controller2-pause",
  "controller2-2": "controller2-meter",
  ct: "ct-commit-nat",
  "ct-2": "ct-zone-from-field",
  "ct-3": "ct-nat-dst",
  "ct-4": "ct-nat-ipv6",
  "ct-5": "ct-nat-any-address",
  encap: "encap-nsh",
  "encap-2": "encap-ethernet",
  "encap-3": "encap-mpls",
  learn: "learn-nothing",
  "learn-2": "learn-addresses",
  "learn-3": "learn-numbers",
  learn2: "learn2-result",
  "learn2-2": "learn2-limit",
  "move-2": "move-wide-fields",
  "output-2": "output-reserved-ports",
  "output-3": "output-controller",
  resubmit: "resubmit-table-and-port",
  "set-field-masked-2": "set-field-masked-wide",
  "stack-push-stack-pop-2": "stack-push-stack-pop-wide",
};

/** Vectors of every action and instruction, as a switch tells of them or, where it makes others of them, is told. */
export async function recordActions(recorder: Recorder, connection: SwitchConnection): Promise<void> {
  await recorder.ofctl("add-meter", "meter=1,kbps,band=type=drop,rate=1000");
  await recorder.ofctl("mod-group", "group_id=1,type=all,bucket=output:1", "--may-create");
  const used = new Map<string, number>();
  for (const sample of actionSamples) {
    if (rewritten.test(sample.name)) continue;
    const base = baseOf(sample);
    const count = (used.get(base) ?? 0) + 1;
    used.set(base, count);
    const name = count === 1 ? base : `${base}-${count}`;
    await recordFlowReply(recorder, connection, `action-${variants[name] ?? name}`, [sample]);
  }
  await recorder.ovs.vsctl("set", "bridge", "br0", "protocols=OpenFlow10,OpenFlow11,OpenFlow13");
  await recordOlderActions(recorder);
  await recordWriteMetadata(recorder);
}

function baseOf({ name }: ActionSample): string {
  const kinds = name.split(" ");
  const shown = kinds.length === 1 ? kinds : kinds.filter((kind) => kind !== "output");
  return shown
    .slice(0, 2)
    .join("-")
    .replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

const addresses = "525400000002525400000001";
const rest = "4500002800010000400640060a0000010a0000020050005100000000000000005002200000000000";

/** Actions that ovs-ofctl sends for OpenFlow 1.1 only. */
async function recordOlderActions(recorder: Recorder): Promise<void> {
  const packets: Readonly<Record<string, readonly [packet: string, actions: string]>> = {
    "set-vlan": [`${addresses}810000050800${rest}`, "set_vlan_vid:5,set_vlan_pcp:3"],
    "set-addresses": [
      `${addresses}0800${rest}`,
      "mod_dl_src:52:54:00:00:00:03,mod_dl_dst:52:54:00:00:00:04,mod_nw_src:192.0.2.1,mod_nw_dst:192.0.2.2",
    ],
    "set-ip-and-ports": [`${addresses}0800${rest}`, "mod_nw_tos:40,mod_nw_ecn:2,mod_tp_src:80,mod_tp_dst:443"],
    "set-mpls": [`${addresses}884700001140${rest}`, "set_mpls_label:10,set_mpls_tc:5,set_mpls_ttl:64"],
    "set-tunnel": [`${addresses}0800${rest}`, "set_tunnel:0x1234,set_tunnel64:0x123456789abc"],
  };
  const edit: Edit = {
    bytes: (bytes) => Uint8Array.of(4, ...bytes.subarray(1)),
    remark: "It was OpenFlow 1.1, whose packet-out has the same form; only the version byte is another.",
  };
  for (const [name, [packet, actions]] of Object.entries(packets)) {
    await recorder.recordRaw(`packet-out.${name}`, 13, edit, () =>
      recorder.ofctlAs("1.1", "packet-out", `in_port=1 packet=${packet} actions=${actions}`),
    );
  }
}

/** An action that ovs-ofctl sends for OpenFlow 1.0 only: it is put into a flow mod of 1.3. */
async function recordWriteMetadata(recorder: Recorder): Promise<void> {
  const action = { kind: "writeMetadata", metadata: 0n, mask: 0n } as const;
  const instructions = [{ kind: "applyActions", actions: [action] }] as const;
  const around = encodeMessage(flowMod("add", { tableId: 0, priority: 1, cookie: 0n, match: {}, instructions }), 6);
  const size = 0x20;
  const edit: Edit = {
    bytes(bytes) {
      const start = Buffer.from(bytes).indexOf(Buffer.from(niciraAction, "hex"));
      const whole = Uint8Array.of(...around.subarray(0, -size), ...bytes.subarray(start, start + size));
      return whole;
    },
    remark: "The action as it was sent in a flow of OpenFlow 1.0, in a message of 1.3 that was put together by hand.",
  };
  await recorder.recordRaw("flow-mod.action-write-metadata", 4, edit, () =>
    recorder.ofctlAs("1.0", "add-flow", "priority=1,actions=write_metadata:0x12/0xff", "-F", "nxm"),
  );
}
