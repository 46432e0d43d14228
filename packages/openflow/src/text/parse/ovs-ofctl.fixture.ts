/** For tests: the real ovs-ofctl, asked in batches. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";

const program = "/usr/bin/ovs-ofctl";
export const hasOvsOfctl = existsSync(program);

/** What ovs-ofctl made of its input. */
export interface Outcome {
  readonly stdout: string;
  /** What it says of the first thing that it refuses; undefined where it refuses nothing. */
  readonly refusal: string | undefined;
}

/** Runs ovs-ofctl with `input` as its standard input, with numbers instead of names. */
export function ofctl(options: readonly string[], input = ""): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = execFile(
      program,
      ["--no-names", "--timeout=30", ...options],
      { maxBuffer: 2 ** 27 },
      (error, stdout, stderr) => {
        const complaint = stderr.trim().split("\n").at(-1) ?? "";
        resolve({ stdout, refusal: error === null ? undefined : complaint || error.message });
      },
    );
    // It may end before it has read everything.
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(input);
  });
}

/**
 * Whether ovs-ofctl refuses each of some lines by itself, and why.
 *
 * @param command such as add-flows: one that reads everything before it connects
 */
export async function refusals(
  command: readonly string[],
  lines: readonly string[],
): Promise<readonly (string | undefined)[]> {
  const results: (string | undefined)[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < lines.length) {
      const index = next++;
      const { refusal = "" } = await ofctl([...command, nowhere, "-"], `${lines[index] ?? ""}\n`);
      // It gets as far as the connection with what it takes.
      results[index] = refusal.includes(nowhere) ? undefined : refusal;
    }
  };
  await Promise.all(Array.from({ length: parallel }, worker));
  return results;
}

const nowhere = "unix:/nonexistent/switch";
const parallel = 4;

const barrierRequest = 20;
const hello = 0;
const multipartRequest = 18;

/**
 * The messages that ovs-ofctl sends a switch that takes everything, without those of the connection itself.
 *
 * @param lines what it reads from its standard input, or from its last argument where that is given
 */
export async function sentMessages(
  version: number,
  command: readonly string[],
  lines: readonly string[],
  argument = "-",
): Promise<{ readonly messages: readonly Uint8Array[]; readonly refusal: string | undefined }> {
  const messages: Uint8Array[] = [];
  const server = createServer((socket) => {
    let bytes = Buffer.alloc(0);
    socket.on("error", () => undefined);
    socket.write(Uint8Array.of(version, hello, 0, 8, 0, 0, 0, 1));
    socket.on("data", (chunk) => {
      bytes = Buffer.concat([bytes, chunk]);
      while (bytes.length >= 8 && bytes.length >= bytes.readUInt16BE(2)) {
        const message = bytes.subarray(0, bytes.readUInt16BE(2));
        bytes = bytes.subarray(message.length);
        const type = message[1] ?? 0;
        if (type === barrierRequest)
          socket.write(Uint8Array.of(version, barrierRequest + 1, 0, 8, ...message.subarray(4, 8)));
        else if (type !== hello && type !== multipartRequest) messages.push(message);
      }
    });
  });
  await listening(server);
  const remote = `tcp:127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    const { refusal } = await ofctl([...command, remote, argument], `${lines.join("\n")}\n`);
    return { messages, refusal };
  } finally {
    server.close();
  }
}

function listening(server: Server): Promise<void> {
  return new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
}

/** Messages as ovs-ofctl prints them, one after the other. */
export async function printedMessages(messages: readonly Uint8Array[]): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), "ovs-ofctl-"));
  try {
    const file = path.join(folder, "messages");
    await writeFile(file, Buffer.concat(messages));
    const { stdout, refusal } = await ofctl(["ofp-parse", file]);
    return refusal === undefined ? stdout : `${stdout}\n${refusal}`;
  } finally {
    await rm(folder, { recursive: true });
  }
}
