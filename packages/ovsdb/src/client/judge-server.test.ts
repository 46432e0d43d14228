import type { Uuid } from "@loomstack/core";
import { expect, test } from "vitest";
import { type DatabaseStatus, judgeServer, nothingSeen, type ServerQuestion } from "./judge-server.ts";

const cid = "36bef046-7da7-43a5-905a-c17899216fcb" as Uuid;
const otherCid = "00000000-7da7-43a5-905a-c17899216fcb" as Uuid;

const leader: DatabaseStatus = { model: "clustered", connected: true, leader: true, cid, index: 7 };
const relay: DatabaseStatus = { model: "relay", connected: true, leader: false, cid: undefined, index: undefined };

function judge(status: DatabaseStatus | undefined, question: Partial<ServerQuestion> = {}) {
  const verdict = judgeServer({
    remote: "tcp:127.0.0.1",
    database: "db",
    status,
    seen: nothingSeen,
    isLeaderOnly: true,
    ...question,
  });
  return verdict.refusal === undefined ? verdict.seen : verdict.refusal.code;
}

test("a server that has the database for itself can be used, whatever was seen before", () => {
  const standalone: DatabaseStatus = { ...leader, model: "standalone", cid: undefined, index: undefined };
  const seen = { cid, index: 9 };
  expect(judge(standalone, { seen })).toEqual(seen);
});

test("a server without the database can't be used", () => {
  expect(judge(undefined)).toBe("OVSDB__DATABASE_ABSENT");
});

test("the leader of a cluster can be used, and what it says is remembered", () => {
  expect(judge(leader)).toEqual({ cid, index: 7 });
  expect(judge(leader, { seen: { cid, index: 7 } })).toEqual({ cid, index: 7 });
});

test("a follower can be used only if that is asked for", () => {
  const follower = { ...leader, leader: false };
  expect(judge(follower)).toBe("OVSDB__NOT_LEADER");
  expect(judge(follower, { isLeaderOnly: false })).toEqual({ cid, index: 7 });
});

test("a server that has lost its cluster can't be used, even if it still says that it leads", () => {
  expect(judge({ ...leader, connected: false }, { isLeaderOnly: false })).toBe("OVSDB__NOT_IN_CLUSTER");
  expect(judge({ ...leader, connected: false })).toBe("OVSDB__NOT_IN_CLUSTER");
});

test("a server of another cluster can't be used, and an id that isn't known yet is no other one", () => {
  const seen = { cid, index: 7 };
  expect(judge({ ...leader, cid: otherCid, index: 99 }, { seen })).toBe("OVSDB__OTHER_CLUSTER");
  expect(judge({ ...leader, cid: undefined }, { seen })).toEqual(seen);
  expect(judge({ ...leader, cid: otherCid })).toEqual({ cid: otherCid, index: 7 });
});

test("a server whose copy is older than what was seen can't be used, also beyond 53 bits", () => {
  expect(judge(leader, { seen: { cid, index: 8 } })).toBe("OVSDB__STALE");
  const seen = { cid, index: 9007199254740993n };
  expect(judge({ ...leader, index: 9007199254740992 }, { seen })).toBe("OVSDB__STALE");
  expect(judge({ ...leader, index: 9007199254740994n }, { seen })).toEqual({ cid, index: 9007199254740994n });
});

test("a relay leads nothing, and can be used while it is connected to its source", () => {
  const seen = { cid, index: 9 };
  expect(judge(relay)).toBe("OVSDB__NOT_LEADER");
  expect(judge({ ...relay, connected: false }, { isLeaderOnly: false })).toBe("OVSDB__NOT_IN_CLUSTER");
  expect(judge(relay, { isLeaderOnly: false, seen })).toEqual(seen);
});
