/**
 * Something that is loaded when it is first needed, and once.
 *
 * For libraries that take long to load and that many runs never use. A load that fails is tried
 * again at the next call: a missing file may be there by then.
 *
 * Callers: checks, around `import()`, which costs as much as a small check each time it is asked.
 */
export function lazily<T>(load: () => Promise<T>): () => Promise<T> {
  let loading: Promise<T> | undefined;
  return () => {
    loading ??= load().catch((error: unknown) => {
      loading = undefined;
      throw error;
    });
    return loading;
  };
}
