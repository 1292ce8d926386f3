/** Results of a pure function of a network and a few numbers: the search asks for the same ones again and again. */
export function remembering<Key extends object, Result>(): (
  key: Key,
  numbers: readonly unknown[],
  make: () => Result,
) => Result {
  const known = new WeakMap<Key, Map<string, Result>>();
  return (key, numbers, make) => {
    const ofKey = known.get(key) ?? new Map<string, Result>();
    known.set(key, ofKey);
    const text = numbers.join(' ');
    const found = ofKey.get(text) ?? make();
    ofKey.set(text, found);
    return found;
  };
}
