import { expect, test } from "vitest";
import { countStream } from "./packet-stream.ts";

const output = (answered: readonly number[], transmitted: number): string =>
  [
    ...answered.map((sequence) => `64 bytes from 192.0.2.2: icmp_seq=${sequence} ttl=64 time=0.1 ms`),
    `${transmitted} packets transmitted, ${answered.length} received`,
  ].join("\n");
const upTo = (last: number): number[] => Array.from({ length: last }, (_, index) => index + 1);

test("a stream whose packets are all answered has lost none, and those in flight at its end don't count", () => {
  expect(countStream(output(upTo(20), 22))).toEqual({ sent: 20, lost: 0, longestSilenceMs: 0 });
});

test("a packet that is missing between answered ones is lost, and the longest row of them is the silence", () => {
  const answered = upTo(20).filter((sequence) => ![3, 8, 9, 10].includes(sequence));
  expect(countStream(output(answered, 20))).toEqual({ sent: 20, lost: 4, longestSilenceMs: 60 });
});

test("a stream that ends in silence has lost what was sent in it", () => {
  expect(countStream(output(upTo(20), 120))).toEqual({ sent: 120, lost: 100, longestSilenceMs: 2000 });
});

test("an answer that comes twice counts once", () => {
  expect(countStream(output([1, 2, 2, 4], 4))).toEqual({ sent: 4, lost: 1, longestSilenceMs: 20 });
});

test("a host that answers for an unreachable one is no answer", () => {
  expect(
    countStream("From 192.0.2.1 icmp_seq=1 Destination Host Unreachable\n30 packets transmitted, 0 received"),
  ).toEqual({ sent: 30, lost: 30, longestSilenceMs: 600 });
});
