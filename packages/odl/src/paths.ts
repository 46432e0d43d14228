/** A path with and without a slash at its end: clients send both. */
export function eitherSlash(path: string): readonly string[] {
  return [path, `${path}/`];
}
