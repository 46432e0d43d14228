/** The peer: OVN's central daemons, and an ovn-controller for each hypervisor. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { LoomstackError } from "@loomstack/core";
import { type DatabaseSchema, insert, mutate, namedUuid, parseJson, parseSchema } from "@loomstack/ovsdb";
import { Northbound } from "./ovn-northbound.ts";
import { type Daemon, startDaemon, startOvsdbServer } from "./daemon.ts";
import { type ProcessUsage, usageOf } from "./process-usage.ts";
import type { Phase, Side } from "./side.ts";
import type { World } from "./world.ts";
import { endpointOf, portsOf, type Work, type WorkPort } from "./work.ts";

const run = promisify(execFile);
const programs = ["/usr/bin/ovn-northd", "/usr/bin/ovn-controller", "/usr/share/ovn/ovn-nb.ovsschema"];
/** From the start of ovn-controllers. */
const heardWithinMs = 60_000;

/** What of it isn't installed; undefined where it can run. */
export const missingOvn: string | undefined = programs.find((file) => !existsSync(file));

export async function ovnVersion(): Promise<string> {
  const { stdout } = await run("ovn-northd", ["--version"]);
  return stdout.split("\n")[0]?.replace("ovn-northd ", "ovn ") ?? "";
}

/** What a hypervisor's Open_vSwitch row says where ovn-controller runs. */
export function ovnSettings(southboundPort: number, hypervisor: number): readonly string[] {
  return [
    `external_ids:ovn-remote=tcp:127.0.0.1:${southboundPort}`,
    "external_ids:ovn-encap-type=geneve",
    `external_ids:ovn-encap-ip=${endpointOf(hypervisor)}`,
  ];
}

/** Central daemons, and ovn-controllers that can be added. */
export class Ovn implements Side, AsyncDisposable {
  readonly #folder: string;
  readonly #work: Work;
  readonly #schema: DatabaseSchema;
  readonly #central = new Map<string, Daemon & { readonly port?: number }>();
  #world: World | undefined;
  #chassis: readonly Daemon[] = [];
  #northbound: Northbound | undefined;
  #flows = 0;

  private constructor(folder: string, work: Work, schema: DatabaseSchema) {
    this.#folder = folder;
    this.#work = work;
    this.#schema = schema;
  }

  /** Starts the central daemons. */
  static async start(parent: string, work: Work): Promise<Ovn> {
    const folder = `${parent}/central`;
    await mkdir(folder);
    const schema = parseSchema(parseJson(await readFile("/usr/share/ovn/ovn-nb.ovsschema", "utf8")));
    for (const name of ["nb", "sb"])
      await run("ovsdb-tool", ["create", `${folder}/${name}.db`, `/usr/share/ovn/ovn-${name}.ovsschema`]);
    const ovn = new Ovn(folder, work, schema);
    await ovn.#startCentral();
    await run("ovn-nbctl", [`--db=unix:${folder}/nb.sock`, "init"]);
    await run("ovn-sbctl", [`--db=unix:${folder}/sb.sock`, "init"]);
    await ovn.#connect();
    return ovn;
  }

  get southboundPort(): number {
    return this.#central.get("sb")?.port ?? 0;
  }

  get hypervisors(): World["hypervisors"] {
    return this.#world?.hypervisors ?? [];
  }

  /** In all switches, when the work was realised. */
  get flows(): number {
    return this.#flows;
  }

  /** Starts an ovn-controller on each hypervisor; resolves when all have been heard of. */
  async attach(world: World): Promise<void> {
    this.#world = world;
    await this.#startChassis();
    await this.#heard();
  }

  usage(): ProcessUsage {
    return usageOf([...this.#central.values(), ...this.#chassis].map(({ pid }) => pid));
  }

  async load(): Promise<void> {
    const { client } = this.#running;
    const byNetwork = Map.groupBy(portsOf(this.#work), ({ network }) => network);
    await client.transact(
      "OVN_Northbound",
      [...byNetwork].flatMap(([network, ports]) => [
        ...ports.map((port) => this.#portOperation(port)),
        insert(this.#schema, "Logical_Switch", { name: `network${network}`, ports: new Set(ports.map(nameOf)) }),
      ]),
    );
  }

  /** Until ports are up, and every ovn-controller has said that the flows as of then are in its switch. */
  async converged(): Promise<void> {
    await this.#until((nb) => nb.upCount >= this.#work.hypervisors * this.#work.ports, "ports are up");
    await this.#synchronize();
  }

  async addPort(port: WorkPort): Promise<void> {
    const where = [["name", "==", `network${port.network}`]] as const;
    await this.#running.client.transact("OVN_Northbound", [
      this.#portOperation(port),
      mutate(this.#schema, "Logical_Switch", where, [["ports", "insert", new Set([nameOf(port)])]]),
    ]);
  }

  async portUp(port: WorkPort): Promise<void> {
    await this.#until((nb) => nb.isUp(port.id), `port ${port.name} is up`);
  }

  async crash(): Promise<void> {
    await this.#northbound?.client[Symbol.asyncDispose]();
    this.#northbound = undefined;
    await Promise.all([...this.#central.values(), ...this.#chassis].map((daemon) => daemon.kill()));
  }

  async recover(): Promise<void> {
    await this.#startCentral();
    await Promise.all([this.#connect(), this.#startChassis()]);
    await this.#synchronize();
  }

  async phase(name: Phase): Promise<void> {
    if (name !== "one-more-port") return;
    for (const hypervisor of this.hypervisors)
      this.#flows += Number(/flow_count=(\d+)/.exec(await hypervisor.ofctl("dump-aggregate", "br-int"))?.[1]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.crash();
  }

  get #running(): Northbound {
    if (this.#northbound === undefined) throw new LoomstackError("CORE__UNREACHABLE", { what: "OVN isn't running" });
    return this.#northbound;
  }

  async #startCentral(): Promise<void> {
    const folder = this.#folder;
    for (const name of ["nb", "sb"])
      this.#central.set(name, await startOvsdbServer(folder, name, this.#central.get(name)?.port));
    const databases = [`--ovnnb-db=unix:${folder}/nb.sock`, `--ovnsb-db=unix:${folder}/sb.sock`];
    const args = ["--no-chdir", "-vconsole:off", "-vfile:off", `--unixctl=${folder}/northd.ctl`, ...databases];
    this.#central.set("northd", await startDaemon({ folder, program: "ovn-northd", args }));
  }

  async #startChassis(): Promise<void> {
    this.#chassis = await Promise.all(
      this.hypervisors.map(({ folder }) => {
        const args = ["--no-chdir", "-vconsole:off", "-vfile:off", `unix:${folder}/db.sock`];
        return startDaemon({ folder, program: "ovn-controller", args });
      }),
    );
  }

  async #connect(): Promise<void> {
    this.#northbound = await Northbound.connect(this.#central.get("nb")?.port ?? 0, this.#schema);
  }

  #portOperation(port: WorkPort) {
    const row = { name: port.id, addresses: new Set([`${port.mac} ${port.ip}`]) };
    return insert(this.#schema, "Logical_Switch_Port", row, { uuidName: nameOf(port) });
  }

  /** Until every hypervisor is a chassis. */
  async #heard(): Promise<void> {
    const socket = `--db=unix:${this.#folder}/sb.sock`;
    const deadline = performance.now() + heardWithinMs;
    for (let found = 0; found < this.hypervisors.length;) {
      const { stdout } = await run("ovn-sbctl", [socket, "--bare", "--columns=name", "find", "Chassis"]);
      found = stdout.split("\n").filter((line) => line !== "").length;
      if (performance.now() < deadline) continue;
      throw new LoomstackError("LAB__TIMEOUT", { what: "that OVN hears of all hypervisors", timeoutMs: heardWithinMs });
    }
    await this.#synchronize();
  }

  /** What `ovn-nbctl --wait=hv sync` does. */
  async #synchronize(): Promise<void> {
    await this.#running.client.transact("OVN_Northbound", [
      mutate(this.#schema, "NB_Global", [], [["nb_cfg", "+=", 1]]),
    ]);
    const wanted = this.#running.config.asked;
    await this.#until(({ config }) => config.done >= wanted, "every ovn-controller has caught up");
  }

  async #until(holds: (northbound: Northbound) => boolean, what: string): Promise<void> {
    await this.#running.until(holds, what);
  }
}

function nameOf({ name }: WorkPort) {
  return namedUuid(`lsp_${name}`);
}
