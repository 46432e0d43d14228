/** A value that tells which of its parts was read last, to find what a failed writer choked on. */

/** @param onRead told the path of each property and item as it is read, whether it is there or not */
export function tracked<T>(value: T, path: string, onRead: (path: string) => void): T {
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
  const isList = Array.isArray(value);
  return new Proxy(value, {
    get(target, name, receiver) {
      const part: unknown = Reflect.get(target, name, receiver);
      if (typeof name === "symbol" || (name in target && !Object.hasOwn(target, name)) || name === "length")
        return part;
      const at = isList ? `${path}[${name}]` : `${path}.${name}`;
      onRead(at);
      return tracked(part, at, onRead);
    },
  });
}
