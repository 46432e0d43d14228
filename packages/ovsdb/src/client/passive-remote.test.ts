import { expect, test } from "vitest";
import { parsePassiveRemote } from "./passive-remote.ts";

test.each([
  ["punix:/run/db sock", { kind: "punix", path: "/run/db sock" }],
  ["ptcp:", { kind: "ptcp", host: "127.0.0.1", port: 6640 }],
  ["ptcp:0", { kind: "ptcp", host: "127.0.0.1", port: 0 }],
  ["ptcp:6640:0.0.0.0", { kind: "ptcp", host: "0.0.0.0", port: 6640 }],
  ["pssl:6640", { kind: "pssl", host: "0.0.0.0", port: 6640 }],
  ["ptcp:6641:10.9.0.1", { kind: "ptcp", host: "10.9.0.1", port: 6641 }],
  ["pssl::[2001:db8::1]", { kind: "pssl", host: "2001:db8::1", port: 6640 }],
  ["pssl:6641:[::]", { kind: "pssl", host: "::", port: 6641 }],
])("%s is understood", (text, remote) => {
  expect(parsePassiveRemote(text)).toEqual(remote);
});

test.each(["", "punix:", "ptcp", "tcp:10.9.0.1", "ptcp:65536", "ptcp:6640:host", "ptcp:1:[10.9.0.1]", "ptcp:1:1.2.3"])(
  "%j is nowhere to listen",
  (text) => {
    expect(() => parsePassiveRemote(text)).toThrow("is not an address to listen at");
  },
);
