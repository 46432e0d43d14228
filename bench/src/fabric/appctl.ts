/** What ovs-appctl does, over one connection: a process for each of a thousand commands would take longer than the work. */
import { once } from "node:events";
import { connect } from "node:net";
import { LoomstackError } from "@loomstack/core";
import { isJsonObject, MessageFraming } from "@loomstack/ovsdb";

/** @throws LAB__COMMAND_FAILED for the first that is refused */
export async function appctl(socketPath: string, commands: readonly (readonly string[])[]): Promise<void> {
  const socket = connect(socketPath);
  await once(socket, "connect");
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  const framing = new MessageFraming();
  let answered = 0;
  socket.on("error", reject).on("close", () => reject(refused("the connection", "was closed")));
  socket.on("data", (chunk: Buffer) => {
    for (const answer of framing.push(chunk)) {
      const error = isJsonObject(answer) ? answer["error"] : undefined;
      if (typeof error === "string") reject(refused(commands[answered]?.join(" ") ?? "", error));
      answered += 1;
    }
    if (answered === commands.length) resolve(undefined);
  });
  const requests = commands.map(([method, ...params], id) => JSON.stringify({ id, method, params }));
  socket.write(requests.join(""));
  try {
    await promise;
  } finally {
    socket.destroy();
  }
}

function refused(command: string, error: string): LoomstackError {
  return new LoomstackError("LAB__COMMAND_FAILED", { command: `ovs-appctl ${command}`, status: 2, stderr: error });
}
