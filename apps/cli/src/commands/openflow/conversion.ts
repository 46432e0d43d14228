import { isLoomstackError, LoomstackError } from "@loomstack/core";
import type { Command } from "commander";
import type { CommandIo } from "../../io.ts";
import type { Item } from "./item.ts";
import { openSource, type Source } from "./source.ts";

export interface ConversionOptions {
  readonly keepGoing?: boolean;
}

/** How a command makes one thing of another. */
export interface Conversion<T> {
  readonly read: (source: Source) => AsyncIterable<readonly Item<T>[]>;
  /** What to print for it. */
  readonly convert: (value: T) => string | Uint8Array;
}

/** A verb that reads files or standard input, and converts what is in them. */
export function addConversion(noun: Command, name: string): Command {
  return noun
    .command(name)
    .argument("[files...]", "default, and -: standard input")
    .option("-k, --keep-going", "tell what can't be read, and go on behind it");
}

/**
 * Converts all that is in `files`, and prints it as it comes.
 *
 * @throws CLI__BROKEN_INPUT for the first thing that can't be read; with `keepGoing` it is told, and the status becomes 1
 */
export async function convertFiles<T>(
  io: CommandIo,
  files: readonly string[],
  { keepGoing = false }: ConversionOptions,
  { read, convert }: Conversion<T>,
): Promise<void> {
  const tell = (failure: LoomstackError): void => {
    if (!keepGoing) throw failure;
    io.note(failure.message);
    io.setStatus(1);
  };
  for (const file of files.length === 0 ? ["-"] : files) {
    const source = openSource(file, io);
    for await (const items of read(source)) {
      const converted: (string | Uint8Array)[] = [];
      try {
        for (const item of items) {
          const result = convertItem(source, item, convert);
          if (result instanceof LoomstackError) tell(result);
          else converted.push(result);
        }
      } finally {
        if (converted.length > 0) await io.output.write(joined(converted));
      }
    }
  }
}

function convertItem<T>(
  source: Source,
  item: Item<T>,
  convert: (value: T) => string | Uint8Array,
): string | Uint8Array | LoomstackError {
  const { where } = item;
  if (!("value" in item)) return brokenInput(source, where, item.broken);
  try {
    return convert(item.value);
  } catch (error) {
    if (isLoomstackError(error)) return brokenInput(source, where, error.message);
    throw error;
  }
}

function brokenInput({ name: source }: Source, where: string, reason: string): LoomstackError {
  return new LoomstackError("CLI__BROKEN_INPUT", { source, where, reason });
}

function joined(parts: readonly (string | Uint8Array)[]): string | Uint8Array {
  if (parts.every((part) => typeof part === "string")) return parts.join("");
  return Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part) : part)));
}
