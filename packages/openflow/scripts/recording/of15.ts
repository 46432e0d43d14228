import { asyncConfig } from "../../src/of13/requests.ts";
import {
  recordConnection,
  recordFlows,
  recordIpfix,
  recordLists,
  recordSettings,
  withOneEntry,
} from "./every-version.ts";
import type { Recorder } from "./recorder.ts";

const registers =
  "table=3,priority=7,ip,reg0=0x7,reg1=0x30/0xff0,actions=meter:5,set_field:0x3/0xff->reg2," +
  "move:NXM_OF_ETH_SRC[]->NXM_OF_ETH_DST[],ct(commit,zone=4,exec(set_field:0x1->ct_mark)),goto_table:10";

/** What OpenFlow 1.5 says. */
export async function recordOf15(recorder: Recorder): Promise<void> {
  const connection = await recordConnection(recorder);
  await recordMeters(recorder);
  await recorder.record(["flow-mod.registers"], () => recorder.ofctl("add-flow", registers));
  await recordGroups(recorder);
  await recorder.record(["multipart.flow-monitor-request", "multipart.flow-monitor-reply"], () =>
    recorder.ofctl("monitor", "watch:", "--timeout=1"),
  );
  await recorder.record(["bundle-control", "bundle-add"], () =>
    recorder.ofctl("add-flow", "priority=99,actions=drop", "--bundle"),
  );
  await recorder.record(["get-async-request", "get-async-reply"], () => connection.request(asyncConfig()));
  await recorder.record(["set-async-config2"], async () => {
    connection.send({
      kind: "setAsyncConfig2",
      properties: [
        { kind: "requestForwardPrimary", mask: { groupMod: true, meterMod: true } },
        { kind: "roleStatusSecondary", mask: { primaryRequest: true, config: true } },
        { kind: "tableStatusPrimary", mask: { vacancyDown: true, vacancyUp: true } },
      ],
    });
    await connection.barrier();
  });
  await recordTables(recorder);
  await recorder.record(["request-forward"], () => recorder.ofctl("add-group", "group_id=9,type=all,bucket=output:1"));
  await recorder.record(["role-status"], async () => (await recorder.connect()).setRole("primary", 6n));
  await connection.setRole("equal", 7n);
  await recordFlows(recorder, connection);
  await recordLists(recorder);
  await recordIpfix(recorder);
  await recordSettings(recorder, connection);
}

async function recordMeters(recorder: Recorder): Promise<void> {
  await recorder.record(["meter-mod.kbps"], () =>
    recorder.ofctl("add-meter", "meter=5,kbps,burst,stats,bands=type=drop,rate=1000,burst_size=100"),
  );
  const lists = [
    ["dump-meters", "meter-config"],
    ["meter-stats", "meter"],
    ["meter-features", "meter-features"],
  ] as const;
  for (const [command, kind] of lists) {
    await recorder.record([`multipart.${kind}-request`, `multipart.${kind}-reply`], () => recorder.ofctl(command));
  }
}

async function recordGroups(recorder: Recorder): Promise<void> {
  const select = "group_id=2,type=select,bucket=bucket_id:1,weight:10,output:1,bucket=bucket_id:2,weight:20,output:2";
  await recorder.record(["bucket-group-mod.add"], () => recorder.ofctl("add-group", select));
  await recorder.record(["bucket-group-mod.fast-failover"], () =>
    recorder.ofctl("add-group", "group_id=4,type=ff,bucket=bucket_id:1,watch_port:1,output:1"),
  );
  await recorder.record(["bucket-group-mod.insert-buckets"], () =>
    recorder.ofctl("insert-buckets", "group_id=2,command_bucket_id=first,bucket=bucket_id:9,weight:5,output:2"),
  );
  await recorder.record(["bucket-group-mod.remove-buckets"], () =>
    recorder.ofctl("remove-buckets", "group_id=2,command_bucket_id=1"),
  );
  const lists = [
    ["dump-groups", "group-description"],
    ["dump-group-stats", "group"],
    ["dump-group-features", "group-features"],
  ] as const;
  for (const [command, kind] of lists) {
    await recorder.record([`multipart.${kind}-request`, `multipart.${kind}-reply`], () => recorder.ofctl(command));
  }
}

async function recordTables(recorder: Recorder): Promise<void> {
  await recorder.record(["table-mod"], () => recorder.ofctl("mod-table", "0", "evict"));
  await recorder.record(["table-mod.vacancy"], () => recorder.ofctl("mod-table", "0", "vacancy:20,80"));
  await recorder.record(["multipart.table-description-request"], () => recorder.ofctl("dump-table-desc"));
  const limit = ["--id=@t", "create", "Flow_Table", "flow_limit=10", "--", "set", "bridge", "br0", "flow_tables:0=@t"];
  await recorder.ovs.vsctl("--", ...limit);
  await recorder.record(["table-status"], async () => {
    for (const port of Array(9).keys()) await recorder.ofctl("add-flow", `in_port=${port + 1},actions=drop`);
  });
  await recorder.ofctl("del-flows", "table=0");
  await recorder.ovs.vsctl("clear", "bridge", "br0", "flow_tables");
  const cut = { bytes: withOneEntry, remark: "Cut to one table." };
  await recorder.record(["multipart.table-description-reply"], () => recorder.ofctl("dump-table-desc"), cut);
  await recorder.record(["multipart.table-features-request"], () => recorder.ofctl("dump-table-features"));
  await recorder.record(["multipart.table-features-reply"], () => recorder.ofctl("dump-table-features"), cut);
  await recorder.record(["multipart.queue-description-request", "multipart.queue-description-reply"], () =>
    recorder.ofctl("queue-get-config", "1"),
  );
}
