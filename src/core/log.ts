/**
 * The Logger port.
 *
 * One record per event, fields beside the text, never inside it: a value from a client cannot
 * forge a line because implementations escape control characters. `app/logger.ts` implements
 * it; tests use `silentLogger` or an array.
 *
 * Callers: every tier. A logger never throws.
 */

export type LogFields = Readonly<Record<string, unknown>>;

export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A logger that adds `fields` to each record. */
  child(fields: LogFields): Logger;
}

function nothing(): void {
  // The silent logger keeps no record, by purpose.
}

/** Drops everything; the default of embedders that pass no logger. */
export const silentLogger: Logger = {
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  child: () => silentLogger,
};
