/**
 * Pins a type: `exactly<Expected>()(value)` compiles only when the type of `value` is `Expected`,
 * neither narrower nor wider.
 */
type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? [] : ['the types differ'];

export function exactly<Expected>(): <Actual>(value: Actual, ...same: Same<Actual, Expected>) => void {
  return () => undefined;
}
