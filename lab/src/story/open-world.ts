import { createLab } from "../lab.ts";
import type { Logger } from "@loomstack/core";
import { runFolder } from "../paths.ts";
import { CloudstackClient } from "./cloudstack-client.ts";
import { ControllerClient } from "./controller-client.ts";
import { ServerProcess } from "./server-process.ts";
import type { World } from "./story.ts";

export interface OpenWorld extends World, AsyncDisposable {}

/** The lab, and Loomstack in it: the halves as two processes that speak HTTP to each other, or both in one. */
export async function openWorld({
  oneProcess,
  logger,
}: {
  readonly oneProcess: boolean;
  readonly logger: Logger;
}): Promise<OpenWorld> {
  await using stack = new AsyncDisposableStack();
  const lab = stack.use(await createLab({ logger }));
  const openflowHost = lab.controllerAddress;
  const server = (name: string, halves: readonly ("cloud" | "controller")[], httpPort: number): ServerProcess =>
    stack.use(new ServerProcess({ name, folder: `${runFolder}/${name}`, halves, httpPort, openflowHost }));
  const controllerServer = oneProcess
    ? server("loomstack", ["cloud", "controller"], 8080)
    : server("controller", ["controller"], 8181);
  const cloudServer = oneProcess ? controllerServer : server("cloud", ["cloud"], 8080);
  await controllerServer.start();
  if (!oneProcess) await cloudServer.start();
  const controller = new ControllerClient(controllerServer.url, await controllerServer.administrator());
  const cloud = new CloudstackClient(`${cloudServer.url}/client/api`, await cloudServer.administrator());
  const resources = stack.move();
  return {
    lab,
    controllerServer,
    cloudServer,
    cloud,
    controller,
    [Symbol.asyncDispose]: async () => resources.disposeAsync(),
  };
}
