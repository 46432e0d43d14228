/** Which messages there are vectors of: all that Open vSwitch and its tools can be brought to say, in each version. */
import { expect, test } from "vitest";
import { messageKinds10 } from "../of10/messages.ts";
import { replies10, requests10 } from "../of10/multipart/multipart.ts";
import { messageKinds13 } from "../of13/messages.ts";
import { replies13, requests13 } from "../of13/multipart/multipart.ts";
import { messageKinds15 } from "../of15/messages.ts";
import { replies15, requests15 } from "../of15/multipart/multipart.ts";
import { dialectOf } from "./dialect.ts";
import { vectors } from "./vector-file.check.ts";

const paused = "sent only when a controller reads nothing for long, with as much of changes as fills its buffers";

/** Of what Open vSwitch 3.1 says nothing, and why. */
const notRecorded = {
  "1.0": {},
  "1.3": {
    flowModTableId: "about flow mods of 1.0, which 1.0 has it for",
    flowMonitorPaused: paused,
    flowMonitorResumed: paused,
    bucketGroupMod: "ovs-ofctl inserts and removes buckets in 1.5 only, whose own message has the same form",
  },
  "1.5": {},
} as const;

const families = {
  "1.0": { messages: messageKinds10, requests: requests10.kinds, replies: replies10.kinds },
  "1.3": { messages: messageKinds13, requests: requests13.kinds, replies: replies13.kinds },
  "1.5": { messages: messageKinds15, requests: requests15.kinds, replies: replies15.kinds },
} as const;

test.each(["1.0", "1.3", "1.5"] as const)("there is a vector of every message of OpenFlow %s", (version) => {
  const { messages, requests, replies } = families[version];
  const { decode } = dialectOf(version, { flowModTableId: true });
  const recorded = new Set(
    vectors
      .filter((vector) => vector.version === version)
      .map(({ bytes }) => decode(bytes).message)
      .flatMap((message) => [message.kind, ...("body" in message ? [`${message.kind} ${message.body.kind}`] : [])]),
  );
  const wanted = [
    ...messages,
    ...[...requests].map((kind) => `multipartRequest ${kind}`),
    ...[...replies].map((kind) => `multipartReply ${kind}`),
  ];
  expect(wanted.filter((kind) => !recorded.has(kind)).sort()).toEqual(Object.keys(notRecorded[version]).sort());
});
