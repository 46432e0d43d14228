import type { Path } from "./path-prober.ts";

/** Values by path. Between two hypervisors there are few: to find one costs no text to be made of it. */
export class PathMap<Value> {
  readonly #byEnds = new Map<string, Map<string, (readonly [Path, Value])[]>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(path: Path): Value | undefined {
    const between = this.#byEnds.get(path.from)?.get(path.to);
    if (between === undefined) return undefined;
    for (const [other, value] of between) if (isSame(other, path)) return value;
    return undefined;
  }

  set(path: Path, value: Value): void {
    this.delete(path);
    const byTo = this.#byEnds.get(path.from) ?? new Map<string, (readonly [Path, Value])[]>();
    this.#byEnds.set(path.from, byTo.set(path.to, [...(byTo.get(path.to) ?? []), [path, value]]));
    this.#size += 1;
  }

  delete(path: Path): void {
    const byTo = this.#byEnds.get(path.from);
    const between = byTo?.get(path.to);
    if (byTo === undefined || between === undefined) return;
    const rest = between.filter(([other]) => !isSame(other, path));
    this.#size -= between.length - rest.length;
    if (rest.length > 0) byTo.set(path.to, rest);
    else byTo.delete(path.to);
    if (byTo.size === 0) this.#byEnds.delete(path.from);
  }

  *values(): Generator<Value> {
    for (const byTo of this.#byEnds.values())
      for (const between of byTo.values()) for (const [, value] of between) yield value;
  }
}

/** Of two with the same ends. */
function isSame(one: Path, other: Path): boolean {
  return one.encapsulation === other.encapsulation && one.endpoint === other.endpoint;
}
