import { recordConnection, recordFlows, recordLists, recordSettings } from "./every-version.ts";
import type { Recorder } from "./recorder.ts";

/** What OpenFlow 1.0 says. */
export async function recordOf10(recorder: Recorder): Promise<void> {
  const connection = await recordConnection(recorder);
  await recorder.record(["flow-mod-table-id"], async () => {
    connection.send({ kind: "flowModTableId", on: true });
    await connection.barrier();
  });
  await recorder.record(["set-async-config2"], async () => {
    connection.send({
      kind: "setAsyncConfig2",
      properties: [{ kind: "packetInPrimary", mask: { noMatch: true, action: true } }],
    });
    await connection.barrier();
  });
  await recorder.record(["flow-mod.untagged"], () =>
    recorder.ofctl("add-flow", "priority=9,vlan_tci=0,actions=mod_vlan_vid:100,output:2"),
  );
  await recorder.record(["flow-mod.nat"], () =>
    recorder.ofctl(
      "add-flow",
      "priority=8,udp,actions=mod_nw_src:10.0.0.9,mod_nw_tos:40,mod_tp_src:5,resubmit(,3),dec_ttl,set_queue:7",
    ),
  );
  const set = "mod_vlan_vid:5,mod_vlan_pcp:2,mod_dl_src:02:00:00:00:00:01,mod_dl_dst:02:00:00:00:00:02,controller:128";
  await recorder.record(["flow-mod.set"], () =>
    recorder.ofctl("add-flow", `priority=7,arp,arp_tpa=10.0.0.1,arp_op=1,actions=${set}`),
  );
  const mpls = "set_mpls_label(10),set_mpls_tc(5),set_mpls_ttl(64),dec_mpls_ttl,push_mpls:0x8847,pop_mpls:0x8847";
  await recorder.record(["flow-mod.mpls"], () =>
    recorder.ofctl("add-flow", `priority=4,dl_type=0x8847,actions=${mpls}`),
  );
  await recorder.record(["packet-out.group"], () =>
    recorder.ofctl("packet-out", `in_port=1 packet=${"0".repeat(60)} actions=group:7`),
  );
  await recordFlows(recorder, connection);
  await recordLists(recorder);
  await recordSettings(recorder, connection);
}
