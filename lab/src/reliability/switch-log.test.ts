import { expect, test } from "vitest";
import { countCommits, flowKey, flowModsIn } from "./switch-log.ts";

const log = `2026-11-22T21:39:15.884Z|00076|vconn|DBG|tcp:10.9.0.254:6653: received: ONFT_BUNDLE_CONTROL (OF1.3) (xid=0x35):
 bundle_id=0x5 type=OPEN_REQUEST flags=atomic ordered
2026-11-22T21:39:15.885Z|00078|vconn|DBG|tcp:10.9.0.254:6653: received: ONFT_BUNDLE_ADD_MESSAGE (OF1.3) (xid=0x2d):
 bundle_id=0x5 flags=atomic ordered
OFPT_FLOW_MOD (OF1.3) (xid=0x2d): ADD priority=100,in_port=3 cookie:0x4c53 actions=load:0x1->NXM_NX_REG0[],goto_table:10
2026-11-22T21:39:15.885Z|00079|vconn|DBG|tcp:10.9.0.254:6653: received: ONFT_BUNDLE_ADD_MESSAGE (OF1.3) (xid=0x2e):
 bundle_id=0x5 flags=atomic ordered
OFPT_GROUP_MOD (OF1.3) (xid=0x2e): ADD group_id=1,type=all
2026-11-22T21:39:15.886Z|00080|vconn|DBG|tcp:10.9.0.254:6653: received: OFPT_FLOW_MOD (OF1.3) (xid=0x2f): DEL_STRICT table:30 priority=80,reg0=0x1 actions=drop
2026-11-22T21:39:15.886Z|00081|vconn|DBG|unix#3: received: OFPT_FLOW_MOD (OF1.3) (xid=0x30): ADD cookie:0x1 actions=drop
2026-11-22T21:39:15.886Z|00082|vconn|DBG|tcp:10.9.0.254:6653: sent (Success): OFPT_BARRIER_REPLY (OF1.3) (xid=0x31):
2026-11-22T21:39:15.889Z|00088|vconn|DBG|tcp:10.9.0.254:6653: received: ONFT_BUNDLE_CONTROL (OF1.3) (xid=0x37):
 bundle_id=0x5 type=COMMIT_REQUEST flags=atomic ordered
`;

test("flow mods count that came over TCP, alone or in a bundle; other messages and ovs-ofctl's own don't", () => {
  expect(flowModsIn(log)).toEqual([
    { command: "ADD", key: "0 priority=100,in_port=3 0x4c53 load:0x1->NXM_NX_REG0[],goto_table:10" },
    { command: "DEL_STRICT", key: "30 priority=80,reg0=0x1 0x0 drop" },
  ]);
});

test("of a bundle's messages only its commit counts as one", () => {
  expect(countCommits(log)).toBe(1);
});

test("a flow of a dump and the message that adds it have the same key, whatever the counters are", () => {
  const line =
    " cookie=0x4c53, duration=0.361s, table=0, n_packets=7, n_bytes=42, idle_age=3, priority=100,in_port=3 actions=load:0x1->NXM_NX_REG0[],goto_table:10";
  expect(flowKey(line)).toBe(flowModsIn(log)[0]?.key);
  expect(flowKey("OFPST_FLOW reply (OF1.3) (xid=0x2):")).toBeUndefined();
});
