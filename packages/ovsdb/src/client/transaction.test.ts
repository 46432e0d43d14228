import { isLoomstackError, parseUuid } from "@loomstack/core";
import { expect, test } from "vitest";
import { comment, insert, mutate, type Operation, remove, update } from "../notation/operation.ts";
import { openVswitch } from "../schema/open-vswitch.generated.ts";
import { describeOperation, readResults } from "./transaction.ts";

const id = parseUuid("36bef046-7da7-43a5-905a-c17899216fcb");
const operations = [insert(openVswitch, "Bridge", { name: "br0" }), remove(openVswitch, "Port", []), comment("why")];
const read = (json: Parameters<typeof readResults>[2]): unknown => readResults("unix:/db.sock", operations, json);

test("each operation gets its own result", () => {
  expect(read([{ uuid: ["uuid", id] }, { count: 3 }, {}])).toEqual([{ uuid: id }, { count: 3 }, {}]);
});

test.each([
  ["referential integrity violation", "OVSDB__REFERENTIAL_INTEGRITY_VIOLATION"],
  ["constraint violation", "OVSDB__CONSTRAINT_VIOLATION"],
  ["resources exhausted", "OVSDB__RESOURCES_EXHAUSTED"],
  ["I/O error", "OVSDB__IO_ERROR"],
  ["timed out", "OVSDB__TIMED_OUT"],
  ["not owner", "OVSDB__NOT_OWNER"],
  ["unknown column", "OVSDB__SYNTAX_ERROR"],
  ["internal error", "OVSDB__INTERNAL_ERROR"],
  ["something new", "OVSDB__OPERATION_FAILED"],
  ["constructor", "OVSDB__OPERATION_FAILED"],
] as const)("the error %j has the code %s, the operation and its index", (error, code) => {
  try {
    read([{ uuid: ["uuid", id] }, { error, details: "because" }, null]);
    expect.unreachable();
  } catch (thrown) {
    if (!isLoomstackError(thrown, code)) throw thrown;
    expect(thrown.context).toMatchObject({ index: 1, operation: "delete Port", remote: "unix:/db.sock" });
    expect(thrown.message).toContain("because");
  }
});

test("an error at commit comes after the results, and its index is one past the last operation", () => {
  expect(() =>
    read([{ uuid: ["uuid", id] }, { count: 3 }, {}, { error: "constraint violation", details: "twice" }]),
  ).toThrow("the commit (operation 3 of the transaction on unix:/db.sock) violates a constraint of the schema: twice");
});

test.each([
  [null],
  ["x"],
  [{}],
  [[]],
  [[{ uuid: ["uuid", id] }, null, {}]],
  [[{}, { count: 3 }, {}]],
  [[{ uuid: ["uuid", id] }, { count: "3" }, {}]],
])("%j is not the result of these operations", (json) => {
  expect(() => read(json)).toThrow("was sent wrongly");
});

test("operations are described with their rows, but without values that may be secret", () => {
  const secret = new Map([["psk", "secret"]]);
  const described: (readonly [Operation, string])[] = [
    [insert(openVswitch, "Interface", { name: "vx", options: secret }), "insert Interface (name vx, options)"],
    [
      update(openVswitch, "Interface", [["_uuid", "==", id]], { options: secret }),
      `update Interface (options) where _uuid == ${id}`,
    ],
    [
      mutate(
        openVswitch,
        "Interface",
        [
          ["name", "==", "vx"],
          ["options", "==", secret],
        ],
        [],
      ),
      "mutate Interface where name == vx and options == …",
    ],
  ];
  described.push([remove(openVswitch, "Port", [true]), "delete Port where true"]);
  for (const [operation, text] of described) expect(describeOperation(operation)).toBe(text);
});
