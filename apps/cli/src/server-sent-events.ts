/** A server-sent event (WHATWG HTML, 9.2.6). */
export interface ServerSentEvent {
  /** "message" where the server doesn't say. */
  readonly type: string;
  readonly data: string;
  readonly id: string | undefined;
}

/** Longer lines are no events of ours. */
const longestLine = 1024 * 1024;

/** The events in a stream of bytes, as they come. @throws TypeError for a line without end */
export async function* parseServerSentEvents(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<ServerSentEvent> {
  const decoder = new TextDecoder();
  let rest = "";
  let fields = new Map<string, string>();
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > longestLine) throw new TypeError("a line of the events has no end");
    for (const line of lines) {
      const data = fields.get("data");
      if (line !== "") readField(line, fields);
      else {
        if (data !== undefined) yield { type: fields.get("event") ?? "message", data, id: fields.get("id") };
        fields = new Map();
      }
    }
  }
}

function readField(line: string, fields: Map<string, string>): void {
  const [, name, value = ""] = /^([^:]*)(?:: ?(.*))?$/.exec(line) ?? [];
  if (name === undefined || name === "") return;
  const before = name === "data" ? fields.get(name) : undefined;
  fields.set(name, before === undefined ? value : `${before}\n${value}`);
}
