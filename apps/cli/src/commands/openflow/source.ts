import { createReadStream } from "node:fs";
import { LoomstackError, messageOf } from "@loomstack/core";
import type { CommandIo } from "../../io.ts";

/** Bytes that a command reads. */
export interface Source {
  /** What to call it in errors. */
  readonly name: string;
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** @param file a path, or `-` for standard input */
export function openSource(file: string, io: CommandIo): Source {
  if (file === "-") return { name: "standard input", chunks: untilAborted(io.input, io.signal) };
  return { name: file, chunks: readFile(file, io.signal) };
}

async function* readFile(file: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const stream = createReadStream(file);
  try {
    yield* untilAborted(stream, signal);
  } catch (error) {
    if (signal.aborted) throw error;
    throw new LoomstackError("CLI__FILE_UNREADABLE", { file, reason: messageOf(error) }, { cause: error });
  } finally {
    stream.destroy();
  }
}

/** @throws why the command shall end, also while nothing comes */
async function* untilAborted(
  input: AsyncIterable<Uint8Array | string>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const iterator = input[Symbol.asyncIterator]();
  for (;;) {
    const next = await nextOf(iterator, signal);
    if (next.done === true) return;
    yield typeof next.value === "string" ? Buffer.from(next.value) : next.value;
  }
}

async function nextOf<T>(iterator: AsyncIterator<T>, signal: AbortSignal): Promise<IteratorResult<T>> {
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(signal.reason as Error);
  signal.addEventListener("abort", abort);
  try {
    return await Promise.race([iterator.next(), promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
