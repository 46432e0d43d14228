/** Something that a command has read, or why it couldn't be read, and where it was. */
export type Item<T> =
  | { readonly where: string; readonly value: T }
  /** `last`: what follows can't be read either. */
  | { readonly where: string; readonly broken: string; readonly last?: boolean };
