/**
 * Those who want to hear of something. A listener must not throw; one that is removed while others are being told isn't
 * told any more.
 */
export class Listeners<Event> {
  readonly #listeners = new Set<(event: Event) => void>();

  add(listener: (event: Event) => void): Disposable {
    // A wrapper of its own, so that adding one function twice makes two registrations.
    const entry = (event: Event): void => listener(event);
    this.#listeners.add(entry);
    return { [Symbol.dispose]: () => void this.#listeners.delete(entry) };
  }

  tell(event: Event): void {
    for (const listener of this.#listeners) listener(event);
  }
}
