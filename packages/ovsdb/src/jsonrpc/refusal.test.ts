import { expect, test } from "vitest";
import type { Json } from "../notation/json.ts";
import { isRefusal, refusalOf } from "./refusal.ts";

const remote = "unix:/db.sock";

test.each<readonly [Json, string, string]>([
  ["unknown method", "OVSDB__UNKNOWN_METHOD", "unknown method: no details given"],
  ["canceled", "OVSDB__CANCELED", "canceled: no details given"],
  [{ error: "canceled", details: "why" }, "OVSDB__CANCELED", "canceled: why"],
  [{ error: "unknown database", details: "Ghost" }, "OVSDB__UNKNOWN_DATABASE", "unknown database: Ghost"],
  [{ error: "database not available", details: "yet" }, "OVSDB__DATABASE_UNAVAILABLE", "database not available: yet"],
  [{ error: "permission error", details: "RBAC" }, "OVSDB__REQUEST_NOT_PERMITTED", "permission error: RBAC"],
  [
    "lock and unlock methods not allowed, DB server is read only.",
    "OVSDB__REQUEST_NOT_PERMITTED",
    "lock and unlock methods not allowed, DB server is read only.: no details given",
  ],
  ["unknown monitor", "OVSDB__UNKNOWN_MONITOR", "unknown monitor: no details given"],
  [
    { error: "syntax error", details: "duplicate monitor ID" },
    "OVSDB__DUPLICATE_MONITOR_ID",
    "syntax error: duplicate monitor ID",
  ],
  [{ error: "syntax error", details: "other" }, "OVSDB__REQUEST_REFUSED", "syntax error: other"],
  [{ error: "other", details: "unknown database" }, "OVSDB__REQUEST_REFUSED", "other: unknown database"],
  [[{ error: "unknown database" }], "OVSDB__UNKNOWN_DATABASE", "unknown database: no details given"],
  [[], "OVSDB__REQUEST_REFUSED", "an error without a name: no details given"],
  [7, "OVSDB__REQUEST_REFUSED", "an error without a name: no details given"],
])("the answer %j is %s", (answer, code, reason) => {
  const error = refusalOf(remote, "get_schema", answer);
  expect([error.code, error.context]).toEqual([code, { remote, method: "get_schema", reason }]);
  expect(isRefusal(error)).toBe(true);
});

test("what isn't a server's answer isn't a refusal", () => {
  expect([isRefusal(new TypeError("OVSDB__REQUEST_REFUSED")), isRefusal(undefined)]).toEqual([false, false]);
});
