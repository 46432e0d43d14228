/**
 * A process that writes to the store named by its argument as fast as it can, and says the id of each port once it is
 * acknowledged. The test of durability kills it.
 */
import { writeSync } from "node:fs";
import { messageOf, parseMac } from "@loomstack/core";
import { createNetwork } from "./network.ts";
import { createPort } from "./port.ts";
import { openSqliteStore } from "./sqlite-store.ts";
import { newNetwork, newPort } from "./store-under-test.ts";

const stdout = 1;

try {
  await using store = await openSqliteStore(process.argv[2] ?? "");
  await store.transact((tx) => createNetwork(tx, newNetwork(1)));
  for (let number = 2; number < 60_000; number += 1) {
    const hex = number.toString(16).padStart(4, "0");
    const macAddress = parseMac(`02:00:00:00:${hex.slice(0, 2)}:${hex.slice(2)}`);
    const { result: port } = await store.transact((tx) => createPort(tx, { ...newPort(number, 1), macAddress }));
    writeSync(stdout, `${port.id}\n`);
  }
} catch (error) {
  writeSync(stdout, `${messageOf(error)}\n`);
}
