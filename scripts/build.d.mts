/** Compiles; the compiler's exit code, or `undefined` when no compiler is installed. */
export function build(): number | undefined;
/** Whether the build that made `dist` found type errors. */
export function hasTypeErrors(): boolean;
/** Whether `dist` is missing or older than something in src. */
export function isStale(): boolean;
