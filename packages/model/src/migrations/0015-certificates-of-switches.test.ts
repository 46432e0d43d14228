import { expect, test } from "vitest";
import { findSwitch, listSwitches } from "../registered-switch.ts";
import { storeFromBefore } from "./store-before-under-test.ts";

const dpid = "0000000000000001";
const rows = `INSERT INTO switches (dpid, name, revision) VALUES ('${dpid}', 'lab', 3);`;

test("a switch of a store of before is there, and has shown no certificate yet", async () => {
  await using store = await storeFromBefore("0015", rows);
  expect(await listSwitches(store.db)).toEqual([{ dpid, name: "lab", certificate: null, revision: 3 }]);
  expect(await findSwitch(store.db, dpid)).toMatchObject({ certificate: null });
});
