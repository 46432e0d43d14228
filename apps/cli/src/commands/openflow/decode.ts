import { messageToJson } from "@loomstack/openflow";
import type { Command } from "commander";
import type { CommandIo } from "../../io.ts";
import { escapeControls } from "../../render/control-characters.ts";
import { addConversion, type ConversionOptions, convertFiles } from "./conversion.ts";
import { messagesOf } from "./message-input.ts";

interface DecodeOptions extends ConversionOptions {
  readonly binary?: boolean;
}

/** `decode [file…]`: messages in hexadecimal or binary to a JSON document each. */
export function addDecode(openflow: Command, io: CommandIo): void {
  addConversion(openflow, "decode")
    .description("messages, a line of hexadecimal digits each or binary, to a line of JSON each")
    .option("--binary", "the input is binary; default: if it looks so")
    .action((files: readonly string[], options: DecodeOptions) =>
      convertFiles(io, files, options, {
        read: ({ chunks }) => messagesOf(chunks, options.binary),
        convert: (bytes) => `${escapeControls(messageToJson(bytes))}\n`,
      }),
    );
}
