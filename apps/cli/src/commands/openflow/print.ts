import { decodeAnyVersion, formatMessage } from "@loomstack/openflow";
import type { Command } from "commander";
import type { CommandIo } from "../../io.ts";
import { escapeLines } from "../../render/control-characters.ts";
import { addConversion, type ConversionOptions, convertFiles } from "./conversion.ts";
import { messagesOf } from "./message-input.ts";

interface PrintOptions extends ConversionOptions {
  readonly binary?: boolean;
}

/** `print [file…]`: messages in hexadecimal or binary to text, as `ovs-ofctl ofp-print` does. */
export function addPrint(openflow: Command, io: CommandIo): void {
  addConversion(openflow, "print")
    .description("messages, a line of hexadecimal digits each or binary, to text")
    .option("--binary", "the input is binary; default: if it looks so")
    .action((files: readonly string[], options: PrintOptions) =>
      convertFiles(io, files, options, {
        read: ({ chunks }) => messagesOf(chunks, options.binary),
        convert: (bytes) => `${escapeLines(formatMessage(decodeAnyVersion(bytes)))}\n`,
      }),
    );
}
