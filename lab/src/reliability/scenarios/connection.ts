import { setTimeout as pause } from "node:timers/promises";
import { cutConnection } from "../connection-cut.ts";
import { plain, type Scenario } from "../scenario.ts";

export const cutForASecond = cut(1);
export const cutForAMinute = cut(60);

function cut(seconds: number): Scenario {
  return plain(
    {
      name: `cut-${seconds}s`,
      title: `connection between controller and hypervisor cut for ${seconds} s`,
      forwards: true,
    },
    async ({ lab, hypervisor }) => {
      await using _cut = await cutConnection(lab, hypervisor);
      await pause(seconds * 1000);
    },
  );
}
