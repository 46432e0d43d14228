import { LoomstackError } from "@loomstack/core";
import { describe, expect, test } from "vitest";
import { refusalOf } from "../jsonrpc/refusal.ts";
import { isCertainlyNotDone } from "./outcome.ts";

const remote = "tcp:127.0.0.1";
const refused = (name: string): LoomstackError => refusalOf(remote, "transact", name);
const failed = { remote, index: 0, operation: "insert", details: "" };

describe("certainly not done is what", () => {
  test.each([
    ["wasn't sent", new LoomstackError("OVSDB__NOT_CONNECTED", { remotes: remote, what: "a transaction" })],
    ["the server has looked at", new LoomstackError("OVSDB__CONSTRAINT_VIOLATION", failed)],
    ["the server doesn't know", refused("unknown database")],
  ])("%s", (_, error) => {
    expect(isCertainlyNotDone(error)).toBe(true);
  });
});

describe("may have been done is what", () => {
  test.each([
    ["the server had when the connection ended", new LoomstackError("OVSDB__CONNECTION_LOST", { remote, reason: "" })],
    ["was on its way when we closed", new LoomstackError("OVSDB__CLOSED", { remote, what: "transact" })],
    ["was given up by us", new LoomstackError("CORE__ABORTED", { what: "transact", reason: "" })],
    ["the server couldn't write down", new LoomstackError("OVSDB__IO_ERROR", failed)],
    ["the server had done before it repeated it", new LoomstackError("OVSDB__DUPLICATE_UUID", failed)],
    ["the server watches no more", refused("canceled")],
    ["ended with something else", new TypeError("no such thing")],
  ])("%s", (_, error) => {
    expect(isCertainlyNotDone(error)).toBe(false);
  });
});
