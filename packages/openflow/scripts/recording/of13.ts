import type { SwitchConnection } from "../../src/connection/switch-connection.ts";
import { flowMod } from "../../src/of13/messages/flow-mod.ts";
import { asyncConfig, flowStats } from "../../src/of13/requests.ts";
import {
  fromController,
  recordConnection,
  recordFlows,
  recordIpfix,
  recordLists,
  recordSettings,
  withOneEntry,
} from "./every-version.ts";
import { recordActions } from "./of13-actions.ts";
import { recordFields } from "./of13-fields.ts";
import type { Recorder } from "./recorder.ts";

const masked = "ip,dl_dst=01:00:00:00:00:00/01:00:00:00:00:00,nw_src=10.0.0.0/8,reg5=0xff00/0xff00,metadata=0xf/0xf";
const flows: Readonly<Record<string, string>> = {
  "arp-responder":
    "cookie=0x1234,table=3,priority=100,arp,reg0=0x7,arp_tpa=192.168.0.3,arp_op=1," +
    "actions=move:NXM_OF_ETH_SRC[]->NXM_OF_ETH_DST[],set_field:52:54:00:00:00:02->eth_src,load:0x2->NXM_OF_ARP_OP[]," +
    "move:NXM_NX_ARP_SHA[]->NXM_NX_ARP_THA[],set_field:192.168.0.3->arp_spa,IN_PORT",
  "from-tunnel":
    "cookie=0x1,table=4,priority=1,tun_id=0x64,tun_src=10.9.0.2,in_port=2," +
    "actions=push_vlan:0x8100,set_field:4099->vlan_vid,output:1,resubmit(,5)",
  masks:
    `cookie=0xffffffffffffffff,table=5,priority=65535,${masked},actions=load:0x3->NXM_NX_REG3[4..11],` +
    "output:NXM_NX_REG3[],CONTROLLER:128,write_metadata:0xff/0xf,goto_table:6",
  ipv6:
    "cookie=0x2,table=6,priority=7,icmp6,icmp_type=135,nd_target=fd00::1,ipv6_src=fd00::/16," +
    "vlan_tci=0x1000/0x1000,actions=pop_vlan,set_field:0x64->tun_id,set_field:10.9.0.2->tun_dst,output:2",
};

/** What OpenFlow 1.3 says. */
export async function recordOf13(recorder: Recorder): Promise<void> {
  const connection = await recordConnection(recorder);
  await recorder.record(["hello.loomstack"], () => recorder.connect(), fromController());
  await recordMonitoredFlows(recorder, connection);
  await recordBundles(recorder, connection);
  await recordGroups(recorder);
  await recordMeters(recorder);
  await recordTables(recorder, connection);
  await recordAsync(recorder, connection);
  await recordFlows(recorder, connection);
  await recordLists(recorder);
  await recordIpfix(recorder);
  await recordSettings(recorder, connection);
  await recordFields(recorder, connection);
  await recordActions(recorder, connection);
}

async function recordMonitoredFlows(recorder: Recorder, connection: SwitchConnection): Promise<void> {
  const update = "multipart.flow-monitor-reply";
  await recorder.record(["multipart.flow-monitor-request"], () => recorder.ofctl("monitor", "watch:", "--timeout=1"));
  await connection.monitorFlows();
  for (const [name, flow] of Object.entries(flows)) {
    const names = [`flow-mod.${name}`, ...(name === "masks" ? [`${update}.added`] : [])];
    await recorder.record(names, () => recorder.ofctl("add-flow", flow));
  }
  await recorder.record(["multipart.flow-reply.several"], () => recorder.ofctl("dump-flows"));
  await recorder.record(["multipart.flow-request.cookie"], () =>
    connection.request(flowStats({ cookie: 0x1234n, cookieMask: 0xffffn })),
  );
  await recorder.record(["flow-mod.delete-strict", `${update}.deleted`], () =>
    recorder.ofctl("del-flows", `table=5,priority=65535,${masked}`, "--strict"),
  );
  await recorder.record([`${update}.abbreviated`], () => connection.applyBundle([flowMod("add", bundled)]), {
    pick: (message) =>
      message.kind === "multipartReply" &&
      message.body.kind === "flowMonitor" &&
      message.body.updates.some(({ kind }) => kind === "abbreviated"),
  });
  await recorder.record(["flow-monitor-cancel"], async () => {
    connection.send({ kind: "flowMonitorCancel", monitorId: 1 });
    await connection.barrier();
  });
}

const bundled = { tableId: 9, priority: 3, cookie: 7n, match: {}, instructions: [] };

async function recordBundles(recorder: Recorder, connection: SwitchConnection): Promise<void> {
  const isOfTool = { pick: (_: unknown, from: string): boolean => from.startsWith("ovs-ofctl") };
  await recorder.record(
    ["bundle-control.open-request", "bundle-add"],
    () => recorder.ofctl("add-flow", "table=7,priority=1,actions=drop", "--bundle"),
    isOfTool,
  );
  await recorder.record(["bundle-control.commit-reply"], () => connection.applyBundle([flowMod("add", bundled)]), {
    pick: (message) => message.kind === "bundleControl" && message.type === "commitReply",
  });
  const refused = flowMod("add", { ...bundled, match: { tcpDst: 80 } });
  await recorder.record(["error.bad-prerequisite"], () => connection.applyBundle([refused]).catch(() => undefined));
  await recorder.record(["error.role-stale"], () => connection.setRole("primary", 0n).catch(() => undefined));
  await recorder.record(["error.bundle-bad-id"], async () => {
    const nothing = { flags: {}, properties: new Uint8Array() };
    connection.send({ kind: "bundleControl", bundleId: 999, type: "commitRequest", ...nothing });
    await connection.barrier();
  });
}

async function recordGroups(recorder: Recorder): Promise<void> {
  const groups: Readonly<Record<string, string>> = {
    all: "group_id=1,type=all,bucket=output:1,bucket=output:2",
    select:
      "group_id=2,type=select,bucket=weight:10,output:1,bucket=weight:20,set_field:02:00:00:00:00:01->eth_dst,output:2",
    indirect: "group_id=3,type=indirect,bucket=pop_vlan,output:1",
    "fast-failover": "group_id=4,type=ff,bucket=watch_port:1,output:1,bucket=watch_group:1,output:2",
  };
  for (const [name, group] of Object.entries(groups)) {
    await recorder.record([`group-mod.${name}`], () => recorder.ofctl("add-group", group));
  }
  await recorder.record(["group-mod.modify-indirect"], () =>
    recorder.ofctl("mod-group", "group_id=3,type=indirect,bucket=output:2"),
  );
  await recordPairs(recorder, [
    ["dump-groups", "group-description"],
    ["dump-group-stats", "group"],
    ["dump-group-features", "group-features"],
  ]);
  await recorder.record(["group-mod.delete"], () => recorder.ofctl("del-groups", "group_id=4"));
}

async function recordMeters(recorder: Recorder): Promise<void> {
  await recorder.record(["meter-mod.drop"], () =>
    recorder.ofctl("add-meter", "meter=7,pktps,burst,stats,bands=type=drop,rate=100,burst_size=10"),
  );
  await recorder.record(["meter-mod.dscp-remark"], () =>
    recorder.ofctl("add-meter", "meter=8,kbps,bands=type=dscp_remark,rate=100,prec_level=1"),
  );
  await recordPairs(recorder, [
    ["dump-meters", "meter-config"],
    ["meter-stats", "meter"],
    ["meter-features", "meter-features"],
  ]);
}

async function recordTables(recorder: Recorder, connection: SwitchConnection): Promise<void> {
  await recorder.record(["table-mod"], async () => {
    connection.send({ kind: "tableMod", tableId: 3, config: 3 });
    await connection.barrier();
  });
  await recorder.record(["queue-get-config-request", "queue-get-config-reply"], () =>
    recorder.ofctl("queue-get-config", "1"),
  );
  await recorder.record(["multipart.table-features-request"], () => recorder.ofctl("dump-table-features"));
  const cut = { bytes: withOneEntry, remark: "Cut to one table." };
  await recorder.record(["multipart.table-features-reply"], () => recorder.ofctl("dump-table-features"), cut);
}

async function recordAsync(recorder: Recorder, connection: SwitchConnection): Promise<void> {
  await recorder.record(["get-async-request", "get-async-reply"], () => connection.request(asyncConfig()));
  await recorder.record(["set-async"], async () => {
    connection.send({ kind: "setAsync", ...(await connection.request(asyncConfig())) });
  });
  await recorder.record(["set-async-config2"], async () => {
    connection.send({
      kind: "setAsyncConfig2",
      properties: [
        { kind: "requestForwardPrimary", mask: { groupMod: true, meterMod: true } },
        { kind: "requestForwardSecondary", mask: { groupMod: true, meterMod: true } },
        { kind: "roleStatusPrimary", mask: { primaryRequest: true, config: true } },
      ],
    });
    await connection.barrier();
  });
  await recorder.record(["request-forward.group-mod"], () =>
    recorder.ofctl("add-group", "group_id=9,type=all,bucket=output:1"),
  );
  await recorder.record(["role-status"], async () => (await recorder.connect()).setRole("primary", 6n));
  await connection.setRole("equal", 7n);
}

async function recordPairs(recorder: Recorder, pairs: readonly (readonly [string, string])[]): Promise<void> {
  for (const [command, kind] of pairs) {
    await recorder.record([`multipart.${kind}-request`, `multipart.${kind}-reply`], () => recorder.ofctl(command));
  }
}
