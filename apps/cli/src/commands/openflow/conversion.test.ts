/** `decode` and `encode` as processes: exact inverses, what they say of broken input, how they read and end. */
import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { isLoomstackError } from "@loomstack/core";
import { decodeAnyVersion } from "@loomstack/openflow";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { cli } from "../../testing/cli.ts";
import { startCli } from "../../testing/cli-process.ts";

// Processes take their time on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

const folder = path.resolve(import.meta.dirname, "../../../../../packages/openflow/vectors");
const vectors = readdirSync(folder, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".vec"))
  .map((file) => (readFileSync(path.join(folder, file), "utf8").split("\n---\n")[0] ?? "").replaceAll(/#.*|\s/g, ""));

const barrier = "0414000800000001";
const barrierJson = '{"version":"1.3","xid":1,"message":{"kind":"barrierRequest"}}';

let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(path.join(tmpdir(), "loomstack-cli-"));
});
afterAll(() => rm(scratch, { recursive: true }));

async function run(verb: string, input: string, ...args: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await cli(["openflow", verb, ...args], { input });
  expect([status, stderr]).toEqual([0, ""]);
  return stdout;
}

test("encode gives back every vector that decode has read", async () => {
  const hex = vectors.map((vector) => `${vector}\n`).join("");
  const json = await run("decode", hex);
  expect(json.trimEnd().split("\n")).toHaveLength(vectors.length);
  expect(await run("encode", json)).toBe(hex);
});

test("encode gives back every input of the fuzzer's corpus that decode can read", async () => {
  const corpus = path.join(folder, "corpus");
  const inputs = readdirSync(corpus).flatMap((file) => readFileSync(path.join(corpus, file), "utf8").split("\n"));
  const isMessage = (hex: string): boolean => {
    try {
      decodeAnyVersion(Buffer.from(hex, "hex"));
      return true;
    } catch (error) {
      if (isLoomstackError(error)) return false;
      throw error;
    }
  };
  const hex = inputs.filter((input) => input !== "" && isMessage(input)).map((input) => `${input}\n`);
  expect(hex.length).toBeGreaterThan(100);
  const { stdout, stderr } = await cli(["openflow", "decode", "--keep-going"], { input: inputs.join("\n") });
  // What can't be read is told, a line for each.
  expect(stderr.split("\n")).toHaveLength(inputs.filter((input) => input !== "").length - hex.length + 1);
  expect(await run("encode", stdout)).toBe(hex.join(""));
});

test("messages may be binary, one after the other", async () => {
  const file = path.join(scratch, "messages");
  await writeFile(file, Buffer.from(vectors.join(""), "hex"));
  const json = await run("decode", "", file);
  expect(json).toBe(await run("decode", vectors.join("\n")));
  const { stdout } = await cli(["openflow", "encode", "--binary"], { input: json, encoding: "latin1" });
  expect(Buffer.from(stdout, "latin1").toString("hex")).toBe(vectors.join(""));
});

test("lines may have blanks and remarks; a file, standard input and another file are read in their order", async () => {
  const [one, two] = [path.join(scratch, "one"), path.join(scratch, "two")];
  await writeFile(one, `# a remark\n\n04 14 00 08  00000001 # and another\r\n`);
  await writeFile(two, `0x0415000800000002`);
  expect(await run("decode", `${barrier}\n`, one, "-", two)).toBe(
    `${barrierJson}\n${barrierJson}\n{"version":"1.3","xid":2,"message":{"kind":"barrierReply"}}\n`,
  );
  expect(await run("encode", `\n${barrierJson}\r\n\n`)).toBe(`${barrier}\n`);
});

describe("broken input", () => {
  async function complaints(verb: string, input: string): Promise<readonly string[]> {
    const { status, stderr } = await cli(["openflow", verb, "--keep-going"], { input });
    expect(status).toBe(1);
    return stderr.trimEnd().split("\n");
  }

  test("each line that decode can't read is told with its number and why", async () => {
    const lines = ["0414", `${barrier}00`, "zz", "041", " ".repeat(1024 * 1024 + 1), "0e"];
    expect(await complaints("decode", `${barrier}\n${lines.join("\n")}`)).toEqual([
      "loomstack: standard input, line 2: message ends at byte 2, 2 bytes short",
      "loomstack: standard input, line 3: message has 1 bytes left over at byte 8",
      'loomstack: standard input, line 4: "z" is no hexadecimal digit',
      "loomstack: standard input, line 5: 3 hexadecimal digits are no whole number of bytes",
      "loomstack: standard input, line 6: it is longer than 1048576 bytes",
      "loomstack: standard input, line 7: message ends at byte 1, 1 bytes short",
    ]);
  });

  test("each line that encode can't read is told with its number and why", async () => {
    const lines = ['{"version":', '{"version":"1.3","xid":1,"message":{"kind":"barrierRequest","x":1}}'];
    expect(await complaints("encode", `${barrierJson}\n${lines.join("\n")}`)).toEqual([
      expect.stringMatching(/^loomstack: standard input, line 2: the JSON: /),
      "loomstack: standard input, line 3: message.x: a barrierRequest has no such part, or one of another type",
    ]);
  });

  test("where binary messages can't be told apart any more is told by its byte", async () => {
    const good = "\u0004\u0014\0\u0008\0\0\0\u0001";
    expect(await complaints("decode", `${good}\u0004\u0014\0\u0007\0\0\0\u0001${good}`)).toEqual([
      "loomstack: standard input, byte 8: a message length of 7, so that nothing behind it can be read",
    ]);
    expect(await complaints("decode", `${good}\u0004\u0014\0\u0009\0\0\0\u0001`)).toEqual([
      "loomstack: standard input, byte 8: the input ends inside of a message, 1 bytes short",
    ]);
  });

  test("what stands before it is printed, what stands behind it only with --keep-going", async () => {
    const input = `${barrier}\nzz\n${barrier}\n`;
    const stopped = await cli(["openflow", "decode"], { input });
    expect([stopped.status, stopped.stdout]).toEqual([1, `${barrierJson}\n`]);
    const wentOn = await cli(["openflow", "decode", "--keep-going"], { input });
    expect([wentOn.status, wentOn.stdout]).toEqual([1, `${barrierJson}\n${barrierJson}\n`]);
    expect(wentOn.stderr).toBe('loomstack: standard input, line 2: "z" is no hexadecimal digit\n');
  });

  test("a file that can't be read is told", async () => {
    const { status, stderr } = await cli(["openflow", "decode", "/nowhere/file"]);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^loomstack: \/nowhere\/file can't be read: ENOENT.*\n$/);
  });
});

test("each line is decoded as it comes, and a signal ends the waiting for more", async () => {
  await using process = startCli(["openflow", "decode"]);
  process.child.stdin.write(`${barrier}\n`);
  await process.printed(/barrierRequest.*\n/);
  process.child.kill("SIGTERM");
  expect(await process.ended).toEqual({ status: 143, stdout: `${barrierJson}\n`, stderr: "" });
});

test("a reader that has gone ends it quietly", async () => {
  await using process = startCli(["openflow", "decode"]);
  process.child.stdout.destroy();
  process.child.stdin.on("error", () => undefined);
  process.child.stdin.write(`${barrier}\n`.repeat(1000));
  expect(await process.ended).toMatchObject({ status: 141, stderr: "" });
});
