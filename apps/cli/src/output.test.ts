import { PassThrough, Writable } from "node:stream";
import type { LoomstackError } from "@loomstack/core";
import { expect, test } from "vitest";
import { maxWaitingBytes, Output } from "./output.ts";

test("a reader that has gone ends the command, and nothing more is written", async () => {
  const reasons: LoomstackError[] = [];
  const gone = Object.assign(new Error("write EPIPE"), { code: "EPIPE" });
  const output = new Output(new Writable({ write: (_chunk, _encoding, done) => done(gone) }), (reason) =>
    reasons.push(reason),
  );
  await expect(output.write("x")).rejects.toMatchObject({ code: "CLI__OUTPUT_CLOSED" });
  await expect(output.write("y")).rejects.toMatchObject({ code: "CLI__OUTPUT_CLOSED" });
  output.send("z");
  expect(reasons.map(({ code }) => code)).toEqual(["CLI__OUTPUT_CLOSED"]);
});

test("a reader that reads nothing can't make the command keep more than the limit", () => {
  const reasons: LoomstackError[] = [];
  const output = new Output(new PassThrough(), (reason) => reasons.push(reason));
  const block = "x".repeat(1024 * 1024);
  for (let size = 0; size < maxWaitingBytes + 2 * block.length; size += block.length) output.send(block);
  expect(reasons.map(({ code }) => code)).toEqual(["CLI__OUTPUT_EXCEEDED"]);
});
