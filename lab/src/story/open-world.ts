import { createLab } from "../lab.ts";
import type { Logger } from "@loomstack/core";
import { CloudstackClient } from "./cloudstack-client.ts";
import { ControllerClient } from "./controller-client.ts";
import { createServerFolder } from "./server-folder.ts";
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
  const server = async (
    name: string,
    halves: readonly ("cloud" | "controller")[],
    httpPort: number,
  ): Promise<ServerProcess> => {
    const folder = stack.use(await createServerFolder()).path;
    return stack.use(new ServerProcess({ name, folder, halves, httpPort, openflowHost }));
  };
  const controllerServer = oneProcess
    ? await server("loomstack", ["cloud", "controller"], 8080)
    : await server("controller", ["controller"], 8181);
  const cloudServer = oneProcess ? controllerServer : await server("cloud", ["cloud"], 8080);
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
