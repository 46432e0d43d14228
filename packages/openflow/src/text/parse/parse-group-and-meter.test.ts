import { describe, expect, test } from "vitest";
import { missingOpenVSwitch, type OpenVSwitch, startOpenVSwitch } from "@loomstack/testkit";
import { formatBucketGroup, formatGroup } from "../format-group.ts";
import { formatMeter } from "../format-meter.ts";
import { parseGroup } from "./parse-group.ts";
import { parseMeter } from "./parse-meter.ts";

const groups: readonly string[] = [
  "group_id=1,type=all,bucket=actions=output:1,bucket=actions=output:2",
  "group_id=2,type=select,bucket=weight:50,actions=output:1,bucket=actions=set_field:0x5->reg0,output:2",
  "group_id=3,type=indirect,bucket=actions=group:1",
  "group_id=4,type=ff,bucket=watch_port:1,actions=output:1,bucket=watch_group:1,actions=output:2",
  "group_id=5,type=all,bucket=actions=drop",
];
const meters: readonly string[] = [
  "meter=1 kbps bands=\ntype=drop rate=1000",
  "meter=2 pktps burst stats bands=\ntype=drop rate=1000 burst_size=100",
];

test.each(groups)("%s is the same when it is read and printed", (text) => {
  const group = parseGroup(text);
  expect(group.kind === "groupMod" && formatGroup(group)).toBe(text);
});

test("a group with a selection method or ids of buckets is one of OpenFlow 1.5", () => {
  const text =
    "group_id=7,type=select,selection_method=hash,selection_method_param=5,fields(ip_src=255.255.0.0,ip_dst),bucket=bucket_id:0,weight:2,watch_port:1,actions=output:1,bucket=bucket_id:4,actions=output:2";
  const group = parseGroup(text);
  expect(group.kind === "bucketGroupMod" && formatBucketGroup(group)).toBe(text);
  expect(parseGroup("insert_bucket command_bucket_id=first,group_id=7,bucket=actions=1")).toMatchObject({
    ...{ kind: "bucketGroupMod", command: "insertBucket", commandBucketId: 0xffff_fffd },
    buckets: [{ bucketId: 0, actions: [{ kind: "output", port: 1 }], properties: [] }],
  });
});

test.each(meters)("%s is the same when it is read and printed", (text) => {
  expect(formatMeter(parseMeter(text))).toBe(text);
});

test.each([
  "type=all,bucket=actions=1",
  "group_id=1,bucket=actions=1",
  "group_id=1,type=all,bucket=weight:5,actions=1",
  "group_id=1,type=indirect,bucket=actions=1,bucket=actions=2",
  "group_id=1,type=ff,bucket=actions=1",
  "group_id=1,type=select,fields=ip_src,bucket=actions=1",
  "group_id=1,type=all,bucket=",
  "group_id=4294967041,type=all",
])("the group %s is refused", (text) => {
  expect(() => parseGroup(text)).toThrow(": give ");
});

test.each([
  "meter=0,kbps,bands=type=drop,rate=1",
  "meter=1,bands=type=drop,rate=1",
  "meter=1,kbps",
  "meter=1,kbps,bands=type=drop",
  "meter=1,kbps,burst,bands=type=drop,rate=1",
  "meter=1,kbps,bands=type=dscp_remark,rate=1",
  "meter=1,kbps,bands=rate=1",
])("the meter %s is refused", (text) => {
  expect(() => parseMeter(text)).toThrow(": give ");
});

describe.skipIf(missingOpenVSwitch !== undefined)("with Open vSwitch", () => {
  test("groups and meters are printed as ovs-ofctl prints them, and what it prints is read", async () => {
    await using ovs: OpenVSwitch = await startOpenVSwitch(2);
    await ovs.ofctlFile("add-groups", groups);
    for (const meter of meters) await ovs.ofctl("add-meter", meter.replace("\n", ""));
    const dumped = (await ovs.ofctl("dump-groups")).split("\n").filter((line) => line.includes("group_id="));
    expect(dumped.map((line) => line.trim()).sort()).toEqual([...groups]);
    for (const line of dumped) expect(parseGroup(line).kind).toBe("groupMod");
    const [, ...found] = (await ovs.ofctl("dump-meters")).trimEnd().split(/(?=^meter=)/m);
    expect(found.map((text) => text.trim())).toEqual([...meters]);
    for (const text of found) expect(formatMeter(parseMeter(text))).toBe(text.trim());
  }, 60_000);
});
