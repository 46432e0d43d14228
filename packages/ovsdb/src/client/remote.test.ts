import { expect, test } from "vitest";
import { parseRemote } from "./remote.ts";

test.each([
  ["unix:/run/db sock", { kind: "unix", path: "/run/db sock" }],
  ["tcp:10.9.0.1:6641", { kind: "tcp", host: "10.9.0.1", port: 6641 }],
  ["tcp:10.9.0.1", { kind: "tcp", host: "10.9.0.1", port: 6640 }],
  ["tcp:[2001:db8::1]:6640", { kind: "tcp", host: "2001:db8::1", port: 6640 }],
  ["ssl:hypervisor.example", { kind: "ssl", host: "hypervisor.example", port: 6640 }],
])("%s is understood", (text, remote) => {
  expect(parseRemote(text)).toEqual(remote);
});

test.each([
  "",
  "unix:",
  "tcp:",
  "10.9.0.1:6640",
  "tcp:10.9.0.1:0",
  "tcp:10.9.0.1:65536",
  "tcp:2001:db8::1",
  "tcp:[10.9.0.1]:1",
  "tcp:a b:1",
  "ptcp:6640",
  "http://x",
])("%j is not a remote", (text) => {
  expect(() => parseRemote(text)).toThrow("is not an OVSDB server's address");
});
