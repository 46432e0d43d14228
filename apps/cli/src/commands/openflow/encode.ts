import { messageFromJson } from "@loomstack/openflow";
import type { Command } from "commander";
import type { CommandIo } from "../../io.ts";
import { addConversion, type ConversionOptions, convertFiles } from "./conversion.ts";
import type { Item } from "./item.ts";
import { linesOf } from "./lines.ts";

interface EncodeOptions extends ConversionOptions {
  readonly binary?: boolean;
}

/** More than the JSON of the longest message. */
const maxJsonLineBytes = 16 * 1024 * 1024;

/** `encode [file…]`: the reverse of decode. */
export function addEncode(openflow: Command, io: CommandIo): void {
  addConversion(openflow, "encode")
    .description("messages, a line of JSON each as decode prints them, to a line of hexadecimal digits each")
    .option("--binary", "to the messages themselves, one after the other")
    .action((files: readonly string[], options: EncodeOptions) =>
      convertFiles(io, files, options, {
        read: ({ chunks }) => documentsOf(chunks),
        convert: (text) => {
          const bytes = messageFromJson(text);
          return options.binary === true ? bytes : `${Buffer.from(bytes).toString("hex")}\n`;
        },
      }),
    );
}

async function* documentsOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<readonly Item<string>[]> {
  for await (const lines of linesOf(chunks, maxJsonLineBytes)) {
    yield lines.filter((line) => !("value" in line) || line.value.trim() !== "");
  }
}
