import { fileURLToPath } from "node:url";
import { runCommand } from "../process.ts";
import { expectThat } from "./expectation.ts";
import type { ServerProcess } from "./server-process.ts";

const main = fileURLToPath(new URL("../../../apps/cli/src/main.ts", import.meta.url));

/**
 * What `loomstack …` prints, said to a server as its first administrator would.
 *
 * @throws LAB__EXPECTATION_FAILED when it ends with another exit code than 0
 */
export async function loomstack(server: ServerProcess, ...args: readonly string[]): Promise<string> {
  const { name, password } = await server.administrator();
  const env = { LOOMSTACK_USER: name, LOOMSTACK_PASSWORD: password };
  const { exitCode, stdout, stderr } = await runCommand(process.execPath, [main, ...args, "--url", server.url], {
    env,
  });
  expectThat(exitCode === 0, `loomstack ${args.join(" ")}`, "exit code 0", `${exitCode}: ${stderr}`);
  return stdout;
}
