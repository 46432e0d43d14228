/**
 * Loaded before the script that runInLab starts: obeys the launcher's "stop", and ends the script when the launcher is
 * gone, which ends the world. The processes that the script starts do not inherit this.
 */
if (process.env["LOOMSTACK_LAB_SUPERVISED"] === "1") {
  delete process.env["LOOMSTACK_LAB_SUPERVISED"];
  process.on("message", (message: unknown) => {
    if (!isStop(message)) return;
    process.kill(process.pid, message.signal);
  });
  process.on("disconnect", () => process.kill(process.pid, "SIGKILL"));
  // The channel alone must not keep a script alive that has nothing left to do.
  process.channel?.unref();
}

function isStop(message: unknown): message is { readonly loomstack: "stop"; readonly signal: NodeJS.Signals } {
  return typeof message === "object" && message !== null && "loomstack" in message && message.loomstack === "stop";
}

export {};
